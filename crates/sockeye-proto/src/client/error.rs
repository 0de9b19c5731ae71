//! How a client's connection fails, sorted by whose fault it is.

use std::{error::Error, fmt};

use sockeye_parser::{DecodeError, NamespaceName};

use super::Emission;

/// The server broke the protocol; the transport has to be closed, the reason being
/// [`DisconnectReason::ParseError`](super::DisconnectReason::ParseError).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A message could not be decoded.
    Decode(DecodeError),
    /// The server let the client into a namespace that it is in.
    AlreadyConnected(NamespaceName),
    /// The server refused to let the client into a namespace that it is in.
    LateRefusal(NamespaceName),
    /// Before the answer that lets the client in came more events than [`max_held_events`](super::Config::max_held_events)
    /// or [`max_held_bytes`](super::Config::max_held_bytes) allow. What was missed is given up: next time the client joins
    /// as somebody new.
    TooManyHeldEvents(NamespaceName),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::AlreadyConnected(namespace) => {
                write!(f, "second answer to connect in namespace {namespace}")
            }
            Self::LateRefusal(namespace) => write!(f, "refused in namespace {namespace}, which is joined"),
            Self::TooManyHeldEvents(namespace) => {
                write!(f, "too many events before the answer in namespace {namespace}")
            }
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

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmitError {
    /// Events of that name mean something to the libraries themselves.
    ReservedName,
    /// What waits for the transport is at [`max_queued_packets`](super::Config::max_queued_packets) or
    /// [`max_queued_bytes`](super::Config::max_queued_bytes).
    Full,
    /// What waits until the namespace is connected is at [`max_buffered_packets`](super::Config::max_buffered_packets) or
    /// [`max_buffered_bytes`](super::Config::max_buffered_bytes).
    BufferFull,
    /// What waits for the acknowledgement of another event is at these limits.
    QueueFull,
    /// As many acknowledgements are awaited as [`max_pending_acks`](super::Config::max_pending_acks) allows.
    TooManyAcks,
}

impl EmitError {
    /// Whether there may be room later.
    pub fn is_full(self) -> bool {
        matches!(self, Self::Full | Self::BufferFull | Self::QueueFull)
    }
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReservedName => "event name is reserved",
            Self::Full => "outgoing queue is full",
            Self::BufferFull => "too many events wait for the connection",
            Self::QueueFull => "too many events wait for their turn",
            Self::TooManyAcks => "too many pending acknowledgements",
        })
    }
}

impl Error for EmitError {}

/// An event that was not taken, and may be tried again.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "an error and what it is about")]
pub struct NotTaken<W> {
    /// Why.
    pub error: EmitError,
    /// The event, with whoever waits for its acknowledgement.
    pub emission: Box<Emission<W>>,
}

impl<W> fmt::Display for NotTaken<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<W: fmt::Debug> Error for NotTaken<W> {}
