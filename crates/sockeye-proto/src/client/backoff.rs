//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// The delays between attempts to reconnect: each twice as long as the one before, up to a maximum, and spread by chance so
/// that clients which lost the same server do not all come back at once.
///
/// ```
/// use std::time::Duration;
///
/// use sockeye_proto::client::Backoff;
///
/// let mut backoff = Backoff::new();
/// // The random number comes from outside; this one makes the delay longer by half of the randomization, which is 0.5.
/// assert_eq!(backoff.next(0.5), Some(Duration::from_millis(1250)));
/// assert_eq!(backoff.next(0.0), Some(Duration::from_millis(2000)));
/// assert_eq!(backoff.attempts(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    delay: Duration,
    delay_max: Duration,
    randomization: f64,
    max_attempts: Option<u32>,
    attempts: u32,
}

impl Backoff {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            delay: DELAY,
            delay_max: DELAY_MAX,
            randomization: RANDOMIZATION,
            max_attempts: None,
            attempts: 0,
        }
    }

    /// How long to wait before the first attempt, on average; 1 s, which zero stands for as well. The reference's
    /// `reconnectionDelay`.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = if delay.is_zero() { DELAY } else { delay };
        self
    }

    /// The longest delay; 5 s, which zero stands for as well. The reference's `reconnectionDelayMax`.
    #[must_use]
    pub const fn delay_max(mut self, delay: Duration) -> Self {
        self.delay_max = if delay.is_zero() { DELAY_MAX } else { delay };
        self
    }

    /// By which part of itself a delay may be shorter or longer; 0.5. What is not above 0 and at most 1 stands for none.
    /// The reference's `randomizationFactor`.
    #[must_use]
    pub fn randomization(mut self, factor: f64) -> Self {
        self.randomization = if factor > 0.0 && factor <= 1.0 { factor } else { 0.0 };
        self
    }

    /// After how many attempts to give up; never by default, which `Some(0)` stands for as well. The reference's
    /// `reconnectionAttempts`.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: Option<u32>) -> Self {
        self.max_attempts = match attempts {
            Some(0) => None,
            attempts => attempts,
        };
        self
    }

    /// How long to wait before the next attempt, in whole milliseconds. `None` if all attempts have been made; they are
    /// counted anew then.
    ///
    /// `random` is a number from 0 up to but not including 1, as JavaScript's `Math.random` gives it; others are taken for
    /// the nearest of those.
    pub fn next(&mut self, random: f64) -> Option<Duration> {
        if self.max_attempts.is_some_and(|most| self.attempts >= most) {
            self.reset();
            return None;
        }
        let delay = self.spread(self.doubled(), random).min(milliseconds(self.delay_max));
        self.attempts = self.attempts.saturating_add(1);
        Some(whole_milliseconds(delay))
    }

    /// How many attempts there were: after [`next`](Self::next), the number of the one that it is the delay of.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Begins anew: after an attempt that succeeded, and when a connection is lost.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    /// The delay of this attempt without chance. It stops doubling long after any maximum, lest it become infinite.
    fn doubled(&self) -> f64 {
        let doublings = i32::try_from(self.attempts.min(MOST_DOUBLINGS)).unwrap_or_default();
        milliseconds(self.delay) * 2_f64.powi(doublings)
    }

    /// As in the reference, the first digit behind the point says whether the delay gets shorter or longer.
    fn spread(&self, delay: f64, random: f64) -> f64 {
        if self.randomization == 0.0 {
            return delay;
        }
        let random = if random.is_nan() { 0.0 } else { random.clamp(0.0, BELOW_ONE) };
        let deviation = (random * self.randomization * delay).floor();
        if (random * 10.0).floor() % 2.0 == 0.0 { delay - deviation } else { delay + deviation }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole milliseconds are what is wanted, and a cast ends at the bounds"
)]
fn whole_milliseconds(milliseconds: f64) -> Duration {
    Duration::from_millis(milliseconds as u64)
}

const DELAY: Duration = Duration::from_secs(1);

const DELAY_MAX: Duration = Duration::from_secs(5);

const RANDOMIZATION: f64 = 0.5;

/// A nanosecond that is doubled so often is longer than the longest duration.
const MOST_DOUBLINGS: u32 = 128;

