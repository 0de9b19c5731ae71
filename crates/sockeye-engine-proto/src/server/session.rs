//! The public face of a session: what comes in, what goes out, and when time matters.
//!
//! ```text
//!            close(Graceful)            drained, or given up
//!   Open ──────────────────▶ Closing ───────────────────────▶ Closed(reason)
//!     │                                                          ▲
//!     └── close(Discard), peer's close, fault, no pong ──────────┘
//! ```
//! Requests of long-polling stand in `polling`, candidates in `upgrade`, the ways to an end in `close`.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use sockeye_engine_codec::{Handshake, Packet, Revision, Sid, Signal};
use sockeye_message::{Message, TransportName};

use super::{
    Config, Detach, Event, LinkId, LinkKind,
    close::Phase,
    polling::{Owed, Polling},
    upgrade::Upgrade,
};
use crate::{
    CloseReason, Fault, Outgoing, SendError, Transmit,
    heartbeat::{Beat, Heartbeat, WrongDirection},
    outbox::Outbox,
    time::earliest,
};

/// One session of a server, owned by whoever drives it.
///
/// After every call that hands something in (`handle_*`, [`send`](Self::send), [`close`](Self::close)) the driver asks
/// [`poll_transmit`](Self::poll_transmit) for each link that can take packets, [`poll_event`](Self::poll_event) until
/// there is none, and [`poll_timeout`](Self::poll_timeout) for when to call [`handle_timeout`](Self::handle_timeout).
#[derive(Debug)]
pub struct Session {
    pub(super) config: Arc<Config>,
    pub(super) outbox: Outbox,
    pub(super) carrier: Carrier,
    pub(super) phase: Phase,
    pub(super) heartbeat: Heartbeat,
    pub(super) upgrade: Option<Box<Upgrade>>,
    pub(super) events: VecDeque<Event>,
    sid: Sid,
    pub(super) link: LinkId,
    /// The link that was left behind while a poll waited on it, which is still to be told that it is over.
    pub(super) left_behind: Option<LinkId>,
    pub(super) last_link: LinkId,
    revision: Revision,
}

/// What the session speaks on.
#[derive(Debug)]
pub(super) enum Carrier {
    Stream(TransportName),
    Polling(Polling),
}

impl Session {
    /// Opens a session on its first link. The handshake waits to be sent, and the initial packet behind it.
    ///
    /// On long-polling the request that opened the session is its first poll: announce it by
    /// [`handle_poll`](Self::handle_poll).
    pub fn open(
        config: Arc<Config>,
        sid: Sid,
        revision: Revision,
        link: LinkKind,
        now: Instant,
    ) -> (Self, LinkId) {
        let mut outbox = Outbox::default();
        outbox.push_control(Packet::Open(handshake(&config, &sid, &link).encode()));
        if let Some(message) = config.initial_packet() {
            outbox.push_control(Packet::Message(message.clone()));
        }
        let session = Self {
            outbox,
            carrier: match link {
                LinkKind::Stream(name) => Carrier::Stream(name),
                LinkKind::Polling => Carrier::Polling(Polling::default()),
            },
            phase: Phase::Open,
            heartbeat: Heartbeat::start(revision, now, config.pace()),
            upgrade: None,
            events: VecDeque::new(),
            sid,
            link: LinkId::FIRST,
            left_behind: None,
            last_link: LinkId::FIRST,
            revision,
            config,
        };
        (session, LinkId::FIRST)
    }

    /// A packet came on a link. Returns what it holds for the application.
    ///
    /// Packets on a link that the session has left, or after its end, count for nothing.
    pub fn handle_packet(&mut self, link: LinkId, packet: Packet, now: Instant) -> Option<Message> {
        if link != self.link {
            self.handle_elsewhere(link, &packet, now);
            return None;
        }
        match (&self.phase, packet) {
            (Phase::Open, Packet::Message(message)) => {
                self.heartbeat.handle_traffic(now, self.config.pace());
                return Some(message);
            }
            (Phase::Open, packet) => self.handle_control(&packet, now),
            // What a peer says while this side closes is not heard, except that it closes too.
            (Phase::Closing { .. }, Packet::Close) => self.end_by_peer(),
            _ => {}
        }
        None
    }

    /// What came on a link is no packet.
    pub fn handle_malformed(&mut self, link: LinkId) {
        if link != self.link {
            self.drop_candidate(link);
        } else if let Phase::Open = self.phase {
            self.end(CloseReason::ParseError, Owed::Close);
        }
    }

    /// A link is gone, though nobody here closed it.
    ///
    /// A driver that meets a request on long-polling which no session should survive, such as one with a content type
    /// that the revision does not have, reports its link as failed.
    pub fn handle_detach(&mut self, link: LinkId, why: Detach) {
        if link != self.link {
            self.forget_candidate(link);
            return;
        }
        match why {
            Detach::Closed => self.end(CloseReason::TransportClose, Owed::Close),
            Detach::Failed => self.fail(Fault::Carrier),
            Detach::TooLarge => self.fail(Fault::TooLarge),
        }
    }

