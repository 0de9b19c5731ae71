//! Which promises somebody breaks.

use std::{
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Promises by name, each a function that is given whatever has to keep it.
pub(crate) type Promises<P> = &'static [(&'static str, P)];

/// The names of the promises that are not kept.
pub(crate) fn broken<P: Copy + 'static>(promises: Promises<P>, keep: impl Fn(P)) -> Vec<&'static str> {
    let is_broken = |promise| catch_unwind(AssertUnwindSafe(|| keep(promise))).is_err();
    promises.iter().filter(|(_, promise)| is_broken(*promise)).map(|(name, _)| *name).collect()
}

/// Each fault has to break the promise that it is against, and no other.
pub(crate) fn check_faults<F: Copy + Debug>(
    faults: &[(F, &str)],
    broken_by: impl Fn(F) -> Vec<&'static str>,
) {
    for (fault, promise) in faults {
        assert_eq!(broken_by(*fault), [*promise], "{fault:?}");
    }
}

/// There has to be a fault against each promise, or another reason to know that it can be broken.
pub(crate) fn check_promises<P, F>(promises: Promises<P>, faults: &[(F, &str)], otherwise: &[&str]) {
    for (promise, _) in promises {
        let has_fault = faults.iter().any(|(_, against)| against == promise);
        assert!(has_fault || otherwise.contains(promise), "{promise}");
    }
}
