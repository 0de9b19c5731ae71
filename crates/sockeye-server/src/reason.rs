//! Why a socket went.

use std::fmt;

/// Why a socket was disconnected. `Display` gives the reference's exact words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The transport failed or the peer broke its rules.
    TransportError,
    /// The peer closed the transport, or it was lost.
    TransportClose,
    /// The peer did not answer a ping in time.
    PingTimeout,
    /// The peer sent something that is no Engine.IO packet.
    ParseError,
    /// The peer sent something that is no Socket.IO packet, or a packet that its state does not allow.
    ForcedClose,
    /// The server closed the connection.
    ForcedServerClose,
    /// The server is going down.
    ServerShuttingDown,
    /// The peer left the namespace.
    ClientNamespaceDisconnect,
    /// The server took the socket out of the namespace.
    ServerNamespaceDisconnect,
    /// The peer did not read what was sent to it, and its queue was full. The reference queues without bound instead.
    SlowConsumer,
}

impl DisconnectReason {
    /// Every reason, where it stands as a number.
    pub(crate) const ALL: [Self; 10] = [
        Self::TransportError,
        Self::TransportClose,
        Self::PingTimeout,
        Self::ParseError,
        Self::ForcedClose,
        Self::ForcedServerClose,
        Self::ServerShuttingDown,
        Self::ClientNamespaceDisconnect,
        Self::ServerNamespaceDisconnect,
        Self::SlowConsumer,
    ];

    /// Whether a peer that went like this may come back: it was not meant to go. The reference's
    /// `RECOVERABLE_DISCONNECT_REASONS`, and slow consumers.
    pub(crate) fn is_recoverable(self) -> bool {
        matches!(
            self,
            Self::TransportError
                | Self::TransportClose
                | Self::PingTimeout
                | Self::ForcedClose
                | Self::ForcedServerClose
                | Self::ServerShuttingDown
                | Self::SlowConsumer
        )
    }

    /// The words that the reference uses, the same as `Display`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TransportError => "transport error",
            Self::TransportClose => "transport close",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::ForcedClose => "forced close",
            Self::ForcedServerClose => "forced server close",
            Self::ServerShuttingDown => "server shutting down",
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
            Self::SlowConsumer => "slow consumer",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "engine")]
impl From<sockeye_engine_server::CloseReason> for DisconnectReason {
    fn from(reason: sockeye_engine_server::CloseReason) -> Self {
        use sockeye_engine_server::CloseReason;
        match reason {
            CloseReason::TransportError => Self::TransportError,
            CloseReason::PingTimeout => Self::PingTimeout,
            CloseReason::ParseError => Self::ParseError,
            CloseReason::ForcedClose => Self::ForcedClose,
            _ => Self::TransportClose,
        }
    }
}
