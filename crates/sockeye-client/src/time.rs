//! The time.

use std::time::Instant;

/// The time of the runtime, which tests may hold still.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
