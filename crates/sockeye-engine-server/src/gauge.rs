//! How many of something are under way, which is bounded.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Counts what is under way.
#[derive(Debug)]
pub(crate) struct Gauge {
    under_way: AtomicUsize,
    max: usize,
}

/// One that is under way; counts until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Gauge>);

impl Gauge {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { under_way: AtomicUsize::new(0), max })
    }

    /// One more, unless there are too many.
    pub(crate) fn begin(self: &Arc<Self>) -> Option<UnderWay> {
        let begun = UnderWay(Arc::clone(self));
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        (before < self.max).then_some(begun)
    }

    pub(crate) fn count(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_limit_are_under_way() {
        let gauge = Gauge::new(1);
        let first = gauge.begin().unwrap();

        assert!(gauge.begin().is_none());
        assert_eq!(gauge.count(), 1);

        drop(first);
        assert!(gauge.begin().is_some());
        assert_eq!(gauge.count(), 0);
    }
}
