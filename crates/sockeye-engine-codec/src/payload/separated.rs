//! Payloads of revision 4: packets of text with separators between them.

use sockeye_message::Utf8Bytes;

pub(super) fn push(body: &mut String, prefix: &str, content: &str) {
    separate(body);
    body.reserve(prefix.len() + content.len());
    body.push_str(prefix);
    body.push_str(content);
}

/// Makes room for another packet.
pub(super) fn separate(body: &mut String) {
    if !body.is_empty() {
        body.push(SEPARATOR);
    }
}

/// How many bytes a packet with so much text adds.
pub(super) fn len(body: &str, content: usize) -> usize {
    usize::from(!body.is_empty()) + content
}

/// The first packet, and what stands behind the separator that follows.
pub(super) fn cut(body: Utf8Bytes) -> (Utf8Bytes, Option<Utf8Bytes>) {
    match body.find(SEPARATOR) {
        Some(at) => (body.slice(..at), Some(body.slice(at + SEPARATOR.len_utf8()..))),
        None => (body, None),
    }
}

const SEPARATOR: char = '\u{1e}';

#[cfg(test)]
mod tests {
    use crate::{
        DecodeError, Packet, Revision, Signal,
        payload::{Joiner, Splitter},
    };

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
        assert_eq!(body.as_text(), Some("0{}\u{1e}4a\u{1e}bAQIDBA==\u{1e}2\u{1e}4"));
        assert!(Splitter::new(Revision::V4, body).eq(packets.map(Ok)));
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

    #[test]
    fn a_binary_payload_is_an_error() {
        let body = vec![0, 2, 255, b'4', b'a'].into();

        assert!(Splitter::new(Revision::V4, body).eq([Err(DecodeError::BinaryPayload)]));
    }
}
