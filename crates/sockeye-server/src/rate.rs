//! How many events of a socket are handled in a time.

use std::time::{Duration, Instant};

/// A limit to the events of each socket: so many a second in the long run, and as many at once as the burst allows.
///
/// ```
/// use sockeye_server::{Namespace, RateLimit};
///
/// let calm = Namespace::new("/").rate_limit(RateLimit::per_second(20).burst(100));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    per_second: u32,
    burst: u32,
}

impl RateLimit {
    /// So many events a second, at least one; as many may come at once.
    pub fn per_second(events: u32) -> Self {
        let events = events.max(1);
        Self { per_second: events, burst: events }
    }

    /// How many events may come at once after a silence, at least one.
    #[must_use]
    pub fn burst(mut self, events: u32) -> Self {
        self.burst = events.max(1);
        self
    }

    /// Until when one event uses the limit up.
    fn cost(self) -> Duration {
        Duration::from_secs(1) / self.per_second
    }
}

/// What a socket has used of its limit: the moment at which it will have used none of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    empty_at: Instant,
}

impl Bucket {
    pub(crate) fn new(now: Instant) -> Self {
        Self { empty_at: now }
    }

    /// Whether one more event is within the limit; then it is counted.
    pub(crate) fn take(&mut self, limit: RateLimit, now: Instant) -> bool {
        let empty_at = self.empty_at.max(now) + limit.cost();
        let fits = empty_at <= now + limit.cost() * limit.burst;
        if fits {
            self.empty_at = empty_at;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many events at once are within the limit.
    fn taken(bucket: &mut Bucket, limit: RateLimit, now: Instant, events: usize) -> usize {
        (0..events).filter(|_| bucket.take(limit, now)).count()
    }

    #[test]
    fn a_burst_is_taken_and_then_as_many_as_the_time_allows() {
        let (limit, start) = (RateLimit::per_second(10).burst(3), Instant::now());
        let mut bucket = Bucket::new(start);

        assert_eq!(taken(&mut bucket, limit, start, 5), 3);
        assert_eq!(taken(&mut bucket, limit, start + Duration::from_millis(99), 5), 0);
        assert_eq!(taken(&mut bucket, limit, start + Duration::from_millis(200), 5), 2);
        assert_eq!(taken(&mut bucket, limit, start + Duration::from_secs(60), 50), 3);
    }

    #[test]
    fn what_is_refused_uses_nothing_up() {
        let (limit, start) = (RateLimit::per_second(1), Instant::now());
        let mut bucket = Bucket::new(start);
        assert_eq!(taken(&mut bucket, limit, start, 1000), 1);

        assert_eq!(taken(&mut bucket, limit, start + Duration::from_secs(1), 1), 1);
    }

    #[test]
    fn no_limit_is_less_than_one() {
        let (limit, start) = (RateLimit::per_second(0).burst(0), Instant::now());

        assert_eq!(taken(&mut Bucket::new(start), limit, start, 2), 1);
    }
}
