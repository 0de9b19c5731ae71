//! The public face of a session: what comes in, what goes out, and when time matters.
//!
//! ```text
//!              close(Graceful)            drained, or given up
//!   Running ──────────────────▶ Closing ───────────────────────▶ Closed(reason)
//!     │                                                             ▲
//!     └── close(Discard), server's close, fault, no ping ───────────┘
//! ```
//! How it begins stands in `opening`, requests of long-polling in `polling`, candidates in `upgrade`, the ways to an end in
//! `close`.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use sockeye_engine_codec::{Packet, Sid, Signal};
use sockeye_message::{Message, TransportName};

use super::{
    Config, Detach, Event, LinkId, LinkKind,
    close::{Farewell, Phase},
    opening::Opening,
    polling::Polling,
    upgrade::Candidate,
};
use crate::{CloseReason, Fault, Outgoing, SendError, Transmit, outbox::Outbox, time::earliest};

/// One session of a client, owned by whoever drives it.
///
/// After every call that hands something in (`handle_*`, [`send`](Self::send), [`close`](Self::close)) the driver asks
/// [`poll_transmit`](Self::poll_transmit) for each link that can take packets, [`poll_request`](Self::poll_request) and
/// [`poll_event`](Self::poll_event) until there is nothing more, and [`poll_timeout`](Self::poll_timeout) for when to call
/// [`handle_timeout`](Self::handle_timeout).
///
/// How long the server may take until the session is open is for the driver to say: nothing here waits for it.
#[derive(Debug)]
pub struct Session {
    pub(super) config: Arc<Config>,
    pub(super) outbox: Outbox,
    pub(super) carrier: Carrier,
    pub(super) phase: Phase,
    pub(super) opening: Opening,
    pub(super) candidates: Vec<Candidate>,
    pub(super) events: VecDeque<Event>,
    pub(super) link: LinkId,
    pub(super) last_link: LinkId,
}

/// What the session speaks on.
#[derive(Debug)]
pub(super) enum Carrier {
    Stream(TransportName),
    Polling(Polling),
}

impl Session {
    /// Begins a session on its first link; [`Event::Opened`] tells when the server has opened it.
    pub fn open(config: Arc<Config>, link: LinkKind) -> (Self, LinkId) {
        let session = Self {
            config,
            outbox: Outbox::default(),
            phase: Phase::Running,
            opening: Opening::on(&link),
            carrier: match link {
                LinkKind::Polling => Carrier::Polling(Polling::default()),
                LinkKind::Stream(name) | LinkKind::InBand(name) => Carrier::Stream(name),
            },
            candidates: Vec::new(),
            events: VecDeque::new(),
            link: LinkId::FIRST,
            last_link: LinkId::FIRST,
        };
        (session, LinkId::FIRST)
    }

    /// A packet came on a link. Returns what it holds for the application, also while the session closes.
    ///
    /// Packets on a link that the session has left, or after its end, count for nothing.
    pub fn handle_packet(&mut self, link: LinkId, packet: Packet, now: Instant) -> Option<Message> {
        if link != self.link {
            self.handle_elsewhere(link, &packet);
            return None;
        }
        if let Phase::Closed { .. } = self.phase {
            return None;
        }
        match packet {
            Packet::Message(message) if self.opening.is_done() => return Some(message),
            Packet::Open(json) if !self.opening.is_done() => self.handle_handshake(&json, now),
            Packet::Close => self.end(CloseReason::TransportClose, Farewell::None),
            packet => self.handle_control(&packet, now),
        }
        None
    }

    /// What came on a link is no packet.
    pub fn handle_malformed(&mut self, link: LinkId) {
        if link == self.link {
            self.fail(Fault::Malformed);
        } else {
            self.handle_malformed_elsewhere(link);
        }
    }

    /// A link is gone, though nobody here closed it: a stream ended, or a request of long-polling failed.
    pub fn handle_detach(&mut self, link: LinkId, why: Detach) {
        if link != self.link {
            self.handle_detach_elsewhere(link, why);
            return;
        }
        match why {
            Detach::Closed => self.end(CloseReason::TransportClose, Farewell::None),
            Detach::Failed => self.lose(Fault::Carrier),
            Detach::TooLarge => self.lose(Fault::TooLarge),
        }
    }

