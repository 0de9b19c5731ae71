//! Why a transport was not taken.

use std::{error::Error, fmt};

use sockeye_engine_proto::request::Refusal;
use sockeye_transport::TransportError;

/// A transport was not taken into a session. It has been closed.
#[derive(Debug)]
#[non_exhaustive]
pub enum AcceptError {
    /// There are as many sessions as the configuration allows.
    Full,
    /// The engine is closed.
    Closed,
    /// The peer asked for something that it does not get.
    Refused(Refusal),
    /// The peer did not open a session in time.
    TimedOut,
    /// The peer's first packet neither opens a session nor attaches to one.
    NoGreeting,
    /// There is no such session, or it takes no other transport now.
    NotAttached,
    /// The transport failed, or the peer closed it, before a session was open.
    Transport(Option<TransportError>),
    /// The operating system has no randomness to give.
    NoRandomness,
}

/// A session could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    Full,
    Closed,
    NoRandomness,
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("there are too many sessions"),
            Self::Closed => f.write_str("the engine is closed"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::TimedOut => f.write_str("no session was opened in time"),
            Self::NoGreeting => f.write_str("the first packet does not open a session"),
            Self::NotAttached => f.write_str("the session takes no other transport"),
            Self::Transport(_) => f.write_str("the transport ended before a session was open"),
            Self::NoRandomness => f.write_str("no randomness for a session id"),
        }
    }
}

impl Error for AcceptError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Transport(Some(error)) => Some(error),
            _ => None,
        }
    }
}

impl From<OpenError> for AcceptError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Full => Self::Full,
            OpenError::Closed => Self::Closed,
            OpenError::NoRandomness => Self::NoRandomness,
        }
    }
}
