//! How a session moves from long-polling to a better transport.
//!
//! ```text
//!   HeldBack ──▶ Connecting ── attached ──▶ Probing: 2probe ── 3probe ──▶ Chosen ── long-polling is at rest ──▶ 5
//! ```
//! Several are tried side by side until one is chosen. That one waits for the requests that are out, and no others are sent
//! meanwhile; then it says `5` and is the session's link. Before, the server has not moved either: whatever goes wrong until
//! then costs a candidate and leaves the session where it was.

use std::time::{Duration, Instant};

use sockeye_engine_codec::{Greeting, Packet, Signal};
use sockeye_message::TransportName;

use super::{
    AttachRefused, Detach, Event, LinkId, LinkKind, ProbeError, Session, close::Phase, session::Carrier,
};
use crate::time::after;

/// A transport that may take over, and how far it has come.
#[derive(Debug)]
pub(super) struct Candidate {
    name: TransportName,
    give_up_at: Instant,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// Another transport is favoured; this one is asked for later.
    HeldBack { until: Instant },
    /// The driver was asked to connect it.
    Connecting,
    /// It is connected and has not answered.
    Probing { link: LinkId, due: Due },
    /// It has answered and takes over as soon as long-polling is at rest. There is no other candidate then.
    Chosen { link: LinkId },
}

/// What a candidate is still to be sent before it can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Greeting,
    Probe,
    Nothing,
}

impl Candidate {
    fn is_connecting(&self, name: &TransportName) -> bool {
        self.name == *name && matches!(self.step, Step::Connecting)
    }

    fn has_been_probed(&self) -> bool {
        matches!(self.step, Step::Probing { due: Due::Nothing, .. })
    }

    fn link(&self) -> Option<LinkId> {
        match self.step {
            Step::Probing { link, .. } | Step::Chosen { link } => Some(link),
            Step::HeldBack { .. } | Step::Connecting => None,
        }
    }

    fn poll_timeout(&self) -> Instant {
        match self.step {
            Step::HeldBack { until } => until,
            _ => self.give_up_at,
        }
    }
}

impl Session {
    /// What [`Event::Probe`] asked for is connected: it becomes a candidate, and is probed.
    ///
    /// # Errors
    /// If the session has no use for it: close it, the session goes on as before.
    pub fn handle_attach(&mut self, link: LinkKind) -> Result<LinkId, AttachRefused> {
        let Phase::Running = self.phase else {
            return Err(AttachRefused::Closed);
        };
        let (name, due) = match link {
            LinkKind::Polling => return Err(AttachRefused::NotAsked),
            LinkKind::Stream(name) => (name, Due::Probe),
            LinkKind::InBand(name) => (name, Due::Greeting),
        };
        let link = self.last_link.next();
        let mut candidates = self.candidates.iter_mut();
        let candidate =
            candidates.find(|candidate| candidate.is_connecting(&name)).ok_or(AttachRefused::NotAsked)?;
        candidate.step = Step::Probing { link, due };
        self.last_link = link;
        Ok(link)
    }

    /// What [`Event::Probe`] asked for cannot be connected.
    pub fn handle_attach_failed(&mut self, name: &TransportName) {
        if let Some(at) = self.candidates.iter().position(|candidate| candidate.is_connecting(name)) {
            self.forget_candidate(at, ProbeError::Failed);
        }
    }

    /// Asks for those transports, and for WebTransport before the others if it is among them.
    pub(super) fn try_upgrades(&mut self, names: Vec<TransportName>, now: Instant) {
        let (Phase::Running, Carrier::Polling(_)) = (&self.phase, &self.carrier) else {
            return;
        };
        let has_favourite = names.contains(&TransportName::WEBTRANSPORT);
        let timeout = self.config.upgrade_timeout();
        self.candidates.extend(names.into_iter().map(|name| {
            let is_held_back = has_favourite && name != TransportName::WEBTRANSPORT;
            let until = if is_held_back { after(now, HEAD_START) } else { now };
            Candidate { name, give_up_at: after(until, timeout), step: Step::HeldBack { until } }
        }));
        self.ask_for_candidates(now);
    }

    /// A packet came on another link than the session speaks on.
    pub(super) fn handle_elsewhere(&mut self, link: LinkId, packet: &Packet) {
        let Some(at) = self.candidate_on(link) else {
            return;
        };
        if self.candidates[at].has_been_probed() && *packet == Packet::Pong(Signal::Probe) {
            self.choose(at, link);
        } else {
            self.drop_candidate(at, ProbeError::WrongAnswer);
        }
    }

    /// What came on another link than the session speaks on is no packet.
    pub(super) fn handle_malformed_elsewhere(&mut self, link: LinkId) {
        if let Some(at) = self.candidate_on(link) {
            self.drop_candidate(at, ProbeError::WrongAnswer);
        }
    }

