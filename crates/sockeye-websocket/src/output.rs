//! What waits to be written, and how it is cut into as few writes as possible.

use std::{cell::Cell, collections::VecDeque, io::IoSlice};

use bytes::{Buf, Bytes, BytesMut};

use crate::frame::{MAX_HEADER, Opcode, push_header};

/// Bytes for the stream, in order: `head`, `middle`, `tail`. There is no memory for them while there are none.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// One shared frame, the only thing that waits as a rule when something is broadcast.
    head: Bytes,
    #[expect(clippy::box_collection, reason = "few sockets have one, and each holds its place")]
    middle: Option<Box<VecDeque<Bytes>>>,
    /// Small frames, joined. Mostly written at once, and therefore in memory that the thread lends.
    tail: BytesMut,
    length: usize,
}

impl Output {
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Appends a frame whose payload is `prefix` and `payload` joined. A large payload is kept as it is.
    pub(crate) fn push(&mut self, opcode: Opcode, prefix: &[u8], payload: Bytes) {
        if is_joined(prefix, &payload) {
            return self.push_joined(opcode, prefix, &payload);
        }
        self.push_start(opcode, prefix, payload.len(), &[]);
        self.push_shared(payload);
    }

    /// Appends a frame whose payload is joined with other frames, which [`is_joined`] says.
    pub(crate) fn push_joined(&mut self, opcode: Opcode, prefix: &[u8], payload: &[u8]) {
        self.push_start(opcode, prefix, payload.len(), payload);
    }

    /// Appends a frame as far as it is copied.
    #[inline]
    fn push_start(&mut self, opcode: Opcode, prefix: &[u8], payload_len: usize, joined: &[u8]) {
        let before = self.tail.len();
        self.reserve(MAX_HEADER + prefix.len() + joined.len());
        push_header(&mut self.tail, opcode, prefix.len() + payload_len, None);
        self.tail.extend_from_slice(prefix);
        self.tail.extend_from_slice(joined);
        self.length += self.tail.len() - before;
    }

    /// Makes room in `tail`: for a lone frame no more than it needs, for a second one as much as several need.
    fn reserve(&mut self, size: usize) {
        if self.tail.capacity() == 0 {
            self.tail = spare::take();
        }
        if self.tail.capacity() - self.tail.len() < size {
            self.tail.reserve(if self.tail.is_empty() { size } else { size.max(SEVERAL) });
        }
    }

    /// Holds what the stream does not take for now in no more memory than it needs.
    pub(crate) fn settle(&mut self) {
        let unused = self.tail.capacity() - self.tail.len();
        if unused > self.tail.len() {
            let rest = BytesMut::from(&*self.tail);
            spare::give_back(std::mem::replace(&mut self.tail, rest));
        }
    }

    /// Appends a frame with a mask over its payload.
    pub(crate) fn push_masked(&mut self, opcode: Opcode, prefix: &[u8], payload: &[u8], key: [u8; 4]) {
        let before = self.tail.len();
        self.reserve(MAX_HEADER + prefix.len() + payload.len());
        push_header(&mut self.tail, opcode, prefix.len() + payload.len(), Some(key));
        let start = self.tail.len();
        self.tail.extend_from_slice(prefix);
        self.tail.extend_from_slice(payload);
        crate::mask::apply(&mut self.tail[start..], key);
        self.length += self.tail.len() - before;
    }

    /// Appends a whole frame.
    pub(crate) fn push_frame(&mut self, frame: Vec<u8>) {
        if frame.len() > JOINED {
            return self.push_shared(frame.into());
        }
        self.reserve(frame.len());
        self.tail.extend_from_slice(&frame);
        self.length += frame.len();
    }

    /// Appends bytes that others hold as well.
    pub(crate) fn push_shared(&mut self, bytes: Bytes) {
        let first = self.length == 0;
        self.length += bytes.len();
        if first {
            self.head = bytes;
            return;
        }
        let middle = self.middle.get_or_insert_default();
        if !self.tail.is_empty() {
            middle.push_back(Bytes::copy_from_slice(&self.tail));
            self.tail.clear();
        }
        middle.push_back(bytes);
    }

    /// Nothing of it is to be written any more.
    pub(crate) fn clear(&mut self) {
        spare::give_back(std::mem::take(self).tail);
    }

