//! The deadline for the head of the next request, which nearly every request moves and nearly none meets.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt;
use tokio::time::{Sleep, sleep_until};

use crate::alarm::now;

/// The clock of one HTTP connection.
///
/// hyper waits anew for each request. All these waits share one timer of the runtime, which stays set for the oldest of their
/// deadlines, fires too early once in a while and is set again then: so a request does not touch the runtime's timers.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeadTimer {
    sleep: Arc<Mutex<Option<Pin<Box<Sleep>>>>>,
}

/// One wait. Several at a time would wake one task all the same.
#[derive(Debug)]
struct Wait {
    timer: HeadTimer,
    until: Instant,
}

impl HeadTimer {
    fn poll_until(&self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let until = until.into();
        let mut slot = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
        let sleep = slot.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if sleep.deadline() > until {
            sleep.as_mut().reset(until);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= until {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(until);
        }
        Poll::Pending
    }
}

impl rt::Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Wait { timer: self.clone(), until: deadline })
    }

    fn now(&self) -> Instant {
        now()
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.poll_until(self.until, cx)
    }
}

impl rt::Sleep for Wait {}

#[cfg(test)]
mod tests {
    use hyper::rt::Timer;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_wait_ends_at_its_own_deadline() {
        let (timer, start) = (HeadTimer::default(), now());
        let seconds = |count| start + Duration::from_secs(count);

        // Dropped before it ends, as when a request has come.
        assert!(timeout(Duration::ZERO, timer.sleep_until(seconds(10))).await.is_err());
        for (deadline, end) in [(15, 15), (30, 30), (20, 30), (40, 40)] {
            timer.sleep_until(seconds(deadline)).await;

            assert_eq!(now(), seconds(end));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_may_end_before_the_one_that_set_the_timer() {
        let (timer, start) = (HeadTimer::default(), now());
        let mut long = timer.sleep(Duration::from_secs(60));
        assert!(timeout(Duration::ZERO, &mut long).await.is_err());

        timer.sleep(Duration::from_secs(1)).await;
        assert_eq!(now(), start + Duration::from_secs(1));

        long.await;
        assert_eq!(now(), start + Duration::from_secs(60));
    }
}
