//! Engine.IO: sessions, what carries them, and their heartbeat.

mod body;
mod candidate;
mod frames;
mod heartbeat;
mod opening;
pub(crate) mod polling;
mod reason;
mod session;
pub(crate) mod websocket;

pub(crate) use opening::Opening;
pub(crate) use reason::Reason;
pub(crate) use session::Session;

use crate::http::Query;

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Polling,
    WebSocket,
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// Which revision a session speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    V3,
    V4,
}

impl Revision {
    /// As the reference reads it: whatever is not 4 is 3.
    pub(crate) fn of(query: &Query) -> Self {
        if query.find("EIO") == Some("4") { Self::V4 } else { Self::V3 }
    }
}
