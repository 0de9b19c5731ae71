//! Locks that a panic elsewhere leaves usable.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is locked here is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
