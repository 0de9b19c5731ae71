//! Any sequence of calls that a driver can make, however wild the peer and the network behind them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::{collection::vec, prelude::*};
use sockeye_engine_codec::{Packet, Revision, Sid, Signal};
use sockeye_engine_proto::server::{
    CloseReason, Config, Detach, Event, LinkId, LinkKind, SendError, Session, Shutdown, Transmit,
};
use sockeye_message::{Message, Prepared, TransportName};

const MOST_PACKETS: usize = 5;
const MOST_BYTES: usize = 20;
const LONGEST: usize = 15;

/// One call, or a few that belong together. Links are told by how recently they were made.
#[derive(Clone, Debug)]
enum Op {
    Packet(usize, Packet),
    Malformed(usize),
    Attach,
    Detach(usize, Detach),
    Poll,
    PollAborted,
    Push,
    PushDone,
    PushAborted,
    Timeout(Duration),
    Send(usize),
    SendPrepared(usize),
    Close(Shutdown),
    /// What is to be sent on a link is taken, so many at most.
    Take(usize, usize),
    Events,
}

fn op() -> impl Strategy<Value = Op> {
    let link = 0..3_usize;
    let closes = prop_oneof![Just(Shutdown::Graceful), Just(Shutdown::Discard)];
    let detaches = prop_oneof![Just(Detach::Closed), Just(Detach::Failed), Just(Detach::TooLarge)];
    prop_oneof![
        12 => (link.clone(), packet()).prop_map(|(link, packet)| Op::Packet(link, packet)),
        1 => link.clone().prop_map(Op::Malformed),
        4 => Just(Op::Attach),
        1 => (link.clone(), detaches).prop_map(|(link, why)| Op::Detach(link, why)),
        6 => Just(Op::Poll),
        1 => Just(Op::PollAborted),
        2 => Just(Op::Push),
        2 => Just(Op::PushDone),
        1 => Just(Op::PushAborted),
        6 => (0..12_000_u64).prop_map(|time| Op::Timeout(Duration::from_millis(time))),
        10 => (0..=LONGEST).prop_map(Op::Send),
        4 => (0..=LONGEST).prop_map(Op::SendPrepared),
        1 => closes.prop_map(Op::Close),
        12 => (link, 0..9_usize).prop_map(|(link, most)| Op::Take(link, most)),
        4 => Just(Op::Events),
    ]
}

fn revision() -> impl Strategy<Value = Revision> {
    prop_oneof![Just(Revision::V3), Just(Revision::V4)]
}

fn packet() -> impl Strategy<Value = Packet> {
    prop_oneof![
        6 => Just(Packet::Message("from the peer".into())),
        4 => Just(Packet::Pong(Signal::Heartbeat)),
        4 => Just(Packet::Ping(Signal::Probe)),
        4 => Just(Packet::Upgrade),
        1 => Just(Packet::Noop),
        1 => Just(Packet::Open("".into())),
        1 => Just(Packet::Ping(Signal::Heartbeat)),
        1 => Just(Packet::Close),
    ]
}

/// A session and what has been seen of it so far.
struct Seen {
    session: Session,
    now: Instant,
    links: Vec<LinkId>,
    sent: u32,
    /// Numbers of messages that were taken and have not left, oldest first.
    waiting: Vec<u32>,
    taken_from_poll: usize,
    closed: Option<CloseReason>,
    closed_events: usize,
}

impl Seen {
    fn new(revision: Revision, kind: LinkKind) -> Self {
        let config = Config::new().with_outbox_packets(MOST_PACKETS).with_outbox_bytes(MOST_BYTES);
        let now = Instant::now();
        let (session, link) = Session::open(Arc::new(config), Sid::from_random([0; 15]), revision, kind, now);
        Self {
            session,
            now,
            links: vec![link],
            sent: 0,
            waiting: Vec::new(),
            taken_from_poll: 0,
            closed: None,
            closed_events: 0,
        }
    }

    fn link(&self, recent: usize) -> LinkId {
        self.links[self.links.len().saturating_sub(1 + recent)]
    }

    fn apply(&mut self, op: Op) {
        let now = self.now;
        match op {
            Op::Packet(link, packet) => self.packet(self.link(link), packet),
            Op::Malformed(link) => self.session.handle_malformed(self.link(link)),
            Op::Attach => {
                let link = self.session.handle_attach(TransportName::WEBSOCKET, now);
                self.links.extend(link.ok());
            }
            Op::Detach(link, why) => self.session.handle_detach(self.link(link), why),
            Op::Poll => {
                let _ = self.session.handle_poll();
            }
            Op::PollAborted => self.session.handle_poll_aborted(),
            Op::Push => {
                let _ = self.session.handle_push();
            }
            Op::PushDone => self.session.handle_push_done(),
            Op::PushAborted => self.session.handle_push_aborted(),
            Op::Timeout(time) => self.advance(time),
            Op::Send(len) => self.send(len, Message::into),
            Op::SendPrepared(len) => self.send(len, |message| Prepared::new(message).into()),
            Op::Close(how) => self.session.close(how, now),
            Op::Take(link, most) => self.take(self.link(link), most),
            Op::Events => self.events(),
        }
        self.check();
    }

