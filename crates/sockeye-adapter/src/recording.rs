//! Giving events their offsets, and keeping them for those who may come back.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use sockeye_parser::{Format, Packet};

use crate::{
    Delivery, Offset, PrivateId, Retention, Session, SharedPacket, Target, history::History,
    sessions::Sessions,
};

/// What an adapter of one process keeps.
pub(crate) struct Recording {
    retention: Retention,
    clock: fn() -> Instant,
    kept: Mutex<Kept>,
}

/// It is locked while an event is queued for its recipients, so that all of them get events in one order.
#[derive(Debug)]
pub(crate) struct Kept {
    history: History,
    sessions: Sessions,
}

/// Whether an event was queued for somebody who may miss it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Yes,
    No,
}

impl Recording {
    pub(crate) fn new(retention: Retention, clock: fn() -> Instant) -> Self {
        let kept = Kept { history: History::new(), sessions: Sessions::default() };
        Self { retention, clock, kept: Mutex::new(kept) }
    }

    pub(crate) fn position(&self) -> Offset {
        self.lock().history.end()
    }

    /// Sends an event with its offset, and keeps it if it was queued and must not get lost.
    pub(crate) fn send<R>(
        &self,
        packet: &Packet,
        format: &dyn Format,
        target: &Target,
        delivery: Delivery,
        send: impl FnOnce(&SharedPacket) -> (R, Sent),
    ) -> R {
        let mut kept = self.lock();
        let offset = match delivery {
            Delivery::Kept => Some(kept.history.end().plus(1)),
            Delivery::Volatile if ends_with_text(packet) => Some(kept.history.end()),
            Delivery::Volatile => None,
        };
        let compression = target.compression();
        let packet = match offset {
            Some(offset) => SharedPacket::at(offset, packet, format, compression),
            None => SharedPacket::new(packet.clone(), format, compression),
        };
        let (result, queued) = send(&packet);
        if queued == Sent::Yes && delivery == Delivery::Kept {
            kept.history.push(packet, target.clone(), (self.clock)(), &self.retention);
        }
        result
    }

    pub(crate) fn save(&self, session: Session) {
        let mut kept = self.lock();
        let now = (self.clock)();
        kept.sessions.save(session, now, &self.retention);
        kept.history.forget(now, &self.retention);
    }

    pub(crate) fn knows(&self, private_id: &PrivateId) -> bool {
        self.current().sessions.knows(private_id)
    }

    pub(crate) fn take(&self, private_id: &PrivateId) -> Option<Session> {
        self.current().sessions.take(private_id)
    }

    /// All that is kept, and nothing is sent as long as it is lent.
    pub(crate) fn current(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.lock();
        let now = (self.clock)();
        kept.history.forget(now, &self.retention);
        kept.sessions.forget(now, &self.retention);
        kept
    }

    /// Whatever it holds is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    pub(crate) fn history(&self) -> &History {
        &self.history
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("retention", &self.retention).finish_non_exhaustive()
    }
}

fn ends_with_text(packet: &Packet) -> bool {
    matches!(packet, Packet::Event { args, .. } if args.ends_with_text())
}
