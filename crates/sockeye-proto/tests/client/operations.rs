//! Any sequence of calls that a driver can make, whatever the server says.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use sockeye_message::{Compression, Message};
use sockeye_parser::{Args, Json, NamespaceName};
use sockeye_proto::client::{
    AckRequest, Config, Connection, DisconnectReason, Emission, Emitted, Event, Overflow, Receipt,
};

const NAMES: [&str; 3] = ["/", "/a", "/b"];
const MOST_QUEUED: usize = 4;
const MOST_BUFFERED: usize = 3;
const MOST_HELD: usize = 3;
const MOST_ACKS: usize = 2;

#[derive(Clone, Debug)]
enum Op {
    Open,
    Close,
    Hear(Message),
    Connect(usize),
    Disconnect(usize),
    Authenticate(usize, bool),
    Remove(usize),
    Retries(usize, u32),
    AckTimeout(usize, Option<u64>),
    TellSent(usize),
    Emit(usize, What),
    Acknowledge,
    Forget(usize, usize),
    Take(usize),
    Pass(u64),
}

/// What is emitted: a number of attachments, whether it is awaited and how many milliseconds, whether it may be dropped.
#[derive(Clone, Copy, Debug)]
struct What {
    attachments: usize,
    is_awaited: bool,
    timeout: Option<u64>,
    is_volatile: bool,
    is_reserved: bool,
}

fn op() -> impl Strategy<Value = Op> {
    let at = || 0..NAMES.len();
    let time = || proptest::option::of(0..256_u64);
    prop_oneof![
        4 => Just(Op::Open),
        2 => Just(Op::Close),
        30 => message().prop_map(Op::Hear),
        6 => at().prop_map(Op::Connect),
        2 => at().prop_map(Op::Disconnect),
        8 => (at(), any::<bool>()).prop_map(|(at, says)| Op::Authenticate(at, says)),
        1 => at().prop_map(Op::Remove),
        2 => (at(), 0..3_u32).prop_map(|(at, retries)| Op::Retries(at, retries)),
        1 => (at(), time()).prop_map(|(at, time)| Op::AckTimeout(at, time)),
        1 => at().prop_map(Op::TellSent),
        14 => (at(), what()).prop_map(|(at, what)| Op::Emit(at, what)),
        4 => Just(Op::Acknowledge),
        2 => (at(), 0..8_usize).prop_map(|(at, which)| Op::Forget(at, which)),
        8 => (0..9_usize).prop_map(Op::Take),
        5 => (0..200_u64).prop_map(Op::Pass),
    ]
}

fn what() -> impl Strategy<Value = What> {
    let time = proptest::option::of(0..256_u64);
    (0..3_usize, any::<bool>(), time, prop::bool::weighted(0.2), prop::bool::weighted(0.05)).prop_map(
        |(attachments, is_awaited, timeout, is_volatile, is_reserved)| What {
            attachments,
            is_awaited,
            timeout,
            is_volatile,
            is_reserved,
        },
    )
}