    /// Another link is gone than the session speaks on.
    pub(super) fn handle_detach_elsewhere(&mut self, link: LinkId, why: Detach) {
        let Some(at) = self.candidate_on(link) else {
            return;
        };
        let error = match why {
            Detach::Closed => ProbeError::Closed,
            Detach::Failed | Detach::TooLarge => ProbeError::Failed,
        };
        self.forget_candidate(at, error);
        self.end_if_drained();
    }

    pub(super) fn handle_upgrade_timeout(&mut self, now: Instant) {
        self.ask_for_candidates(now);
        while let Some(late) = self.candidates.iter().position(|candidate| now >= candidate.poll_timeout()) {
            self.drop_candidate(late, ProbeError::TimedOut);
        }
    }

    pub(super) fn upgrade_timeout(&self) -> Option<Instant> {
        self.candidates.iter().map(Candidate::poll_timeout).min()
    }

    /// What goes out on a link that the session does not speak on yet.
    pub(super) fn poll_transmit_elsewhere(&mut self, link: LinkId) -> Option<Packet> {
        let at = self.candidate_on(link)?;
        let Step::Probing { due, .. } = &mut self.candidates[at].step else {
            return None;
        };
        match due {
            Due::Greeting => {
                *due = Due::Probe;
                self.sid().map(|sid| Greeting::Attach(sid.clone()).encode())
            }
            Due::Probe => {
                *due = Due::Nothing;
                Some(Packet::Ping(Signal::Probe))
            }
            Due::Nothing => None,
        }
    }

    /// Whether long-polling comes to rest because another transport takes over.
    pub(super) fn is_upgrading(&self) -> bool {
        self.candidates.iter().any(|candidate| matches!(candidate.step, Step::Chosen { .. }))
    }

    /// The chosen candidate takes over if no request is out any more. What waits in the outbox goes out there, behind the
    /// packet that tells the server.
    pub(super) fn switch_if_at_rest(&mut self) {
        let is_at_rest = match &self.carrier {
            Carrier::Polling(polling) => polling.is_at_rest(),
            Carrier::Stream(_) => false,
        };
        if is_at_rest && let [Candidate { name, step: Step::Chosen { link }, .. }] = &self.candidates[..] {
            let old = std::mem::replace(&mut self.link, *link);
            self.carrier = Carrier::Stream(name.clone());
            self.outbox.push_front(Packet::Upgrade);
            self.events.push_back(Event::Upgraded(name.clone()));
            self.events.push_back(Event::CloseLink(old));
            self.candidates = Vec::new();
        }
    }

    /// Gives up every candidate but a chosen one, without a word but to close it.
    pub(super) fn stop_trying(&mut self) {
        if !self.is_upgrading() {
            self.stop_upgrading();
        }
    }

    /// Gives up every candidate, without a word but to close it.
    pub(super) fn stop_upgrading(&mut self) {
        let candidates = std::mem::take(&mut self.candidates);
        self.events.extend(candidates.iter().filter_map(Candidate::link).map(Event::CloseLink));
    }

    /// A candidate has answered: the others have lost.
    fn choose(&mut self, at: usize, link: LinkId) {
        let mut chosen = self.candidates.swap_remove(at);
        chosen.step = Step::Chosen { link };
        self.events.push_back(Event::Upgrading(chosen.name.clone()));
        self.stop_upgrading();
        self.candidates = vec![chosen];
        self.switch_if_at_rest();
    }

    /// Has those connected whose time has come.
    fn ask_for_candidates(&mut self, now: Instant) {
        for candidate in &mut self.candidates {
            if matches!(candidate.step, Step::HeldBack { until } if now >= until) {
                candidate.step = Step::Connecting;
                self.events.push_back(Event::Probe(candidate.name.clone()));
            }
        }
    }

    fn drop_candidate(&mut self, at: usize, error: ProbeError) {
        let link = self.forget_candidate(at, error);
        self.events.extend(link.map(Event::CloseLink));
        self.end_if_drained();
    }

    /// Gives a candidate up; returns its link if it has one.
    fn forget_candidate(&mut self, at: usize, error: ProbeError) -> Option<LinkId> {
        let candidate = self.candidates.remove(at);
        let link = candidate.link();
        self.events.push_back(Event::UpgradeFailed(candidate.name, error));
        link
    }

    fn candidate_on(&self, link: LinkId) -> Option<usize> {
        self.candidates.iter().position(|candidate| candidate.link() == Some(link))
    }
}

/// How long WebTransport is tried alone.
const HEAD_START: Duration = Duration::from_millis(200);
