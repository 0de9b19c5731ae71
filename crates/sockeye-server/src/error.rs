//! Why something was not sent, or not answered.

use std::{error::Error, fmt};

use sockeye_adapter::AdapterError;
use sockeye_parser::{ArgsError, EncodeError};
use sockeye_proto::SendError;

/// An event was not sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmitError {
    /// The socket is not connected, or was disconnected while the event waited for room.
    Disconnected,
    /// The data has no form on the wire.
    Encode(EncodeError),
    /// The name means something to the libraries themselves, such as `connect`.
    ReservedName,
    /// The peer's queue is full; only what does not wait for room fails so.
    Full,
    /// As many acknowledgements are awaited as `max_pending_acks` allows.
    TooManyAcks,
    /// The event was volatile and the transport would not have taken it at once, so that nobody will acknowledge it. Only
    /// where an acknowledgement is wanted this is an error.
    Dropped,
    /// The adapter could not reach everybody.
    Adapter(AdapterError),
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disconnected => "socket is disconnected",
            Self::Encode(_) => "data cannot be encoded",
            Self::ReservedName => "event name is reserved",
            Self::Full => "outgoing queue is full",
            Self::TooManyAcks => "too many pending acknowledgements",
            Self::Dropped => "volatile event was dropped",
            Self::Adapter(_) => "broadcast did not reach everybody",
        })
    }
}

impl Error for EmitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Encode(error) => Some(error),
            Self::Adapter(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SendError> for EmitError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Full => Self::Full,
            SendError::TooManyAcks => Self::TooManyAcks,
            _ => Self::Disconnected,
        }
    }
}

/// An event was not acknowledged as wanted.
#[derive(Debug)]
#[non_exhaustive]
pub enum AckError {
    /// The event was not sent.
    Emit(EmitError),
    /// No answer came in time.
    Timeout,
    /// The socket was disconnected before it answered.
    Disconnected,
    /// The answer is not of the type wanted.
    Parse(ArgsError),
}

impl fmt::Display for AckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emit(error) => error.fmt(f),
            Self::Timeout => f.write_str("operation has timed out"),
            Self::Disconnected => f.write_str("socket was disconnected before it answered"),
            Self::Parse(error) => error.fmt(f),
        }
    }
}

impl Error for AckError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Emit(error) => Some(error),
            Self::Parse(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: Into<EmitError>> From<E> for AckError {
    fn from(error: E) -> Self {
        Self::Emit(error.into())
    }
}

/// Not every recipient of a broadcast acknowledged it as wanted.
#[derive(Debug)]
#[non_exhaustive]
pub enum BroadcastAckError<T> {
    /// The event was not sent.
    Emit(EmitError),
    /// Some recipients did not answer in time, or went.
    Missing {
        /// The answers of the others, in the order in which they came.
        answers: Vec<T>,
        /// How many did not answer.
        missing: usize,
    },
    /// Some answers are not of the type wanted.
    Parse {
        /// The answers that are, in the order in which they came.
        answers: Vec<T>,
        /// What is wrong with each of the others.
        errors: Vec<ArgsError>,
        /// How many did not answer in time, or went.
        missing: usize,
    },
}

impl<T> fmt::Display for BroadcastAckError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emit(error) => error.fmt(f),
            Self::Missing { missing, .. } => write!(f, "operation has timed out: {missing} did not answer"),
            Self::Parse { errors, .. } => write!(f, "{} answers are not of the type wanted", errors.len()),
        }
    }
}

impl<T: fmt::Debug> Error for BroadcastAckError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Emit(error) => Some(error),
            Self::Parse { errors, .. } => errors.first().map(|error| error as _),
            Self::Missing { .. } => None,
        }
    }
}

/// A socket is in as many rooms as it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyRooms;

impl fmt::Display for TooManyRooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many rooms")
    }
}

impl Error for TooManyRooms {}
