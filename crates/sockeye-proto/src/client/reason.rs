//! Why a namespace was left.

use std::fmt;

/// Why a client is no longer in a namespace. `Display` gives the reference's exact words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The server took the client out of the namespace, which it does not join again by itself.
    ServerDisconnect,
    /// The application left, and does not join again unless it says so.
    ClientDisconnect,
    /// The server was not heard of for too long.
    PingTimeout,
    /// The transport was closed, or lost.
    TransportClose,
    /// The transport failed.
    TransportError,
    /// The server sent something that is no packet, or one that makes no sense.
    ParseError,
    /// The client as a whole was closed.
    ForcedClose,
}

impl DisconnectReason {
    /// The words that the reference uses, the same as `Display`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServerDisconnect => "io server disconnect",
            Self::ClientDisconnect => "io client disconnect",
            Self::PingTimeout => "ping timeout",
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::ParseError => "parse error",
            Self::ForcedClose => "forced close",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
