//! A driver without sockets: what it would write stands in lists, and the time passes when a test says so.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_engine_codec::{Packet, Revision, Sid, payload};
use sockeye_engine_proto::server::{
    AttachRefused, CloseReason, Config, Event, LinkId, LinkKind, Outgoing, RequestRefused, SendError,
    Session, Shutdown, Transmit,
};
use sockeye_message::{Message, TransportName};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(25);
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Sim {
    pub(crate) session: Session,
    pub(crate) link: LinkId,
    pub(crate) now: Instant,
    get_waits: bool,
    stalled: bool,
    answers: Vec<String>,
    sent: HashMap<LinkId, Vec<String>>,
    events: Vec<Event>,
}

impl Sim {
    /// A session on long-polling whose handshake is over; no poll waits.
    pub(crate) fn polling() -> Self {
        let mut sim = Self::open(LinkKind::Polling, Config::new());
        sim.get().unwrap();
        assert!(sim.answer().starts_with("0{"));
        sim
    }

    /// A session on a WebSocket whose handshake is over.
    pub(crate) fn websocket() -> Self {
        let mut sim = Self::open(LinkKind::Stream(TransportName::WEBSOCKET), Config::new());
        assert!(sim.sent(sim.link)[0].starts_with("0{"));
        sim
    }

    pub(crate) fn open(link: LinkKind, config: Config) -> Self {
        Self::open_in(Revision::V4, link, config)
    }

    /// A session in revision 3 on long-polling whose handshake is over; no poll waits.
    pub(crate) fn old_polling() -> Self {
        let mut sim = Self::open_in(Revision::V3, LinkKind::Polling, Config::new());
        sim.get().unwrap();
        assert!(sim.answer().contains(":0{"));
        sim
    }

    /// A session in revision 3 on a WebSocket whose handshake is over.
    pub(crate) fn old_websocket() -> Self {
        let link = LinkKind::Stream(TransportName::WEBSOCKET);
        let mut sim = Self::open_in(Revision::V3, link, Config::new());
        assert!(sim.sent(sim.link)[0].starts_with("0{"));
        sim
    }

    pub(crate) fn open_in(revision: Revision, link: LinkKind, config: Config) -> Self {
        let now = Instant::now();
        let sid = Sid::from_random([0; 15]);
        let (session, link) = Session::open(Arc::new(config), sid, revision, link, now);
        let mut sim = Self {
            session,
            link,
            now,
            get_waits: false,
            stalled: false,
            answers: Vec::new(),
            sent: HashMap::new(),
            events: Vec::new(),
        };
        sim.pump();
        sim
    }

    /// The carriers take nothing from now on.
    pub(crate) fn stall(&mut self) {
        self.stalled = true;
    }

