//! Compressors and inflaters that a thread keeps, for messages that refer to no others.

use std::cell::Cell;

use flate2::{Compress, Compression, Decompress};

use super::WindowBits;

/// A compressor, and what it was made for.
#[derive(Debug)]
pub(super) struct Compressor {
    pub(super) context: Compress,
    level: u8,
    window: WindowBits,
}

thread_local! {
    static COMPRESSOR: Cell<Option<Compressor>> = const { Cell::new(None) };
    static INFLATER: Cell<Option<Decompress>> = const { Cell::new(None) };
}

impl Compressor {
    /// The thread's, if it suits; otherwise one that is made. It knows of no message.
    pub(super) fn lend(level: u8, window: WindowBits) -> Self {
        let own = COMPRESSOR.try_with(Cell::take).ok().flatten();
        if let Some(mut own) = own.filter(|own| own.level == level && own.window == window) {
            own.context.reset();
            return own;
        }
        let context = Compress::new_with_window_bits(Compression::new(level.into()), false, window.bits());
        Self { context, level, window }
    }

    pub(super) fn give_back(self) {
        // A thread that is about to end keeps nothing.
        let _ = COMPRESSOR.try_with(|own| own.set(Some(self)));
    }
}

/// The thread's inflater, or one that is made. It knows of no message.
pub(super) fn lend_inflater() -> Decompress {
    match INFLATER.try_with(Cell::take).ok().flatten() {
        Some(mut own) => {
            own.reset(false);
            own
        }
        // One for smaller windows takes as much memory.
        None => Decompress::new(false),
    }
}

pub(super) fn give_back_inflater(inflater: Decompress) {
    let _ = INFLATER.try_with(|own| own.set(Some(inflater)));
}
