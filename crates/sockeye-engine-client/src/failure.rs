//! What can go wrong between a client and its server.

use std::{error::Error, fmt, io, sync::Arc};

use sockeye_engine_codec::RefusalBody;
use sockeye_engine_proto::client::{CloseReason, Fault};
use sockeye_message::TransportName;
use sockeye_transport::TransportError;
use sockeye_websocket::handshake::AnswerError;

use crate::{DialError, HttpError};

/// Why no session came about.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// No transport is configured, or none that is known.
    NoTransports,
    /// The configured path cannot stand in a request.
    Path,
    /// The last transport that was tried has failed.
    Transport {
        /// Which one.
        name: TransportName,
        /// How.
        failure: Failure,
    },
}

/// How a transport failed. `Display` gives the reference's text; what was behind it is the source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A poll failed, of which the first opens the session.
    Poll(RequestError),
    /// Messages could not be sent by a request.
    Push(RequestError),
    /// The WebSocket could not be opened.
    WebSocket(WebSocketError),
    /// The WebSocket, or a transport of the application's, broke; or the latter could not be connected.
    Transport(TransportError),
    /// The session has ended before it was open, for this reason.
    Ended(CloseReason, Option<Fault>),
}

/// Why a request of long-polling failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum RequestError {
    /// There is no answer.
    Http(HttpError),
    /// It took longer than it [may](crate::Config::with_request_timeout).
    TimedOut,
    /// The server refuses.
    Refused(Refusal),
    /// The answer is elsewhere. Clients do not go there, as the session would be spread over two servers.
    Redirected {
        /// The status of the answer.
        status: u16,
        /// Where it is.
        location: Option<String>,
    },
    /// The body of the answer is compressed in a way that nobody asked for, or not as it says.
    Coding,
}

/// A status other than 200, and what the server says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// Engine.IO's own code, if it was an engine that answered.
    pub code: Option<u8>,
    /// What an engine says, such as `Session ID unknown`.
    pub message: Option<String>,
}

/// Why a WebSocket was not opened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WebSocketError {
    /// The server cannot be reached.
    Dial(DialError),
    /// The connection broke before there was an answer.
    Lost(Arc<io::Error>),
    /// The answer is no HTTP, or too long.
    NoHttp,
    /// The server has no WebSocket here.
    Answer(AnswerError),
    /// The answer is elsewhere. Clients do not go there.
    Redirected {
        /// The status of the answer.
        status: u16,
        /// Where it is.
        location: Option<String>,
    },
    /// The server has agreed to an extension that it was not offered.
    Extensions,
    /// The operating system has no randomness to give.
    NoRandomness,
}

impl Refusal {
    /// What this answer says, which need not come from an engine.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_REFUSAL);
        let said = text.and_then(RefusalBody::decode);
        let (code, message) = said.map(|said| (said.code, said.message.into_owned())).unzip();
        Self { status, code, message }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTransports => f.write_str("No transports available"),
            Self::Path => f.write_str("the path cannot stand in a request"),
            Self::Transport { failure, .. } => failure.fmt(f),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoTransports | Self::Path => None,
            Self::Transport { failure, .. } => failure.source(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Poll(_) => f.write_str("xhr poll error"),
            Self::Push(_) => f.write_str("xhr post error"),
            Self::WebSocket(_) => f.write_str("websocket error"),
            Self::Transport(error) => error.fmt(f),
            Self::Ended(_, Some(fault)) => fault.fmt(f),
            Self::Ended(reason, None) => reason.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Poll(error) | Self::Push(error) => Some(error),
            Self::WebSocket(error) => Some(error),
            Self::Transport(error) => error.source(),
            Self::Ended(..) => None,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::TimedOut => f.write_str("the request timed out"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Redirected { status, location } => write_redirection(f, *status, location.as_deref()),
            Self::Coding => f.write_str("the body of the answer is not encoded as it should be"),
        }
    }
}

impl Error for RequestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        self.message.iter().try_for_each(|message| write!(f, ": {message}"))
    }
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial(error) => error.fmt(f),
            Self::Lost(_) => f.write_str("the connection was lost before there was an answer"),
            Self::NoHttp => f.write_str("the answer is no HTTP"),
            Self::Answer(error) => error.fmt(f),
            Self::Redirected { status, location } => write_redirection(f, *status, location.as_deref()),
            Self::Extensions => f.write_str("extensions were agreed to that were not offered"),
            Self::NoRandomness => f.write_str("there is no randomness"),
        }
    }
}

impl Error for WebSocketError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Dial(error) => error.source(),
            Self::Lost(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<HttpError> for RequestError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<DialError> for WebSocketError {
    fn from(error: DialError) -> Self {
        Self::Dial(error)
    }
}

impl From<AnswerError> for WebSocketError {
    fn from(error: AnswerError) -> Self {
        Self::Answer(error)
    }
}

fn write_redirection(f: &mut fmt::Formatter<'_>, status: u16, to: Option<&str>) -> fmt::Result {
    write!(f, "status {status}: redirected")?;
    to.iter().try_for_each(|to| write!(f, " to {to}"))
}

/// What is longer is no word of an engine.
const MAX_REFUSAL: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_says_why_it_refuses() {
        let refusal = Refusal::read(400, br#"{"code":1,"message":"Session ID unknown"}"#);

        assert_eq!(refusal.code, Some(1));
        assert_eq!(refusal.to_string(), "status 400: Session ID unknown");
    }

    #[test]
    fn others_have_a_status_alone() {
        for body in [&b"<html>"[..], b"", b"\xff", b"{}", &[b' '; 5000]] {
            assert_eq!(Refusal::read(502, body).to_string(), "status 502");
        }
    }
}
