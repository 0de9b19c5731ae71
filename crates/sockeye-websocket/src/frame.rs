//! Frames: what stands before a payload.

use bytes::{BufMut, Bytes};
use sockeye_message::Message;

use crate::mask;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the protocol has no others")]
pub enum Kind {
    /// Valid UTF-8.
    Text,
    /// Any bytes.
    Binary,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Data(Kind),
    Close,
    Ping,
    Pong,
}

/// Which end of the connection this is. Clients mask what they send, servers must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) is_final: bool,
    pub(crate) opcode: Opcode,
    pub(crate) mask: Option<[u8; 4]>,
    /// The length of the header itself.
    pub(crate) length: usize,
    pub(crate) payload: u64,
}

/// The peer broke the rules of framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadFrame(pub(crate) &'static str);

impl Header {
    /// Reads the header that the bytes begin with; `None` if there are too few.
    pub(crate) fn read(bytes: &[u8], role: Role) -> Result<Option<Self>, BadFrame> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        let (is_final, opcode) = read_first(first)?;
        let is_masked = second & MASKED != 0;
        if is_masked != (role == Role::Server) {
            return Err(BadFrame("frames of clients must be masked, and no others"));
        }
        let Some((payload, rest)) = read_length(second & !MASKED, rest)? else { return Ok(None) };
        if !matches!(opcode, Opcode::Continuation | Opcode::Data(_)) && (payload > 125 || !is_final) {
            return Err(BadFrame("control frames are short and whole"));
        }
        let (mask, rest) = match rest.split_first_chunk() {
            _ if !is_masked => (None, rest),
            Some((key, rest)) => (Some(*key), rest),
            None => return Ok(None),
        };
        Ok(Some(Self { is_final, opcode, mask, length: bytes.len() - rest.len(), payload }))
    }

    /// Reads the header of a frame that begins a compressed message: the first of the reserved bits says so.
    pub(crate) fn read_deflated(bytes: &[u8], role: Role) -> Result<Option<Self>, BadFrame> {
        let mut plain = [0; MAX_HEADER + 4];
        let length = bytes.len().min(plain.len());
        plain[..length].copy_from_slice(&bytes[..length]);
        plain[0] &= !DEFLATED;
        let Some(header) = Self::read(&plain[..length], role)? else { return Ok(None) };
        match header.opcode {
            Opcode::Data(_) => Ok(Some(header)),
            _ => Err(BadFrame("only the first frame of a message tells that it is compressed")),
        }
    }
}

impl From<&Message> for Kind {
    fn from(message: &Message) -> Self {
        match message {
            Message::Text(_) => Self::Text,
            Message::Binary(_) => Self::Binary,
        }
    }
}

fn read_first(first: u8) -> Result<(bool, Opcode), BadFrame> {
    if first & RESERVED != 0 {
        return Err(BadFrame("reserved bits are for extensions"));
    }
    let opcode = match first & OPCODE {
        0 => Opcode::Continuation,
        1 => Opcode::Data(Kind::Text),
        2 => Opcode::Data(Kind::Binary),
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        _ => return Err(BadFrame("unknown opcode")),
    };
    Ok((first & FINAL != 0, opcode))
}

/// The length of the payload, which must be written in the shortest way.
fn read_length(short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, BadFrame> {
    let (length, rest, least) = match short {
        126 => match rest.split_first_chunk() {
            Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest, 126),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((length, rest)) => (u64::from_be_bytes(*length), rest, 1 << 16),
            None => return Ok(None),
        },
        _ => (u64::from(short), rest, 0),
    };
    if length < least || length > u64::MAX >> 1 {
        return Err(BadFrame("lengths are written in the shortest way"));
    }
    Ok(Some((length, rest)))
}

/// Writes the header of a whole message or control frame.
pub(crate) fn push_header(out: &mut impl BufMut, opcode: Opcode, payload: usize, mask: Option<[u8; 4]>) {
    let (header, length) = header(opcode, payload, mask);
    out.put_slice(&header[..length]);
}

