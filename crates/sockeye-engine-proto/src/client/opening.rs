//! How a session begins: the greeting where one is due, the server's handshake, and what is made of it.
//!
//! ```text
//!   Greeting ── `0` sent ──▶ Waiting ── handshake ──▶ Done
//! ```
//! A server may say anything. What no session can keep is a fault; what would only harm this side is cut to its limits.

use std::time::Instant;

use sockeye_engine_codec::{Greeting, Handshake, Packet, Sid};

use super::{Config, Event, Fault, LinkKind, Session, heartbeat::Heartbeat};

/// How far the beginning has come.
#[derive(Debug)]
pub(super) enum Opening {
    /// The first packet, which asks for a session, is still to be sent.
    Greeting,
    /// The handshake has not come.
    Waiting,
    /// It has.
    Done(Terms),
}

/// What the server has laid down.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) sid: Sid,
    /// How many bytes it takes in the body of one POST.
    pub(super) max_payload: usize,
    pub(super) heartbeat: Heartbeat,
}

impl Opening {
    pub(super) fn on(link: &LinkKind) -> Self {
        match link {
            LinkKind::InBand(_) => Self::Greeting,
            LinkKind::Polling | LinkKind::Stream(_) => Self::Waiting,
        }
    }

    pub(super) fn terms(&self) -> Option<&Terms> {
        match self {
            Self::Done(terms) => Some(terms),
            Self::Greeting | Self::Waiting => None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.terms().is_some()
    }

    /// The greeting, once.
    pub(super) fn take_greeting(&mut self) -> Option<Packet> {
        let Self::Greeting = self else {
            return None;
        };
        *self = Self::Waiting;
        Some(Greeting::Open.encode())
    }
}

impl Terms {
    /// What a handshake lays down, unless the server could not live a moment by it.
    fn of(handshake: &Handshake, config: &Config, now: Instant) -> Option<Self> {
        let silence =
            handshake.ping_interval.saturating_add(handshake.ping_timeout).min(config.max_silence());
        if silence.is_zero() {
            return None;
        }
        // As the reference reads it: 0 is no limit, like none at all.
        let max_payload = handshake.max_payload.filter(|&bytes| bytes > 0);
        Some(Self {
            sid: handshake.sid.clone(),
            max_payload: max_payload.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX),
            heartbeat: Heartbeat::start(silence, now),
        })
    }
}

impl Session {
    /// An `open` packet came where one is due.
    pub(super) fn handle_handshake(&mut self, json: &str, now: Instant) {
        let Some((handshake, terms)) = read(json, &self.config, now) else {
            return self.fail(Fault::Handshake);
        };
        let offered = self.config.upgrades_among(&handshake.upgrades);
        self.opening = Opening::Done(terms);
        self.events.push_back(Event::Opened(handshake));
        self.try_upgrades(offered, now);
        self.end_if_drained();
    }
}

fn read(json: &str, config: &Config, now: Instant) -> Option<(Handshake, Terms)> {
    if json.len() > MAX_HANDSHAKE {
        return None;
    }
    let handshake = Handshake::decode(json).ok()?;
    let terms = Terms::of(&handshake, config, now)?;
    Some((handshake, terms))
}

/// How many bytes a handshake may have; those of the reference have about a hundred.
const MAX_HANDSHAKE: usize = 16 * 1024;
