//! The revisions of the protocol: how packets look on the wire in each.

use std::fmt;

use sockeye_message::{Message, Utf8Bytes};

use crate::{DecodeError, Packet, Signal, base64};

/// A revision of the Engine.IO protocol. A session keeps the one that it was opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// Revision 4, spoken since Engine.IO 4 and Socket.IO 3.
    V4,
}

impl Revision {
    /// The revision that the `EIO` parameter of a request asks for, if it is spoken here.
    pub fn from_parameter(value: &str) -> Option<Self> {
        (value == "4").then_some(Self::V4)
    }

    /// The number that people know it by.
    pub fn number(self) -> u8 {
        match self {
            Self::V4 => 4,
        }
    }

    /// The packet as a transport with binary messages carries it.
    pub fn encode(self, packet: &Packet) -> Message {
        match packet {
            Packet::Message(Message::Binary(data)) => Message::Binary(data.clone()),
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
                base64::push(&mut text, data);
                text.into()
            }
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
    /// ```
    pub fn prefix(self, message: &Message) -> &'static str {
        match message {
            Message::Text(_) => "4",
            Message::Binary(_) => "",
        }
    }

    /// Reads one packet; its content shares the message's.
    ///
    /// # Errors
    /// If the text is empty or starts with no packet type. Base64 is read leniently and never fails.
    pub fn decode(self, message: Message) -> Result<Packet, DecodeError> {
        match message {
            // The common case first, and by cutting the text instead of sharing it.
            Message::Text(mut text) if text.starts_with('4') => {
                text.advance(1);
                Ok(Packet::Message(Message::Text(text)))
            }
            Message::Text(text) => self.decode_text(&text),
            binary @ Message::Binary(_) => Ok(Packet::Message(binary)),
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
            b'b' => Ok(Packet::Message(Message::Binary(base64::read(&text.as_bytes()[1..])))),
            b'0' => Ok(Packet::Open(text.slice(1..))),
            b'1' => Ok(Packet::Close),
            b'2' => Ok(Packet::Ping(Signal::read(&text[1..]))),
            b'3' => Ok(Packet::Pong(Signal::read(&text[1..]))),
            b'5' => Ok(Packet::Upgrade),
            b'6' => Ok(Packet::Noop),
            _ => Err(DecodeError::UnknownType { first: text.chars().next().unwrap_or_default() }),
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

/// The text of a packet without content; its type digit alone for one that has some.
pub(crate) fn bare(packet: &Packet) -> &'static str {
    match packet {
        Packet::Open(_) => "0",
        Packet::Close => "1",
        Packet::Ping(Signal::Heartbeat) => "2",
        Packet::Ping(Signal::Probe) => "2probe",
        Packet::Pong(Signal::Heartbeat) => "3",
        Packet::Pong(Signal::Probe) => "3probe",
        Packet::Message(_) => "4",
        Packet::Upgrade => "5",
        Packet::Noop => "6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (Packet::Message("é€😀".into()), "4é€😀"),
            (Packet::Message("".into()), "4"),
            (Packet::Upgrade, "5"),
            (Packet::Noop, "6"),
        ] {
            assert_eq!(Revision::V4.encode(&packet).as_text(), Some(wire));
            assert_eq!(decode(wire), Ok(packet));
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
    fn a_packet_without_a_known_type_is_an_error() {
        assert_eq!(decode(""), Err(DecodeError::EmptyPacket));
        for first in ['7', 'a', 'é', '\u{1e}'] {
            assert_eq!(decode(&format!("{first}x")), Err(DecodeError::UnknownType { first }));
        }
    }

    #[test]
    fn data_behind_packets_that_have_none_is_passed_over() {
        assert_eq!(decode("1x"), Ok(Packet::Close));
        assert_eq!(decode("2probes"), Ok(Packet::Ping(Signal::Heartbeat)));
        assert_eq!(decode("5x"), Ok(Packet::Upgrade));
        assert_eq!(decode("6x"), Ok(Packet::Noop));
    }

    #[test]
    fn only_four_is_spoken() {
        assert_eq!(Revision::from_parameter("4"), Some(Revision::V4));
        for other in ["", "3", "5", "04", "4 "] {
            assert_eq!(Revision::from_parameter(other), None);
        }
    }
}
