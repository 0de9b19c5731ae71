//! Any sequence of calls that a driver can make, whatever the peer says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use sockeye_message::{Message, Prepared};
use sockeye_parser::{AckId, Args, Encoded, Format, Json, Limits, NamespaceName, Packet, SocketId};
use sockeye_proto::{Awaited, Config, Connection, Event, Expired, Outgoing};

const NAMES: [&str; 4] = ["/", "/a", "/b", "/c"];
const MOST_NAMESPACES: usize = 3;
const MOST_PACKETS: usize = 4;
const MOST_BYTES: usize = 100;
const MOST_ACKS: usize = 2;
/// Of what a driver is given to send here, nothing is longer.
const LONGEST: usize = 80;

#[derive(Clone, Debug)]
enum Op {
    Hear(Message),
    Accept(usize),
    Refuse(usize),
    Emit { namespace: usize, attachments: usize, awaits: Awaits, prepared: bool },
    Acknowledge(usize, u64),
    Disconnect(usize),
    Leave(usize),
    Forget(usize, u64),
    Take(usize),
    Pass(u64),
    End,
}

/// Whether an emit waits for its acknowledgement, and how many milliseconds.
#[derive(Clone, Copy, Debug)]
enum Awaits {
    No,
    Forever,
    For(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let namespace = 0..NAMES.len();
    let id = 0..8_u64;
    let awaits = prop_oneof![Just(Awaits::No), Just(Awaits::Forever), (0..256_u64).prop_map(Awaits::For)];
    prop_oneof![
        20 => message().prop_map(Op::Hear),
        8 => namespace.clone().prop_map(Op::Accept),
        1 => namespace.clone().prop_map(Op::Refuse),
        10 => (namespace.clone(), 0..3_usize, awaits, any::<bool>()).prop_map(
            |(namespace, attachments, awaits, prepared)| Op::Emit { namespace, attachments, awaits, prepared }
        ),
        4 => (namespace.clone(), id.clone()).prop_map(|(namespace, id)| Op::Acknowledge(namespace, id)),
        2 => namespace.clone().prop_map(Op::Disconnect),
        1 => namespace.clone().prop_map(Op::Leave),
        2 => (namespace, id).prop_map(|(namespace, id)| Op::Forget(namespace, id)),
        8 => (0..9_usize).prop_map(Op::Take),
        4 => (0..200_u64).prop_map(Op::Pass),
        1 => Just(Op::End),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let name = prop::sample::select(&["", "/a,", "/b,", "/c,"][..]);
    prop_oneof![
        10 => name.clone().prop_map(|name| format!("0{name}").into()),
        6 => (name.clone(), any::<Option<u8>>()).prop_map(|(name, ack)| {
            let ack = ack.map(|ack| ack.to_string()).unwrap_or_default();
            format!(r#"2{name}{ack}["event"]"#).into()
        }),
        6 => (name.clone(), 0..8_u64).prop_map(|(name, id)| format!("3{name}{id}[]").into()),
        2 => name.clone().prop_map(|name| format!("1{name}").into()),
        1 => name.prop_map(|name| format!(r#"51-{name}["event",{{"_placeholder":true,"num":0}}]"#).into()),
        2 => Just(Message::Binary(Bytes::from_static(b"attachment"))),
        1 => ".{0,12}".prop_map(Message::from),
    ]
}

/// The machine, and what must be true of it as far as can be told from outside.
struct Driven {
    machine: Connection<u64>,
    now: Instant,
    /// The waiters that were given and have not come back.
    waiting: BTreeSet<u64>,
    next_ack: u64,
}

impl Driven {
    fn new() -> Self {
        let config = Config::new()
            .max_namespaces(MOST_NAMESPACES)
            .max_queued_packets(MOST_PACKETS)
            .max_queued_bytes(MOST_BYTES)
            .max_pending_acks(MOST_ACKS)
            .connect_timeout(Duration::from_secs(1))
            .parser(Limits::new());
        let now = Instant::now();
        let machine = Connection::server(Arc::new(config), Arc::new(Json), now);
        Self { machine, now, waiting: BTreeSet::new(), next_ack: 0 }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Hear(message) => self.hear(message),
            Op::Accept(at) => {
                let _ = self.machine.accept(&name(at), &SocketId::from("id"));
            }
            Op::Refuse(at) => {
                let _ = self.machine.refuse(&name(at), Args::error("no", None));
            }
            Op::Emit { namespace, attachments, awaits, prepared } => {
                self.emit(&name(namespace), attachments, awaits, prepared);
            }
            Op::Acknowledge(at, id) => {
                let _ = self.machine.acknowledge(&name(at), AckId::new(id), Args::empty());
            }
            Op::Disconnect(at) => {
                let was_in = self.machine.is_connected(&name(at));
                let told = self.machine.disconnect(&name(at));
                assert!(told || !was_in);
            }
            Op::Leave(at) => self.machine.leave(&name(at)),
            Op::Forget(at, id) => {
                if let Some(waiter) = self.machine.forget_ack(&name(at), AckId::new(id)) {
                    self.comes_back(waiter);
                }
            }
            Op::Take(most) => (0..most).for_each(|_| drop(self.machine.poll_transmit())),
            Op::Pass(milliseconds) => self.pass(Duration::from_millis(milliseconds)),
            Op::End => self.machine.end(),
        }
    }

    fn hear(&mut self, message: Message) {
        match self.machine.handle_message(message) {
            Ok(Some(Event::Event { namespace, .. })) => assert!(self.machine.is_connected(&namespace)),
            Ok(Some(Event::Connect { namespace, .. } | Event::Disconnect { namespace })) => {
                assert!(!self.machine.is_connected(&namespace));
            }
            Ok(Some(Event::Acked { waiter, .. })) => self.comes_back(waiter),
            // A driver would close now; the machine must bear one that does not.
            _ => {}
        }
    }

    fn emit(&mut self, namespace: &NamespaceName, attachments: usize, awaits: Awaits, prepared: bool) {
        let id = AckId::new(self.next_ack % 8);
        let (id, deadline) = match awaits {
            Awaits::No => (None, None),
            Awaits::Forever => (Some(id), None),
            Awaits::For(time) => (Some(id), Some(self.now + Duration::from_millis(time))),
        };
        let Encoded { head, .. } = Json.encode(&Packet::Event {
            namespace: namespace.clone(),
            name: "event".into(),
            args: Args::empty(),
            ack: id,
        });
        let packet = Encoded { head, attachments: vec![Bytes::from_static(b"bytes"); attachments] };
        let awaited = id.map(|id| Awaited { id, deadline, waiter: self.next_ack });
        let must_wait = self.machine.must_wait(namespace, &packet);
        let sent = if prepared {
            let parts =
                std::iter::once(packet.head).chain(packet.attachments.into_iter().map(Message::Binary));
            let parts: Vec<_> = parts.map(Prepared::new).collect();
            self.machine.emit_prepared(namespace, &parts, awaited)
        } else {
            self.machine.emit(namespace, packet, awaited)
        };
        assert!(!(must_wait && sent.is_ok()));
        if sent.is_ok() && id.is_some() {
            self.waiting.insert(self.next_ack);
        }
        self.next_ack += 1;
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        while let Some(expired) = self.machine.poll_expired(self.now) {
            if let Expired::Ack(waiter) = expired {
                self.comes_back(waiter);
            }
        }
        assert!(self.machine.poll_timeout().is_none_or(|next| next > self.now));
    }

    fn comes_back(&mut self, waiter: u64) {
        assert!(self.waiting.remove(&waiter), "a waiter comes back once");
    }

    /// Takes everything that waits, which is bounded.
    fn drain(&mut self) {
        let (mut packets, mut bytes) = (0, 0);
        while let Some(outgoing) = self.machine.poll_transmit() {
            packets += 1;
            bytes += match outgoing {
                Outgoing::Message(message) => message.len(),
                Outgoing::Prepared(prepared) => prepared.message().len(),
            };
        }
        // The reserve for answers doubles the limits; a packet alone may be above them.
        assert!(packets <= 2 * MOST_PACKETS && bytes <= (2 * MOST_BYTES).max(LONGEST), "{packets}, {bytes}");
        assert!(self.machine.is_drained());
    }
}

fn name(at: usize) -> NamespaceName {
    NamespaceName::from(NAMES[at])
}

proptest! {
    #[test]
    fn no_sequence_of_calls_breaks_a_limit_or_a_promise(ops in vec(op(), 0..120)) {
        let mut driven = Driven::new();
        for op in ops {
            driven.apply(op);
            let joined = NAMES.iter().filter(|name| driven.machine.is_connected(&NamespaceName::from(**name)));
            prop_assert!(joined.count() <= MOST_NAMESPACES);
        }
        driven.drain();
    }
}
