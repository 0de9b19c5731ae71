//! What carries a session, as far as the session knows.

use sockeye_message::TransportName;

/// Tells the carriers of one session apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(u32);

impl LinkId {
    pub(super) const FIRST: Self = Self(0);

    /// The link that is made after this one.
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// How a link carries packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// By itself, both ways, at any time: a WebSocket, a byte stream.
    Stream(TransportName),
    /// By HTTP requests: to the client only while a poll waits.
    Polling,
}

/// How a link ended that the session did not ask to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detach {
    /// The peer closed it in order.
    Closed,
    /// It broke.
    Failed,
    /// The peer sent a message over its limit.
    TooLarge,
}
