//! How much is kept for peers that may come back.

use std::time::Duration;

/// How long, and how much of it, sockets and events are kept for connection state recovery: in each namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub(crate) duration: Duration,
    pub(crate) max_bytes: usize,
    pub(crate) max_sessions: usize,
}

impl Retention {
    /// The defaults.
    pub fn new() -> Self {
        Self { duration: Duration::from_secs(120), max_bytes: 16 << 20, max_sessions: 100_000 }
    }

    /// How long a peer may be away; 2 minutes, as the reference's `maxDisconnectionDuration`.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// How many bytes of events are kept, about; 16 MiB. Beyond that the oldest go, and whoever missed them starts anew.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How many sockets are kept; 100,000. Beyond that the oldest go.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions;
        self
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self::new()
    }
}
