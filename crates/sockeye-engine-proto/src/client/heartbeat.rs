//! The client's heartbeat: it is for the server to ask, and one that has not asked for too long is given up.

use std::time::{Duration, Instant};

use crate::time::after;

/// When the server's next ping must have come.
#[derive(Debug)]
pub(super) struct Heartbeat {
    silence: Duration,
    give_up_at: Instant,
}

impl Heartbeat {
    /// The server may be silent for so long at a time, from now on.
    pub(super) fn start(silence: Duration, now: Instant) -> Self {
        Self { silence, give_up_at: after(now, silence) }
    }

    /// Only a ping gives the server its time again: other packets may have been under way since before it fell silent.
    pub(super) fn handle_ping(&mut self, now: Instant) {
        self.give_up_at = after(now, self.silence);
    }

    pub(super) fn has_expired(&self, now: Instant) -> bool {
        now >= self.give_up_at
    }

    pub(super) fn poll_timeout(&self) -> Instant {
        self.give_up_at
    }
}
