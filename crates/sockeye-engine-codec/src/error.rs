//! What can be wrong with bytes that a peer sent.

use std::fmt;

/// A packet, a payload or a handshake could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is no packet between two separators, or no text at all.
    EmptyPacket,
    /// The text starts with a character that is no packet type.
    UnknownType {
        /// The character found.
        first: char,
    },
    /// The length that stands before a packet is no number, or more than what follows.
    Length,
    /// A packet of text is not UTF-8.
    NotText,
    /// A binary payload came in a revision that has none.
    BinaryPayload,
    /// The JSON of an `open` packet is not what a handshake needs.
    Handshake {
        /// What the JSON reader said.
        reason: String,
    },
    /// The first packet of a transport that opens in band does not open or attach to a session.
    Greeting,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPacket => f.write_str("empty packet"),
            Self::UnknownType { first } => write!(f, "unknown packet type {first:?}"),
            Self::Length => f.write_str("bad packet length"),
            Self::NotText => f.write_str("text that is not UTF-8"),
            Self::BinaryPayload => f.write_str("binary payload"),
            Self::Handshake { reason } => write!(f, "bad handshake: {reason}"),
            Self::Greeting => f.write_str("first packet does not open a session"),
        }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_sent_is_escaped_in_the_text() {
        let error = DecodeError::UnknownType { first: '\n' };

        assert_eq!(error.to_string(), r"unknown packet type '\n'");
    }
}
