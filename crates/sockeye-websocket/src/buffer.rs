//! The memory that a thread reads into.

use std::cell::Cell;

/// How much is read at once.
const SIZE: usize = 64 * 1024;

thread_local! {
    static BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// Lends the buffer of this thread. Whoever asks while it is lent gets one of its own.
pub(crate) fn with<R>(run: impl FnOnce(&mut [u8]) -> R) -> R {
    // A thread that is about to end has no memory of its own any more.
    let own = BUFFER.try_with(Cell::take).ok().flatten();
    let mut buffer = own.unwrap_or_else(|| vec![0; SIZE].into());
    let result = run(&mut buffer);
    let _ = BUFFER.try_with(|own| own.set(Some(buffer)));
    result
}
