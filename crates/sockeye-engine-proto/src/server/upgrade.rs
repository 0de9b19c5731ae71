//! How a session moves from long-polling to a better transport.
//!
//! ```text
//!   candidate          session
//!     2probe ───────────▶  3probe; from now on a waiting poll is sent home every 100 ms,
//!                          so that the client can stop polling
//!     5      ───────────▶  the candidate is the session's link
//! ```
//! Any other packet, its loss, or too much time drops the candidate and leaves the session as it was.

use std::time::{Duration, Instant};

use sockeye_engine_codec::{Packet, Signal};
use sockeye_message::TransportName;

use super::{AttachRefused, Event, LinkId, Session, close::Phase, polling::Owed, session::Carrier};
use crate::time::{after, earliest};

/// A transport that may take over, and how far it has come.
#[derive(Debug)]
pub(super) struct Upgrade {
    candidate: LinkId,
    name: TransportName,
    give_up_at: Instant,
    /// When a poll that waits is sent home next; set by the first probe.
    send_home_at: Option<Instant>,
    answer: Answer,
}

/// Whether a probe is still to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    None,
    Due,
}

impl Upgrade {
    pub(super) fn candidate(&self) -> LinkId {
        self.candidate
    }
}

impl Session {
    /// A transport arrived that names this session: it becomes a candidate.
    ///
    /// # Errors
    /// If it cannot: close it, the session goes on as before.
    pub fn handle_attach(&mut self, name: TransportName, now: Instant) -> Result<LinkId, AttachRefused> {
        if !self.is_open() {
            return Err(AttachRefused::Closed);
        }
        if let Carrier::Stream(_) = self.carrier {
            return Err(AttachRefused::NotPolling);
        }
        if !self.config.allows_upgrades() {
            return Err(AttachRefused::NotAllowed);
        }
        if self.upgrade.is_some() {
            return Err(AttachRefused::Upgrading);
        }
        self.last_link = self.last_link.next();
        self.upgrade = Some(Box::new(Upgrade {
            candidate: self.last_link,
            name,
            give_up_at: after(now, self.config.upgrade_timeout()),
            send_home_at: None,
            answer: Answer::None,
        }));
        Ok(self.last_link)
    }

    /// A packet came on another link than the session speaks on.
    pub(super) fn handle_elsewhere(&mut self, link: LinkId, packet: &Packet, now: Instant) {
        let Some(upgrade) = self.upgrade_on(link) else {
            return;
        };
        match packet {
            Packet::Ping(Signal::Probe) => {
                upgrade.answer = Answer::Due;
                upgrade.send_home_at = Some(after(now, SEND_HOME_EVERY));
            }
            Packet::Upgrade => self.switch(now),
            _ => self.drop_candidate(link),
        }
    }

    /// Gives a candidate up and has it closed.
    pub(super) fn drop_candidate(&mut self, link: LinkId) {
        if self.forget_candidate(link).is_some() {
            self.events.push_back(Event::CloseLink(link));
        }
    }

    /// Gives a candidate up that is gone already.
    pub(super) fn forget_candidate(&mut self, link: LinkId) -> Option<Box<Upgrade>> {
        self.upgrade.take_if(|upgrade| upgrade.candidate == link)
    }

    pub(super) fn handle_upgrade_timeout(&mut self, now: Instant) {
        let Some(upgrade) = &mut self.upgrade else {
            return;
        };
        if now >= upgrade.give_up_at {
            let candidate = upgrade.candidate;
            self.drop_candidate(candidate);
            return;
        }
        let Carrier::Polling(polling) = &mut self.carrier else {
            return;
        };
        let due = upgrade.send_home_at.is_some_and(|at| now >= at);
        // With anything to send the poll goes home anyway.
        if due && polling.is_waiting() && self.outbox.is_empty() {
            polling.owe(Owed::Noop);
            upgrade.send_home_at = Some(after(now, SEND_HOME_EVERY));
        }
    }

    pub(super) fn upgrade_timeout(&self) -> Option<Instant> {
        let upgrade = self.upgrade.as_ref()?;
        let send_home_at = match &self.carrier {
            Carrier::Polling(polling) if polling.is_waiting() && self.outbox.is_empty() => {
                upgrade.send_home_at
            }
            _ => None,
        };
        earliest([Some(upgrade.give_up_at), send_home_at])
    }

    /// What goes out on a link that the session does not speak on, yet or any more.
    pub(super) fn poll_transmit_elsewhere(&mut self, link: LinkId) -> Option<Packet> {
        if self.left_behind == Some(link) {
            self.left_behind = None;
            return Some(Packet::Close);
        }
        let upgrade = self.upgrade_on(link)?;
        match std::mem::replace(&mut upgrade.answer, Answer::None) {
            Answer::Due => Some(Packet::Pong(Signal::Probe)),
            Answer::None => None,
        }
    }

    /// The candidate takes over. What waits in the outbox goes out there, behind all that polls have fetched.
    fn switch(&mut self, now: Instant) {
        let Some(upgrade) = self.upgrade.take() else {
            return;
        };
        if upgrade.answer == Answer::Due {
            self.outbox.push_front(Packet::Pong(Signal::Probe));
        }
        let old = std::mem::replace(&mut self.carrier, Carrier::Stream(upgrade.name.clone()));
        // A client that has stopped polling, as it should, has no poll waiting here. Others are told that polling is over.
        self.left_behind = match old {
            Carrier::Polling(polling) if polling.is_waiting() => Some(self.link),
            _ => None,
        };
        self.events.push_back(Event::Upgraded(upgrade.name));
        self.events.push_back(Event::CloseLink(self.link));
        self.link = upgrade.candidate;
        self.heartbeat.handle_switch(now, self.config.pace());
        if let Phase::Closing { .. } = self.phase {
            self.end_if_drained();
        }
    }

    fn upgrade_on(&mut self, link: LinkId) -> Option<&mut Upgrade> {
        self.upgrade.as_deref_mut().filter(|upgrade| upgrade.candidate == link)
    }
}

const SEND_HOME_EVERY: Duration = Duration::from_millis(100);
