//! How late this machine runs what is due: a case that failed while it was slow says nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

/// Ticks and remembers each tick that was late.
#[derive(Debug)]
pub(crate) struct Pace {
    late: Arc<Mutex<VecDeque<Instant>>>,
    ticking: JoinHandle<()>,
}

impl Pace {
    pub(crate) fn start() -> Self {
        let late = Arc::new(Mutex::new(VecDeque::new()));
        let ticking = tokio::spawn(tick(Arc::clone(&late)));
        Self { late, ticking }
    }

    /// Whether something was late since then.
    pub(crate) fn was_late_since(&self, start: Instant) -> bool {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.back().is_some_and(|last| *last >= start)
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        self.ticking.abort();
    }
}

async fn tick(late: Arc<Mutex<VecDeque<Instant>>>) {
    loop {
        let due = Instant::now() + TICK;
        tokio::time::sleep(TICK).await;
        if due.elapsed() < TOO_LATE {
            continue;
        }
        let mut late = late.lock().unwrap_or_else(PoisonError::into_inner);
        late.push_back(Instant::now());
        if late.len() > KEPT {
            late.pop_front();
        }
    }
}

const TICK: Duration = Duration::from_millis(25);
/// A quarter of the heartbeat that the profile asks for.
const TOO_LATE: Duration = Duration::from_millis(250);
const KEPT: usize = 100;
