//! What became of a handler that did not succeed, and how the peer is answered then.

use std::{any::Any, error::Error, fmt, panic};

use sockeye_parser::{Args, EncodeError};

use crate::{Refusal, Rejection};

/// All that a peer is told about a fault of ours.
pub(crate) const INTERNAL: &str = "internal error";

/// A handler was not called, or did not succeed. `Display` is for our own reports.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// The handler was not called.
    Rejected(Rejection),
    /// The handler returned an error.
    Failed(Box<Refusal>),
    /// The handler's answer has no form on the wire.
    Unencodable(EncodeError),
    /// The handler panicked with this message.
    Panicked(String),
}

impl Failure {
    /// The answer to the peer: one object with a `message`, and the `data` of a [`Refusal`]. Panics and answers without a
    /// form are none of its business.
    pub fn to_args(&self) -> Args {
        match self {
            Self::Rejected(rejection) => Args::error(&rejection.message(), None),
            Self::Failed(refusal) => refusal.to_args(),
            Self::Unencodable(_) | Self::Panicked(_) => Args::error(INTERNAL, None),
        }
    }

    /// The same for peers of Socket.IO 1 and 2, when they are turned away: the `data` alone, or the message as text.
    pub fn to_plain_args(&self) -> Args {
        match self {
            Self::Rejected(rejection) => text(&rejection.message()),
            Self::Failed(refusal) => refusal.data().cloned().unwrap_or_else(|| text(refusal.message())),
            Self::Unencodable(_) | Self::Panicked(_) => text(INTERNAL),
        }
    }
}

fn text(message: &str) -> Args {
    Args::serialize(message).expect("text always has a form")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => write!(f, "event rejected: {rejection}"),
            Self::Failed(refusal) => write!(f, "handler failed: {}", refusal.message()),
            Self::Unencodable(error) => write!(f, "answer cannot be encoded: {error}"),
            Self::Panicked(message) => write!(f, "handler panicked: {message}"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Unencodable(error) => Some(error),
            Self::Failed(_) | Self::Panicked(_) => None,
        }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Runs what the application wrote, and catches its panic, for those who drive more of it than handlers.
///
/// What panicked must not be run on: a future that did is to be dropped.
///
/// # Errors
/// [`Failure::Panicked`] with what the panic said.
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    // A future that panicked is never polled again; what a handler shares with others is its own to keep whole.
    panic::catch_unwind(panic::AssertUnwindSafe(run)).map_err(|payload| Failure::Panicked(said(&*payload)))
}

fn said(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(message), _) => (*message).to_owned(),
        (None, Some(message)) => message.clone(),
        (None, None) => "no message".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_is_answered_with_an_object_that_has_a_message() {
        let args = Failure::Failed(Refusal::new("no such room").into()).to_args();

        assert_eq!(args.to_json(), r#"[{"message":"no such room"}]"#);
    }

    #[test]
    fn older_peers_are_told_the_data_or_the_message_alone() {
        let refusal = Refusal::new("no such room");
        let with_data = refusal.clone().with_data(&("try", 3)).unwrap();

        assert_eq!(Failure::Failed(refusal.into()).to_plain_args().to_json(), r#"["no such room"]"#);
        assert_eq!(Failure::Failed(with_data.into()).to_plain_args().to_json(), r#"[["try",3]]"#);
    }

    #[test]
    fn the_peer_learns_nothing_about_a_panic() {
        let args = Failure::Panicked("secret".to_owned()).to_args();

        assert_eq!(args.to_json(), r#"[{"message":"internal error"}]"#);
    }

    #[test]
    fn the_message_of_a_panic_is_reported() {
        let literal = guarded(|| panic!("a literal")).unwrap_err();
        let formatted = guarded(|| panic!("number {}", 7)).unwrap_err();
        let other = guarded(|| panic::panic_any(7_u8)).unwrap_err();

        assert_eq!(literal, Failure::Panicked("a literal".to_owned()));
        assert_eq!(formatted.to_string(), "handler panicked: number 7");
        assert_eq!(other, Failure::Panicked("no message".to_owned()));
    }
}
