//! Memory of a thread for texts that are written, sent and gone.

use std::cell::Cell;

/// Lends an empty text; what it holds afterwards is gone, its memory is kept for the next.
pub(crate) fn lend_text<R>(run: impl FnOnce(&mut String) -> R) -> R {
    let mut text = TEXT.try_with(Cell::take).unwrap_or_default();
    let result = run(&mut text);
    text.clear();
    // A thread that is about to end keeps nothing.
    let _ = TEXT.try_with(|kept| kept.set(text));
    result
}

thread_local! {
    static TEXT: Cell<String> = const { Cell::new(String::new()) };
}
