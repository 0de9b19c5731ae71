//! Messages on a byte stream: the framing of WebTransport, for everything that has no frames of its own.
//!
//! ```text
//!  payload          header                          first byte
//!  < 126            1 byte                          0x80 if binary, plus the length
//!  < 65536          1 byte and 2 with the length    0x80 if binary, plus 126
//!  larger           1 byte and 8 with the length    0x80 if binary, plus 127
//! ```
//! Where the bytes come from and go to is the caller's affair.

use std::{error::Error, fmt};

use bytes::{Buf, BufMut, BytesMut};
use sockeye_message::{Message, Utf8Bytes};

use crate::{ErrorKind, TransportError};

/// Turns messages into frames and frames into messages.
///
/// ```
/// use bytes::BytesMut;
/// use sockeye_transport::frame::FrameCodec;
///
/// let codec = FrameCodec::new(1_000_000);
/// let mut wire = BytesMut::new();
/// codec.encode(&"4hello".into(), &mut wire).unwrap();
/// assert_eq!(wire, "\x064hello");
/// assert_eq!(codec.decode(&mut wire), Ok(Some("4hello".into())));
/// assert_eq!(codec.decode(&mut wire), Ok(None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameCodec {
    max_message: usize,
    empty: Empty,
}

/// Whether a frame may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    Refused,
    Taken,
}

impl FrameCodec {
    /// A codec that takes messages of up to `max_message` bytes from the peer.
    ///
    /// Empty frames are errors, as browsers and the reference have it: Engine.IO has no packets without content.
    pub const fn new(max_message: usize) -> Self {
        Self { max_message, empty: Empty::Refused }
    }

    /// A codec that has nothing against empty messages. Such a peer must stand at the other end, too.
    #[must_use]
    pub const fn with_empty_messages(self) -> Self {
        Self { empty: Empty::Taken, ..self }
    }

    /// How many bytes a message of the peer may have.
    pub const fn max_message(&self) -> usize {
        self.max_message
    }

    /// Appends the frame of a message.
    ///
    /// # Errors
    /// [`FrameError::Empty`], unless empty messages are taken. The limit is the peer's affair here.
    pub fn encode(&self, message: &Message, frame: &mut BytesMut) -> Result<(), FrameError> {
        frame.reserve(MAX_HEADER + message.len());
        self.encode_header(message, frame)?;
        frame.extend_from_slice(message.as_bytes());
        Ok(())
    }

    /// Appends the header of a message's frame alone; the content has to follow it on the wire.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_header(&self, message: &Message, frame: &mut BytesMut) -> Result<(), FrameError> {
        if message.is_empty() && self.empty == Empty::Refused {
            return Err(FrameError::Empty);
        }
        let kind = match message {
            Message::Text(_) => 0,
            Message::Binary(_) => BINARY,
        };
        let length = message.len() as u64;
        match u16::try_from(length) {
            // The match has bounded it.
            #[allow(clippy::cast_possible_truncation, reason = "less than 126")]
            Ok(short @ ..SHORT) => frame.put_u8(kind | short as u8),
            Ok(middle) => {
                frame.put_u8(kind | LENGTH_16);
                frame.put_u16(middle);
            }
            Err(_) => {
                frame.put_u8(kind | LENGTH_64);
                frame.put_u64(length);
            }
        }
        Ok(())
    }

    /// Takes the first frame out of `bytes` and gives its message, which shares their memory. `None` if more bytes are
    /// needed; then none are taken.
    ///
    /// # Errors
    /// [`FrameError`] says what is wrong with the frame. Nobody can tell where the next one begins, so the stream is of no
    /// further use.
    pub fn decode(&self, bytes: &mut BytesMut) -> Result<Option<Message>, FrameError> {
        let Some(header) = self.read_header(bytes)? else { return Ok(None) };
        let frame = header.length.saturating_add(header.payload);
        if bytes.len() < frame {
            return Ok(None);
        }
        bytes.advance(header.length);
        let payload = bytes.split_to(header.payload).freeze();
        if header.is_binary {
            return Ok(Some(Message::Binary(payload)));
        }
        let text = Utf8Bytes::try_from(payload).map_err(|_| FrameError::NotUtf8)?;
        Ok(Some(Message::Text(text)))
    }

    fn read_header(&self, bytes: &[u8]) -> Result<Option<Header>, FrameError> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let (width, payload) = match first & !BINARY {
            LENGTH_16 => (2, rest.first_chunk().map(|length| u64::from(u16::from_be_bytes(*length)))),
            LENGTH_64 => (8, rest.first_chunk().map(|length| u64::from_be_bytes(*length))),
            short => (0, Some(u64::from(short))),
        };
        let Some(payload) = payload else { return Ok(None) };
        let is_binary = first & BINARY != 0;
        Ok(Some(Header { is_binary, length: 1 + width, payload: self.check(payload)? }))
    }

    fn check(&self, length: u64) -> Result<usize, FrameError> {
        if length == 0 && self.empty == Empty::Refused {
            return Err(FrameError::Empty);
        }
        let length = usize::try_from(length).ok().filter(|length| *length <= self.max_message);
        length.ok_or(FrameError::TooLarge)
    }
}

