//! Several packets in the body of one long-polling request or response.
//!
//! A payload is text: packets stand between separators, and binary content is base64. How much of what waits goes into
//! one body is the caller's choice; [`Joiner::len_with`] tells what a packet would make of it.

use sockeye_message::{Message, Utf8Bytes};

use crate::{DecodeError, Packet, Revision, base64, revision::bare};

/// Joins packets into one body.
#[derive(Clone, Debug)]
pub struct Joiner {
    revision: Revision,
    body: String,
}

impl Joiner {
    /// A body without packets.
    pub fn new(revision: Revision) -> Self {
        Self { revision, body: String::new() }
    }

    /// Appends a packet.
    ///
    /// Separators inside text are not escaped: the protocol has no way to. The receiver would see two packets.
    pub fn push(&mut self, packet: &Packet) {
        match packet {
            Packet::Message(message) => self.push_message(message),
            Packet::Open(handshake) => self.push_parts("0", handshake),
            packet => self.push_parts(bare(packet), ""),
        }
    }

    /// Appends a message packet with this content, which need not be wrapped in a packet for it.
    pub fn push_message(&mut self, message: &Message) {
        match message {
            Message::Text(text) => self.push_parts(self.revision.prefix(message), text),
            Message::Binary(data) => {
                self.separate();
                base64::push(&mut self.body, data);
            }
        }
    }

    /// How many bytes the body has.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether there is no packet in it.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// How many bytes the body would have with one more packet.
    pub fn len_with(&self, packet: &Packet) -> usize {
        let separator = usize::from(!self.is_empty());
        let packet = match packet {
            Packet::Message(Message::Binary(data)) => base64::encoded_len(data),
            Packet::Message(Message::Text(content)) | Packet::Open(content) => 1 + content.len(),
            packet => bare(packet).len(),
        };
        self.len() + separator + packet
    }

    /// The body.
    pub fn finish(self) -> Utf8Bytes {
        self.body.into()
    }

    fn push_parts(&mut self, prefix: &str, content: &str) {
        self.separate();
        self.body.reserve(prefix.len() + content.len());
        self.body.push_str(prefix);
        self.body.push_str(content);
    }

    fn separate(&mut self) {
        if !self.body.is_empty() {
            self.body.push(SEPARATOR);
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
    revision: Revision,
    rest: Option<Utf8Bytes>,
}

impl Splitter {
    /// The packets of this body. An empty body has one, which is an error.
    pub fn new(revision: Revision, body: Utf8Bytes) -> Self {
        Self { revision, rest: Some(body) }
    }
}

impl Iterator for Splitter {
    type Item = Result<Packet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let body = self.rest.take()?;
        let text = match body.find(SEPARATOR) {
            Some(at) => {
                self.rest = Some(body.slice(at + SEPARATOR.len_utf8()..));
                body.slice(..at)
            }
            None => body,
        };
        let packet = self.revision.decode_text(&text);
        if packet.is_err() {
            self.rest = None;
        }
        Some(packet)
    }
}

impl std::iter::FusedIterator for Splitter {}

const SEPARATOR: char = '\u{1e}';

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Signal;

    fn split(body: &str) -> Vec<Result<Packet, DecodeError>> {
        Splitter::new(Revision::V4, body.into()).collect()
    }

    #[test]
    fn packets_are_joined_and_split_in_order() {
        let packets = [
            Packet::Open("{}".into()),
            Packet::Message("a".into()),
            Packet::Message(vec![1, 2, 3, 4].into()),
            Packet::Ping(Signal::Heartbeat),
            Packet::Message("".into()),
        ];
        let mut body = Joiner::new(Revision::V4);

        for packet in &packets {
            body.push(packet);
        }

        let body = body.finish();
        assert_eq!(body, "0{}\u{1e}4a\u{1e}bAQIDBA==\u{1e}2\u{1e}4");
        assert_eq!(split(&body), packets.map(Ok));
    }

    #[test]
    fn an_empty_place_between_separators_is_an_error() {
        let message = |text: &str| Ok(Packet::Message(text.into()));
        let empty = || Err(DecodeError::EmptyPacket);

        assert_eq!(split(""), [empty()]);
        assert_eq!(split("\u{1e}4a"), [empty()]);
        assert_eq!(split("4a\u{1e}"), [message("a"), empty()]);
        assert_eq!(split("4a\u{1e}\u{1e}4b"), [message("a"), empty()]);
    }
}
