//! Bytes to messages, without the stream that they come from.

use bytes::{Buf, Bytes, BytesMut};
use sockeye_message::{Message, Utf8Bytes};

use crate::{
    frame::{BadFrame, Header, Kind, Opcode, Role},
    mask,
};

/// What has arrived and was not handed out, and the message whose fragments are being collected.
#[derive(Debug)]
pub(crate) struct Input {
    role: Role,
    max_message: usize,
    max_fragments: usize,
    /// Frames that came with others in one read, and the beginning of one that is not complete.
    bytes: BytesMut,
    /// How many there were when they came.
    batch: usize,
    fragments: Option<Box<Fragments>>,
}

/// A message that comes in several frames.
#[derive(Debug)]
struct Fragments {
    kind: Kind,
    bytes: BytesMut,
    count: usize,
}

/// What the peer sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Message(Message),
    /// It wants to hear this back.
    Ping(Bytes),
    /// It has closed, with this code if it gave one.
    Close(Option<u16>),
}

/// What the peer may not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offence {
    Malformed(&'static str),
    NotUtf8,
    TooLarge,
    TooManyFragments,
}

impl Offence {
    /// The code of the close frame that the peer is told with.
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Malformed(_) => 1002,
            Self::NotUtf8 => 1007,
            Self::TooLarge => 1009,
            Self::TooManyFragments => 1008,
        }
    }
}

impl From<BadFrame> for Offence {
    fn from(BadFrame(what): BadFrame) -> Self {
        Self::Malformed(what)
    }
}

impl Input {
    pub(crate) fn new(role: Role, read_ahead: &[u8], max_message: usize, max_fragments: usize) -> Self {
        Self {
            role,
            max_message,
            max_fragments,
            bytes: BytesMut::from(read_ahead),
            batch: read_ahead.len(),
            fragments: None,
        }
    }

    /// The next thing in what has arrived, `None` if it is not complete.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, Offence> {
        while let Some(header) = self.complete_header()? {
            self.bytes.advance(header.length);
            // The checks of the header have bounded it.
            let length = usize::try_from(header.payload).unwrap_or(usize::MAX);
            let mut payload = self.bytes.split_to(length);
            if let Some(key) = header.mask {
                mask::apply(&mut payload, key);
            }
            if self.bytes.is_empty() {
                self.bytes = BytesMut::new();
            }
            // A small message must not hold on to a large read.
            let payload = if self.batch > SHARED && payload.len() < self.batch / 2 {
                Bytes::copy_from_slice(&payload)
            } else {
                payload.freeze()
            };
            if let Some(item) = self.take_frame(&header, payload)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Takes what was read. The first frame is handed out at once, so that a lone one costs no more than its own memory.
    pub(crate) fn feed(&mut self, bytes: &mut [u8]) -> Result<Option<Item>, Offence> {
        if !self.bytes.is_empty() {
            self.bytes.extend_from_slice(bytes);
            self.batch = self.bytes.len();
            return self.next();
        }
        let whole = match Header::read(bytes, self.role)? {
            Some(header) => self.check(&header, bytes.len())?.then_some(header),
            None => None,
        };
        let Some(header) = whole else {
            self.keep(bytes);
            return Ok(None);
        };
        let (frame, rest) = bytes[header.length..].split_at_mut(usize::try_from(header.payload).unwrap_or(0));
        if let Some(key) = header.mask {
            mask::apply(frame, key);
        }
        if !rest.is_empty() {
            self.keep(rest);
        }
        match self.take_frame(&header, Bytes::copy_from_slice(frame))? {
            Some(item) => Ok(Some(item)),
            None => self.next(),
        }
    }

    /// Nothing more will come for now: what is kept is moved into memory of its own size.
    pub(crate) fn settle(&mut self) {
        if !self.bytes.is_empty() && self.bytes.capacity() > self.bytes.len() * 2 {
            self.bytes = BytesMut::from(&*self.bytes);
        }
    }

    /// Whether nothing is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.fragments.is_none()
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.bytes = BytesMut::from(bytes);
        self.batch = bytes.len();
    }

    /// The next header, if its payload is complete.
    fn complete_header(&self) -> Result<Option<Header>, Offence> {
        let Some(header) = Header::read(&self.bytes, self.role)? else { return Ok(None) };
        Ok(self.check(&header, self.bytes.len())?.then_some(header))
    }

