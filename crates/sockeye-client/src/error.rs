//! Why a socket did not connect, and why something was not sent or not answered.

use std::{error::Error, fmt, sync::Arc};

use serde::de::DeserializeOwned;
use serde_derive::Deserialize;
use sockeye_event::{Event, FromEvent, Rejection};
use sockeye_parser::{Args, ArgsError, EncodeError};
use sockeye_proto::client::{self as proto, AckFailure};

use crate::Socket;

/// A client cannot be built.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BuildError {
    /// The URL is none that a server can have.
    #[cfg(feature = "engine")]
    Url(sockeye_engine_client::UrlError),
}

impl fmt::Display for BuildError {
    #[cfg_attr(
        not(feature = "engine"),
        expect(unused_variables, reason = "a client over a connector never fails")
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            #[cfg(feature = "engine")]
            Self::Url(ref error) => error.fmt(f),
        }
    }
}

impl Error for BuildError {}

/// A socket is not connected; the reference's `connect_error`. Cloning shares it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server does not let the socket in, because a guard refused it or there is no such namespace. It does not try
    /// again by itself.
    Refused(Refused),
    /// There is no connection to the server. The client tries again, if it may.
    Failed(Arc<dyn Error + Send + Sync>),
    /// The connection did not come about within the [`timeout`](crate::ClientBuilder::timeout).
    TimedOut,
    /// The application could not say what the socket is to be let in with. It does not try again by itself.
    Auth(Arc<dyn Error + Send + Sync>),
    /// The socket was told to [disconnect](Socket::disconnect) before it was let in.
    Given,
}

/// What the server refuses a socket with.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    message: String,
    args: Args,
}

impl Refused {
    pub(crate) fn new(args: Args) -> Self {
        // Servers of older revisions send the message alone.
        let message = args.parse().map(|Message { message }| message).or_else(|_| args.parse());
        Self { message: message.unwrap_or_default(), args }
    }

    /// What the server says; the reference's `err.message`.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Reads what the server says besides; the reference's `err.data`.
    ///
    /// # Errors
    /// If there is none, or none of that type.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        self.args.parse().map(|Data { data }| data)
    }

    /// All that the server sent, as it is.
    pub fn raw(&self) -> &Args {
        &self.args
    }
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => write!(f, "refused by the server: {}", refused.message),
            Self::Failed(error) => write!(f, "no connection: {error}"),
            Self::TimedOut => f.write_str("timeout"),
            Self::Auth(error) => write!(f, "no credentials: {error}"),
            Self::Given => f.write_str("disconnected before the server had answered"),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) | Self::Auth(error) => Some(&**error),
            Self::Refused(_) | Self::TimedOut | Self::Given => None,
        }
    }
}

/// In a handler of `connect_error`, what it was.
impl FromEvent<Socket> for ConnectError {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        event.socket().connect_error().ok_or_else(|| Rejection::new("no attempt to connect has failed"))
    }
}

/// An event was not sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EmitError {
    /// The data has no form on the wire.
    Encode(EncodeError),
    /// The name means something to the libraries themselves, such as `connect`.
    ReservedName,
    /// As much waits to be sent as the limits allow; only what does not wait for room fails so.
    Full,
    /// As many acknowledgements are awaited as the limits allow.
    TooManyAcks,
    /// The event was volatile and would not have been on its way at once, so that nobody will acknowledge it. Only where an
    /// acknowledgement is wanted this is an error.
    Dropped,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encode(_) => "data cannot be encoded",
            Self::ReservedName => "event name is reserved",
            Self::Full => "outgoing queue is full",
            Self::TooManyAcks => "too many pending acknowledgements",
            Self::Dropped => "volatile event was dropped",
        })
    }
}

impl Error for EmitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Encode(error) => Some(error),
            _ => None,
        }
    }
}

impl From<proto::EmitError> for EmitError {
    fn from(error: proto::EmitError) -> Self {
        match error {
            proto::EmitError::ReservedName => Self::ReservedName,
            proto::EmitError::TooManyAcks => Self::TooManyAcks,
            _ => Self::Full,
        }
    }
}

/// An event was not acknowledged as wanted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AckError {
    /// The event was not sent.
    Emit(EmitError),
    /// No answer came in time, in all attempts if there were [`retries`](crate::ClientBuilder::retries).
    Timeout,
    /// The socket was disconnected before the answer came.
    Disconnected,
    /// The event was dropped from a full queue to make room for later ones.
    Overflow,
    /// The answer is not of the type wanted.
    Parse(ArgsError),
}

impl fmt::Display for AckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emit(error) => error.fmt(f),
            Self::Timeout => f.write_str("operation has timed out"),
            Self::Disconnected => f.write_str("socket has been disconnected"),
            Self::Overflow => f.write_str("event was dropped from a full queue"),
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

impl From<AckFailure> for AckError {
    fn from(failure: AckFailure) -> Self {
        match failure {
            AckFailure::TimedOut | AckFailure::Exhausted { .. } => Self::Timeout,
            AckFailure::Dropped => Self::Overflow,
            _ => Self::Disconnected,
        }
    }
}
