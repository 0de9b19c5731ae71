//! What waits to be written to a stream, in as few pieces as possible.

use std::{collections::VecDeque, io::IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use sockeye_message::Message;

use crate::frame::{FrameCodec, FrameError, MAX_HEADER};

/// Bytes for the stream: first `shared`, then `tail`. No memory while there are none.
#[derive(Debug, Default)]
pub(super) struct Output {
    shared: VecDeque<Bytes>,
    /// Small frames, joined.
    tail: BytesMut,
    length: usize,
}

impl Output {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Appends the frame of a message. A large one is not copied.
    pub(super) fn push(&mut self, codec: FrameCodec, message: Message) -> Result<(), FrameError> {
        let before = self.tail.len();
        if message.len() <= JOINED {
            codec.encode(&message, &mut self.tail)?;
            self.length += self.tail.len() - before;
            return Ok(());
        }
        self.tail.reserve(MAX_HEADER);
        codec.encode_header(&message, &mut self.tail)?;
        self.length += self.tail.len() - before;
        self.push_shared(message.into_bytes());
        Ok(())
    }

    /// Appends bytes that others hold as well.
    pub(super) fn push_shared(&mut self, bytes: Bytes) {
        self.length += bytes.len();
        if !self.tail.is_empty() {
            self.shared.push_back(std::mem::take(&mut self.tail).freeze());
        }
        self.shared.push_back(bytes);
    }

    /// The pieces to be written next.
    pub(super) fn pieces<'a>(&'a self, slices: &mut [IoSlice<'a>; PIECES]) -> usize {
        let shared = self.shared.iter().map(|bytes| &**bytes);
        let all = shared.chain((!self.tail.is_empty()).then_some(&*self.tail));
        let mut count = 0;
        for (slot, piece) in slices.iter_mut().zip(all) {
            *slot = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    /// So many bytes were written.
    pub(super) fn advance(&mut self, mut written: usize) {
        self.length -= written;
        if self.length == 0 {
            self.clear();
            return;
        }
        while let Some(bytes) = self.shared.front_mut() {
            if written < bytes.len() {
                bytes.advance(written);
                return;
            }
            written -= bytes.len();
            self.shared.pop_front();
        }
        self.tail.advance(written);
    }

    /// Nothing of it will ever be written.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// How many pieces one write takes.
pub(super) const PIECES: usize = 32;
/// Up to which size a message is copied so that one piece holds many.
const JOINED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const CODEC: FrameCodec = FrameCodec::new(100_000);

    fn pieces(output: &Output) -> Vec<Vec<u8>> {
        let mut slices = [IoSlice::new(&[]); PIECES];
        let count = output.pieces(&mut slices);
        slices[..count].iter().map(|piece| piece.to_vec()).collect()
    }

    #[test]
    fn small_frames_are_one_piece() {
        let mut output = Output::default();
        output.push(CODEC, "a".into()).unwrap();
        output.push(CODEC, vec![1].into()).unwrap();

        assert_eq!(pieces(&output), [b"\x01a\x81\x01"]);
    }

    #[test]
    fn a_large_message_is_not_copied() {
        let content = Bytes::from(vec![0; JOINED + 1]);
        let mut output = Output::default();
        output.push(CODEC, content.clone().into()).unwrap();

        assert_eq!(output.shared[1].as_ptr(), content.as_ptr());
    }

    #[test]
    fn order_is_kept_however_the_stream_takes_it() {
        for step in 1..40 {
            let mut output = Output::default();
            output.push_shared(Bytes::from_static(b"\x01a"));
            output.push(CODEC, "b".into()).unwrap();
            output.push(CODEC, "c".repeat(5000).into()).unwrap();
            output.push(CODEC, "d".into()).unwrap();

            let mut written = Vec::new();
            while output.len() > 0 {
                let next: Vec<u8> = pieces(&output).concat().into_iter().take(step * 7).collect();
                output.advance(next.len());
                written.extend(next);
            }

            let large = [&b"\x7e\x13\x88"[..], &[b'c'; 5000]].concat();
            assert_eq!(written, [&b"\x01a\x01b"[..], &large, b"\x01d"].concat());
        }
    }

    #[test]
    fn nothing_is_held_once_all_was_written() {
        let mut output = Output::default();
        output.push(CODEC, "a".into()).unwrap();
        output.push_shared(Bytes::from_static(b"\x01b"));
        output.advance(output.len());

        assert_eq!((output.tail.capacity(), output.shared.capacity(), output.len()), (0, 0, 0));
    }

    #[test]
    fn a_message_that_has_no_frame_leaves_no_trace() {
        let mut output = Output::default();

        assert_eq!(output.push(CODEC, "".into()), Err(FrameError::Empty));
        assert_eq!((output.len(), output.tail.len()), (0, 0));
    }
}
