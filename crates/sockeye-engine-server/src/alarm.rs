//! One timer that is set late and moved seldom.

use std::{
    future::Future,
    pin::Pin,
    task::Context,
    time::{Duration, Instant},
};

use tokio::time::{Sleep, sleep_until};

/// Wakes a task at a deadline.
///
/// A deadline that moves away leaves the timer alone: it fires too early once, and is set again then. So a connection that
/// hears from its peer all the time does not touch the timer for each message.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    /// `None` also when the timer knows another task.
    fires_at: Option<Instant>,
    /// The deadline that `fires_at` was made from.
    deadline: Option<Instant>,
}

impl Alarm {
    /// Another task is to be woken from now on.
    pub(crate) fn forget_task(&mut self) {
        self.fires_at = None;
    }

    /// Nobody is to be woken any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Makes sure that the task is woken at `deadline`, or when `round` says instead, or before.
    pub(crate) fn set(
        &mut self,
        deadline: Option<Instant>,
        round: impl FnOnce(Instant) -> Instant,
        now: Instant,
        cx: &mut Context<'_>,
    ) {
        let Some(deadline) = deadline else { return };
        if self.deadline.is_some_and(|set| set <= deadline) && self.fires_at.is_some_and(|at| now < at) {
            return;
        }
        self.deadline = Some(deadline);
        let deadline = round(deadline);
        let at = deadline.into();
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(at)));
        sleep.as_mut().reset(at);
        self.fires_at = Some(deadline);
        if sleep.as_mut().poll(cx).is_ready() {
            self.fires_at = None;
            cx.waker().wake_by_ref();
        }
    }
}

/// The runtime's clock, which tests may hold.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The first tick at or after `deadline`, so that the heartbeats of many sessions share a wake-up of the runtime.
///
/// A tick is a hundredth of `period`, and deadlines nearer than ten ticks stay as they are: nothing comes late by more than
/// a tenth of its time. With ticks under ten milliseconds there is nothing to be won.
pub(crate) fn round_up(deadline: Instant, now: Instant, epoch: Instant, period: Duration) -> Instant {
    let tick = (period / 100).as_millis();
    if tick < 10 || deadline.saturating_duration_since(now).as_millis() < 10 * tick {
        return deadline;
    }
    let since = deadline.saturating_duration_since(epoch).as_nanos().div_ceil(1_000_000);
    let millis = since.div_ceil(tick) * tick;
    u64::try_from(millis).map_or(deadline, |millis| epoch + Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(25);

    #[test]
    fn far_deadlines_are_rounded_up_to_a_hundredth_of_the_period() {
        let epoch = Instant::now();
        let at = |millis| epoch + Duration::from_millis(millis);

        assert_eq!(round_up(at(25_000), epoch, epoch, PERIOD), at(25_000));
        assert_eq!(round_up(at(25_001), epoch, epoch, PERIOD), at(25_250));
    }

    #[test]
    fn near_deadlines_and_short_periods_stay_exact() {
        let epoch = Instant::now();
        let at = |millis| epoch + Duration::from_millis(millis);

        assert_eq!(round_up(at(25_001), at(24_901), epoch, PERIOD), at(25_001));
        assert_eq!(round_up(at(301), epoch, epoch, Duration::from_millis(300)), at(301));
    }
}
