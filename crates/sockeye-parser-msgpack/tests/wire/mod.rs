//! Messages as hexadecimal digits.

#![allow(dead_code, reason = "no test uses all of it")]

use bytes::Bytes;
use sockeye_parser::{DecodeError, Format, Limits, Packet};
use sockeye_parser_msgpack::Msgpack;

pub(crate) fn hex(digits: &str) -> Bytes {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

pub(crate) fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// The packet that a message is.
pub(crate) fn feed(message: impl Into<Bytes>) -> Result<Packet, DecodeError> {
    let mut decoder = Msgpack.decoder(Limits::default());
    decoder.feed(message.into().into()).map(|packet| packet.expect("one message is one packet"))
}

pub(crate) fn decode(message: &str) -> Result<Packet, DecodeError> {
    feed(hex(message))
}
