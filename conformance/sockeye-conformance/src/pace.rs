//! How late this machine runs what is due: a case that failed while it was slow says nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

/// Ticks and remembers when a tick was late.
#[derive(Debug)]
pub(crate) struct Pace {
    ticks: Arc<Ticks>,
    ticking: JoinHandle<()>,
}

#[derive(Debug)]
struct Ticks(Mutex<State>);

#[derive(Debug)]
struct State {
    next: Instant,
    last_late: Option<Instant>,
}

impl Pace {
    pub(crate) fn start() -> Self {
        let ticks = Arc::new(Ticks(Mutex::new(State { next: Instant::now() + TICK, last_late: None })));
        let ticking = tokio::spawn(tick(Arc::clone(&ticks)));
        Self { ticks, ticking }
    }

    /// Whether something was late since then. A tick that is due counts as well: when a machine goes on after a pause, a case
    /// may fail before it ticks.
    pub(crate) fn was_late_since(&self, start: Instant) -> bool {
        let state = self.ticks.lock();
        state.is_late() || state.last_late.is_some_and(|last| last >= start)
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        self.ticking.abort();
    }
}

impl Ticks {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_late(&self) -> bool {
        self.next.elapsed() >= TOO_LATE
    }
}

async fn tick(ticks: Arc<Ticks>) {
    loop {
        tokio::time::sleep(TICK).await;
        let mut state = ticks.lock();
        if state.is_late() {
            state.last_late = Some(Instant::now());
        }
        state.next = Instant::now() + TICK;
    }
}

const TICK: Duration = Duration::from_millis(25);
/// A quarter of the heartbeat that the profile asks for.
const TOO_LATE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps this runtime from whatever is due.
    #[expect(clippy::disallowed_methods, reason = "nothing shall run meanwhile")]
    fn pause() {
        std::thread::sleep(TICK + TOO_LATE);
    }

    #[tokio::test]
    async fn a_pause_is_known_before_anything_ticks_and_afterwards() {
        let start = Instant::now();
        let pace = Pace::start();
        assert!(!pace.was_late_since(start));

        pause();
        assert!(pace.was_late_since(start));

        tokio::time::sleep(2 * TICK).await;
        assert!(pace.was_late_since(start));
        assert!(!pace.was_late_since(Instant::now()));
    }
}
