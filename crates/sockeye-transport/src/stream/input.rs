//! What was read of a stream, cut into messages; and the memory that a thread reads into.

use std::cell::Cell;

use bytes::{Bytes, BytesMut};
use sockeye_message::{Message, Utf8Bytes};

use crate::frame::{FrameCodec, FrameError};

/// Frames that came with others in one read, and the beginning of one that is not complete. No memory while there is
/// neither.
#[derive(Debug, Default)]
pub(super) struct Input {
    bytes: BytesMut,
    /// How many there were when they came.
    batch: usize,
}

impl Input {
    /// Takes what was read.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.batch = self.bytes.len();
    }

    /// The next message that is complete.
    pub(super) fn next(&mut self, codec: FrameCodec) -> Result<Option<Message>, FrameError> {
        let Some(message) = codec.decode(&mut self.bytes)? else { return Ok(None) };
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
        // A small message must not hold on to a large read.
        let is_alone = self.batch <= SHARED || message.len() >= self.batch / 2;
        Ok(Some(if is_alone { message } else { detached(message) }))
    }

    /// Nothing more comes for now: gives up memory that the rest does not need.
    pub(super) fn settle(&mut self) {
        if self.batch > self.bytes.len() {
            self.batch = self.bytes.len();
            self.bytes = BytesMut::from(&self.bytes[..]);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Lends the read buffer of this thread. Whoever asks while it is lent gets one of its own.
pub(super) fn with_buffer<R>(run: impl FnOnce(&mut [u8]) -> R) -> R {
    // A thread that is about to end has no memory of its own any more.
    let own = BUFFER.try_with(Cell::take).ok().flatten();
    let mut buffer = own.unwrap_or_else(|| vec![0; READ].into());
    let result = run(&mut buffer);
    let _ = BUFFER.try_with(|own| own.set(Some(buffer)));
    result
}

thread_local! {
    static BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// The same content in memory of its own.
fn detached(message: Message) -> Message {
    match message {
        Message::Text(text) => Message::Text(Utf8Bytes::from(text.as_str())),
        Message::Binary(bytes) => Message::Binary(Bytes::copy_from_slice(&bytes)),
    }
}

/// How much is read at once.
const READ: usize = 64 * 1024;
/// Up to which size of a read its messages share the memory.
const SHARED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const CODEC: FrameCodec = FrameCodec::new(100_000);

    fn wire(messages: &[Message]) -> BytesMut {
        let mut wire = BytesMut::new();
        for message in messages {
            CODEC.encode(message, &mut wire).unwrap();
        }
        wire
    }

    #[test]
    fn messages_come_out_however_the_stream_is_cut() {
        let messages = [Message::from("one"), vec![2; 200].into(), "€".into()];
        let wire = wire(&messages);
        for size in 1..wire.len() {
            let (mut input, mut seen) = (Input::default(), Vec::new());
            for piece in wire.chunks(size) {
                input.feed(piece);
                while let Some(message) = input.next(CODEC).unwrap() {
                    seen.push(message);
                }
                input.settle();
            }
            assert_eq!(seen, messages, "{size}");
            assert!(input.is_empty());
        }
    }

    #[test]
    fn nothing_is_held_once_all_was_handed_out() {
        let mut input = Input::default();
        input.feed(&wire(&["one".into(), "two".into()]));

        while input.next(CODEC).unwrap().is_some() {}
        input.settle();

        assert_eq!(input.bytes.capacity(), 0);
    }

    #[test]
    fn a_small_message_does_not_hold_on_to_a_large_read() {
        let mut input = Input::default();
        input.feed(&wire(&["small".into(), vec![0; 9000].into(), "small".into()]));

        let first = input.next(CODEC).unwrap().unwrap();
        input.next(CODEC).unwrap();

        // Alone in its memory, it can be had for writing.
        assert!(first.into_bytes().try_into_mut().is_ok());
    }

    #[test]
    fn the_beginning_of_a_frame_is_kept_in_no_more_than_it_needs() {
        let wire = wire(&[vec![0; 3000].into(), vec![0; 90].into()]);
        let mut input = Input::default();
        input.feed(&wire[..wire.len() - 80]);
        input.next(CODEC).unwrap();

        assert_eq!(input.next(CODEC), Ok(None));
        input.settle();

        assert!(input.bytes.capacity() <= 64, "{}", input.bytes.capacity());
    }
}
