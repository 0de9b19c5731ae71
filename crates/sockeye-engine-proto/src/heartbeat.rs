//! The server's heartbeat: who asks whether the other lives, when, and when to give the peer up.
//!
//! Since revision 4 the server asks:
//! ```text
//!            interval over: send a ping
//!   Quiet ──────────────────────────────▶ Awaiting ── timeout over ──▶ given up
//!     ▲                                    │  ▲  │
//!     └───────────────── pong ─────────────┘  └──┘ first other packet since the ping: wait anew
//! ```
//! Before, the client asks, and a server that is `Listening` gives it up unless a ping, or anything else, comes in time.

use std::time::{Duration, Instant};

use sockeye_engine_codec::Revision;

use crate::time::after;

/// What the heartbeat is waiting for.
#[derive(Debug)]
pub(crate) enum Heartbeat {
    /// The next ping leaves at `ping_at`.
    Quiet { ping_at: Instant },
    /// A ping is on its way; its pong must come before `give_up_at`.
    Awaiting { give_up_at: Instant, patience: Patience },
    /// It is for the peer to ask; its next ping, or whatever else it says, must come before `give_up_at`.
    Listening { give_up_at: Instant },
}

/// How long each side may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// From one ping to the next.
    pub(crate) interval: Duration,
    /// From a ping to its pong.
    pub(crate) timeout: Duration,
}

/// The peer asked where it is to answer, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongDirection;

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
    /// A heartbeat whose first ping leaves, or must have come, in its time from now.
    pub(crate) fn start(revision: Revision, now: Instant, pace: Pace) -> Self {
        match revision {
            Revision::V3 => Self::listen(now, pace),
            _ => Self::rest(now, pace),
        }
    }

    /// A pong nobody asked for is harmless, and puts nothing off.
    pub(crate) fn handle_pong(&mut self, now: Instant, pace: Pace) -> Result<(), WrongDirection> {
        match self {
            Self::Awaiting { .. } => *self = Self::rest(now, pace),
            Self::Quiet { .. } => {}
            Self::Listening { .. } => return Err(WrongDirection),
        }
        Ok(())
    }

    /// The peer asked, and is to be answered by a pong.
    pub(crate) fn handle_ping(&mut self, now: Instant, pace: Pace) -> Result<(), WrongDirection> {
        let Self::Listening { .. } = self else {
            return Err(WrongDirection);
        };
        *self = Self::listen(now, pace);
        Ok(())
    }

    /// Neither ping nor pong came: a peer that is busy sending may be late with its pong, once for each ping. Of a peer
    /// that has to ask, any data shows that it lives.
    pub(crate) fn handle_traffic(&mut self, now: Instant, pace: Pace) {
        match self {
            Self::Awaiting { patience: Patience::Fresh, .. } => {
                *self = Self::Awaiting { give_up_at: after(now, pace.timeout), patience: Patience::Spent };
            }
            Self::Listening { .. } => *self = Self::listen(now, pace),
            Self::Quiet { .. } | Self::Awaiting { .. } => {}
        }
    }

    /// The session moved to another transport: what is due from the peer may take its time from now on.
    pub(crate) fn handle_switch(&mut self, now: Instant, pace: Pace) {
        match self {
            Self::Quiet { .. } => {}
            Self::Awaiting { give_up_at, .. } => *give_up_at = after(now, pace.timeout),
            Self::Listening { .. } => *self = Self::listen(now, pace),
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, Pace { timeout, .. }: Pace) -> Beat {
        match *self {
            Self::Quiet { ping_at } if now >= ping_at => {
                // A ping that leaves a little late does not put off the end. After a longer stall the peer has its full time.
                let is_on_time = now.duration_since(ping_at) <= timeout / 10;
                let counted_from = if is_on_time { ping_at } else { now };
                *self =
                    Self::Awaiting { give_up_at: after(counted_from, timeout), patience: Patience::Fresh };
                Beat::Ping
            }
            Self::Awaiting { give_up_at, .. } | Self::Listening { give_up_at } if now >= give_up_at => {
                Beat::GiveUp
            }
            _ => Beat::Nothing,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        match *self {
            Self::Quiet { ping_at } => ping_at,
            Self::Awaiting { give_up_at, .. } | Self::Listening { give_up_at } => give_up_at,
        }
    }

    fn rest(now: Instant, pace: Pace) -> Self {
        Self::Quiet { ping_at: after(now, pace.interval) }
    }

    fn listen(now: Instant, pace: Pace) -> Self {
        Self::Listening { give_up_at: after(now, pace.interval.saturating_add(pace.timeout)) }
    }
}
