//! How a session is to end, and why it did, in the words that applications know.

use std::{error::Error, fmt};

/// How a session is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// What waits is sent first.
    Graceful,
    /// What waits is thrown away.
    Discard,
}

/// Why a session ended. `Display` gives exactly the reference's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The transport failed or the peer broke a rule; [`Fault`] tells which.
    TransportError,
    /// The peer ended the session or its transport.
    TransportClose,
    /// The peer did not answer a ping in time; where it is for the peer to ask, it sent none.
    PingTimeout,
    /// The peer sent what is no packet.
    ParseError,
    /// This side ended the session.
    ForcedClose,
}

impl CloseReason {
    /// The text that applications compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TransportError => "transport error",
            Self::TransportClose => "transport close",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::ForcedClose => "forced close",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was behind a [`CloseReason::TransportError`]. `Display` gives the reference's text, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The carrier reported an error.
    Carrier,
    /// The peer sent a message over the limit.
    TooLarge,
    /// A poll came while another was waiting.
    PollOverlap,
    /// The client gave up a waiting poll.
    PollAborted,
    /// A body came while another was being read.
    PushOverlap,
    /// The client gave up in the middle of a body.
    PushAborted,
    /// The peer sent a ping where only pongs are due, or a pong where only pings are.
    HeartbeatDirection,
    /// The server sent what is no packet.
    Malformed,
    /// The server's handshake cannot be read, or names times that no session can keep.
    Handshake,
    /// The server sent something else before its handshake.
    HandshakeMissing,
    /// The server sent a second handshake.
    HandshakeRepeated,
}

impl Fault {
    /// The text that applications may show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "transport failed",
            Self::TooLarge => "Max payload size exceeded",
            Self::PollOverlap => "overlap from client",
            Self::PollAborted => "poll connection closed prematurely",
            Self::PushOverlap => "data request overlap from client",
            Self::PushAborted => "data request connection closed prematurely",
            Self::HeartbeatDirection => "invalid heartbeat direction",
            Self::Malformed => "server error",
            Self::Handshake => "invalid handshake",
            Self::HandshakeMissing => "no handshake",
            Self::HandshakeRepeated => "second handshake",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error for Fault {}
