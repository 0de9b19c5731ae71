//! Why a handler was not called, and what the peer is told about it.

use std::{borrow::Cow, error::Error, fmt};

use sockeye_parser::ArgsError;

use crate::failure::INTERNAL;

/// An extractor found that the handler cannot be called. `Display` is for our own reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The arguments are not what the handler wants.
    Arguments(ArgsError),
    /// The handler wants to answer, and the peer wants no answer.
    AckNotWanted,
    /// The application shares nothing of this type.
    MissingState(&'static str),
    /// An extractor of the application's own refused, for a reason that the peer may know.
    Refused(Cow<'static, str>),
    /// An extractor of the application's own failed, for a reason that is none of the peer's business.
    Internal(Cow<'static, str>),
}

impl Rejection {
    /// A refusal; the peer is told the reason.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(reason.into())
    }

    /// A fault of our own; the peer is told no details.
    pub fn internal(details: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal(details.into())
    }

    /// What the peer is told.
    pub fn message(&self) -> Cow<'_, str> {
        match self {
            Self::Arguments(error) => error.to_string().into(),
            Self::AckNotWanted => "the event wants an acknowledgement".into(),
            Self::Refused(reason) => reason.as_ref().into(),
            Self::MissingState(_) | Self::Internal(_) => INTERNAL.into(),
        }
    }
}

impl From<ArgsError> for Rejection {
    fn from(error: ArgsError) -> Self {
        Self::Arguments(error)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingState(name) => write!(f, "no state of type {name}"),
            Self::Internal(details) => f.write_str(details),
            told => f.write_str(&told.message()),
        }
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Arguments(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use sockeye_parser::Args;

    use super::*;

    #[test]
    fn wrong_arguments_are_explained_to_the_peer() {
        let error = Args::empty().parse::<u8>().unwrap_err();

        let rejection = Rejection::from(error.clone());

        assert_eq!(rejection.message(), error.to_string());
    }

    #[test]
    fn a_reason_given_by_the_application_is_told() {
        assert_eq!(Rejection::new("log in first").message(), "log in first");
    }

    #[test]
    fn details_of_our_own_faults_are_reported_but_not_told() {
        let rejection = Rejection::internal("db-3 is down");

        assert_eq!(rejection.to_string(), "db-3 is down");
        assert_eq!(rejection.message(), "internal error");
    }

    #[test]
    fn the_type_of_missing_state_is_reported_but_not_told() {
        let rejection = Rejection::MissingState("app::Db");

        assert_eq!(rejection.to_string(), "no state of type app::Db");
        assert_eq!(rejection.message(), "internal error");
    }
}
