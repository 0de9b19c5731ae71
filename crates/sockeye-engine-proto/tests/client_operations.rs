//! Any sequence of calls that a client's driver can make, however wild the server and the network behind them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::{collection::vec, prelude::*};
use sockeye_engine_codec::{Packet, Revision, Signal, payload};
use sockeye_engine_proto::client::{
    CloseReason, Config, Detach, Event, LinkId, LinkKind, Outgoing, Request, SendError, Session, Shutdown,
    Transmit,
};
use sockeye_message::{Message, Prepared, TransportName};

const MOST_PACKETS: usize = 5;
const MOST_BYTES: usize = 20;
const LONGEST: usize = 15;
/// What the server says it takes in one body.
const MAX_PAYLOAD: usize = 40;

/// One call, or a few that belong together. Links are told by how recently they were made.
#[derive(Clone, Debug)]
enum Op {
    Packet(usize, Packet),
    Malformed(usize),
    Attach(LinkKind),
    AttachFailed(TransportName),
    Detach(usize, Detach),
    Requests,
    PollAnswered,
    PushAnswered,
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
        6 => kind().prop_map(Op::Attach),
        1 => name().prop_map(Op::AttachFailed),
        1 => (link.clone(), detaches).prop_map(|(link, why)| Op::Detach(link, why)),
        10 => Just(Op::Requests),
        6 => Just(Op::PollAnswered),
        6 => Just(Op::PushAnswered),
        6 => (0..12_000_u64).prop_map(|time| Op::Timeout(Duration::from_millis(time))),
        10 => (0..=LONGEST).prop_map(Op::Send),
        4 => (0..=LONGEST).prop_map(Op::SendPrepared),
        1 => closes.prop_map(Op::Close),
        12 => (link, 0..9_usize).prop_map(|(link, most)| Op::Take(link, most)),
        4 => Just(Op::Events),
    ]
}

fn name() -> impl Strategy<Value = TransportName> {
    prop_oneof![Just(TransportName::WEBSOCKET), Just(TransportName::WEBTRANSPORT)]
}

fn kind() -> impl Strategy<Value = LinkKind> {
    prop_oneof![
        8 => name().prop_map(LinkKind::Stream),
        4 => name().prop_map(LinkKind::InBand),
        1 => Just(LinkKind::Polling),
    ]
}

fn packet() -> impl Strategy<Value = Packet> {
    prop_oneof![
        6 => Just(Packet::Message("from the peer".into())),
        4 => Just(Packet::Ping(Signal::Heartbeat)),
        10 => Just(Packet::Pong(Signal::Probe)),
        1 => Just(Packet::Ping(Signal::Probe)),
        1 => Just(Packet::Pong(Signal::Heartbeat)),
        1 => Just(Packet::Noop),
        1 => Just(Packet::Upgrade),
        1 => handshake(),
        1 => Just(Packet::Close),
    ]
}

