//! One WebSocket frame, also one that no peer should send.

use bytes::{Buf as _, Bytes, BytesMut};

use super::Role;
use crate::transcript;
use crate::wire::{Error, Message};

/// A frame. The constructors make right ones; the methods make them wrong.
///
/// ```
/// use sockeye_conformance::wire::websocket::{Frame, Role, opcode};
///
/// assert_eq!(Frame::text("hi").to_bytes(Role::Server), [0x81, 2, b'h', b'i']);
/// // The first of several, with the bit that compressed messages have.
/// assert_eq!(Frame::text("hi").unfinished().rsv(0b100).to_bytes(Role::Server)[0], 0x41);
/// // A control frame that is too long, and one that promises a gigabyte.
/// assert_eq!(Frame::ping(vec![0; 126]).to_bytes(Role::Server)[1], 126);
/// let promise = Frame::new(opcode::BINARY, []).declaring(1 << 30).to_bytes(Role::Server);
/// assert_eq!(promise, [0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether it ends its message.
    pub is_final: bool,
    /// The three reserved bits: RSV1 is `0b100`.
    pub rsv: u8,
    /// See [`opcode`].
    pub opcode: u8,
    /// Whether it is masked, as a client must and a server must not.
    pub masking: Masking,
    /// Unmasked.
    pub payload: Bytes,
    /// A length that it declares in the place of the payload's.
    pub declared: Option<u64>,
}

/// Whether a frame is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// As the one who sends it should.
    ByRole,
    /// Never.
    Without,
    /// With this key, whoever sends it.
    With([u8; 4]),
}

/// What frames are for.
pub mod opcode {
    /// Goes on with a message.
    pub const CONTINUATION: u8 = 0;
    /// Begins a message of text.
    pub const TEXT: u8 = 1;
    /// Begins a message of bytes.
    pub const BINARY: u8 = 2;
    /// Closes.
    pub const CLOSE: u8 = 8;
    /// Asks for a pong.
    pub const PING: u8 = 9;
    /// Answers a ping.
    pub const PONG: u8 = 10;
}

impl Frame {
    /// A final frame with no reserved bit.
    pub fn new(opcode: u8, payload: impl AsRef<[u8]>) -> Self {
        Self {
            is_final: true,
            rsv: 0,
            opcode,
            masking: Masking::ByRole,
            payload: Bytes::copy_from_slice(payload.as_ref()),
            declared: None,
        }
    }

    /// A message of text; bytes are taken too, so that it may be no UTF-8.
    pub fn text(payload: impl AsRef<[u8]>) -> Self {
        Self::new(opcode::TEXT, payload)
    }

    /// A message of bytes.
    pub fn binary(payload: impl AsRef<[u8]>) -> Self {
        Self::new(opcode::BINARY, payload)
    }

    /// What goes on with the message before.
    pub fn continuation(payload: impl AsRef<[u8]>) -> Self {
        Self::new(opcode::CONTINUATION, payload)
    }

    /// A ping of the WebSocket's own.
    pub fn ping(payload: impl AsRef<[u8]>) -> Self {
        Self::new(opcode::PING, payload)
    }

    /// A pong of the WebSocket's own.
    pub fn pong(payload: impl AsRef<[u8]>) -> Self {
        Self::new(opcode::PONG, payload)
    }

    /// A close frame with a code and words.
    pub fn close(code: u16, reason: &str) -> Self {
        Self::new(opcode::CLOSE, [&code.to_be_bytes()[..], reason.as_bytes()].concat())
    }

