//! Why a transport failed.

use std::{error::Error, fmt};

/// A transport failed. What [`kind`](Self::kind) says decides how the session above it ends; the source is for people.
#[derive(Debug)]
pub struct TransportError {
    kind: ErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong, and by whose fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The carrier was lost without an orderly end: a reset, a broken pipe, the end of the stream inside a message.
    Lost,
    /// The peer broke the transport's own protocol.
    Malformed,
    /// The peer sent a message over the limit.
    TooLarge,
    /// The transport is already closed on this side.
    Closed,
    /// The message cannot be expressed on this transport; nothing of it was sent.
    Unsendable,
}

impl TransportError {
    /// An error without a source.
    pub fn new(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// An error with the error that caused it.
    pub fn with_source(kind: ErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Lost => "connection lost",
            ErrorKind::Malformed => "malformed data from the peer",
            ErrorKind::TooLarge => "max payload size exceeded",
            ErrorKind::Closed => "transport is closed",
            ErrorKind::Unsendable => "message cannot be sent on this transport",
        })
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<std::io::Error> for TransportError {
    fn from(error: std::io::Error) -> Self {
        Self::with_source(ErrorKind::Lost, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_reports_is_a_lost_connection_with_its_source() {
        let error = TransportError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset));

        assert_eq!(error.kind(), ErrorKind::Lost);
        assert_eq!(error.to_string(), "connection lost");
        assert_eq!(error.source().unwrap().to_string(), "connection reset");
    }
}
