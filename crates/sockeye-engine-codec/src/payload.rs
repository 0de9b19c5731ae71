//! Several packets in the body of one long-polling request or response.
//!
//! A payload is a [`Message`]: text or, in revision 3 alone, binary. How much of what waits goes into one body is the
//! caller's choice; [`Joiner::len_with`] tells what a packet would make of it.

mod binary;
mod counted;
mod separated;

use std::mem;

use bytes::Bytes;
use sockeye_message::{Message, Utf8Bytes};

use crate::{DecodeError, Packet, Revision, Signal, base64, revision::bare};

/// Joins packets into one body.
#[derive(Clone, Debug)]
pub struct Joiner {
    revision: Revision,
    body: Joined,
}

#[derive(Clone, Debug)]
enum Joined {
    /// Revision 4.
    Separated(String),
    /// Revision 3 for those who take only text.
    Counted(String),
    /// Revision 3 with binary content as it is.
    Binary(Vec<u8>),
}

impl Joiner {
    /// A body of text without packets: binary content becomes base64.
    pub fn new(revision: Revision) -> Self {
        let body = match revision {
            Revision::V3 => Joined::Counted(String::new()),
            Revision::V4 => Joined::Separated(String::new()),
        };
        Self { revision, body }
    }

    /// A binary body without packets, which only revision 3 has. The reference makes one when the client takes binary
    /// content and there is some, and a body of text otherwise.
    pub fn binary() -> Self {
        Self { revision: Revision::V3, body: Joined::Binary(Vec::new()) }
    }

    /// Appends a packet.
    ///
    /// Separators of revision 4 inside text are not escaped: the protocol has no way to. The receiver would see two
    /// packets.
    pub fn push(&mut self, packet: &Packet) {
        match packet {
            Packet::Message(message) => self.push_message(message),
            Packet::Open(handshake) => self.push_text("0", handshake),
            Packet::Ping(Signal::Other(data)) | Packet::Pong(Signal::Other(data)) => {
                self.push_text(bare(packet), data);
            }
            packet => self.push_text(bare(packet), ""),
        }
    }

    /// Appends a message packet with this content, which need not be wrapped in a packet for it.
    pub fn push_message(&mut self, message: &Message) {
        match message {
            Message::Text(text) => self.push_text(self.revision.prefix(message), text),
            Message::Binary(data) => self.push_binary(data, self.revision.prefix(message)),
        }
    }

    /// How many bytes the body has.
    pub fn len(&self) -> usize {
        match &self.body {
            Joined::Separated(body) | Joined::Counted(body) => body.len(),
            Joined::Binary(body) => body.len(),
        }
    }

    /// Whether there is no packet in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the body would have with one more packet.
    pub fn len_with(&self, packet: &Packet) -> usize {
        let mark = self.revision.base64_mark();
        let content = match packet {
            Packet::Message(Message::Binary(data)) => match &self.body {
                Joined::Binary(_) => return self.len() + binary::len(1 + data.len()),
                Joined::Separated(_) | Joined::Counted(_) => base64::encoded_len(mark, data),
            },
            Packet::Message(Message::Text(content)) | Packet::Open(content) => 1 + content.len(),
            Packet::Ping(Signal::Other(data)) | Packet::Pong(Signal::Other(data)) => 1 + data.len(),
            packet => bare(packet).len(),
        };
        self.len()
            + match &self.body {
                Joined::Separated(body) => separated::len(body, content),
                Joined::Counted(_) => counted::header_len(packet, content) + content,
                Joined::Binary(_) => binary::len(content),
            }
    }

    /// The body. Without packets it is what the reference makes of none: `0:` for text of revision 3, otherwise empty.
    pub fn finish(self) -> Message {
        match self.body {
            Joined::Counted(body) if body.is_empty() => "0:".into(),
            Joined::Separated(body) | Joined::Counted(body) => body.into(),
            Joined::Binary(body) => body.into(),
        }
    }

    fn push_text(&mut self, prefix: &str, content: &str) {
        match &mut self.body {
            Joined::Separated(body) => separated::push(body, prefix, content),
            Joined::Counted(body) => counted::push(body, prefix, content),
            Joined::Binary(body) => binary::push_text(body, prefix, content),
        }
    }

    fn push_binary(&mut self, data: &[u8], prefix: &str) {
        let mark = self.revision.base64_mark();
        match &mut self.body {
            Joined::Separated(body) => {
                separated::separate(body);
                base64::push(body, mark, data);
            }
            Joined::Counted(body) => {
                counted::push_header(body, base64::encoded_len(mark, data));
                base64::push(body, mark, data);
            }
            Joined::Binary(body) => binary::push_data(body, prefix, data),
        }
    }
}

/// Splits a body into its packets, which share its content.
///
/// After the first error there is nothing more: what stands behind it cannot be trusted.
///
/// ```
/// use sockeye_engine_codec::{DecodeError, Packet, Revision, payload};
///
/// let mut packets = payload::Splitter::new(Revision::V4, "4a\u{1e}x\u{1e}4b".into());
/// assert_eq!(packets.next(), Some(Ok(Packet::Message("a".into()))));
/// assert_eq!(packets.next(), Some(Err(DecodeError::UnknownType { first: 'x' })));
/// assert_eq!(packets.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Splitter {
    rest: Rest,
}

#[derive(Clone, Debug)]
enum Rest {
    Separated(Utf8Bytes),
    Counted(Utf8Bytes),
    Binary(Bytes),
    /// There is nothing to be split, which is yet to be said.
    Wrong(DecodeError),
    Nothing,
}

impl Splitter {
    /// The packets of this body. An empty body of text has one, which is an error, and so has a binary body in revision 4.
    pub fn new(revision: Revision, body: Message) -> Self {
        let rest = match (revision, body) {
            (Revision::V4, Message::Text(body)) => Rest::Separated(body),
            (Revision::V4, Message::Binary(_)) => Rest::Wrong(DecodeError::BinaryPayload),
            (Revision::V3, Message::Text(body)) if body.is_empty() => Rest::Wrong(DecodeError::EmptyPacket),
            (Revision::V3, Message::Text(body)) => Rest::Counted(body),
            (Revision::V3, Message::Binary(body)) => Rest::Binary(body),
        };
        Self { rest }
    }
}

impl Iterator for Splitter {
    type Item = Result<Packet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let packet = match mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Separated(body) => {
                let (text, rest) = separated::cut(body);
                self.rest = rest.map_or(Rest::Nothing, Rest::Separated);
                Revision::V4.decode_text(&text)
            }
            Rest::Counted(mut body) => {
                let text = counted::cut(&mut body)?;
                self.rest = Rest::Counted(body);
                text.and_then(|text| Revision::V3.decode_text(&text))
            }
            Rest::Binary(mut body) => {
                let message = binary::cut(&mut body)?;
                self.rest = Rest::Binary(body);
                message.and_then(|message| Revision::V3.decode(message))
            }
            Rest::Wrong(error) => Err(error),
            Rest::Nothing => return None,
        };
        if packet.is_err() {
            self.rest = Rest::Nothing;
        }
        Some(packet)
    }
}

impl std::iter::FusedIterator for Splitter {}
