//! Which promises somebody breaks.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Promises by name, each a function that is given whatever has to keep it.
pub(crate) type Promises<P> = &'static [(&'static str, P)];

/// The names of the promises that are not kept.
pub(crate) fn broken<P: Copy + 'static>(promises: Promises<P>, keep: impl Fn(P)) -> Vec<&'static str> {
    let is_broken = |promise| catch_unwind(AssertUnwindSafe(|| keep(promise))).is_err();
    promises.iter().filter(|(_, promise)| is_broken(*promise)).map(|(name, _)| *name).collect()
}
