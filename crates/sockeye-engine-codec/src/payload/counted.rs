//! Payloads of revision 3 as text: `<length>:<packet>`, again and again.
//!
//! The length counts UTF-16 code units, as strings do in JavaScript.

use sockeye_message::{Message, Utf8Bytes};

use crate::{DecodeError, Packet, Signal};

pub(super) fn push(body: &mut String, prefix: &str, content: &str) {
    push_header(body, units(prefix) + units(content));
    body.reserve(prefix.len() + content.len());
    body.push_str(prefix);
    body.push_str(content);
}

/// Appends what stands before a packet of so many units.
pub(super) fn push_header(body: &mut String, units: usize) {
    body.push_str(&units.to_string());
    body.push(':');
}

/// How many bytes stand before this packet, whose text has `len` bytes.
pub(super) fn header_len(packet: &Packet, len: usize) -> usize {
    let units = match packet {
        Packet::Message(Message::Text(content)) | Packet::Open(content) => 1 + units(content),
        Packet::Ping(Signal::Other(data)) | Packet::Pong(Signal::Other(data)) => 1 + units(data),
        // All others are ASCII.
        _ => len,
    };
    units.to_string().len() + 1
}

/// Takes the next packet that has any text off the body.
pub(super) fn cut(body: &mut Utf8Bytes) -> Option<Result<Utf8Bytes, DecodeError>> {
    while !body.is_empty() {
        let Some(units) = cut_header(body) else {
            return Some(Err(DecodeError::Length));
        };
        // The reference passes over packets without text: its own empty payload is one.
        if units > 0 {
            return Some(cut_text(body, units).ok_or(DecodeError::Length));
        }
    }
    None
}

/// The length before a packet, if it is a number that the rest of the body can hold.
///
/// Only decimal digits make one. The reference takes what JavaScript takes for a number, but no client writes so.
fn cut_header(body: &mut Utf8Bytes) -> Option<usize> {
    let mut units = 0_usize;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => units = units.saturating_mul(10).saturating_add(usize::from(byte - b'0')),
            b':' if at > 0 => {
                body.advance(at + 1);
                return Some(units);
            }
            _ => return None,
        }
        if units > body.len() {
            return None;
        }
    }
    None
}

fn cut_text(body: &mut Utf8Bytes, units: usize) -> Option<Utf8Bytes> {
    let end = end_of(body, units)?;
    let text = body.slice(..end);
    body.advance(end);
    Some(text)
}

/// How many bytes the first so many units have; nothing if there are fewer, or if they end inside a character.
fn end_of(text: &str, units: usize) -> Option<usize> {
    if text.as_bytes().get(..units)?.is_ascii() {
        return Some(units);
    }
    let mut left = units;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return Some(at);
        }
        left = left.checked_sub(character.len_utf16())?;
    }
    (left == 0).then_some(text.len())
}

/// How many UTF-16 code units the text has: one for each character, and one more for each that takes four bytes.
fn units(text: &str) -> usize {
    let starts = |byte: u8| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0);
    text.bytes().map(starts).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Revision,
        payload::{Joiner, Splitter},
    };

    fn message(text: &str) -> Packet {
        Packet::Message(text.into())
    }

    fn split(body: &str) -> Vec<Result<Packet, DecodeError>> {
        Splitter::new(Revision::V3, body.into()).collect()
    }

    #[test]
    fn packets_are_joined_and_split_in_order() {
        let packets = [
            Packet::Open("{}".into()),
            Packet::Message("€".into()),
            Packet::Message("😀".into()),
            Packet::Message(vec![1, 2, 3, 4].into()),
            Packet::Ping(Signal::Heartbeat),
            Packet::Pong(Signal::Probe),
            Packet::Message("".into()),
        ];
        let mut body = Joiner::new(Revision::V3);

        for packet in &packets {
            body.push(packet);
        }

        let body = body.finish();
        assert_eq!(body.as_text(), Some("3:0{}2:4€3:4😀10:b4AQIDBA==1:26:3probe1:4"));
        assert!(Splitter::new(Revision::V3, body).eq(packets.map(Ok)));
    }

    #[test]
    fn a_payload_without_packets_is_written_and_read() {
        assert_eq!(Joiner::new(Revision::V3).finish(), "0:".into());
        assert_eq!(split("0:"), []);
        assert_eq!(split("0:0:2:4a0:"), [Ok(message("a"))]);
    }

    #[test]
    fn a_length_may_have_zeros_before_it() {
        assert_eq!(split("0002:4a00:"), [Ok(message("a"))]);
    }

    #[test]
    fn a_length_that_is_missing_or_no_number_is_an_error() {
        for body in [":4a", "x:4a", "-1:4a", "+2:4a", " 2:4a", "2.0:4a", "0x2:4a", "2é:4a", "２:4a"] {
            assert_eq!(split(body), [Err(DecodeError::Length)], "{body}");
        }
    }

    #[test]
    fn a_body_without_anything_is_an_error() {
        assert_eq!(split(""), [Err(DecodeError::EmptyPacket)]);
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error() {
        for body in ["3:4a", "3:4€", "9:", "99999999999999999999999999:4a", "18446744073709551618:4a"] {
            assert_eq!(split(body), [Err(DecodeError::Length)], "{body}");
        }
    }

    #[test]
    fn a_length_that_ends_inside_a_character_is_an_error() {
        assert_eq!(split("2:4😀"), [Err(DecodeError::Length)]);
    }

    #[test]
    fn characters_behind_the_last_packet_are_an_error() {
        for rest in ["x", "1", "12", "2:4"] {
            assert_eq!(split(&format!("2:4a{rest}")), [Ok(message("a")), Err(DecodeError::Length)], "{rest}");
        }
    }

    #[test]
    fn nothing_is_read_behind_a_packet_of_no_type() {
        let unknown = Err(DecodeError::UnknownType { first: '7' });

        assert_eq!(split("2:4a1:72:4b"), [Ok(message("a")), unknown]);
    }

    #[test]
    fn a_long_body_of_nothing_is_read_in_one_pass() {
        assert_eq!(split(&"0:".repeat(500_000)), []);
        assert_eq!(split(&"1".repeat(1_000_000)), [Err(DecodeError::Length)]);
        assert_eq!(split(&"0".repeat(1_000_000)), [Err(DecodeError::Length)]);
        assert_eq!(split(&"1:4".repeat(300_000)).len(), 300_000);
    }
}
