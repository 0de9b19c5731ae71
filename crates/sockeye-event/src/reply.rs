//! What a handler returns, and what the peer gets of it.

use std::fmt;

use serde::Serialize;
use sockeye_parser::{Args, EncodeError};

use crate::Failure;

/// What a handler has to say to the peer, or why it failed.
pub type Reply = Result<Args, Failure>;

/// What a handler may return.
///
/// `()` acknowledges without arguments, [`Ack`] with some, [`Args`] as they are; a `Result` with an error acknowledges
/// with `{"message": ..}`. Whether the peer has asked to know is not the handler's affair: if not, nothing is sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a handler can return",
    note = "return `()`, `Ack(value)`, `Args`, or a `Result` of those with an error that implements `Display`"
)]
pub trait IntoReply {
    /// The acknowledgement, or why there is none.
    ///
    /// # Errors
    /// If the handler has failed, or what it returned has no form on the wire.
    fn into_reply(self) -> Reply;
}

/// Acknowledges with a value: a tuple is several arguments, `()` none, anything else one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers put it together")]
pub struct Ack<T>(pub T);

impl IntoReply for () {
    fn into_reply(self) -> Reply {
        Ok(Args::empty())
    }
}

impl IntoReply for Args {
    fn into_reply(self) -> Reply {
        Ok(self)
    }
}

impl<T: Serialize> IntoReply for Ack<T> {
    fn into_reply(self) -> Reply {
        Args::serialize(&self.0).map_err(|error: EncodeError| Failure::Panicked(error.to_string()))
    }
}

impl<R: IntoReply, E: IntoFailure> IntoReply for Result<R, E> {
    fn into_reply(self) -> Reply {
        match self {
            Ok(reply) => reply.into_reply(),
            Err(error) => Err(Failure::Failed(error.into_failure())),
        }
    }
}

/// What may be the error of a handler: anything that can be displayed, or a [`Refusal`] with data.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    note = "implement `Display` for it, or use `Refusal`"
)]
pub trait IntoFailure {
    /// What the peer is told.
    fn into_failure(self) -> Refusal;
}

impl<E: fmt::Display> IntoFailure for E {
    fn into_failure(self) -> Refusal {
        Refusal::new(self.to_string())
    }
}

impl IntoFailure for Refusal {
    fn into_failure(self) -> Refusal {
        self
    }
}

/// An error with a message and perhaps data for the peer; a client finds them in its `connect_error` as `message` and
/// `data`.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    message: String,
    data: Option<Args>,
}

impl Refusal {
    /// With a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None }
    }

    /// With data as well.
    ///
    /// # Errors
    /// If the data has no form on the wire. Binary data has none here.
    pub fn with_data(mut self, data: &(impl Serialize + ?Sized)) -> Result<Self, EncodeError> {
        self.data = Some(Args::serialize(&One(data))?);
        Ok(self)
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// One argument: an object with the message, and the data if there is any.
    pub fn into_args(self) -> Args {
        Args::error(&self.message, self.data.as_ref())
    }
}

/// A value that is one argument even if it is a tuple.
struct One<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for One<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("One", &self.0)
    }
}
