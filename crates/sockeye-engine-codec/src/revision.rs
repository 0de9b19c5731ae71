//! The revisions of the protocol: how packets look on the wire in each.

use std::fmt;

use bytes::{Buf, Bytes};
use sockeye_message::{Message, Utf8Bytes};

use crate::{DecodeError, Packet, Signal, base64};

/// A revision of the Engine.IO protocol. A session keeps the one that it was opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// Revision 3, spoken by the clients of Engine.IO 3 and Socket.IO 2.
    V3,
    /// Revision 4, spoken since Engine.IO 4 and Socket.IO 3.
    V4,
}

impl Revision {
    /// The revision that a request asks for by its `EIO` parameter: 3 unless it is exactly `4`.
    ///
    /// Whether that one is spoken here is for the caller to say.
    pub fn from_parameter(value: Option<&str>) -> Self {
        if value == Some("4") { Self::V4 } else { Self::V3 }
    }

    /// The number that people know it by.
    pub fn number(self) -> u8 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }

    /// The packet as a transport with binary messages carries it.
    pub fn encode(self, packet: &Packet) -> Message {
        match (packet, self) {
            (Packet::Message(Message::Binary(data)), Self::V4) => Message::Binary(data.clone()),
            (Packet::Message(Message::Binary(data)), Self::V3) => [&[MESSAGE], &data[..]].concat().into(),
            _ => Message::Text(self.encode_text(packet)),
        }
    }

    /// The packet as a transport for text carries it: binary content as base64.
    pub fn encode_text(self, packet: &Packet) -> Utf8Bytes {
        match packet {
            Packet::Open(handshake) if !handshake.is_empty() => ["0", handshake].concat().into(),
            Packet::Message(Message::Text(text)) => ["4", text].concat().into(),
            Packet::Message(Message::Binary(data)) => {
                let mut text = String::new();
                base64::push(&mut text, self.base64_mark(), data);
                text.into()
            }
            Packet::Ping(Signal::Other(data)) => ["2", data].concat().into(),
            Packet::Pong(Signal::Other(data)) => ["3", data].concat().into(),
            packet => Utf8Bytes::from_static(bare(packet)),
        }
    }

    /// What stands before the content of a message on a transport with binary messages.
    ///
    /// Whoever writes frames itself puts this and the content side by side, where [`encode`](Self::encode) must copy.
    ///
    /// ```
    /// use sockeye_engine_codec::Revision;
    /// assert_eq!(Revision::V4.prefix(&"hello".into()), "4");
    /// assert_eq!(Revision::V4.prefix(&vec![1, 2].into()), "");
    /// assert_eq!(Revision::V3.prefix(&vec![1, 2].into()), "\u{4}");
    /// ```
    pub fn prefix(self, message: &Message) -> &'static str {
        match (message, self) {
            (Message::Text(_), _) => "4",
            (Message::Binary(_), Self::V4) => "",
            // The type as a number, not as a digit.
            (Message::Binary(_), Self::V3) => "\u{4}",
        }
    }

    /// Reads one packet; its content shares the message's.
    ///
    /// # Errors
    /// If the text is empty or starts with no packet type. Base64 is read leniently and never fails. In revision 3 binary
    /// packets have types as well, and those without a known one are read as [`Packet::Noop`]: they count for nothing.
    #[inline]
    pub fn decode(self, message: Message) -> Result<Packet, DecodeError> {
        match message {
            // The common case first, and by cutting the text instead of sharing it.
            Message::Text(mut text) if text.starts_with('4') => {
                text.advance(1);
                Ok(Packet::Message(Message::Text(text)))
            }
            Message::Text(text) => self.decode_text(&text),
            Message::Binary(data) => Ok(self.decode_binary(data)),
        }
    }

    /// Reads one packet of text, as it stands in a payload or in a text frame.
    ///
    /// # Errors
    /// As for [`decode`](Self::decode).
    pub fn decode_text(self, text: &Utf8Bytes) -> Result<Packet, DecodeError> {
        let Some(kind) = text.as_bytes().first() else {
            return Err(DecodeError::EmptyPacket);
        };
        match kind {
            b'4' => Ok(Packet::Message(Message::Text(text.slice(1..)))),
            b'b' => Ok(self.decode_base64(&text.as_bytes()[1..])),
            b'0' => Ok(Packet::Open(text.slice(1..))),
            b'1' => Ok(Packet::Close),
            b'2' => Ok(Packet::Ping(Signal::read(&text[1..]))),
            b'3' => Ok(Packet::Pong(Signal::read(&text[1..]))),
            b'5' => Ok(Packet::Upgrade),
            b'6' => Ok(Packet::Noop),
            _ => Err(DecodeError::UnknownType { first: text.chars().next().unwrap_or_default() }),
        }
    }

    /// What stands before the base64 of a message.
    pub(crate) fn base64_mark(self) -> &'static str {
        match self {
            Self::V3 => "b4",
            Self::V4 => "b",
        }
    }

    fn decode_binary(self, mut data: Bytes) -> Packet {
        match self {
            Self::V4 => Packet::Message(Message::Binary(data)),
            Self::V3 => {
                let kind = data.first().copied();
                data.advance(kind.iter().len());
                typed(kind, data)
            }
        }
    }

    fn decode_base64(self, text: &[u8]) -> Packet {
        match self {
            Self::V4 => Packet::Message(Message::Binary(base64::read(text))),
            Self::V3 => {
                let digit = text.first().map(|digit| digit.wrapping_sub(b'0'));
                typed(digit, base64::read(text.get(1..).unwrap_or_default()))
            }
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

/// A packet of revision 3 with binary content, which only messages have any use for.
fn typed(kind: Option<u8>, data: Bytes) -> Packet {
    match kind {
        Some(0) => Packet::Open(Utf8Bytes::default()),
        Some(1) => Packet::Close,
        Some(2) => Packet::Ping(Signal::Heartbeat),
        Some(3) => Packet::Pong(Signal::Heartbeat),
        Some(MESSAGE) => Packet::Message(Message::Binary(data)),
        Some(5) => Packet::Upgrade,
        // The reference passes over binary packets of unknown type, though not over text.
        _ => Packet::Noop,
    }
}

/// The text of a packet without content; its type digit alone for one that has some.
pub(crate) fn bare(packet: &Packet) -> &'static str {
    match packet {
        Packet::Open(_) => "0",
        Packet::Close => "1",
        Packet::Ping(Signal::Heartbeat | Signal::Other(_)) => "2",
        Packet::Ping(Signal::Probe) => "2probe",
        Packet::Pong(Signal::Heartbeat | Signal::Other(_)) => "3",
        Packet::Pong(Signal::Probe) => "3probe",
        Packet::Message(_) => "4",
        Packet::Upgrade => "5",
        Packet::Noop => "6",
    }
}

/// The type of a binary message in revision 3.
const MESSAGE: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Revision; 2] = [Revision::V3, Revision::V4];

    fn decode(text: &str) -> Result<Packet, DecodeError> {
        Revision::V4.decode(text.into())
    }

    #[test]
    fn every_type_has_its_digit() {
        for (packet, wire) in [
            (Packet::Open("{}".into()), "0{}"),
            (Packet::Open("".into()), "0"),
            (Packet::Close, "1"),
            (Packet::Ping(Signal::Heartbeat), "2"),
            (Packet::Ping(Signal::Probe), "2probe"),
            (Packet::Pong(Signal::Heartbeat), "3"),
            (Packet::Pong(Signal::Probe), "3probe"),
            (Packet::Ping(Signal::Other("probes".into())), "2probes"),
            (Packet::Pong(Signal::Other("é".into())), "3é"),
            (Packet::Message("é€😀".into()), "4é€😀"),
            (Packet::Message("".into()), "4"),
            (Packet::Upgrade, "5"),
            (Packet::Noop, "6"),
        ] {
            for revision in BOTH {
                assert_eq!(revision.encode(&packet).as_text(), Some(wire));
                assert_eq!(revision.decode(wire.into()), Ok(packet.clone()));
            }
        }
    }

    #[test]
    fn binary_travels_bare_or_as_base64() {
        let packet = Packet::Message(vec![1, 2, 3, 4].into());

        assert_eq!(Revision::V4.encode(&packet), vec![1, 2, 3, 4].into());
        assert_eq!(Revision::V4.encode_text(&packet), "bAQIDBA==");
        assert_eq!(Revision::V4.encode_text(&Packet::Message(vec![].into())), "b");
    }

    #[test]
    fn base64_in_a_text_frame_is_a_binary_message() {
        assert_eq!(decode("bAQIDBA=="), Ok(Packet::Message(vec![1, 2, 3, 4].into())));
        assert_eq!(decode("b"), Ok(Packet::Message(vec![].into())));
    }

    #[test]
    fn in_revision_3_binary_has_a_type() {
        let packet = Packet::Message(vec![1, 2, 3, 4].into());

        assert_eq!(Revision::V3.encode(&packet), vec![4, 1, 2, 3, 4].into());
        assert_eq!(Revision::V3.decode(vec![4, 1, 2, 3, 4].into()), Ok(packet.clone()));
        assert_eq!(Revision::V3.encode_text(&packet), "b4AQIDBA==");
        assert_eq!(Revision::V3.decode("b4AQIDBA==".into()), Ok(packet));
    }

    #[test]
    fn in_revision_3_binary_of_other_types_has_no_content() {
        for (kind, packet) in [
            (0, Packet::Open("".into())),
            (1, Packet::Close),
            (2, Packet::Ping(Signal::Heartbeat)),
            (3, Packet::Pong(Signal::Heartbeat)),
            (5, Packet::Upgrade),
            (6, Packet::Noop),
            (7, Packet::Noop),
            (b'4', Packet::Noop),
        ] {
            assert_eq!(Revision::V3.decode(vec![kind, b'x'].into()), Ok(packet));
        }
    }

    #[test]
    fn in_revision_3_binary_without_a_known_type_counts_for_nothing() {
        for binary in [vec![], vec![255]] {
            assert_eq!(Revision::V3.decode(binary.into()), Ok(Packet::Noop));
        }
        for text in ["b", "b7AQID", "bAQID", "b€AQID", "b\u{4}AQID"] {
            assert_eq!(Revision::V3.decode(text.into()), Ok(Packet::Noop), "{text}");
        }
    }

    #[test]
    fn a_packet_without_a_known_type_is_an_error() {
        for revision in BOTH {
            assert_eq!(revision.decode("".into()), Err(DecodeError::EmptyPacket));
            for first in ['7', 'a', 'é', '\u{1e}'] {
                let unknown = Err(DecodeError::UnknownType { first });
                assert_eq!(revision.decode(format!("{first}x").into()), unknown);
            }
        }
    }

    #[test]
    fn data_behind_packets_that_have_none_is_passed_over() {
        assert_eq!(decode("1x"), Ok(Packet::Close));
        assert_eq!(decode("5x"), Ok(Packet::Upgrade));
        assert_eq!(decode("6x"), Ok(Packet::Noop));
    }

    #[test]
    fn whatever_is_not_four_is_three() {
        assert_eq!(Revision::from_parameter(Some("4")), Revision::V4);
        assert_eq!(Revision::from_parameter(None), Revision::V3);
        for other in ["", "3", "5", "04", "4 "] {
            assert_eq!(Revision::from_parameter(Some(other)), Revision::V3);
        }
    }
}
