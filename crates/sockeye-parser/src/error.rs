//! What can be wrong with a packet.

use std::{error::Error, fmt};

/// The peer sent something that is no packet. `Display` uses the reference's words where it has some.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first character is no packet type.
    UnknownType(Option<char>),
    /// The number of attachments is missing, malformed or zero.
    IllegalAttachmentCount,
    /// More attachments than [`Limits::attachments`](crate::Limits::attachments).
    TooManyAttachments,
    /// The attachments are larger than [`Limits::attachment_bytes`](crate::Limits::attachment_bytes) in all.
    AttachmentsTooLarge,
    /// The acknowledgement id is more than JavaScript's numbers can tell apart, or an acknowledgement has none.
    InvalidAckId,
    /// The payload is not JSON, or not of the kind that the packet's type wants.
    InvalidPayload,
    /// The payload is nested deeper than [`Limits::depth`](crate::Limits::depth).
    TooDeep,
    /// Text came while attachments were missing.
    UnexpectedText,
    /// Binary data came while no attachment was missing.
    UnexpectedBinary,
    /// A placeholder stands for an attachment that there is not.
    IllegalPlaceholder,
    /// Something that only a format of somebody else knows to be wrong.
    Other(&'static str),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            // Escaped, for what a peer sent may end up in a log.
            Self::UnknownType(Some(found)) => {
                return write!(f, "unknown packet type {}", found.escape_debug());
            }
            Self::UnknownType(None) => "unknown packet type",
            Self::IllegalAttachmentCount => "Illegal attachments",
            Self::TooManyAttachments => "too many attachments",
            Self::AttachmentsTooLarge => "attachments too large",
            Self::InvalidAckId => "invalid acknowledgement id",
            Self::InvalidPayload => "invalid payload",
            Self::TooDeep => "payload nested too deep",
            Self::UnexpectedText => "got plaintext data when reconstructing a packet",
            Self::UnexpectedBinary => "got binary data when not reconstructing a packet",
            Self::IllegalPlaceholder => "illegal attachments",
            Self::Other(text) => text,
        };
        f.write_str(text)
    }
}

impl Error for DecodeError {}

/// A value has no form on the wire: its `Serialize` failed, or a map in it has keys that are no strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    message: String,
}

impl EncodeError {
    pub(crate) fn new(error: impl fmt::Display) -> Self {
        Self { message: error.to_string() }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for EncodeError {}
