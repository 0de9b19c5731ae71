//! Why a conversation could not go on.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why a conversation could not go on: always what came, never a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The connection could not be made.
    Unreachable(String),
    /// The peer closed the connection while something was to come.
    Closed {
        /// What was to come.
        what: String,
    },
    /// The connection broke.
    Broken(io::ErrorKind),
    /// It did not come in time.
    Nothing {
        /// What was to come.
        what: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// What came is not what the protocol writes down.
    Malformed(String),
    /// Something else came.
    Unexpected {
        /// What was to come.
        expected: String,
        /// What came.
        came: String,
    },
    /// More came than the suite takes.
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// In bytes.
        limit: usize,
    },
}

impl Error {
    pub(crate) fn closed(what: impl Into<String>) -> Self {
        Self::Closed { what: what.into() }
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no connection: {why}"),
            Self::Closed { what } => write!(f, "the connection was closed instead of {what}"),
            Self::Broken(kind) => write!(f, "the connection broke: {kind}"),
            Self::Nothing { what, limit } => write!(f, "no {what} within {:.1} s", limit.as_secs_f64()),
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::Unexpected { expected, came } => write!(f, "{came} instead of {expected}"),
            Self::TooLarge { what, limit } => write!(f, "{what} of more than {limit} bytes"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.kind())
    }
}
