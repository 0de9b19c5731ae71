//! The session's heartbeats: when they came, and whether they are answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The heartbeats of a session.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    is_muted: AtomicBool,
    beats: Mutex<Vec<Instant>>,
    changed: Notify,
}

impl Pulse {
    pub(super) fn note(&self, at: Instant) {
        let mut beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        if beats.len() < LIMIT {
            beats.push(at);
        }
        self.changed.notify_waiters();
    }

    pub(super) fn times(&self) -> Vec<Instant> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for so many.
    pub(super) async fn reach(&self, count: usize) -> Vec<Instant> {
        loop {
            let changed = self.changed.notified();
            let times = self.times();
            if times.len() >= count {
                return times;
            }
            changed.await;
        }
    }

    pub(super) fn mute(&self, is_muted: bool) {
        self.is_muted.store(is_muted, Ordering::Relaxed);
    }

    pub(super) fn is_muted(&self) -> bool {
        self.is_muted.load(Ordering::Relaxed)
    }
}

const LIMIT: usize = 1000;