    /// Whether the frame is allowed here, and complete in so many bytes.
    fn check(&self, header: &Header, available: usize) -> Result<bool, Offence> {
        let collected = match (header.opcode, &self.fragments) {
            (Opcode::Continuation, None) => return Err(Offence::Malformed("nothing to be continued")),
            (Opcode::Data(_), Some(_)) => return Err(Offence::Malformed("message inside another")),
            (Opcode::Continuation, Some(fragments)) => fragments.bytes.len(),
            _ => 0,
        };
        let is_data = matches!(header.opcode, Opcode::Continuation | Opcode::Data(_));
        if is_data && header.payload > self.max_message.saturating_sub(collected) as u64 {
            return Err(Offence::TooLarge);
        }
        Ok(header.payload <= available.saturating_sub(header.length) as u64)
    }

    /// `None` if the frame completes nothing.
    fn take_frame(&mut self, header: &Header, payload: Bytes) -> Result<Option<Item>, Offence> {
        match header.opcode {
            Opcode::Data(kind) if header.is_final => message(kind, payload).map(Some),
            Opcode::Data(kind) => {
                self.fragments =
                    Some(Box::new(Fragments { kind, bytes: BytesMut::from(&*payload), count: 1 }));
                Ok(None)
            }
            Opcode::Continuation => self.take_fragment(header.is_final, &payload),
            Opcode::Ping => Ok(Some(Item::Ping(payload))),
            // Nobody asked; the protocol allows it as a sign of life.
            Opcode::Pong => Ok(None),
            Opcode::Close => close(&payload).map(Some),
        }
    }

    fn take_fragment(&mut self, is_final: bool, payload: &[u8]) -> Result<Option<Item>, Offence> {
        let Some(fragments) = &mut self.fragments else { return Ok(None) };
        fragments.count += 1;
        if fragments.count > self.max_fragments {
            return Err(Offence::TooManyFragments);
        }
        fragments.bytes.extend_from_slice(payload);
        if !is_final {
            return Ok(None);
        }
        let Some(whole) = self.fragments.take() else { return Ok(None) };
        message(whole.kind, whole.bytes.freeze()).map(Some)
    }
}

fn message(kind: Kind, payload: Bytes) -> Result<Item, Offence> {
    Ok(Item::Message(match kind {
        Kind::Text => Message::Text(Utf8Bytes::try_from(payload).map_err(|_| Offence::NotUtf8)?),
        Kind::Binary => Message::Binary(payload),
    }))
}

fn close(payload: &[u8]) -> Result<Item, Offence> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return match payload {
            [] => Ok(Item::Close(None)),
            _ => Err(Offence::Malformed("half a close code")),
        };
    };
    let code = u16::from_be_bytes(*code);
    // Those that the RFC defines for the wire, and the ranges that it leaves to others.
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Offence::Malformed("unknown close code"));
    }
    std::str::from_utf8(reason).map_err(|_| Offence::NotUtf8)?;
    Ok(Item::Close(Some(code)))
}

