//! Compressed messages for the peer (RFC 7692, 7.2.1).

use bytes::Bytes;
use flate2::{Compress, FlushCompress};
use sockeye_message::{Message, Prepared};

use super::{WindowBits, agreement::Side, contexts::Compressor};
use crate::{SharedFrame, frame::encode_deflated};

/// What compresses, and what.
#[derive(Debug)]
pub(super) struct Outbound {
    threshold: usize,
    level: u8,
    window: WindowBits,
    takes_over: bool,
    /// Kept if messages refer to those before.
    compressor: Option<Compressor>,
    /// The peer has been sent what the compressor has not seen.
    is_stale: bool,
}

impl Outbound {
    pub(super) fn new(ours: Side, threshold: usize, level: u8) -> Self {
        let (window, takes_over) = (ours.window(), ours.takes_over);
        Self { threshold, level, window, takes_over, compressor: None, is_stale: false }
    }

    /// The message whose content is the two parts joined, compressed; `None` if it is to go as it is.
    pub(super) fn deflate(&mut self, prefix: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
        if !self.compresses(prefix.len() + payload.len()) {
            return None;
        }
        let mut compressor = match self.compressor.take() {
            Some(compressor) => compressor,
            None => Compressor::lend(self.level, self.window),
        };
        if std::mem::take(&mut self.is_stale) {
            compressor.context.reset();
        }
        let deflated = deflate(&mut compressor.context, prefix, payload)?;
        if self.takes_over {
            self.compressor = Some(compressor);
        } else {
            compressor.give_back();
        }
        Some(deflated)
    }

    /// The frame of a message that goes to many. Compressed, it refers to nothing that its recipients were sent before, so
    /// that all of them can read it.
    pub(super) fn shared_frame(&mut self, shared: &'static SharedFrame, message: &Prepared) -> Option<Bytes> {
        let size = shared.prefix.len() + message.message().len();
        if !self.compresses(size) {
            return None;
        }
        // The peer's window moves on over this message, and that of the compressor does not.
        self.is_stale = true;
        let form = &shared.deflated[self.window.index()];
        Some(message.form(form, |content| encode_shared(shared, content, self.level, self.window)).clone())
    }

    fn compresses(&self, size: usize) -> bool {
        // Of nothing there is nothing to be flushed.
        size >= self.threshold.max(1) && self.window >= LEAST_WINDOW
    }
}

fn encode_shared(shared: &SharedFrame, content: &Message, level: u8, window: WindowBits) -> Bytes {
    let mut compressor = Compressor::lend(level, window);
    let Some(deflated) = deflate(&mut compressor.context, shared.prefix, content.as_bytes()) else {
        return shared.encode_plain(content);
    };
    compressor.give_back();
    encode_deflated(content.into(), &deflated, None).into()
}

/// The two parts joined and compressed up to a byte's end, without what every flush ends with. `None` if the compressor
/// fails, which it does for no input.
fn deflate(context: &mut Compress, prefix: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(payload.len() / 2 + 64);
    push(context, prefix, FlushCompress::None, &mut out)?;
    push(context, payload, FlushCompress::Sync, &mut out)?;
    out.truncate(out.len().checked_sub(4)?);
    Some(out)
}

fn push(context: &mut Compress, mut input: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> Option<()> {
    loop {
        let before = context.total_in();
        context.compress_vec(input, out, flush).ok()?;
        input = &input[usize::try_from(context.total_in() - before).ok()?..];
        // With room left, all that there was has been written.
        if input.is_empty() && out.len() < out.capacity() {
            return Some(());
        }
        out.reserve(out.len().max(64));
    }
}

/// The smallest window that zlib compresses with, in whichever language.
const LEAST_WINDOW: WindowBits = WindowBits::new(9).expect("nine bits are within the range");
