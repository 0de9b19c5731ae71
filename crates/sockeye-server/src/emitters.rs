//! Who waits for room in a peer's queue.

use std::{collections::BTreeMap, task::Waker};

/// Emitters that wait, in the order in which they came. Holds no memory while there are none.
#[derive(Debug, Default)]
pub(crate) struct Emitters {
    waiting: BTreeMap<u64, Waker>,
    next: u64,
}

/// A place among those who wait. It is kept until there was room, however often its holder is woken in vain.
#[derive(Debug)]
pub(crate) struct Place(u64);

impl Emitters {
    /// Wakes the emitter when there may be room.
    pub(crate) fn wait(&mut self, place: &mut Option<Place>, waker: &Waker) {
        let Place(at) = place.get_or_insert_with(|| {
            self.next += 1;
            Place(self.next)
        });
        self.waiting.insert(*at, waker.clone());
    }

    pub(crate) fn leave(&mut self, place: &Place) {
        self.waiting.remove(&place.0);
    }

    pub(crate) fn wake(&mut self) {
        if !self.waiting.is_empty() {
            std::mem::take(&mut self.waiting).into_values().for_each(Waker::wake);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn one_who_asks_twice_waits_in_one_place() {
        let (mut emitters, count) = (Emitters::default(), Arc::new(Count::default()));
        let mut place = None;

        for _ in 0..2 {
            emitters.wait(&mut place, &count.clone().into());
        }
        emitters.wake();
        emitters.wake();

        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn one_who_has_left_is_forgotten() {
        let (mut emitters, count) = (Emitters::default(), Arc::new(Count::default()));
        let mut place = None;
        emitters.wait(&mut place, &count.clone().into());

        emitters.leave(&place.unwrap());

        assert_eq!(Arc::strong_count(&count), 1);
    }
}
