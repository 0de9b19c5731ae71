//! Why a handler did not run, or did not do what it should, and what the peer is told.

use std::{borrow::Cow, fmt};

use sockeye_parser::{Args, ArgsError};

use crate::Refusal;

/// An argument of a handler could not be had from the event; the handler was not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    reason: Cow<'static, str>,
    is_internal: bool,
}

impl Rejection {
    /// The event is at fault; the peer is told why.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), is_internal: false }
    }

    /// The application is at fault; the peer is told no more than that.
    pub fn internal(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), is_internal: true }
    }
}

impl From<ArgsError> for Rejection {
    fn from(error: ArgsError) -> Self {
        Self::new(error.to_string())
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Rejection {}

/// A handler did not do what it should.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// It was not called.
    Rejected(Rejection),
    /// It returned an error.
    Failed(Refusal),
    /// It panicked, with this message.
    Panicked(String),
}

impl Failure {
    /// What the peer is told, as the only argument of an acknowledgement: `{"message": ..}`, perhaps with `data`.
    pub fn to_args(&self) -> Args {
        let refusal = match self {
            Self::Rejected(rejection) if !rejection.is_internal => Refusal::new(rejection.to_string()),
            Self::Failed(refusal) => refusal.clone(),
            _ => Refusal::new("internal error"),
        };
        refusal.into_args()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Failed(refusal) => f.write_str(refusal.message()),
            Self::Panicked(message) => write!(f, "handler panicked: {message}"),
        }
    }
}

impl std::error::Error for Failure {}