/// The header of a whole message or control frame, and its length.
fn header(opcode: Opcode, payload: usize, mask: Option<[u8; 4]>) -> ([u8; MAX_HEADER + 4], usize) {
    let code = match opcode {
        Opcode::Continuation => 0,
        Opcode::Data(Kind::Text) => 1,
        Opcode::Data(Kind::Binary) => 2,
        Opcode::Close => 8,
        Opcode::Ping => 9,
        Opcode::Pong => 10,
    };
    let masked = if mask.is_some() { MASKED } else { 0 };
    let mut header = [0; MAX_HEADER + 4];
    header[0] = FINAL | code;
    let mut end = 2;
    let short = if let Ok(length @ 0..=125) = u8::try_from(payload) {
        length
    } else if let Ok(length) = u16::try_from(payload) {
        header[2..4].copy_from_slice(&length.to_be_bytes());
        end = 4;
        0x7e
    } else {
        header[2..10].copy_from_slice(&(payload as u64).to_be_bytes());
        end = 10;
        0x7f
    };
    header[1] = masked | short;
    if let Some(mask) = mask {
        header[end..end + 4].copy_from_slice(&mask);
        end += 4;
    }
    (header, end)
}

/// A whole message as a server's frame, whose payload is `prefix` and `payload` joined. Such a frame carries no mask, so it
/// may be sent to any number of clients.
pub fn encode_server_frame(kind: Kind, prefix: &[u8], payload: &[u8]) -> Bytes {
    let length = prefix.len() + payload.len();
    let mut frame = Vec::with_capacity(MAX_HEADER + length);
    push_header(&mut frame, Opcode::Data(kind), length, None);
    frame.extend_from_slice(prefix);
    frame.extend_from_slice(payload);
    frame.into()
}

/// A whole message that has been compressed.
pub(crate) fn encode_deflated(kind: Kind, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mut frame = Vec::with_capacity(MAX_HEADER + 4 + payload.len());
    push_header(&mut frame, Opcode::Data(kind), payload.len(), key);
    frame[0] |= DEFLATED;
    let start = frame.len();
    frame.extend_from_slice(payload);
    if let Some(key) = key {
        mask::apply(&mut frame[start..], key);
    }
    frame
}

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const DEFLATED: u8 = 0x40;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
/// Of a server's frame.
pub(crate) const MAX_HEADER: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [1, 2, 3, 4];

    fn read(bytes: &[u8]) -> Result<Option<Header>, BadFrame> {
        Header::read(bytes, Role::Server)
    }

    #[test]
    fn every_length_is_read_as_it_was_written() {
        for payload in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20] {
            let mut bytes = Vec::new();
            push_header(&mut bytes, Opcode::Data(Kind::Binary), payload, Some(KEY));

            for cut in 0..bytes.len() {
                assert_eq!(read(&bytes[..cut]), Ok(None));
            }
            let header = read(&bytes).unwrap().unwrap();
            assert_eq!(
                (header.payload, header.length, header.mask),
                (payload as u64, bytes.len(), Some(KEY))
            );
            assert_eq!((header.is_final, header.opcode), (true, Opcode::Data(Kind::Binary)));
        }
    }

    #[test]
    fn what_the_rules_forbid_is_refused() {
        let cases: [(&str, &[u8]); 10] = [
            ("rsv1", &[0xc1, 0x80]),
            ("rsv2", &[0xa1, 0x80]),
            ("rsv3", &[0x91, 0x80]),
            ("opcode 3", &[0x83, 0x80]),
            ("opcode 11", &[0x8b, 0x80]),
            ("unmasked", &[0x81, 0x00]),
            ("ping of 126 bytes", &[0x89, 0xfe, 0, 126]),
            ("ping in fragments", &[0x09, 0x80]),
            ("16-bit length of 125", &[0x82, 0xfe, 0, 125]),
            ("64-bit length of 65535", &[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
        ];
        for (name, bytes) in cases {
            assert!(read(bytes).is_err(), "{name}");
        }
        assert!(read(&[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]).is_err(), "a length with the top bit set");
    }

    #[test]
    fn only_the_first_frame_of_a_message_may_be_marked_as_compressed() {
        let marked = |first: u8| Header::read_deflated(&[first, 0x80, 1, 2, 3, 4], Role::Server);

        assert_eq!(marked(0xc1).unwrap().unwrap().opcode, Opcode::Data(Kind::Text));
        assert_eq!(marked(0x42).unwrap().unwrap().opcode, Opcode::Data(Kind::Binary));
        for first in [0xc0, 0x40, 0xc8, 0xc9, 0xca, 0xe1, 0xd1] {
            assert!(marked(first).is_err(), "{first:x}");
        }
    }

    #[test]
    fn servers_must_not_mask() {
        assert!(Header::read(&[0x81, 0x80, 1, 2, 3, 4], Role::Client).is_err());
        assert!(Header::read(&[0x81, 0x00], Role::Client).unwrap().is_some());
    }

    #[test]
    fn a_shared_frame_joins_prefix_and_payload() {
        assert_eq!(&encode_server_frame(Kind::Text, b"4", b"2[]")[..], b"\x81\x0442[]");
    }
}