    /// The pieces to be written next.
    pub(crate) fn pieces<'a>(&'a self, slices: &mut [IoSlice<'a>; PIECES]) -> usize {
        let middle = self.middle.iter().flat_map(|middle| middle.iter()).map(|bytes| &**bytes);
        let all = std::iter::once(&*self.head).chain(middle).chain(std::iter::once(&*self.tail));
        let mut count = 0;
        for (slot, piece) in slices.iter_mut().zip(all.filter(|piece| !piece.is_empty())) {
            *slot = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    /// So many bytes were written.
    pub(crate) fn advance(&mut self, mut written: usize) {
        self.length -= written;
        if self.length == 0 {
            self.clear();
            return;
        }
        let of_head = written.min(self.head.len());
        self.head.advance(of_head);
        written -= of_head;
        if let Some(middle) = &mut self.middle {
            while let Some(bytes) = middle.front_mut() {
                if written < bytes.len() {
                    bytes.advance(written);
                    return;
                }
                written -= bytes.len();
                middle.pop_front();
            }
        }
        self.tail.advance(written);
    }
}

/// Whether a frame with this payload is copied, so that one piece holds many.
pub(crate) fn is_joined(prefix: &[u8], payload: &[u8]) -> bool {
    prefix.len() + payload.len() <= JOINED
}

/// Memory of a thread in which what is written at once is joined, so that it costs no allocation.
mod spare {
    use super::{BytesMut, Cell};

    thread_local! {
        static SPARE: Cell<BytesMut> = Cell::new(BytesMut::new());
    }

    /// The thread's memory, empty; none if it is lent already or the thread is about to end.
    pub(super) fn take() -> BytesMut {
        SPARE.try_with(Cell::take).unwrap_or_default()
    }

    /// Keeps the larger of what the thread has and this, unless it is too large to be kept.
    pub(super) fn give_back(mut memory: BytesMut) {
        memory.clear();
        if memory.capacity() > 0 && memory.capacity() <= MOST {
            let _ = SPARE.try_with(|spare| {
                let present = spare.take();
                spare.set(if present.capacity() > memory.capacity() { present } else { memory });
            });
        }
    }

    /// How much a thread keeps, in bytes.
    const MOST: usize = 16 * 1024;
}

/// How many pieces one write takes.
pub(crate) const PIECES: usize = 32;
/// Room for several small frames, in bytes.
const SEVERAL: usize = 960;
/// Up to which size a payload is copied so that one piece holds many.
const JOINED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Kind, encode_server_frame};

    const TEXT: Opcode = Opcode::Data(Kind::Text);

    fn pieces(output: &Output) -> Vec<Vec<u8>> {
        let mut slices = [IoSlice::new(&[]); PIECES];
        let count = output.pieces(&mut slices);
        slices[..count].iter().map(|piece| piece.to_vec()).collect()
    }

    #[test]
    fn small_frames_are_one_piece() {
        let mut output = Output::default();
        output.push(TEXT, b"4", Bytes::from_static(b"a"));
        output.push(TEXT, b"4", Bytes::from_static(b"b"));

        assert_eq!(pieces(&output), [b"\x81\x024a\x81\x024b"]);
    }

    #[test]
    fn a_lone_shared_frame_is_sent_as_it_is() {
        let frame = encode_server_frame(Kind::Text, b"4", b"x");
        let mut output = Output::default();
        output.push_shared(frame.clone());

        assert_eq!(output.head.as_ptr(), frame.as_ptr());
        assert!(output.middle.is_none());
    }

    #[test]
    fn order_is_kept_whatever_is_mixed_and_however_it_is_written() {
        for step in 1..40 {
            let mut output = Output::default();
            output.push_shared(Bytes::from_static(b"\x81\x01a"));
            output.push(TEXT, b"", Bytes::from_static(b"b"));
            output.push_shared(Bytes::from_static(b"\x81\x01c"));
            output.push(TEXT, b"4", Bytes::from(vec![b'd'; JOINED]));
            output.push(TEXT, b"", Bytes::from_static(b"e"));

            let mut written = Vec::new();
            while !output.is_empty() {
                let next: Vec<u8> = pieces(&output).concat().into_iter().take(step * 7).collect();
                output.advance(next.len());
                written.extend(next);
            }

            let large = [&b"\x81\x7e\x10\x014"[..], &[b'd'; JOINED]].concat();
            assert_eq!(written, [b"\x81\x01a\x81\x01b\x81\x01c", &large[..], b"\x81\x01e"].concat());
        }
    }

    #[test]
    fn the_memory_for_small_frames_is_lent_and_given_back() {
        spare::give_back(BytesMut::with_capacity(500));
        let mut output = Output::default();

        output.push(TEXT, b"4", Bytes::from_static(b"abc"));
        assert_eq!((output.tail.capacity(), spare::take().capacity()), (500, 0));
        output.advance(2);
        output.settle();
        assert_eq!(pieces(&output), [b"4abc"]);
        assert_eq!(output.tail.capacity(), 4);

        assert!(spare::take().capacity() >= 400);
    }

    #[test]
    fn memory_that_is_too_large_is_not_kept() {
        let mut output = Output::default();
        for _ in 0..10 {
            output.push(TEXT, b"", Bytes::from(vec![0; JOINED]));
        }
        output.advance(output.len());

        assert_eq!(spare::take().capacity(), 0);
    }

    #[test]
    fn nothing_is_held_when_all_is_written() {
        let mut output = Output::default();
        output.push(TEXT, b"", Bytes::from(vec![0; 100]));
        output.push_shared(Bytes::from_static(b"\x81\x00"));
        output.advance(output.len());

        assert!(output.middle.is_none());
        assert_eq!((output.tail.capacity(), output.len()), (0, 0));
    }
}
