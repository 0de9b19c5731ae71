//! How peers may come back after their transport was lost.

use std::time::Duration;

use sockeye_adapter::Retention;

/// Connection state recovery: a peer whose transport was lost, and that comes back soon, has the id, rooms and data that it
/// had, and gets the events that it has missed; the reference's option `connectionStateRecovery`.
///
/// Every event without acknowledgement has a text more behind its arguments then, by which clients tell what they got last.
/// What is emitted to a socket whose peer may come back is kept for it.
///
/// ```
/// use std::time::Duration;
/// use sockeye_server::{Namespace, Recovery, Server, Socket};
///
/// let chat = Namespace::new("/").on_connect(|socket: Socket| {
///     if !socket.recovered() {
///         socket.join("lobby");
///     }
/// });
/// let recovery = Recovery::new().max_disconnection_duration(Duration::from_secs(60));
/// let server = Server::builder().namespace(chat).connection_state_recovery(recovery).build();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    pub(crate) retention: Retention,
    pub(crate) skips_guards: bool,
}

impl Recovery {
    /// The defaults.
    pub fn new() -> Self {
        Self { retention: Retention::new(), skips_guards: true }
    }

    /// How long a peer may be away; 2 minutes, as in the reference.
    #[must_use]
    pub fn max_disconnection_duration(mut self, duration: Duration) -> Self {
        self.retention = self.retention.duration(duration);
        self
    }

    /// How many bytes of events each namespace keeps, about; 16 MiB. Beyond that the oldest go, and whoever missed them starts
    /// anew. The reference has no limit.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.retention = self.retention.max_bytes(bytes);
        self
    }

    /// How many sockets that have gone each namespace keeps; 100,000. Beyond that the oldest go. The reference has no limit.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.retention = self.retention.max_sessions(sessions);
        self
    }

    /// Whether the guards are not asked about somebody who comes back; they are not, as in the reference.
    #[must_use]
    pub fn skip_middlewares(mut self, skip: bool) -> Self {
        self.skips_guards = skip;
        self
    }
}

impl Default for Recovery {
    fn default() -> Self {
        Self::new()
    }
}
