//! Deadlines: when they are, and which comes first.

use std::time::{Duration, Instant};

/// The moment that is `wait` from now. A wait that no clock can count is as good as for ever.
pub(crate) fn after(now: Instant, wait: Duration) -> Instant {
    now.checked_add(wait).unwrap_or(now + FOR_EVER)
}

/// The first of the deadlines that are set.
pub(crate) fn earliest<const N: usize>(deadlines: [Option<Instant>; N]) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}

/// A century.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_wait_does_not_overflow() {
        let now = Instant::now();

        assert!(after(now, Duration::MAX) > now + FOR_EVER / 2);
        assert_eq!(after(now, Duration::from_secs(1)), now + Duration::from_secs(1));
    }

    #[test]
    fn deadlines_that_are_not_set_do_not_count() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);

        assert_eq!(earliest([None, Some(later), Some(now)]), Some(now));
        assert_eq!(earliest([None, None]), None);
    }
}
