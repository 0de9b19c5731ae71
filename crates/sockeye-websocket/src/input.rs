//! Bytes to messages, without the stream that they come from.

use bytes::{Buf, Bytes, BytesMut};
use sockeye_message::{Message, Utf8Bytes};

use crate::{
    deflate::Extension,
    frame::{BadFrame, Header, Kind, Opcode, Role},
    mask,
};

/// What has arrived and was not handed out, and the message whose fragments are being collected.
#[derive(Debug)]
pub(crate) struct Input {
    role: Role,
    max_fragments: u32,
    max_message: usize,
    /// Frames that came with others in one read, and the beginning of one that is not complete.
    bytes: BytesMut,
    /// How many there were when they came.
    batch: usize,
    fragments: Option<Box<Fragments>>,
    /// What compresses and inflates. Both directions share it, so that those who have none hold no more than one place.
    pub(crate) extension: Extension,
}

/// A message that comes in several frames.
#[derive(Debug)]
struct Fragments {
    kind: Kind,
    bytes: BytesMut,
    count: u32,
    is_deflated: bool,
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
    #[cfg_attr(not(feature = "deflate"), expect(dead_code, reason = "then nobody may compress"))]
    NotDeflate,
    TooLarge,
    TooManyFragments,
}

impl Offence {
    /// The code of the close frame that the peer is told with.
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Malformed(_) => 1002,
            Self::NotUtf8 | Self::NotDeflate => 1007,
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
            // Nobody sends so many that more would make a difference.
            max_fragments: u32::try_from(max_fragments).unwrap_or(u32::MAX),
            max_message,
            bytes: BytesMut::from(read_ahead),
            batch: read_ahead.len(),
            fragments: None,
            extension: None,
        }
    }

    /// The next thing in what has arrived, `None` if it is not complete.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, Offence> {
        loop {
            let header = match Header::read(&self.bytes, self.role) {
                Ok(Some(header)) if self.check(&header, self.bytes.len())? => header,
                Ok(_) => return Ok(None),
                Err(bad) => return self.next_marked(bad),
            };
            let payload = self.split_payload(&header);
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
    }

    /// Takes what was read. The first frame is handed out at once, so that a lone one costs no more than its own memory.
    pub(crate) fn feed(&mut self, bytes: &mut [u8]) -> Result<Option<Item>, Offence> {
        if !self.bytes.is_empty() {
            self.bytes.extend_from_slice(bytes);
            self.batch = self.bytes.len();
            return self.next();
        }
        let whole = match Header::read(bytes, self.role) {
            Ok(Some(header)) => self.check(&header, bytes.len())?.then_some(header),
            Ok(None) => None,
            Err(bad) => {
                self.keep(bytes);
                return self.next_marked(bad);
            }
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

    /// The next thing, which begins with a frame that is wrong by the protocol alone, and right if it is one of the
    /// extension. Such frames have a way of their own, so that all others pay nothing for them.
    #[inline(never)]
    fn next_marked(&mut self, bad: BadFrame) -> Result<Option<Item>, Offence> {
        if self.extension.is_none() {
            return Err(bad.into());
        }
        let header = match Header::read_deflated(&self.bytes, self.role)? {
            Some(header) if self.check(&header, self.bytes.len())? => header,
            _ => return Ok(None),
        };
        let payload = self.split_payload(&header);
        match self.take_deflated(&header, &payload)? {
            Some(item) => Ok(Some(item)),
            // Until its message has ended, no other such frame may follow.
            None => self.next(),
        }
    }

    /// Takes off a frame that is complete.
    fn split_payload(&mut self, header: &Header) -> BytesMut {
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
        payload
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
                let bytes = BytesMut::from(&*payload);
                self.fragments = Some(Box::new(Fragments { kind, bytes, count: 1, is_deflated: false }));
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
        match &mut self.extension {
            Some(deflate) if fragments.is_deflated => {
                deflate.inflate(payload, is_final, &mut fragments.bytes, self.max_message)?;
            }
            _ => fragments.bytes.extend_from_slice(payload),
        }
        if !is_final {
            return Ok(None);
        }
        let Some(whole) = self.fragments.take() else { return Ok(None) };
        message(whole.kind, whole.bytes.freeze()).map(Some)
    }

    /// Takes the first frame of a compressed message.
    fn take_deflated(&mut self, header: &Header, payload: &[u8]) -> Result<Option<Item>, Offence> {
        let (Opcode::Data(kind), Some(deflate)) = (header.opcode, &mut self.extension) else {
            return Ok(None);
        };
        let mut bytes = BytesMut::new();
        deflate.inflate(payload, header.is_final, &mut bytes, self.max_message)?;
        if header.is_final {
            return message(kind, bytes.freeze()).map(Some);
        }
        self.fragments = Some(Box::new(Fragments { kind, bytes, count: 1, is_deflated: true }));
        Ok(None)
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