/// What stands before a payload.
struct Header {
    is_binary: bool,
    length: usize,
    payload: usize,
}

/// Why a frame cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// It has no content.
    Empty,
    /// It is over the limit.
    TooLarge,
    /// It holds text that is not valid UTF-8.
    NotUtf8,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty frame",
            Self::TooLarge => "frame over the limit",
            Self::NotUtf8 => "text is not valid UTF-8",
        })
    }
}

impl Error for FrameError {}

/// For frames of the peer.
impl From<FrameError> for TransportError {
    fn from(error: FrameError) -> Self {
        let kind = match error {
            FrameError::TooLarge => ErrorKind::TooLarge,
            FrameError::Empty | FrameError::NotUtf8 => ErrorKind::Malformed,
        };
        Self::with_source(kind, error)
    }
}

/// The longest header.
pub(crate) const MAX_HEADER: usize = 9;
/// Marks a binary payload.
const BINARY: u8 = 0x80;
/// The length stands in the next two bytes.
const LENGTH_16: u8 = 126;
/// The length stands in the next eight bytes.
const LENGTH_64: u8 = 127;
/// From here on a length has bytes of its own.
const SHORT: u16 = 126;

#[cfg(test)]
mod tests {
    use super::*;

    const CODEC: FrameCodec = FrameCodec::new(100_000);

    fn frame(message: impl Into<Message>) -> BytesMut {
        let mut frame = BytesMut::new();
        CODEC.encode(&message.into(), &mut frame).unwrap();
        frame
    }

    fn decode(bytes: &[u8]) -> Result<Option<Message>, FrameError> {
        CODEC.decode(&mut BytesMut::from(bytes))
    }

    #[test]
    fn frames_are_those_of_the_reference() {
        assert_eq!(frame("0"), &b"\x010"[..]);
        assert_eq!(frame("41€"), &b"\x0541\xe2\x82\xac"[..]);
        assert_eq!(frame(vec![1, 2, 3]), &b"\x83\x01\x02\x03"[..]);
        assert_eq!(frame(vec![0; 12_345])[..3], *b"\xfe\x30\x39");
        let mut large = BytesMut::new();
        CODEC.encode(&vec![0; 123_456_789].into(), &mut large).unwrap();
        assert_eq!(large[..9], *b"\xff\0\0\0\0\x07\x5b\xcd\x15");
    }

    #[test]
    fn the_header_grows_at_126_and_at_65536() {
        for (length, header) in [(125, 1), (126, 3), (65_535, 3), (65_536, 9)] {
            let mut bytes = frame("x".repeat(length));

            assert_eq!(bytes.len(), length + header, "{length}");
            assert_eq!(CODEC.decode(&mut bytes), Ok(Some("x".repeat(length).into())));
        }
    }

    #[test]
    fn a_header_alone_is_the_beginning_of_the_frame() {
        let message = Message::from(vec![7; 300]);
        let mut header = BytesMut::new();
        CODEC.encode_header(&message, &mut header).unwrap();
        assert_eq!(header, frame(message)[..3]);
    }

    #[test]
    fn an_incomplete_frame_is_left_where_it_is() {
        let whole = frame("x".repeat(200));
        for cut in 0..whole.len() {
            let mut bytes = BytesMut::from(&whole[..cut]);
            assert_eq!(CODEC.decode(&mut bytes), Ok(None));
            assert_eq!(bytes.len(), cut);
        }
    }

    #[test]
    fn an_empty_frame_is_an_error_unless_it_is_wanted() {
        assert_eq!(decode(b"\x00"), Err(FrameError::Empty));
        assert_eq!(decode(b"\x80"), Err(FrameError::Empty));
        assert_eq!(CODEC.encode(&"".into(), &mut BytesMut::new()), Err(FrameError::Empty));

        let lenient = CODEC.with_empty_messages();
        let mut bytes = BytesMut::new();
        lenient.encode(&Message::Binary(vec![].into()), &mut bytes).unwrap();
        assert_eq!(lenient.decode(&mut bytes), Ok(Some(Message::Binary(vec![].into()))));
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_by_its_header() {
        let mut at_limit = frame(vec![0; 100_000]);
        assert!(CODEC.decode(&mut at_limit).unwrap().is_some());
        assert_eq!(decode(b"\xff\0\0\0\0\0\x01\x86\xa1"), Err(FrameError::TooLarge));
        assert_eq!(decode(b"\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), Err(FrameError::TooLarge));
    }

    #[test]
    fn text_is_checked() {
        assert_eq!(decode(b"\x02\xc3("), Err(FrameError::NotUtf8));
        assert_eq!(decode(b"\x82\xc3("), Ok(Some(vec![0xc3, b'('].into())));
    }

    #[test]
    fn a_length_written_longer_than_needed_is_taken() {
        assert_eq!(decode(b"\x7e\x00\x02hi"), Ok(Some("hi".into())));
        assert_eq!(decode(b"\x7f\0\0\0\0\0\0\0\x02hi"), Ok(Some("hi".into())));
    }
}
