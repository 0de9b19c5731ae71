//! Why a session ends, in the reference's words.

/// Why a session, or a socket in it, ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    TransportClose,
    TransportError,
    PingTimeout,
    ParseError,
    ForcedClose,
    ClientNamespaceDisconnect,
    ServerNamespaceDisconnect,
}

impl Reason {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::ForcedClose => "forced close",
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
        }
    }

    /// Whether whoever went so may be recovered.
    pub(crate) fn is_recoverable(self) -> bool {
        matches!(self, Self::TransportClose | Self::TransportError | Self::PingTimeout | Self::ForcedClose)
    }
}
