//! How a connection fails, sorted by whose fault it is.

use std::{error::Error, fmt};

use sockeye_parser::{DecodeError, NamespaceName};

/// The peer broke the protocol; the connection has to be closed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A message could not be decoded.
    Decode(DecodeError),
    /// A second CONNECT for a namespace that is joined or about to be.
    AlreadyConnected(NamespaceName),
    /// A packet for a namespace that is not joined.
    NotConnected(NamespaceName),
    /// A packet that only the other side may send.
    UnexpectedPacket,
    /// More namespaces than [`Config::max_namespaces`](crate::Config::max_namespaces).
    TooManyNamespaces,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::AlreadyConnected(namespace) => write!(f, "second connect to namespace {namespace}"),
            Self::NotConnected(namespace) => {
                write!(f, "packet for namespace {namespace}, which is not joined")
            }
            Self::UnexpectedPacket => f.write_str("packet of a kind that only servers send"),
            Self::TooManyNamespaces => f.write_str("too many namespaces"),
        }
    }
}

impl Error for ProtocolError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Decode(error) => Some(error),
            _ => None,
        }
    }
}

/// A packet was not taken; nothing of it will be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The namespace is not joined.
    NotConnected,
    /// The outbox is at [`max_queued_packets`](crate::Config::max_queued_packets) or
    /// [`max_queued_bytes`](crate::Config::max_queued_bytes).
    Full,
    /// As many acknowledgements are awaited as [`max_pending_acks`](crate::Config::max_pending_acks) allows.
    TooManyAcks,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConnected => "namespace is not joined",
            Self::Full => "outgoing queue is full",
            Self::TooManyAcks => "too many pending acknowledgements",
        })
    }
}

impl Error for SendError {}
