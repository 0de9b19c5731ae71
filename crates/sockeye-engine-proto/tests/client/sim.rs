//! A driver without sockets: what it would write stands in lists, and the time passes when a test says so.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_engine_codec::{Packet, Revision, payload};
use sockeye_engine_proto::client::{
    AttachRefused, CloseReason, Config, Event, LinkId, LinkKind, Outgoing, Request, SendError, Session,
    Shutdown, Transmit,
};
use sockeye_message::{Message, TransportName};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
/// After how long a server that does not ping is given up, by the handshakes here.
pub(crate) const SILENCE: Duration = Duration::from_secs(45);
pub(crate) const NOTHING: [&str; 0] = [];

pub(crate) struct Sim {
    pub(crate) session: Session,
    pub(crate) link: LinkId,
    pub(crate) now: Instant,
    get_is_out: bool,
    stalled: bool,
    posts: Vec<String>,
    sent: HashMap<LinkId, Vec<String>>,
    events: Vec<Event>,
}

/// What a server of the reference would open with.
pub(crate) fn handshake(upgrades: &[&str]) -> String {
    let rest = r#""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000"#;
    format!(r#"0{{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":{upgrades:?},{rest}}}"#)
}

impl Sim {
    /// A session on long-polling that the server has opened; a GET is out.
    pub(crate) fn polling() -> Self {
        Self::offered(&[], Config::new())
    }

    /// The same, to which the server has offered these transports.
    pub(crate) fn offered(upgrades: &[&str], config: Config) -> Self {
        let mut sim = Self::begin(LinkKind::Polling, config);
        assert_eq!(sim.answer_get(&handshake(upgrades)), []);
        assert!(matches!(sim.events.remove(0), Event::Opened(_)));
        sim
    }

    /// A session on a WebSocket that the server has opened.
    pub(crate) fn websocket() -> Self {
        Self::streaming(Config::new())
    }

    pub(crate) fn streaming(config: Config) -> Self {
        let mut sim = Self::begin(LinkKind::Stream(TransportName::WEBSOCKET), config);
        sim.receive(sim.link, &handshake(&[]));
        assert!(matches!(sim.events()[..], [Event::Opened(_)]));
        sim
    }

    /// A session that waits for its handshake.
    pub(crate) fn begin(link: LinkKind, config: Config) -> Self {
        let (session, link) = Session::open(Arc::new(config), link);
        let mut sim = Self {
            session,
            link,
            now: Instant::now(),
            get_is_out: false,
            stalled: false,
            posts: Vec::new(),
            sent: HashMap::new(),
            events: Vec::new(),
        };
        sim.pump();
        sim
    }

    /// The streams take nothing from now on.
    pub(crate) fn stall(&mut self) {
        self.stalled = true;
    }

    /// The streams take everything again.
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

    /// Whether a GET waits for its answer.
    pub(crate) fn get_is_out(&self) -> bool {
        self.get_is_out
    }

    /// The GET that is out is answered; returns the messages in the answer.
    pub(crate) fn answer_get(&mut self, body: &str) -> Vec<Message> {
        assert!(std::mem::take(&mut self.get_is_out), "no GET is out");
        let mut messages = Vec::new();
        for packet in payload::Splitter::new(Revision::V4, body.into()) {
            match packet {
                Ok(packet) => messages.extend(self.session.handle_packet(self.link, packet, self.now)),
                Err(_) => self.session.handle_malformed(self.link),
            }
        }
        self.session.handle_poll_answered();
        self.pump();
        messages
    }

    /// The POST that is out is answered.
    pub(crate) fn answer_post(&mut self) {
        self.session.handle_push_answered();
        self.pump();
    }

    /// The bodies that were posted.
    pub(crate) fn posts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.posts)
    }

    /// The server has got what was posted, and sends this in the answer to the GET.
    pub(crate) fn answer_both(&mut self, body: &str) -> Vec<Message> {
        self.answer_post();
        self.answer_get(body)
    }

    pub(crate) fn attach(&mut self) -> Result<LinkId, AttachRefused> {
        self.attach_link(LinkKind::Stream(TransportName::WEBSOCKET))
    }

    pub(crate) fn attach_link(&mut self, link: LinkKind) -> Result<LinkId, AttachRefused> {
        let link = self.session.handle_attach(link)?;
        self.write(link);
        Ok(link)
    }

    /// Text comes on a stream.
    pub(crate) fn receive(&mut self, link: LinkId, text: &str) -> Option<Message> {
        let message = if let Ok(packet) = Revision::V4.decode(text.into()) {
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
    pub(crate) fn pump(&mut self) {
        if !self.stalled {
            self.write(self.session.link());
        }
        while let Some(request) = self.session.poll_request() {
            match request {
                Request::Poll => assert!(!std::mem::replace(&mut self.get_is_out, true), "two GETs are out"),
                Request::Push(body) => self.posts.push(body.as_text().unwrap().into()),
            }
        }
        self.events.extend(std::iter::from_fn(|| self.session.poll_event()));
    }

    fn write(&mut self, link: LinkId) {
        while let Some(next) = self.session.poll_transmit(link) {
            let packet = match next {
                Transmit::Packet(packet) => packet,
                Transmit::Prepared(message) => Packet::Message(message.message().clone()),
            };
            let text = Revision::V4.encode_text(&packet).as_str().into();
            self.sent.entry(link).or_default().push(text);
        }
    }
}
