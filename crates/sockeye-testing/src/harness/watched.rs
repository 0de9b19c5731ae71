//! Running a future that may turn out never to be woken.

use std::{
    cell::Cell,
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
        assert!(alarm.wait(), "nobody woke the task for {:?}: a waker was lost, or a message", patience());
    }
}

/// How long this thread waits for what should happen.
pub(super) fn patience() -> Duration {
    PATIENCE.get()
}

/// Lets promises that are tested on this thread fail when nothing has happened for so long, instead of ten seconds: for what
/// never waits for anything else, such as the clock or another thread, and is known to lose wakers.
///
/// ```
/// use std::time::Duration;
///
/// use sockeye_testing::harness::{transport, with_patience};
///
/// with_patience(Duration::from_millis(50), || {
///     transport::closing_flushes_first(&async || sockeye_transport::memory::pair(4));
/// });
/// ```
pub fn with_patience<R>(patience: Duration, test: impl FnOnce() -> R) -> R {
    let _before = Before(PATIENCE.replace(patience));
    test()
}

/// The patience that there was, which comes back though a promise was not kept.
struct Before(Duration);

impl Drop for Before {
    fn drop(&mut self) {
        PATIENCE.set(self.0);
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
        let deadline = Instant::now() + patience();
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

thread_local! {
    static PATIENCE: Cell<Duration> = const { Cell::new(LONG) };
}

/// Far longer than anything takes on a machine with much to do.
const LONG: Duration = Duration::from_secs(10);

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
