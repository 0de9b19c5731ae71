//! The one deadline that a client waits for.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Instant,
};

use tokio::time::{Sleep, sleep_until};

/// Wakes the task at a deadline. There is no timer before the first.
#[derive(Debug, Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Waits for a deadline, which may be another one than the last time.
    ///
    /// Deadlines of acknowledgements come and go with every event, and the next is later than the last, as a rule. So a
    /// timer is left as it is when its deadline has gone or moved on: once it wakes the task in vain, and then it is set anew
    /// or given up.
    pub(crate) fn poll_until(&mut self, deadline: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = deadline.map(tokio::time::Instant::from_std) else {
            self.0.take_if(|sleep| sleep.is_elapsed());
            return Poll::Pending;
        };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline || sleep.is_elapsed() {
            sleep.as_mut().reset(deadline);
        }
        ready!(sleep.as_mut().poll(cx));
        if sleep.deadline() < deadline {
            sleep.as_mut().reset(deadline);
            return sleep.as_mut().poll(cx);
        }
        Poll::Ready(())
    }
}