const BELOW_ONE: f64 = 1.0 - f64::EPSILON;

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(mut backoff: Backoff, random: &[f64]) -> Vec<u128> {
        random.iter().map(|random| backoff.next(*random).unwrap().as_millis()).collect()
    }

    #[test]
    fn delays_double_up_to_the_maximum() {
        let backoff = Backoff::new().randomization(0.0);

        assert_eq!(delays(backoff, &[0.9; 5]), [1000, 2000, 4000, 5000, 5000]);
    }

    #[test]
    fn the_parity_of_the_first_digit_says_which_way_chance_goes() {
        for (random, delay) in
            [(0.0, 1000), (0.1, 1050), (0.2, 900), (0.39, 1195), (0.5, 1250), (0.999, 1499), (0.8, 600)]
        {
            assert_eq!(delays(Backoff::new(), &[random]), [delay], "{random}");
        }
        // The maximum comes after chance, and fractions are cut off.
        assert_eq!(delays(Backoff::new().delay(Duration::from_secs(4)), &[0.9]), [5000]);
        let backoff = Backoff::new().delay(Duration::from_micros(1700)).randomization(1.0);
        assert_eq!(delays(backoff, &[0.0, 0.7]), [1, 5]);
    }

    #[test]
    fn zero_stands_for_the_default() {
        let backoff = Backoff::new().delay(Duration::ZERO).delay_max(Duration::ZERO).randomization(0.0);

        assert_eq!(delays(backoff, &[0.0; 4]), [1000, 2000, 4000, 5000]);
    }

    #[test]
    fn a_randomization_that_is_no_part_of_the_whole_is_none() {
        for factor in [-0.1, 0.0, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(delays(Backoff::new().randomization(factor), &[0.9]), [1000], "{factor}");
        }
        assert_eq!(delays(Backoff::new().randomization(1.0), &[0.6]), [400]);
    }

    #[test]
    fn attempts_are_counted_from_one_and_end() {
        let mut backoff = Backoff::new().max_attempts(Some(2));
        let numbers: Vec<_> =
            std::iter::from_fn(|| backoff.next(0.0).map(|_| backoff.attempts())).take(5).collect();

        assert_eq!(numbers, [1, 2]);
        // Counted anew.
        assert_eq!(backoff.next(0.0), Some(Duration::from_secs(1)));
        assert_eq!(backoff.attempts(), 1);
    }

    #[test]
    fn no_attempts_and_none_mean_for_ever() {
        for most in [None, Some(0)] {
            let mut backoff = Backoff::new().max_attempts(most);
            assert!((0..100).all(|_| backoff.next(0.5).is_some()));
        }
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = Backoff::new();
        for _ in 0..3 {
            backoff.next(0.0);
        }

        backoff.reset();

        assert_eq!(backoff.attempts(), 0);
        assert_eq!(backoff.next(0.0), Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_million_attempts_stay_within_bounds() {
        for (delay, delay_max) in [(1, 5_000_000_000), (1_000_000_000, 5_000_000_000), (u64::MAX, u64::MAX)] {
            let (delay, delay_max) = (Duration::from_nanos(delay), Duration::from_nanos(delay_max));
            let mut backoff = Backoff::new().delay(delay).delay_max(delay_max);
            for attempt in 1..=1_000_000_u32 {
                let random = f64::from(attempt % 1000) / 1000.0;
                let next = backoff.next(random).unwrap();
                assert!(next <= delay_max, "{attempt}");
                assert!(attempt < 100 || next >= delay_max / 2, "{attempt}: {next:?}");
            }
        }
        let mut backoff = Backoff { attempts: u32::MAX, ..Backoff::new().delay(Duration::MAX) };
        assert_eq!(backoff.next(0.7), Some(DELAY_MAX));
        assert_eq!(backoff.attempts(), u32::MAX);
    }

    #[test]
    fn whatever_is_given_for_chance_is_taken_for_some() {
        for random in [f64::NAN, -1.0, 1.0, 2.0, f64::INFINITY, f64::NEG_INFINITY] {
            let delay = Backoff::new().next(random).unwrap();
            assert!((500..1500).contains(&delay.as_millis()), "{random}: {delay:?}");
        }
    }
}
