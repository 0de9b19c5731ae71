//! Listeners of the application that nothing here depends on.

use std::panic;

/// Calls a listener. If it panics, that is its own affair.
pub(crate) fn tell(listener: impl FnOnce()) {
    if panic::catch_unwind(panic::AssertUnwindSafe(listener)).is_err() {
        tracing::error!("a listener panicked");
    }
}
