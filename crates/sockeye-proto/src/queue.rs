//! A queue that is empty nearly always.

use std::collections::VecDeque;

/// First in, first out. What waits alone, as nearly all does, takes no memory of its own.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    first: Option<T>,
    /// What follows the first.
    rest: VecDeque<T>,
}

impl<T> Queue<T> {
    pub(crate) fn push(&mut self, item: T) {
        if self.is_empty() {
            self.first = Some(item);
        } else {
            self.rest.push_back(item);
        }
    }

    /// The next item; gives the queue's memory back with the last one.
    pub(crate) fn pop(&mut self) -> Option<T> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let next = self.rest.pop_front()?;
        if self.rest.is_empty() {
            self.rest = VecDeque::new();
        }
        Some(next)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { first: None, rest: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_leave_in_their_order_and_the_memory_with_the_last() {
        let mut queue = Queue::default();
        (0..3).for_each(|item| queue.push(item));
        assert_eq!((queue.pop(), queue.len()), (Some(0), 2));
        // What comes now is the last although the first place is free.
        queue.push(3);

        let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, [1, 2, 3]);
        assert!(queue.is_empty() && queue.rest.capacity() == 0);
    }
}