/// Up to which size of a read its messages share the memory.
const SHARED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::push_header;

    fn input() -> Input {
        Input::new(Role::Server, &[], 100, 4)
    }

    /// A client's frame; the first byte is given raw.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let key = [7, 77, 177, 250];
        let mut frame = Vec::new();
        push_header(&mut frame, Opcode::Data(Kind::Binary), payload.len(), Some(key));
        frame[0] = first;
        let start = frame.len();
        frame.extend_from_slice(payload);
        mask::apply(&mut frame[start..], key);
        frame
    }

    fn all(input: &mut Input, mut bytes: Vec<u8>) -> Result<Vec<Item>, Offence> {
        let mut items = Vec::from_iter(input.feed(&mut bytes)?);
        while let Some(item) = input.next()? {
            items.push(item);
        }
        Ok(items)
    }

    fn text(text: &str) -> Item {
        Item::Message(text.into())
    }

    #[test]
    fn all_frames_of_one_read_are_handed_out_and_nothing_is_kept() {
        let bytes =
            [frame(0x81, b"one"), frame(0x82, b"two"), frame(0x89, b"!"), frame(0x81, "drei€".as_bytes())];
        let mut input = input();

        let items = all(&mut input, bytes.concat()).unwrap();

        let expected =
            [text("one"), Item::Message(b"two".to_vec().into()), Item::Ping("!".into()), text("drei€")];
        assert_eq!(items, expected);
        assert!(input.is_empty());
    }

    #[test]
    fn fragments_become_one_message_even_with_a_ping_between() {
        let bytes = [frame(0x01, b"he"), frame(0x00, b""), frame(0x89, b"?"), frame(0x80, b"llo")].concat();
        assert_eq!(all(&mut input(), bytes).unwrap(), [Item::Ping("?".into()), text("hello")]);
    }

    #[test]
    fn utf8_may_be_cut_by_fragments_but_not_broken() {
        let euro = "€".as_bytes();
        let cut = [frame(0x01, &euro[..1]), frame(0x80, &euro[1..])].concat();
        let broken = [frame(0x01, &euro[..1]), frame(0x80, b"x")].concat();

        assert_eq!(all(&mut input(), cut).unwrap(), [text("€")]);
        assert_eq!(all(&mut input(), broken), Err(Offence::NotUtf8));
        assert_eq!(all(&mut input(), frame(0x81, b"\xff")), Err(Offence::NotUtf8));
    }

    #[test]
    fn the_limit_applies_to_the_whole_message() {
        let at_limit = [frame(0x01, &[b'a'; 60]), frame(0x80, &[b'a'; 40])].concat();
        let over = [frame(0x01, &[b'a'; 60]), frame(0x80, &[b'a'; 41])].concat();

        assert_eq!(all(&mut input(), at_limit).unwrap().len(), 1);
        assert_eq!(all(&mut input(), over), Err(Offence::TooLarge));
        // The length is refused before a byte of it has come.
        let mut huge = vec![0x82, 0xff];
        huge.extend((1_u64 << 30).to_be_bytes());
        huge.extend([0; 4]);
        assert_eq!(all(&mut input(), huge), Err(Offence::TooLarge));
    }

    #[test]
    fn fragments_without_end_are_refused() {
        let bytes =
            [frame(0x01, b""), frame(0x00, b""), frame(0x00, b""), frame(0x00, b""), frame(0x00, b"")];
        assert_eq!(all(&mut input(), bytes.concat()), Err(Offence::TooManyFragments));
    }

    #[test]
    fn a_small_message_does_not_hold_on_to_a_large_read() {
        let mut input = Input::new(Role::Server, &[], 10_000, 4);
        let mut bytes = [frame(0x81, b"x"), frame(0x82, &[0; 9000]), frame(0x81, b"small")].concat();
        input.feed(&mut bytes).unwrap();
        input.next().unwrap();

        let Some(Item::Message(Message::Text(text))) = input.next().unwrap() else { panic!() };

        // Alone in its memory, it can be had for writing.
        assert!(text.into_bytes().try_into_mut().is_ok());
    }

    #[test]
    fn control_frames_do_not_count_as_messages() {
        let mut input = Input::new(Role::Server, &[], 1, 4);
        assert_eq!(all(&mut input, frame(0x89, b"four")).unwrap(), [Item::Ping("four".into())]);
    }

    #[test]
    fn fragments_out_of_order_are_refused() {
        let first = all(&mut input(), frame(0x80, b"x"));
        let inside = all(&mut input(), [frame(0x01, b"x"), frame(0x81, b"y")].concat());

        assert!(matches!(first, Err(Offence::Malformed(_))));
        assert!(matches!(inside, Err(Offence::Malformed(_))));
    }

    #[test]
    fn close_frames_are_checked() {
        assert_eq!(all(&mut input(), frame(0x88, b"")).unwrap(), [Item::Close(None)]);
        assert_eq!(all(&mut input(), frame(0x88, b"\x03\xe8bye")).unwrap(), [Item::Close(Some(1000))]);
        for (name, payload) in [
            ("one byte", &b"\x03"[..]),
            ("1005", b"\x03\xed"),
            ("999", b"\x03\xe7"),
            ("reason", b"\x03\xe8\xff"),
        ] {
            assert!(all(&mut input(), frame(0x88, payload)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_partial_frame_is_kept_in_no_more_than_it_needs() {
        let mut bytes = [frame(0x82, &[0; 90]), frame(0x82, &[0; 90])].concat();
        let cut = bytes.len() - 80;
        let mut input = input();

        assert!(input.feed(&mut bytes[..cut]).unwrap().is_some());
        assert_eq!(input.next(), Ok(None));
        input.settle();

        assert!(!input.is_empty());
        assert!(input.bytes.capacity() <= 64);
        assert!(input.feed(&mut bytes[cut..]).unwrap().is_some());
        assert!(input.is_empty());
    }
}
