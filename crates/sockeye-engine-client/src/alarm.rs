//! The one timer of a connection.

use std::{future::Future, pin::Pin, task::Context, time::Instant};

use tokio::time::{Sleep, sleep_until};

/// Wakes a task at a deadline. It is set again only when the deadline changes, or another task is to be woken.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    set_for: Option<Instant>,
}

impl Alarm {
    /// Another task is to be woken from now on.
    pub(crate) fn forget_task(&mut self) {
        self.set_for = None;
    }

    /// Nobody is to be woken any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Makes sure that the task is woken at the deadline.
    pub(crate) fn set(&mut self, deadline: Option<Instant>, cx: &mut Context<'_>) {
        let Some(deadline) = deadline else { return };
        if self.set_for == Some(deadline) {
            return;
        }
        let at = deadline.into();
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(at)));
        sleep.as_mut().reset(at);
        self.set_for = Some(deadline);
        if sleep.as_mut().poll(cx).is_ready() {
            self.set_for = None;
            cx.waker().wake_by_ref();
        }
    }
}

/// The runtime's clock, which tests may hold.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