/// Handshakes, good and bad.
fn handshake() -> impl Strategy<Value = Packet> {
    let number = || prop_oneof![Just(0), Just(1), Just(u64::MAX), 0..50_000_u64];
    let good = (number(), number(), number()).prop_map(|(interval, timeout, max)| {
        let upgrades = r#"["polling","websocket","websocket","webtransport","x"]"#;
        let times = format!(r#""pingInterval":{interval},"pingTimeout":{timeout},"maxPayload":{max}"#);
        format!(r#"{{"sid":"a","upgrades":{upgrades},{times}}}"#)
    });
    prop_oneof![4 => good, 1 => ".*"].prop_map(|json| Packet::Open(json.as_str().into()))
}

/// The handshake that most sessions begin with.
fn usual_handshake() -> Packet {
    let rest = r#""upgrades":["webtransport","websocket"],"pingInterval":25000,"pingTimeout":20000"#;
    Packet::Open(format!(r#"{{"sid":"a",{rest},"maxPayload":{MAX_PAYLOAD}}}"#).into())
}

/// A session and what has been seen of it so far.
struct Seen {
    session: Session,
    now: Instant,
    links: Vec<LinkId>,
    sent: u32,
    /// Numbers of messages that were taken and have not left, oldest first.
    waiting: Vec<u32>,
    /// The link that the session has moved to, once it said so there.
    moved_to: Option<LinkId>,
    polls_out: usize,
    pushes_out: usize,
    has_limit: bool,
    closed: Option<CloseReason>,
    closed_events: usize,
}

impl Seen {
    fn new(kind: LinkKind) -> Self {
        let transports = [TransportName::POLLING, TransportName::WEBSOCKET, TransportName::WEBTRANSPORT];
        let config = Config::new()
            .with_transports(transports)
            .with_outbox_packets(MOST_PACKETS)
            .with_outbox_bytes(MOST_BYTES);
        let (session, link) = Session::open(Arc::new(config), kind);
        Self {
            session,
            now: Instant::now(),
            links: vec![link],
            sent: 0,
            waiting: Vec::new(),
            moved_to: None,
            polls_out: 0,
            pushes_out: 0,
            has_limit: false,
            closed: None,
            closed_events: 0,
        }
    }

    /// Most sessions are opened as they should be.
    fn open(&mut self) {
        self.requests();
        self.has_limit = true;
        self.session.handle_packet(self.links[0], usual_handshake(), self.now);
        self.poll_answered();
        self.check();
    }

    fn link(&self, recent: usize) -> LinkId {
        self.links[self.links.len().saturating_sub(1 + recent)]
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Packet(link, packet) => self.packet(self.link(link), packet),
            Op::Malformed(link) => self.session.handle_malformed(self.link(link)),
            Op::Attach(kind) => self.links.extend(self.session.handle_attach(kind).ok()),
            Op::AttachFailed(name) => self.session.handle_attach_failed(&name),
            Op::Detach(link, why) => self.session.handle_detach(self.link(link), why),
            Op::Requests => self.requests(),
            Op::PollAnswered => self.poll_answered(),
            Op::PushAnswered => {
                self.pushes_out = 0;
                self.session.handle_push_answered();
            }
            Op::Timeout(time) => self.advance(time),
            Op::Send(len) => self.send(len, Message::into),
            Op::SendPrepared(len) => self.send(len, |message| Prepared::new(message).into()),
            Op::Close(how) => self.session.close(how, self.now),
            Op::Take(link, most) => self.take(self.link(link), most),
            Op::Events => self.events(),
        }
        self.check();
    }

    fn packet(&mut self, link: LinkId, packet: Packet) {
        let current = self.session.link();
        let was_opened = self.session.sid().is_some();
        let was_closed = self.session.close_reason().is_some();
        let message = self.session.handle_packet(link, packet, self.now);
        if message.is_some() {
            assert!(was_opened && !was_closed && link == current, "a message from nowhere");
        }
    }

    fn requests(&mut self) {
        while let Some(request) = self.session.poll_request() {
            assert_eq!(*self.session.transport(), TransportName::POLLING);
            assert!(self.moved_to.is_none());
            match request {
                Request::Poll => {
                    self.polls_out += 1;
                    assert!(self.closed.is_none(), "a GET after the end");
                }
                Request::Push(body) => {
                    self.pushes_out += 1;
                    self.posted(&body);
                }
            }
            assert!(self.polls_out <= 1 && self.pushes_out <= 1, "two of a kind are out");
        }
        self.check();
    }

    fn posted(&mut self, body: &Message) {
        assert!(self.session.sid().is_some(), "a POST for no session");
        let packets: Vec<_> =
            payload::Splitter::new(Revision::V4, body.clone()).map(Result::unwrap).collect();
        assert!(!self.has_limit || packets.len() == 1 || body.len() <= MAX_PAYLOAD, "too long: {body:?}");
        for packet in packets {
            match packet {
                Packet::Message(message) => self.left(&message),
                Packet::Pong(Signal::Heartbeat) => assert!(self.closed.is_none()),
                Packet::Close => assert!(self.closed.is_some(), "a farewell before the end"),
                packet => panic!("a client never posts {packet:?}"),
            }
        }
    }

    fn poll_answered(&mut self) {
        self.polls_out = 0;
        self.session.handle_poll_answered();
    }

    fn advance(&mut self, time: Duration) {
        self.now += time;
        let has_expired = self.session.has_expired(self.now);
        self.session.handle_timeout(self.now);
        assert!(!has_expired || self.session.close_reason() == Some(CloseReason::PingTimeout));
        let next = self.session.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "a deadline that stays due");
    }

    /// Sends a message that starts with its number.
    fn send(&mut self, len: usize, wrap: impl Fn(Message) -> Outgoing) {
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
                assert_eq!(link, self.session.link(), "a message for a candidate");
                self.left(message);
            }
            if let Transmit::Packet(Packet::Upgrade) = next {
                assert_eq!((link, self.moved_to), (self.session.link(), None), "moved before or elsewhere");
                self.moved_to = Some(link);
            } else if link == self.session.link() && link != self.links[0] {
                assert_eq!(self.moved_to, Some(link), "{next:?} before the server knows");
            }
            if let Transmit::Packet(Packet::Close | Packet::Noop | Packet::Pong(Signal::Probe)) = next {
                panic!("a client never sends {next:?} on a stream");
            }
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
                Event::Heartbeat => panic!("nobody asked to be told"),
                Event::Upgraded(name) => assert_eq!(name, *self.session.transport()),
                Event::CloseLink(link) => {
                    assert!(self.links.contains(&link));
                    assert_ne!(link, self.session.link(), "the link in use");
                }
                Event::Probe(name) | Event::Upgrading(name) | Event::UpgradeFailed(name, _) => {
                    assert!(name != TransportName::POLLING && self.session.config().allows(&name));
                }
                Event::Opened(handshake) => assert_eq!(self.session.sid(), Some(&handshake.sid)),
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
            assert!(session.sid().is_none() || session.poll_timeout().is_some(), "no deadline");
        }
        assert_eq!(session.outbox_packets(), self.waiting.len(), "lost or doubled");
        assert!(session.outbox_packets() <= MOST_PACKETS);
        assert!(session.outbox_bytes() < MOST_BYTES + 5 + LONGEST);
    }
}

fn run(kind: LinkKind, opens: bool, ops: Vec<Op>) {
    let mut seen = Seen::new(kind);
    if opens {
        seen.open();
    }
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
    fn a_session_on_polling_stands_everything(ops in vec(op(), 0..80)) {
        run(LinkKind::Polling, true, ops);
    }

    #[test]
    fn a_session_on_a_stream_stands_everything(ops in vec(op(), 0..80)) {
        run(LinkKind::Stream(TransportName::WEBSOCKET), true, ops);
    }

    #[test]
    fn a_session_that_is_not_open_yet_stands_everything(kind in kind(), ops in vec(op(), 0..80)) {
        run(kind, false, ops);
    }
}