    fn packet(&mut self, link: LinkId, packet: Packet) {
        let current = self.session.link();
        let open = self.session.is_open();
        let packet = beat_of(self.session.revision(), packet);
        let message = self.session.handle_packet(link, packet, self.now);
        if message.is_some() {
            assert!(open && link == current, "a message from nowhere");
        }
    }

    fn advance(&mut self, time: Duration) {
        self.now += time;
        self.session.handle_timeout(self.now);
        let next = self.session.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "a deadline that stays due");
    }

    /// Sends a message that starts with its number.
    fn send(&mut self, len: usize, wrap: impl Fn(Message) -> sockeye_engine_proto::Outgoing) {
        let number = self.sent;
        let text = format!("{number:0>5}{}", "x".repeat(len));
        match self.session.send(wrap(text.into())) {
            Ok(()) => {
                assert!(self.closed.is_none(), "a closed session took a message");
                self.sent += 1;
                self.waiting.push(number);
            }
            Err(SendError::Full) => assert!(self.session.outbox_packets() > 0, "full though empty"),
            Err(error) => assert!(!self.session.is_open(), "{error}"),
        }
    }

    fn take(&mut self, link: LinkId, most: usize) {
        for _ in 0..most {
            let Some(next) = self.session.poll_transmit(link) else {
                break;
            };
            if let Some(message) = next.message() {
                self.left(message);
            }
            if let Transmit::Packet(Packet::Upgrade | Packet::Ping(Signal::Probe)) = next {
                panic!("a server never sends {next:?}");
            }
            self.taken_from_poll += 1;
        }
        if self.taken_from_poll > 0 {
            self.taken_from_poll = 0;
            self.session.handle_poll_answered();
        }
    }

    fn left(&mut self, message: &Message) {
        let number: u32 = message.as_text().unwrap()[..5].parse().unwrap();
        assert_eq!(self.waiting.first(), Some(&number), "out of order");
        self.waiting.remove(0);
    }

    fn events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            assert_eq!(self.closed_events, 0, "{event:?} after the end");
            match event {
                Event::Closed(reason) => {
                    assert_eq!(self.session.close_reason(), Some(reason));
                    self.closed_events += 1;
                }
                Event::Heartbeat | Event::Unsent(_) => panic!("nobody asked to be told"),
                Event::Upgraded(name) => assert_eq!(name, *self.session.transport()),
                Event::CloseLink(link) => {
                    assert!(self.links.contains(&link));
                    assert_ne!(link, self.session.link(), "the link in use");
                }
            }
        }
    }

    fn check(&mut self) {
        let session = &self.session;
        if let Some(reason) = session.close_reason() {
            assert_eq!(*self.closed.get_or_insert(reason), reason, "the first reason stays");
            assert!(!session.is_open() && !session.is_writable());
            assert_eq!(session.poll_timeout(), None);
            self.waiting.clear();
        } else {
            assert_eq!(self.closed, None, "closed stays closed");
            assert!(session.poll_timeout().is_some(), "an open session has a deadline");
        }
        assert_eq!(session.outbox_packets(), self.waiting.len(), "lost or doubled");
        assert!(session.outbox_packets() <= MOST_PACKETS);
        assert!(session.outbox_bytes() < MOST_BYTES + 5 + LONGEST);
    }
}

/// A peer of revision 3 asks where others answer. It does the wrong thing as seldom.
fn beat_of(revision: Revision, packet: Packet) -> Packet {
    match (revision, packet) {
        (Revision::V3, Packet::Pong(Signal::Heartbeat)) => Packet::Ping(Signal::Heartbeat),
        (Revision::V3, Packet::Ping(Signal::Heartbeat)) => Packet::Pong(Signal::Heartbeat),
        (_, packet) => packet,
    }
}

fn run(revision: Revision, kind: LinkKind, ops: Vec<Op>) {
    let mut seen = Seen::new(revision, kind);
    for op in ops {
        seen.apply(op);
    }
    // Whatever has happened, the session comes to its end by time alone once it is told to.
    seen.session.close(Shutdown::Graceful, seen.now);
    seen.advance(Duration::from_secs(30));
    seen.check();
    seen.events();
    assert_eq!(seen.closed_events, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_session_on_polling_stands_everything(revision in revision(), ops in vec(op(), 0..80)) {
        run(revision, LinkKind::Polling, ops);
    }

    #[test]
    fn a_session_on_a_stream_stands_everything(revision in revision(), ops in vec(op(), 0..80)) {
        run(revision, LinkKind::Stream(TransportName::WEBSOCKET), ops);
    }
}
