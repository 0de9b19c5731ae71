//! What the clients count together.

use std::{
    mem,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) connected: AtomicUsize,
    /// How long echoes took; those that did not come, or were wrong, have no time.
    pub(crate) echoes: Mutex<Vec<Option<Duration>>>,
}

/// What has happened since the last report.
pub(crate) struct Report {
    pub(crate) connected: usize,
    pub(crate) failed: usize,
    /// Of the echoes that came, the shortest first.
    pub(crate) latencies: Vec<Duration>,
}

impl Figures {
    pub(crate) fn note(&self, echo: Option<Duration>) {
        self.echoes.lock().unwrap_or_else(PoisonError::into_inner).push(echo);
    }

    pub(crate) fn report(&self) -> Report {
        let echoes = mem::take(&mut *self.echoes.lock().unwrap_or_else(PoisonError::into_inner));
        let mut latencies: Vec<_> = echoes.iter().copied().flatten().collect();
        latencies.sort_unstable();
        let failed = echoes.len() - latencies.len();
        Report { connected: self.connected.load(Ordering::Relaxed), failed, latencies }
    }
}

impl Report {
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        self.latencies.get(self.latencies.len() * percent / 100).copied().unwrap_or_default()
    }
}
