//! Time that passes when a test says so.

use std::time::{Duration, Instant};

/// A clock that stands still between two calls.
///
/// ```
/// use std::time::Duration;
///
/// use sockeye_testing::Clock;
///
/// let mut clock = Clock::new();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(25));
/// assert_eq!(clock.elapsed(), Duration::from_secs(25));
/// assert_eq!(clock.now() - start, Duration::from_secs(25));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    now: Instant,
}

impl Clock {
    /// A clock that begins now; when that is does not matter.
    pub fn new() -> Self {
        let now = Instant::now();
        Self { start: now, now }
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How much time has passed since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Lets time pass in one leap.
    pub fn advance(&mut self, time: Duration) {
        self.now += time;
    }

    /// Lets time pass, and stops wherever something is due.
    ///
    /// `turn` is called at once, then at each moment that it returned, as long as that lies within `time`; and at the end.
    /// It is to do what is due and to say when something will be due next, as `poll_timeout` of a machine does.
    ///
    /// # Panics
    /// If the next moment is not in the future for many turns: then something stays due whatever is done.
    pub fn run(&mut self, time: Duration, mut turn: impl FnMut(Instant) -> Option<Instant>) {
        let end = self.now + time;
        let mut turns = 0;
        loop {
            let due = turn(self.now).filter(|due| *due <= end);
            if due.is_none() && self.now == end {
                return;
            }
            let next = due.unwrap_or(end);
            turns = if next > self.now { 0 } else { turns + 1 };
            assert!(turns < TURNS, "something stays due {:?} after the beginning", self.elapsed());
            self.now = self.now.max(next);
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// How many turns may be wanted at one moment.
const TURNS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn time_stands_still_until_told() {
        let clock = Clock::new();
        assert_eq!(clock.now(), clock.now());
        assert_eq!(clock.elapsed(), Duration::ZERO);
    }

    #[test]
    fn a_run_stops_at_each_deadline_and_at_the_end() {
        let mut clock = Clock::new();
        let start = clock.now();
        let mut seen = Vec::new();

        clock.run(5 * SECOND, |now| {
            seen.push((now - start).as_secs());
            Some(now + 2 * SECOND)
        });

        assert_eq!(seen, [0, 2, 4, 5]);
        assert_eq!(clock.elapsed(), 5 * SECOND);
    }

    #[test]
    fn a_deadline_at_the_very_end_is_met_once() {
        let mut clock = Clock::new();
        let due = clock.now() + SECOND;
        let mut met = 0;

        clock.run(SECOND, |now| {
            met += usize::from(now >= due);
            (now < due).then_some(due)
        });

        assert_eq!(met, 1);
    }

    #[test]
    #[should_panic(expected = "something stays due")]
    fn a_deadline_that_is_never_done_with_is_noticed() {
        Clock::new().run(SECOND, Some);
    }
}