    /// Does not end its message: another must follow.
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        self.is_final = false;
        self
    }

    /// With reserved bits: RSV1 is `0b100`, RSV2 `0b010`, RSV3 `0b001`.
    #[must_use]
    pub fn rsv(mut self, bits: u8) -> Self {
        self.rsv = bits;
        self
    }

    /// Without a mask, although a client sends it.
    #[must_use]
    pub fn unmasked(mut self) -> Self {
        self.masking = Masking::Without;
        self
    }

    /// With a mask, although a server sends it.
    #[must_use]
    pub fn masked(mut self) -> Self {
        self.masking = Masking::With(random_mask());
        self
    }

    /// Declares another length than the payload has, in the 64-bit form.
    #[must_use]
    pub fn declaring(mut self, length: u64) -> Self {
        self.declared = Some(length);
        self
    }

    /// Whether it is a close, a ping or a pong.
    pub fn is_control(&self) -> bool {
        self.opcode & 0b1000 != 0
    }

    /// The code of a close frame; none in an empty one.
    pub fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk()?;
        (self.opcode == opcode::CLOSE).then(|| u16::from_be_bytes(*code))
    }

    /// As it is sent.
    pub fn to_bytes(&self, role: Role) -> Vec<u8> {
        let mask = match (self.masking, role) {
            (Masking::ByRole, Role::Client) => Some(random_mask()),
            (Masking::ByRole, Role::Server) | (Masking::Without, _) => None,
            (Masking::With(key), _) => Some(key),
        };
        let mut bytes = vec![u8::from(self.is_final) << 7 | self.rsv << 4 | self.opcode];
        bytes.extend(length_field(self.payload.len(), self.declared));
        if mask.is_some() {
            bytes[1] |= 0x80;
        }
        bytes.extend(mask.into_iter().flatten());
        let start = bytes.len();
        bytes.extend_from_slice(&self.payload);
        if let Some(mask) = mask {
            apply(mask, &mut bytes[start..]);
        }
        bytes
    }

    /// Takes one frame off what has come; nothing if it is not whole yet.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if it declares more than 64 MiB.
    pub fn parse(buffer: &mut BytesMut) -> Result<Option<Self>, Error> {
        Self::parse_within(buffer, FRAME_LIMIT)
    }

    /// As [`parse`](Self::parse), with another limit in bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if it declares more, before the rest of it has come.
    pub fn parse_within(buffer: &mut BytesMut, limit: usize) -> Result<Option<Self>, Error> {
        let Some((declared, start, mask)) = parse_lengths(buffer) else { return Ok(None) };
        let length = usize::try_from(declared).unwrap_or(usize::MAX);
        if length > limit {
            return Err(Error::TooLarge { what: "a frame", limit });
        }
        if buffer.len() < start + length {
            return Ok(None);
        }
        let first = buffer[0];
        buffer.advance(start);
        let mut payload = buffer.split_to(length);
        if let Some(mask) = mask {
            apply(mask, &mut payload);
        }
        Ok(Some(Self {
            is_final: first & 0x80 != 0,
            rsv: first >> 4 & 0b111,
            opcode: first & 0b1111,
            masking: mask.map_or(Masking::Without, Masking::With),
            payload: payload.freeze(),
            declared: None,
        }))
    }

    /// As people read it in a transcript.
    pub fn to_text(&self) -> String {
        let kind = match self.opcode {
            opcode::CONTINUATION => "continuation ".to_owned(),
            opcode::TEXT | opcode::BINARY => String::new(),
            opcode::CLOSE => format!(
                "close {} ",
                self.close_code().map_or_else(|| "without a code".into(), |code| code.to_string())
            ),
            opcode::PING => "WebSocket ping ".to_owned(),
            opcode::PONG => "WebSocket pong ".to_owned(),
            other => format!("opcode {other} "),
        };
        let part = if self.is_final { "" } else { "not final: " };
        let rsv = if self.rsv == 0 { String::new() } else { format!("rsv {:03b} ", self.rsv) };
        let payload = match self.opcode {
            opcode::TEXT if self.rsv == 0 => transcript::readable(&self.payload),
            opcode::CLOSE => String::from_utf8_lossy(self.payload.get(2..).unwrap_or_default()).into_owned(),
            _ if self.payload.is_empty() => String::new(),
            _ => transcript::hex(&self.payload),
        };
        format!("{part}{rsv}{kind}{payload}").trim_end().to_owned()
    }
}

impl From<&Message> for Frame {
    fn from(message: &Message) -> Self {
        match message {
            Message::Text(text) => Self::text(text.clone()),
            Message::Binary(bytes) => Self::binary(bytes.clone()),
        }
    }
}

fn length_field(length: usize, declared: Option<u64>) -> Vec<u8> {
    if let Some(declared) = declared {
        return [&[127], &declared.to_be_bytes()[..]].concat();
    }
    match u16::try_from(length) {
        Ok(length @ 0..126) => vec![length.to_be_bytes()[1]],
        Ok(length) => [&[126], &length.to_be_bytes()[..]].concat(),
        Err(_) => [&[127], &(length as u64).to_be_bytes()[..]].concat(),
    }
}

fn parse_lengths(buffer: &[u8]) -> Option<(u64, usize, Option<[u8; 4]>)> {
    let second = *buffer.get(1)?;
    let rest = &buffer[2..];
    let (length, start) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), 10),
        short => (u64::from(short), 2),
    };
    if second & 0x80 == 0 {
        return Some((length, start, None));
    }
    Some((length, start + 4, Some(*buffer.get(start..)?.first_chunk()?)))
}

fn apply(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

fn random_mask() -> [u8; 4] {
    getrandom::u32().unwrap_or(0x5a5a_5a5a).to_be_bytes()
}

pub(super) const FRAME_LIMIT: usize = 64 * 1024 * 1024;
