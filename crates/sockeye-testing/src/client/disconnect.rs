//! Why a client is in its namespace no more.

use std::fmt;

/// Why a client was disconnected, as it sees it. `Display` gives the words of the reference's client.
///
/// The server has words of its own for the same end, and gives them to its listeners of `disconnect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectCause {
    /// The server took the client out of the namespace; the connection may go on.
    ServerDisconnect,
    /// The connection has ended, by the server or by the client on another namespace.
    TransportClose,
    /// The server sent something that is no packet in this client's format.
    ParseError,
    /// More than 10,000 events came that the test has not received. The reference's client knows no such bound.
    TooMuchUnread,
}

impl DisconnectCause {
    /// The words that the reference uses, the same as `Display`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServerDisconnect => "io server disconnect",
            Self::TransportClose => "transport close",
            Self::ParseError => "parse error",
            Self::TooMuchUnread => "too much unread",
        }
    }
}

impl fmt::Display for DisconnectCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
