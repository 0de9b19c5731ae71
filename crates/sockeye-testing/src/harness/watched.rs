//! Running a future that may turn out never to be woken.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Runs a future on this thread, with whatever runtime its parts bring along.
///
/// # Panics
/// If nobody wakes it for a long time: then a test has failed which otherwise would hang.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let alarm = Arc::new(Alarm::new());
    let waker = Waker::from(Arc::clone(&alarm));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        assert!(alarm.wait(), "nobody woke the task for {PATIENCE:?}: a waker was lost, or a message");
    }
}

/// A waker that its maker can wait for.
struct Alarm {
    has_rung: AtomicBool,
    waiter: Thread,
}

impl Alarm {
    /// For the current thread to wait for.
    fn new() -> Self {
        Self { has_rung: AtomicBool::new(false), waiter: thread::current() }
    }

    /// Waits until it rings; `false` if it does not in a long time.
    fn wait(&self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !self.has_rung.swap(false, Ordering::SeqCst) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            thread::park_timeout(left);
        }
        true
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.has_rung.store(true, Ordering::SeqCst);
        self.waiter.unpark();
    }
}

/// Far longer than anything takes on a machine with much to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::future;

    use super::*;

    #[test]
    fn a_future_that_wakes_itself_goes_on() {
        let mut turns = 0;
        let output = block_on(future::poll_fn(|cx| {
            turns += 1;
            cx.waker().wake_by_ref();
            if turns < 3 { Poll::Pending } else { Poll::Ready(turns) }
        }));
        assert_eq!(output, 3);
    }

    #[test]
    fn a_ring_from_another_thread_is_heard() {
        let alarm = Arc::new(Alarm::new());
        let waker = Waker::from(Arc::clone(&alarm));
        let ringer = thread::spawn(move || waker.wake());
        assert!(alarm.wait());
        ringer.join().unwrap();
    }
}
