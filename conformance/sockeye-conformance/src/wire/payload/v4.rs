//! Revision 4: packets with the record separator between them, bytes as `b` and Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wire::{Error, Message};

/// The packets as one body.
pub fn join<'a>(packets: impl IntoIterator<Item = &'a Message>) -> String {
    let encoded: Vec<String> = packets.into_iter().map(encode).collect();
    encoded.join(SEPARATOR)
}

/// The packets of one body.
///
/// # Errors
/// [`Error::Malformed`] for a body that is no UTF-8, an empty packet, or Base64 that is none.
pub fn split(body: &[u8]) -> Result<Vec<Message>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::malformed("a payload that is no UTF-8"))?;
    text.split(SEPARATOR).map(decode).collect()
}

fn encode(packet: &Message) -> String {
    match packet {
        Message::Text(text) => text.clone(),
        Message::Binary(bytes) => format!("b{}", STANDARD.encode(bytes)),
    }
}

fn decode(packet: &str) -> Result<Message, Error> {
    match packet.as_bytes().first() {
        None => Err(Error::malformed("an empty packet in a payload")),
        Some(b'b') => STANDARD
            .decode(&packet[1..])
            .map(Message::from)
            .map_err(|error| Error::malformed(format!("Base64 ({error}): {packet}"))),
        Some(_) => Ok(packet.into()),
    }
}

/// Between packets.
pub const SEPARATOR: &str = "\x1e";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_stand_between_separators_and_bytes_in_base64() {
        let packets = [Message::from("4hello"), Message::from("2"), Message::from([1, 2, 3, 4])];

        let body = join(&packets);

        assert_eq!(body, "4hello\x1e2\x1ebAQIDBA==");
        assert_eq!(split(body.as_bytes()), Ok(packets.to_vec()));
    }

    #[test]
    fn what_is_no_payload_is_refused() {
        assert!(split(b"").is_err());
        assert!(split(b"4a\x1e").is_err());
        assert!(split(b"bA").is_err());
        assert!(split(&[0xff]).is_err());
    }
}
