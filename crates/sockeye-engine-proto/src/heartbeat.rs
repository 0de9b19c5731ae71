//! The server's heartbeat: when to ask whether the peer lives, and when to give it up.
//!
//! ```text
//!            interval over: send a ping
//!   Quiet ──────────────────────────────▶ Awaiting ── timeout over ──▶ given up
//!     ▲                                    │  ▲  │
//!     └───────────────── pong ─────────────┘  └──┘ first other packet since the ping: wait anew
//! ```

use std::time::{Duration, Instant};

use crate::time::after;

/// What the heartbeat is waiting for.
#[derive(Debug)]
pub(crate) enum Heartbeat {
    /// The next ping leaves at `ping_at`.
    Quiet { ping_at: Instant },
    /// A ping is on its way; its pong must come before `give_up_at`.
    Awaiting { give_up_at: Instant, patience: Patience },
}

/// Whether other packets may still put off the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Fresh,
    Spent,
}

/// What is to be done when time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    Nothing,
    Ping,
    GiveUp,
}

impl Heartbeat {
    /// A heartbeat whose first ping leaves when the interval is over.
    pub(crate) fn start(now: Instant, interval: Duration) -> Self {
        Self::Quiet { ping_at: after(now, interval) }
    }

    /// A pong nobody asked for is harmless, and puts nothing off.
    pub(crate) fn handle_pong(&mut self, now: Instant, interval: Duration) {
        if let Self::Awaiting { .. } = self {
            *self = Self::start(now, interval);
        }
    }

    /// Anything but a pong came: a peer that is busy sending may be late with its pong, once for each ping.
    pub(crate) fn handle_traffic(&mut self, now: Instant, timeout: Duration) {
        if let Self::Awaiting { patience: Patience::Fresh, .. } = self {
            *self = Self::Awaiting { give_up_at: after(now, timeout), patience: Patience::Spent };
        }
    }

    /// The session moved to another transport: a pong that is due may take its time from now on.
    pub(crate) fn handle_switch(&mut self, now: Instant, timeout: Duration) {
        if let Self::Awaiting { give_up_at, .. } = self {
            *give_up_at = after(now, timeout);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, timeout: Duration) -> Beat {
        match *self {
            Self::Quiet { ping_at } if now >= ping_at => {
                // A ping that leaves a little late does not put off the end. After a longer stall the peer has its full time.
                let is_on_time = now.duration_since(ping_at) <= timeout / 10;
                let counted_from = if is_on_time { ping_at } else { now };
                *self =
                    Self::Awaiting { give_up_at: after(counted_from, timeout), patience: Patience::Fresh };
                Beat::Ping
            }
            Self::Awaiting { give_up_at, .. } if now >= give_up_at => Beat::GiveUp,
            _ => Beat::Nothing,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        match *self {
            Self::Quiet { ping_at } => ping_at,
            Self::Awaiting { give_up_at, .. } => give_up_at,
        }
    }
}
