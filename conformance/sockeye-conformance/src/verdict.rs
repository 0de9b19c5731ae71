//! What a case comes to: nothing to say, or what was expected and what came.

use std::fmt;
use std::time::{Duration, Instant};

use crate::feature::Feature;
use crate::wire;

/// What a case, or a step of it, comes to.
pub type Verdict<T = ()> = Result<T, Failure>;

/// Why a case did not pass.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// The endpoint under test did something else.
    Departed {
        /// What was expected at this step; what the case expects as a whole when nothing is said here.
        expected: Option<String>,
        /// What came.
        came: String,
    },
    /// The suite's own machine was too slow to play its part: run it again.
    TooSlow(String),
    /// The endpoint does not have what the case needs after all: it is left out.
    LeftOut(Feature),
    /// The endpoint cannot be reached.
    Unreachable(String),
}

impl Failure {
    /// Something else came than was expected at this step.
    pub fn departed(expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self::Departed { expected: Some(expected.into()), came: came.into() }
    }

    /// The same with another expectation: one that knows better what was to come.
    #[must_use]
    pub fn instead_of(self, expected: impl Into<String>) -> Self {
        match self {
            Self::Departed { came, .. } => Self::departed(expected, came),
            other => other,
        }
    }

    /// What came is against the case's expectation as a whole.
    pub fn came(came: impl Into<String>) -> Self {
        Self::Departed { expected: None, came: came.into() }
    }
}

/// Expects two values to be the same.
///
/// ```
/// use sockeye_conformance::verdict::same;
///
/// assert!(same("the status", &400, &400).is_ok());
/// let failure = same("the status", &400, &200).unwrap_err();
/// assert_eq!(failure.to_string(), "expected the status to be 400, and it was 200");
/// ```
///
/// # Errors
/// [`Failure::Departed`] if they differ.
pub fn same<T: PartialEq<U> + fmt::Debug + ?Sized, U: fmt::Debug + ?Sized>(
    what: &str,
    expected: &T,
    came: &U,
) -> Verdict {
    if expected == came {
        return Ok(());
    }
    Err(Failure::departed(format!("{what} to be {expected:?}"), format!("it was {came:?}")))
}

/// Expects something to hold: `expected` goes on with "expected …", `came` says what came instead.
///
/// ```
/// use sockeye_conformance::verdict::ensure;
///
/// let failure = ensure(2 > 3, "2 to be more than 3", || "it is less".into()).unwrap_err();
/// assert_eq!(failure.to_string(), "expected 2 to be more than 3, and it is less");
/// ```
///
/// # Errors
/// [`Failure::Departed`] if it does not.
pub fn ensure(holds: bool, expected: &str, came: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Failure::departed(expected, came())) }
}

/// Expects something not to have come before its time: `after` counted from `since`, less a millisecond for clocks that
/// round.
///
/// ```
/// use std::time::{Duration, Instant};
/// use sockeye_conformance::verdict::not_before;
///
/// let asked_at = Instant::now();
/// let ping_at = asked_at + Duration::from_millis(990);
/// assert!(not_before("the first ping", Duration::from_secs(1), asked_at, ping_at).is_err());
/// ```
///
/// # Errors
/// [`Failure::Departed`] if it came too early.
pub fn not_before(what: &str, after: Duration, since: Instant, at: Instant) -> Verdict {
    let took = at.saturating_duration_since(since);
    ensure(took + CLOCK >= after, &format!("{what} after {after:?} at the soonest"), || {
        format!("it came after {took:?}")
    })
}

impl From<wire::Error> for Failure {
    fn from(error: wire::Error) -> Self {
        match error {
            wire::Error::Unreachable(why) => Self::Unreachable(why),
            wire::Error::Unexpected { expected, came } => Self::departed(expected, came),
            other => Self::came(other.to_string()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Departed { expected: Some(expected), came } => write!(f, "expected {expected}, and {came}"),
            Self::Departed { expected: None, came } => f.write_str(came),
            Self::TooSlow(why) => write!(f, "this machine was too slow: {why}"),
            Self::LeftOut(feature) => write!(f, "left out: the endpoint has no {feature}"),
            Self::Unreachable(why) => write!(f, "cannot be reached: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

const CLOCK: Duration = Duration::from_millis(1);
