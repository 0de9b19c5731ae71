//! How a session came to its end, as the client sees it.

use std::fmt;

/// How a session came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The server sent the packet `1`.
    ClosePacket,
    /// The server sent a close frame, with its code if it had one.
    CloseFrame(Option<u16>),
    /// The connection ended without a word.
    Dropped,
    /// A GET was answered with something else than 200.
    Refused {
        /// Such as 400.
        status: u16,
        /// What it said.
        body: String,
    },
    /// What came cannot be read.
    Garbled(String),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosePacket => f.write_str("the packet 1"),
            Self::CloseFrame(Some(code)) => write!(f, "a close frame with {code}"),
            Self::CloseFrame(None) => f.write_str("an empty close frame"),
            Self::Dropped => f.write_str("the end of the connection"),
            Self::Refused { status, body } => write!(f, "{status} for a GET: {body}"),
            Self::Garbled(what) => f.write_str(what),
        }
    }
}
