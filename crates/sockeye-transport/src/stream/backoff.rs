//! How long to wait after an accept that failed.

use std::{io, time::Duration};

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Something was accepted.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait, if at all: a peer that went away is no reason to, but without descriptors or memory trying at
    /// once would only burn time.
    pub(super) fn after(&mut self, error: &io::Error) -> Option<Duration> {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
        let is_peers =
            matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted);
        if is_peers {
            return None;
        }
        let wait = FIRST.saturating_mul(1 << self.failures.min(DOUBLINGS));
        self.failures = self.failures.saturating_add(1);
        Some(wait.min(LONGEST))
    }
}

const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);
/// Enough to get from the first to the longest.
const DOUBLINGS: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn no_descriptors() -> io::Error {
        io::Error::from_raw_os_error(24)
    }

    #[test]
    fn a_peer_that_went_away_is_not_waited_for() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.after(&io::ErrorKind::ConnectionAborted.into()), None);
        assert_eq!(backoff.after(&io::ErrorKind::ConnectionReset.into()), None);
    }

    #[test]
    fn the_wait_doubles_up_to_a_second() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..100).filter_map(|_| backoff.after(&no_descriptors())).collect();

        assert_eq!(waits[..3], [5, 10, 20].map(Duration::from_millis));
        assert_eq!(waits.len(), 100);
        assert_eq!(waits[99], LONGEST);
    }

    #[test]
    fn success_starts_anew() {
        let mut backoff = Backoff::default();
        backoff.after(&no_descriptors());
        backoff.after(&no_descriptors());

        backoff.reset();

        assert_eq!(backoff.after(&no_descriptors()), Some(FIRST));
    }
}
