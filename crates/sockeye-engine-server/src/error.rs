//! Why a transport was not taken.

use std::{error::Error, fmt};

use http::StatusCode;
use sockeye_engine_proto::request::{Refusal, RefusalCause};
use sockeye_transport::TransportError;

/// A transport was not taken into a session. It has been closed.
#[derive(Debug)]
#[non_exhaustive]
pub enum AcceptError {
    /// There are as many sessions as the configuration allows.
    Full,
    /// There are as many sessions from the peer's address as the configuration allows.
    FullForAddress,
    /// The engine is closed.
    Closed,
    /// As many handshakes wait for the application as the configuration allows.
    Busy,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    Full,
    FullForAddress,
    Closed,
    Busy,
    NoRandomness,
    Refused(Refusal),
}

impl OpenError {
    /// Another session has the id that the application has made.
    pub(crate) fn id_taken() -> Self {
        let error = "the session id is taken".into();
        Self::Refused(Refusal::new(RefusalCause::IdGeneration { error }))
    }

    /// What the client is told, unless it should just come back later.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Full | Self::FullForAddress | Self::Closed | Self::Busy => None,
            Self::NoRandomness => {
                let error = AcceptError::NoRandomness.to_string();
                Some(Refusal::new(RefusalCause::IdGeneration { error }))
            }
            Self::Refused(refusal) => Some(refusal.clone()),
        }
    }
}

impl OpenError {
    /// The status of an answer that says no more.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::FullForAddress => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<Refusal> for OpenError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("there are too many sessions"),
            Self::FullForAddress => f.write_str("there are too many sessions from this address"),
            Self::Closed => f.write_str("the engine is closed"),
            Self::Busy => f.write_str("too many handshakes wait for the application"),
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
            OpenError::FullForAddress => Self::FullForAddress,
            OpenError::Closed => Self::Closed,
            OpenError::Busy => Self::Busy,
            OpenError::Refused(refusal) => Self::Refused(refusal),
            OpenError::NoRandomness => Self::NoRandomness,
        }
    }
}