    /// Time has passed. Calling early does nothing, calling late does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.has_expired(now) {
            self.end(CloseReason::PingTimeout, Farewell::Due);
        }
        self.handle_upgrade_timeout(now);
        match self.phase {
            Phase::Closing { give_up_at } if now >= give_up_at => {
                self.end(CloseReason::ForcedClose, Farewell::Due);
            }
            Phase::Running | Phase::Closing { .. } | Phase::Closed { .. } => {}
        }
    }

    /// Takes a message for the server. Before the session is open it waits.
    ///
    /// # Errors
    /// If the session is closed or closing, or if as much waits as the configuration allows. Packets of the protocol
    /// itself find room in any case.
    pub fn send(&mut self, message: Outgoing) -> Result<(), SendError> {
        match self.phase {
            Phase::Running => self.outbox.push_message(message.into(), self.config.outbox()),
            Phase::Closing { .. } | Phase::Closed { .. } => Err(SendError::Closed),
        }
    }

    /// What is to be sent next on this link, if it is a stream; long-polling has [`poll_request`](Self::poll_request).
    ///
    /// What is returned counts as sent: the session never gives it again.
    pub fn poll_transmit(&mut self, link: LinkId) -> Option<Transmit> {
        if link != self.link {
            return self.poll_transmit_elsewhere(link).map(Transmit::Packet);
        }
        let (Carrier::Stream(_), Phase::Running | Phase::Closing { .. }) = (&self.carrier, &self.phase)
        else {
            return None;
        };
        if !self.opening.is_done() {
            return self.opening.take_greeting().map(Transmit::Packet);
        }
        let next = self.outbox.pop();
        self.end_if_drained();
        next
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() && self.events.capacity() > 0 {
            self.events = VecDeque::new();
        }
        event
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next, if ever.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let give_up_at = match self.phase {
            Phase::Running => None,
            Phase::Closing { give_up_at } => Some(give_up_at),
            Phase::Closed { .. } => return None,
        };
        let heartbeat = self.opening.terms().map(|terms| terms.heartbeat.poll_timeout());
        earliest([give_up_at, heartbeat, self.upgrade_timeout()])
    }

    /// The session's secret id, once it is open. It stays after the end.
    pub fn sid(&self) -> Option<&Sid> {
        self.opening.terms().map(|terms| &terms.sid)
    }

    /// Its settings.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The link that it speaks on.
    pub fn link(&self) -> LinkId {
        self.link
    }

    /// The transport that it speaks on.
    pub fn transport(&self) -> &TransportName {
        match &self.carrier {
            Carrier::Stream(name) => name,
            Carrier::Polling(_) => &POLLING,
        }
    }

    /// Whether the server has been silent for too long, though nobody has called
    /// [`handle_timeout`](Self::handle_timeout) since.
    ///
    /// A machine that was suspended finds its timers late. Whoever has a message asks this first, keeps the message for
    /// the next session if so, and lets [`handle_timeout`](Self::handle_timeout) end this one.
    ///
    /// ```
    /// use std::{sync::Arc, time::{Duration, Instant}};
    ///
    /// use sockeye_engine_codec::Packet;
    /// use sockeye_engine_proto::client::{CloseReason, Config, LinkKind, Session};
    /// use sockeye_message::TransportName;
    ///
    /// let now = Instant::now();
    /// let link = LinkKind::Stream(TransportName::WEBSOCKET);
    /// let (mut session, link) = Session::open(Arc::new(Config::new()), link);
    /// let handshake = r#"{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
    /// session.handle_packet(link, Packet::Open(handshake.into()), now);
    ///
    /// let after_a_nap = now + Duration::from_secs(3600);
    /// assert!(session.has_expired(after_a_nap));
    /// session.handle_timeout(after_a_nap);
    /// assert_eq!(session.close_reason(), Some(CloseReason::PingTimeout));
    /// ```
    pub fn has_expired(&self, now: Instant) -> bool {
        let is_closed = self.close_reason().is_some();
        !is_closed && self.opening.terms().is_some_and(|terms| terms.heartbeat.has_expired(now))
    }

    /// Whether a message sent now would leave at once, as far as the session can tell: what a volatile message needs.
    ///
    /// A driver whose carrier still holds unsent bytes knows better.
    pub fn is_writable(&self) -> bool {
        let carried = match &self.carrier {
            Carrier::Stream(_) => true,
            Carrier::Polling(polling) => !polling.is_pushing() && !self.is_upgrading(),
        };
        carried && self.is_open() && self.outbox.is_empty()
    }

    /// Whether the server has opened it, and it is neither closed nor closing.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Running) && self.opening.is_done()
    }

    /// Why it has ended, if it has.
    pub fn close_reason(&self) -> Option<CloseReason> {
        match self.phase {
            Phase::Closed { reason, .. } => Some(reason),
            Phase::Running | Phase::Closing { .. } => None,
        }
    }

    /// What was behind a transport error.
    pub fn fault(&self) -> Option<Fault> {
        match self.phase {
            Phase::Closed { fault, .. } => fault,
            Phase::Running | Phase::Closing { .. } => None,
        }
    }

    /// How many messages wait to be sent.
    pub fn outbox_packets(&self) -> usize {
        self.outbox.messages()
    }

    /// How many bytes the messages that wait have.
    pub fn outbox_bytes(&self) -> usize {
        self.outbox.bytes()
    }

    /// A packet of the protocol itself came on the session's link, or one that has no business before the handshake.
    fn handle_control(&mut self, packet: &Packet, now: Instant) {
        let Opening::Done(terms) = &mut self.opening else {
            return self.fail(Fault::HandshakeMissing);
        };
        match packet {
            Packet::Ping(_) => {
                terms.heartbeat.handle_ping(now);
                self.answer_ping();
            }
            Packet::Open(_) => self.fail(Fault::HandshakeRepeated),
            // A pong that nobody asked for is harmless, and the others mean nothing here.
            Packet::Pong(_) | Packet::Upgrade | Packet::Noop | Packet::Message(_) | Packet::Close => {}
        }
    }

    fn answer_ping(&mut self) {
        // A closing session sends what was sent before it closed, and no more.
        if let Phase::Running = self.phase {
            self.outbox.push_beat(Packet::Pong(Signal::Heartbeat));
        }
        if self.config.tells_heartbeats() {
            self.events.push_back(Event::Heartbeat);
        }
    }
}

static POLLING: TransportName = TransportName::POLLING;
