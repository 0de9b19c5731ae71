//! Revision 3: packets with their lengths before them, as text or, where bytes are among them, as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::wire::{Error, Message};

/// The packets as one body of text: `6:4hello`, bytes as `10:b4AQIDBA==`.
pub fn join_text<'a>(packets: impl IntoIterator<Item = &'a Message>) -> String {
    let encoded: Vec<String> = packets
        .into_iter()
        .map(|packet| {
            let text = match packet {
                Message::Text(text) => text.clone(),
                Message::Binary(bytes) => format!("b4{}", STANDARD.encode(bytes)),
            };
            format!("{}:{text}", units(&text))
        })
        .collect();
    encoded.concat()
}

/// The packets as one body of bytes: 0 or 1, digits of the length, 255, and the packet.
pub fn join_binary<'a>(packets: impl IntoIterator<Item = &'a Message>) -> Bytes {
    let mut body = Vec::new();
    for packet in packets {
        let (kind, data) = match packet {
            Message::Text(text) => (0, text.as_bytes().to_vec()),
            Message::Binary(bytes) => (1, [&[4], &bytes[..]].concat()),
        };
        body.push(kind);
        body.extend(data.len().to_string().bytes().map(|digit| digit - b'0'));
        body.push(255);
        body.extend_from_slice(&data);
    }
    body.into()
}

/// The packets of one body of text.
///
/// # Errors
/// [`Error::Malformed`]
pub fn split_text(body: &[u8]) -> Result<Vec<Message>, Error> {
    let mut rest = std::str::from_utf8(body).map_err(|_| Error::malformed("a payload that is no UTF-8"))?;
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let wrong = || Error::malformed(format!("length of a packet: {rest}"));
        let (length, after) = rest.split_once(':').ok_or_else(wrong)?;
        // Elsewhere a sign may stand before a number.
        let is_digits = length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length.parse().ok().filter(|_| is_digits).ok_or_else(wrong)?;
        let end = end_of_units(after, length).ok_or_else(wrong)?;
        packets.push(decode(&after[..end])?);
        rest = &after[end..];
    }
    Ok(packets)
}

/// The packets of one body of bytes.
///
/// # Errors
/// [`Error::Malformed`]
pub fn split_binary(body: &[u8]) -> Result<Vec<Message>, Error> {
    let mut rest = body;
    let mut packets = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let wrong = || Error::malformed("length of a packet in a binary payload");
        let end = after.iter().position(|byte| *byte == 255).ok_or_else(wrong)?;
        let length = parse_digits(&after[..end]).ok_or_else(wrong)?;
        let data = after[end + 1..].get(..length).ok_or_else(wrong)?;
        packets.push(match kind {
            0 => Message::from(
                std::str::from_utf8(data).map_err(|_| Error::malformed("text that is no UTF-8"))?,
            ),
            1 => Message::from(data.get(1..).ok_or_else(wrong)?),
            _ => return Err(Error::malformed(format!("packet that begins with {kind}"))),
        });
        rest = &after[end + 1 + length..];
    }
    Ok(packets)
}

fn parse_digits(digits: &[u8]) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.len() < 12 && digits.iter().all(|digit| *digit < 10);
    is_number.then(|| digits.iter().fold(0, |number, digit| number * 10 + usize::from(*digit)))
}

fn decode(packet: &str) -> Result<Message, Error> {
    let Some(encoded) = packet.strip_prefix("b4") else { return Ok(packet.into()) };
    STANDARD
        .decode(encoded)
        .map(Message::from)
        .map_err(|error| Error::malformed(format!("Base64 ({error}): {packet}")))
}

/// Lengths are counted as JavaScript does: in units of UTF-16.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn end_of_units(text: &str, units: usize) -> Option<usize> {
    let mut seen = 0;
    for (at, character) in text.char_indices() {
        if seen == units {
            return Some(at);
        }
        seen += character.len_utf16();
    }
    (seen == units).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_text_count_units_of_utf_16() {
        let packets = [Message::from("4€"), Message::from("4😀"), Message::from([1, 2, 3, 4])];

        let body = join_text(&packets);

        assert_eq!(body, "2:4€3:4😀10:b4AQIDBA==");
        assert_eq!(split_text(body.as_bytes()), Ok(packets.to_vec()));
    }

    #[test]
    fn a_binary_payload_has_digits_and_255() {
        let packets = [Message::from("4hello"), Message::from([1, 2, 3])];

        let body = join_binary(&packets);

        assert_eq!(body[..], [0, 6, 255, b'4', b'h', b'e', b'l', b'l', b'o', 1, 4, 255, 4, 1, 2, 3]);
        assert_eq!(split_binary(&body), Ok(packets.to_vec()));
    }

    #[test]
    fn wrong_lengths_are_refused() {
        assert!(split_text(b"7:4hello").is_err());
        assert!(split_text(b"4hello").is_err());
        assert!(split_text(b"+1:2").is_err());
        assert!(split_text("1:😀".as_bytes()).is_err());
        assert!(split_binary(&[0, 9, 255, b'4']).is_err());
        assert!(split_binary(&[0, 255, b'4']).is_err());
        assert!(split_binary(&[1, 0, 255]).is_err());
    }
}