fn message() -> impl Strategy<Value = Message> {
    let name = || prop::sample::select(&["", "/a,", "/b,", "/unknown,"][..]);
    let text = prop::sample::select(&["Q7xvq4H", "Q7xvq4K.0", "typing", "two words"][..]);
    prop_oneof![
        10 => (name(), 0..3_u8).prop_map(|(name, pid)| {
            let pid = ["", r#","pid":"one""#, r#","pid":"two""#][usize::from(pid)];
            format!(r#"0{name}{{"sid":"id"{pid}}}"#).into()
        }),
        1 => name().prop_map(|name| format!("0{name}").into()),
        2 => name().prop_map(|name| format!(r#"4{name}{{"message":"no"}}"#).into()),
        2 => name().prop_map(|name| format!("1{name}").into()),
        8 => (name(), any::<Option<u8>>(), text).prop_map(|(name, ack, text)| {
            let ack = ack.map(|ack| ack.to_string()).unwrap_or_default();
            format!(r#"2{name}{ack}["event","{text}"]"#).into()
        }),
        10 => (name(), 0..12_u64).prop_map(|(name, id)| format!("3{name}{id}[]").into()),
        1 => name().prop_map(|name| format!(r#"51-{name}["event",{{"_placeholder":true,"num":0}}]"#).into()),
        2 => Just(Message::Binary(Bytes::from_static(b"attachment"))),
        1 => ".{0,12}".prop_map(Message::from),
    ]
}

/// The machine, and what must be true of it as far as can be told from outside.
struct Driven {
    machine: Connection<u64>,
    now: Instant,
    next_waiter: u64,
    /// The waiters that were taken and have not come back.
    waiting: BTreeSet<u64>,
    receipts: Vec<Receipt>,
    requests: Vec<(NamespaceName, AckRequest)>,
    /// In which namespaces the client is, by what was told.
    joined: BTreeSet<NamespaceName>,
}

impl Driven {
    fn new(overflow: Overflow) -> Self {
        let config = Config::new()
            .max_queued_packets(MOST_QUEUED)
            .max_buffered_packets(MOST_BUFFERED)
            .max_held_events(MOST_HELD)
            .max_pending_acks(MOST_ACKS)
            .overflow(overflow);
        Self {
            machine: Connection::new(Arc::new(config), Arc::new(Json)),
            now: Instant::now(),
            next_waiter: 0,
            waiting: BTreeSet::new(),
            receipts: Vec::new(),
            requests: Vec::new(),
            joined: BTreeSet::new(),
        }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Open => self.machine.handle_open(),
            Op::Close => self.close(DisconnectReason::TransportClose),
            Op::Hear(message) => self.hear(message),
            Op::Connect(at) => {
                self.machine.connect(&name(at));
                assert!(self.machine.is_active(&name(at)));
            }
            Op::Disconnect(at) => {
                self.machine.disconnect(&name(at));
                assert!(!self.machine.is_active(&name(at)));
            }
            Op::Authenticate(at, says) => {
                let auth = Args::serialize(&serde_json::json!({ "token": 1 })).unwrap();
                self.machine.authenticate(&name(at), says.then_some(auth));
            }
            Op::Remove(at) => {
                self.machine.remove(&name(at));
                assert_eq!(self.machine.buffered_events(&name(at)), 0);
            }
            Op::Retries(at, retries) => self.machine.set_retries(&name(at), retries),
            Op::AckTimeout(at, time) => {
                self.machine.set_ack_timeout(&name(at), time.map(Duration::from_millis));
            }
            Op::TellSent(at) => self.machine.tell_sent(&name(at)),
            Op::Emit(at, what) => self.emit(&name(at), what),
            Op::Acknowledge => {
                if let Some((namespace, request)) = self.requests.pop() {
                    let _ = self.machine.acknowledge(&namespace, request, Args::empty());
                }
            }
            Op::Forget(at, which) => self.forget(at, which),
            Op::Take(most) => (0..most).for_each(|_| drop(self.machine.poll_transmit(self.now))),
            Op::Pass(milliseconds) => {
                self.now += Duration::from_millis(milliseconds);
                self.machine.handle_timeout(self.now);
                assert!(self.machine.poll_timeout().is_none_or(|next| next > self.now));
            }
        }
        self.listen();
        self.check();
    }

    fn hear(&mut self, message: Message) {
        if self.machine.handle_message(message, self.now).is_err() {
            self.listen();
            self.close(DisconnectReason::ParseError);
        }
    }

    fn close(&mut self, reason: DisconnectReason) {
        self.machine.handle_close(reason);
        assert!(self.machine.is_drained() && !self.machine.is_open());
    }

    fn emit(&mut self, namespace: &NamespaceName, what: What) {
        let event = if what.is_reserved { "connect" } else { "event" };
        let args = Args::serialize(&vec![Bytes::from_static(b"bytes"); what.attachments]).unwrap();
        let mut emission = Emission::new(event, args).compression(Compression::Off);
        if what.is_awaited {
            emission = emission.awaiting(self.next_waiter);
        }
        if let Some(time) = what.timeout {
            emission = emission.timeout(Duration::from_millis(time));
        }
        if what.is_volatile {
            emission = emission.volatile();
        }
        let must_wait = self.machine.must_wait(namespace) && !what.is_volatile;
        match self.machine.emit(namespace, emission, self.now) {
            Ok(Emitted::Discarded(waiter)) => {
                assert!(what.is_volatile && waiter.is_some() == what.is_awaited);
            }
            Ok(emitted) => {
                assert!(!must_wait && !what.is_reserved);
                assert_eq!(emitted.receipt().is_some(), what.is_awaited);
                if what.is_awaited {
                    self.waiting.insert(self.next_waiter);
                }
                self.receipts.extend(emitted.receipt());
            }
            Err(refused) => assert_eq!(refused.emission.is_volatile(), what.is_volatile),
        }
        self.next_waiter += 1;
    }

    fn forget(&mut self, at: usize, which: usize) {
        let Some(receipt) = self.receipts.get(self.receipts.len().saturating_sub(which + 1)) else { return };
        if let Some(waiter) = self.machine.forget(&name(at), *receipt) {
            self.comes_back(waiter);
        }
    }

    fn listen(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            match event {
                Event::Authenticate { namespace } => assert!(!self.joined.contains(&namespace)),
                Event::Connected { namespace, .. } => assert!(self.joined.insert(namespace)),
                Event::Disconnected { namespace, .. } => drop(self.joined.remove(&namespace)),
                Event::Acked { waiter, .. } | Event::AckFailed { waiter, .. } => self.comes_back(waiter),
                Event::Event { namespace, ack, .. } => {
                    self.requests.extend(ack.map(|request| (namespace, request)));
                }
                _ => {}
            }
        }
    }

    fn comes_back(&mut self, waiter: u64) {
        assert!(self.waiting.remove(&waiter), "a waiter comes back once");
    }

    fn check(&self) {
        for namespace in NAMES.map(NamespaceName::from) {
            let machine = &self.machine;
            assert_eq!(machine.is_connected(&namespace), self.joined.contains(&namespace));
            assert!(!machine.is_connected(&namespace) || machine.is_active(&namespace) && machine.is_open());
            // One event may be left of another number of retries, and each queue has its own limit.
            assert!(machine.buffered_events(&namespace) <= 2 * MOST_BUFFERED);
        }
        assert!(self.machine.is_open() || self.machine.is_drained());
    }

    /// All that waits is told when all is removed.
    fn end(mut self) {
        for at in 0..NAMES.len() {
            self.machine.remove(&name(at));
        }
        self.listen();
        assert!(self.waiting.is_empty(), "{:?} wait for ever", self.waiting);
        assert_eq!(self.machine.poll_timeout(), None);
    }
}

fn name(at: usize) -> NamespaceName {
    NamespaceName::from(NAMES[at])
}

proptest! {
    #[test]
    fn no_sequence_of_calls_breaks_a_limit_or_a_promise(
        ops in vec(op(), 0..200),
        drops in any::<bool>(),
    ) {
        let mut driven = Driven::new(if drops { Overflow::DropOldest } else { Overflow::Refuse });
        for op in ops {
            driven.apply(op);
        }
        driven.end();
    }
}