    /// Time has passed. Calling early does nothing, calling late does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.handle_upgrade_timeout(now);
        match self.phase {
            Phase::Open => match self.heartbeat.handle_timeout(now, self.config.pace()) {
                Beat::Nothing => {}
                Beat::Ping => self.outbox.push_beat(Packet::Ping(Signal::Heartbeat)),
                Beat::GiveUp => self.end(CloseReason::PingTimeout, Owed::Close),
            },
            Phase::Closing { give_up_at } if now >= give_up_at => {
                self.end(CloseReason::ForcedClose, Owed::Close);
            }
            Phase::Closing { .. } | Phase::Closed { .. } => {}
        }
    }

    /// Takes a message for the peer.
    ///
    /// # Errors
    /// If the session is closed or closing, or if as much waits as the configuration allows. Packets of the protocol
    /// itself find room in any case.
    pub fn send(&mut self, message: Outgoing) -> Result<(), SendError> {
        match self.phase {
            Phase::Open => self.outbox.push_message(message.into(), self.config.outbox()),
            Phase::Closing { .. } | Phase::Closed { .. } => Err(SendError::Closed),
        }
    }

    /// What is to be sent next on this link; nothing on a polling link unless a poll waits there.
    ///
    /// What is returned counts as sent: the session never gives it again.
    pub fn poll_transmit(&mut self, link: LinkId) -> Option<Transmit> {
        if link != self.link {
            return self.poll_transmit_elsewhere(link).map(Transmit::Packet);
        }
        if let Carrier::Polling(polling) = &mut self.carrier {
            if !polling.is_waiting() {
                return None;
            }
            if let Some(owed) = polling.take_owed() {
                return Some(Transmit::Packet(owed));
            }
        }
        let next = self.outbox.pop();
        if let Phase::Closing { .. } = self.phase {
            self.end_if_sent();
        }
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

    /// When to call [`handle_timeout`](Self::handle_timeout) next; never again after the end.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Open => self.heartbeat.poll_timeout(),
            Phase::Closing { give_up_at } => give_up_at,
            Phase::Closed { .. } => return None,
        };
        earliest([Some(phase), self.upgrade_timeout()])
    }

    /// The session's secret id.
    pub fn sid(&self) -> &Sid {
        &self.sid
    }

    /// The revision that it speaks.
    pub fn revision(&self) -> Revision {
        self.revision
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

    /// Whether a message sent now would leave at once, as far as the session can tell: what a volatile message needs.
    ///
    /// A driver whose carrier still holds unsent bytes knows better.
    pub fn is_writable(&self) -> bool {
        let carried = match &self.carrier {
            Carrier::Stream(_) => true,
            Carrier::Polling(polling) => polling.is_waiting(),
        };
        carried && self.is_open() && self.outbox.is_empty()
    }

    /// Whether it takes messages: it is neither closed nor closing.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Why it has ended, if it has.
    pub fn close_reason(&self) -> Option<CloseReason> {
        match self.phase {
            Phase::Closed { reason, .. } => Some(reason),
            Phase::Open | Phase::Closing { .. } => None,
        }
    }

    /// What was behind a transport error.
    pub fn fault(&self) -> Option<Fault> {
        match self.phase {
            Phase::Closed { fault, .. } => fault,
            Phase::Open | Phase::Closing { .. } => None,
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

    fn tell_heartbeat(&mut self) {
        if self.config.tells_heartbeats() {
            self.events.push_back(Event::Heartbeat);
        }
    }

    /// A packet of the protocol itself came on the current link of an open session.
    fn handle_control(&mut self, packet: &Packet, now: Instant) {
        match packet {
            Packet::Pong(_) => match self.heartbeat.handle_pong(now, self.config.pace()) {
                Ok(()) => self.tell_heartbeat(),
                Err(WrongDirection) => self.fail(Fault::HeartbeatDirection),
            },
            Packet::Ping(signal) => match self.heartbeat.handle_ping(now, self.config.pace()) {
                Ok(()) => {
                    self.outbox.push_beat(Packet::Pong(echo(signal)));
                    self.tell_heartbeat();
                }
                Err(WrongDirection) => self.fail(Fault::HeartbeatDirection),
            },
            Packet::Close => self.end_by_peer(),
            Packet::Open(_) | Packet::Message(_) | Packet::Upgrade | Packet::Noop => {
                self.heartbeat.handle_traffic(now, self.config.pace());
            }
        }
    }
}

/// A pong has the data of its ping. On the session's own link a probe is a heartbeat like others.
fn echo(signal: &Signal) -> Signal {
    match signal {
        Signal::Probe => Signal::Other("probe".into()),
        signal => signal.clone(),
    }
}

fn handshake(config: &Config, sid: &Sid, link: &LinkKind) -> Handshake {
    Handshake {
        sid: sid.clone(),
        upgrades: match link {
            LinkKind::Polling => config.upgrades(&TransportName::POLLING),
            LinkKind::Stream(name) => config.upgrades(name),
        },
        ping_interval: config.ping_interval(),
        ping_timeout: config.ping_timeout(),
        max_payload: Some(config.max_payload() as u64),
    }
}

static POLLING: TransportName = TransportName::POLLING;
