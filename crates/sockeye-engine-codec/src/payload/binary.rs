//! Payloads of revision 3 as bytes: what kind of packet, its length digit by digit, a stop, the packet.

use std::borrow::Cow;

use bytes::{Buf, Bytes};
use sockeye_message::{Message, Utf8Bytes};

use crate::DecodeError;

pub(super) fn push_text(body: &mut Vec<u8>, prefix: &str, content: &str) {
    push(body, TEXT, prefix, content.as_bytes());
}

pub(super) fn push_data(body: &mut Vec<u8>, prefix: &str, data: &[u8]) {
    push(body, BINARY, prefix, data);
}

/// How many bytes a packet of so many adds.
pub(super) fn len(content: usize) -> usize {
    2 + content.to_string().len() + content
}

/// Takes the next packet off the body.
pub(super) fn cut(body: &mut Bytes) -> Option<Result<Message, DecodeError>> {
    if body.is_empty() {
        return None;
    }
    // The reference, too, takes every other first byte for binary.
    let is_text = body.get_u8() == TEXT;
    let Some(length) = cut_length(body).filter(|length| *length <= body.len()) else {
        return Some(Err(DecodeError::Length));
    };
    let content = body.split_to(length);
    Some(if is_text { text(&content).map(Message::Text) } else { Ok(Message::Binary(content)) })
}

fn push(body: &mut Vec<u8>, kind: u8, prefix: &str, content: &[u8]) {
    let length = prefix.len() + content.len();
    body.reserve(len(length));
    body.push(kind);
    body.extend(length.to_string().bytes().map(|digit| digit - b'0'));
    body.push(STOP);
    body.extend_from_slice(prefix.as_bytes());
    body.extend_from_slice(content);
}

/// The length before a packet, if it is a number. One that is beyond the end of the body may come out as another such.
fn cut_length(body: &mut Bytes) -> Option<usize> {
    let mut length = 0_usize;
    for (at, byte) in body.iter().take(MOST_DIGITS + 1).enumerate() {
        match byte {
            0..=9 => length = length.saturating_mul(10).saturating_add(usize::from(*byte)),
            &STOP if at > 0 => {
                body.advance(at + 1);
                return Some(length);
            }
            _ => return None,
        }
    }
    None
}

/// Text as JavaScript may write it: half a pair of surrogates cannot be had here and becomes U+FFFD.
fn text(content: &Bytes) -> Result<Utf8Bytes, DecodeError> {
    if let Ok(text) = Utf8Bytes::try_from(content.clone()) {
        return Ok(text);
    }
    match without_surrogates(content) {
        Cow::Borrowed(_) => Err(DecodeError::NotText),
        Cow::Owned(replaced) => Utf8Bytes::try_from(Bytes::from(replaced)).map_err(|_| DecodeError::NotText),
    }
}

/// Puts U+FFFD, which is as long, in the place of each surrogate.
fn without_surrogates(content: &[u8]) -> Cow<'_, [u8]> {
    let mut replaced = Cow::Borrowed(content);
    let mut at = 0;
    while let Some(window) = content.get(at..at + 3) {
        if matches!(window, [0xed, 0xa0..=0xbf, 0x80..=0xbf]) {
            replaced.to_mut()[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
            at += 3;
        } else {
            at += 1;
        }
    }
    replaced
}

const TEXT: u8 = 0;
const BINARY: u8 = 1;
const STOP: u8 = 255;

/// As many as the largest number of JavaScript has, and the reference takes.
const MOST_DIGITS: usize = 310;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Packet, Revision,
        payload::{Joiner, Splitter},
    };

    fn split(body: &[u8]) -> Vec<Result<Packet, DecodeError>> {
        Splitter::new(Revision::V3, body.to_vec().into()).collect()
    }

    fn message(content: impl Into<Message>) -> Packet {
        Packet::Message(content.into())
    }

    #[test]
    fn packets_are_joined_and_split_in_order() {
        let packets =
            [Packet::Message("0".into()), Packet::Message("€".into()), Packet::Message(vec![1, 2, 3].into())];
        let mut body = Joiner::binary();

        for packet in &packets {
            body.push(packet);
        }

        let body = body.finish();
        let wire = b"\x00\x02\xff40\x00\x04\xff4\xe2\x82\xac\x01\x04\xff\x04\x01\x02\x03";
        assert_eq!(body, wire.to_vec().into());
        assert!(Splitter::new(Revision::V3, body).eq(packets.map(Ok)));
    }

    #[test]
    fn a_length_is_written_digit_by_digit() {
        let mut body = Joiner::binary();

        body.push_message(&"x".repeat(119).into());

        assert_eq!(body.finish().as_bytes()[..6], *b"\x00\x01\x02\x00\xff4");
    }

    #[test]
    fn a_body_without_anything_has_no_packets() {
        assert_eq!(split(b""), []);
    }

    #[test]
    fn text_without_anything_is_an_error_and_binary_counts_for_nothing() {
        assert_eq!(split(b"\x00\x00\xff"), [Err(DecodeError::EmptyPacket)]);
        assert_eq!(split(b"\x01\x00\xff"), [Ok(Packet::Noop)]);
    }

    #[test]
    fn any_other_first_byte_means_binary() {
        assert_eq!(split(b"\x07\x02\xff\x04a"), [Ok(message(b"a".to_vec()))]);
    }

    #[test]
    fn a_length_that_is_missing_or_no_number_is_an_error() {
        for body in [&b"\x00"[..], b"\x00\x02", b"\x00\xff4a", b"\x002\xff4a", b"\x00\x0a\xff4a"] {
            assert_eq!(split(body), [Err(DecodeError::Length)], "{body:?}");
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error() {
        let huge = [&[0][..], &[9; 100], b"\xff4a"].concat();

        for body in [b"\x00\x03\xff4a", &huge[..]] {
            assert_eq!(split(body), [Err(DecodeError::Length)]);
        }
    }

    #[test]
    fn a_length_has_at_most_310_digits() {
        let digits = |count: usize| [&[0][..], &vec![0; count - 1], b"\x02\xff4a"].concat();

        assert_eq!(split(&digits(310)), [Ok(message("a"))]);
        assert_eq!(split(&digits(311)), [Err(DecodeError::Length)]);
        assert_eq!(split(&vec![0; 1_000_000]), [Err(DecodeError::Length)]);
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        for text in [&b"4\xff"[..], b"4\xe2\x82", b"4\xc0\x80", b"4\xed\xa0"] {
            let body = [&[0, u8::try_from(text.len()).unwrap(), 255], text].concat();
            assert_eq!(split(&body), [Err(DecodeError::NotText)], "{text:?}");
        }
    }

    #[test]
    fn half_a_pair_of_surrogates_is_replaced() {
        assert_eq!(split(b"\x00\x08\xff4\xed\xa0\x80x\xed\xbf\xbf"), [Ok(message("\u{fffd}x\u{fffd}"))]);
    }

    #[test]
    fn nothing_is_read_behind_an_error() {
        assert_eq!(
            split(b"\x00\x02\xff4a\x00\x01\xff7\x00\x02\xff4b"),
            [Ok(message("a")), Err(DecodeError::UnknownType { first: '7' })]
        );
    }
}
