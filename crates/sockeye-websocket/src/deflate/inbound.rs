//! Compressed messages of the peer (RFC 7692, 7.2.2).

use bytes::BytesMut;
use flate2::{Decompress, FlushDecompress, Status};

use super::contexts::{give_back_inflater, lend_inflater};
use crate::input::Offence;

/// What inflates, and from when to when.
#[derive(Debug)]
pub(super) struct Inbound {
    takes_over: bool,
    /// Kept within a message, and from one to the next if those refer to each other.
    inflater: Option<Decompress>,
}

impl Inbound {
    pub(super) fn new(takes_over: bool) -> Self {
        Self { takes_over, inflater: None }
    }

    /// Appends what the payload of one frame holds. No more than `max` bytes are ever made of a message, however much the
    /// payload promises.
    pub(super) fn inflate(
        &mut self,
        payload: &[u8],
        is_final: bool,
        whole: &mut BytesMut,
        max: usize,
    ) -> Result<(), Offence> {
        let mut inflater = self.inflater.take().unwrap_or_else(lend_inflater);
        run(&mut inflater, payload, whole, max)?;
        if is_final {
            run(&mut inflater, TAIL, whole, max)?;
        }
        if self.takes_over || !is_final {
            self.inflater = Some(inflater);
        } else {
            give_back_inflater(inflater);
        }
        Ok(())
    }
}

fn run(inflater: &mut Decompress, mut input: &[u8], whole: &mut BytesMut, max: usize) -> Result<(), Offence> {
    let mut piece = [0; PIECE];
    loop {
        let before = (inflater.total_in(), inflater.total_out());
        let status =
            inflater.decompress(input, &mut piece, FlushDecompress::Sync).map_err(|_| Offence::NotDeflate)?;
        input = &input[difference(inflater.total_in(), before.0)..];
        let made = &piece[..difference(inflater.total_out(), before.1)];
        if made.len() > max - whole.len() {
            return Err(Offence::TooLarge);
        }
        whole.extend_from_slice(made);
        if status == Status::StreamEnd {
            // The peer has flushed by a last block; what follows is a stream of its own (RFC 7692, 7.2.3.4).
            inflater.reset(false);
        } else if input.is_empty() && made.len() < PIECE {
            return Ok(());
        } else if (inflater.total_in(), inflater.total_out()) == before {
            // It always gets on with input and room; this is for the day when it does not.
            return Err(Offence::NotDeflate);
        }
    }
}

fn difference(after: u64, before: u64) -> usize {
    // Both count within one slice.
    usize::try_from(after - before).unwrap_or(usize::MAX)
}

/// What a sender leaves out at the end of each message.
const TAIL: &[u8] = &[0x00, 0x00, 0xff, 0xff];

/// How much is inflated at once, in bytes.
const PIECE: usize = 8192;