    /// The carriers take everything again.
    pub(crate) fn resume(&mut self) {
        self.stalled = false;
        self.pump();
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.session.handle_timeout(self.now);
            let next = self.session.poll_timeout();
            assert!(next.is_none_or(|next| next > self.now), "a deadline that stays due");
            self.pump();
        }
        self.now = end;
    }

    pub(crate) fn get(&mut self) -> Result<(), RequestRefused> {
        let result = self.session.handle_poll();
        self.get_waits |= result.is_ok();
        self.pump();
        result
    }

    pub(crate) fn get_waits(&self) -> bool {
        self.get_waits
    }

    pub(crate) fn abort_get(&mut self) {
        self.get_waits = false;
        self.session.handle_poll_aborted();
        self.pump();
    }

    /// A whole POST; returns the messages in it.
    pub(crate) fn post(&mut self, body: &str) -> Vec<Message> {
        self.session.handle_push().unwrap();
        let messages = self.push_body(body);
        self.session.handle_push_done();
        self.pump();
        messages
    }

    /// What comes in a POST, without its beginning and end.
    pub(crate) fn push_body(&mut self, body: &str) -> Vec<Message> {
        let mut messages = Vec::new();
        for packet in payload::Splitter::new(self.session.revision(), body.into()) {
            match packet {
                Ok(packet) => messages.extend(self.session.handle_packet(self.link, packet, self.now)),
                Err(_) => self.session.handle_malformed(self.link),
            }
        }
        self.pump();
        messages
    }

    pub(crate) fn attach(&mut self) -> Result<LinkId, AttachRefused> {
        self.session.handle_attach(TransportName::WEBSOCKET, self.now)
    }

    /// Text comes on a stream.
    pub(crate) fn receive(&mut self, link: LinkId, text: &str) -> Option<Message> {
        let message = if let Ok(packet) = self.session.revision().decode(text.into()) {
            self.session.handle_packet(link, packet, self.now)
        } else {
            self.session.handle_malformed(link);
            None
        };
        self.pump();
        message
    }

    pub(crate) fn send(&mut self, text: &str) -> Result<(), SendError> {
        let result = self.session.send(Outgoing::Message(text.into()));
        self.pump();
        result
    }

    pub(crate) fn close(&mut self, how: Shutdown) {
        self.session.close(how, self.now);
        self.pump();
    }

    /// How the polls were answered that have been.
    pub(crate) fn answers(&mut self) -> Vec<String> {
        std::mem::take(&mut self.answers)
    }

    /// How the one poll was answered that has been.
    pub(crate) fn answer(&mut self) -> String {
        let answers = self.answers();
        let [answer] = &answers[..] else {
            panic!("one poll should have been answered: {answers:?}");
        };
        answer.clone()
    }

    /// What was written on a stream.
    pub(crate) fn sent(&mut self, link: LinkId) -> Vec<String> {
        self.sent.remove(&link).unwrap_or_default()
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Nothing has happened but that the session ended, for this reason.
    pub(crate) fn assert_closed(&mut self, reason: CloseReason) {
        assert_eq!(self.events(), [Event::Closed(reason)]);
        assert_eq!(self.session.close_reason(), Some(reason));
        assert_eq!(self.session.poll_timeout(), None);
        assert_eq!(self.send("late"), Err(SendError::Closed));
    }

    pub(crate) fn assert_open(&mut self) {
        assert_eq!(self.events(), []);
        assert!(self.session.is_open());
    }

    /// Does what a driver does after each input.
    fn pump(&mut self) {
        let link = self.session.link();
        let speaks_polling = *self.session.transport() == TransportName::POLLING;
        if speaks_polling {
            self.answer_poll(link);
        } else if !self.stalled {
            self.write(link);
        }
        while let Some(event) = self.session.poll_event() {
            match &event {
                Event::CloseLink(gone) if *gone == self.link => self.answer_poll(self.link),
                Event::CloseLink(gone) => self.write(*gone),
                _ => {}
            }
            self.events.push(event);
        }
    }

    fn answer_poll(&mut self, link: LinkId) {
        let mut body = payload::Joiner::new(self.session.revision());
        while let Some(next) = self.session.poll_transmit(link) {
            match next {
                Transmit::Packet(packet) => body.push(&packet),
                Transmit::Prepared(message) => body.push_message(message.message()),
            }
        }
        if !body.is_empty() {
            assert!(self.get_waits, "sent without a poll: {body:?}");
            self.get_waits = false;
            self.session.handle_poll_answered();
            self.answers.push(body.finish().as_text().unwrap().into());
        }
    }

    /// Writes all that a stream may have; candidates' answers, too, when a test asks.
    pub(crate) fn write(&mut self, link: LinkId) {
        while let Some(next) = self.session.poll_transmit(link) {
            let packet = match next {
                Transmit::Packet(packet) => packet,
                Transmit::Prepared(message) => Packet::Message(message.message().clone()),
            };
            let text = self.session.revision().encode_text(&packet).as_str().into();
            self.sent.entry(link).or_default().push(text);
        }
    }
}
