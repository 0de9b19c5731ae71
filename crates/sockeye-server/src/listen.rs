//! Telling the application's listeners, whose panics must not end what they are told of.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Tells a listener. Its panic is reported, and that is all.
pub(crate) fn tell(listener: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(listener)).is_err() {
        tracing::warn!("a listener panicked");
    }
}
