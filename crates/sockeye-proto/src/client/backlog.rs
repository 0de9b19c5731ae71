//! What waits in order, and how much there may be of it.

use std::collections::VecDeque;

use crate::bounds::Bounds;

/// A queue that knows how many bytes wait in it. Holds no memory while nothing waits.
#[derive(Debug)]
pub(super) struct Backlog<T> {
    items: VecDeque<(usize, T)>,
    bytes: usize,
}

impl<T> Backlog<T> {
    pub(super) const fn new() -> Self {
        Self { items: VecDeque::new(), bytes: 0 }
    }

    /// Whether so many bytes more may wait; what would wait alone always may.
    pub(super) fn has_room_for(&self, size: usize, bounds: &Bounds) -> bool {
        let fits = self.items.len() < bounds.packets && self.bytes.saturating_add(size) <= bounds.bytes;
        fits || self.items.is_empty()
    }

    /// Whether nothing more may wait, however small.
    pub(super) fn is_full(&self, bounds: &Bounds) -> bool {
        self.items.len() >= bounds.packets || self.bytes >= bounds.bytes
    }

    pub(super) fn push(&mut self, size: usize, item: T) {
        self.bytes = self.bytes.saturating_add(size);
        self.items.push_back((size, item));
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.remove(0)
    }

    pub(super) fn first_mut(&mut self) -> Option<&mut T> {
        self.items.front_mut().map(|(_, item)| item)
    }

    pub(super) fn find_mut(&mut self, is_it: impl Fn(&T) -> bool) -> Option<&mut T> {
        self.items.iter_mut().map(|(_, item)| item).find(|item| is_it(item))
    }

    pub(super) fn remove_where(&mut self, is_it: impl Fn(&T) -> bool) -> Option<T> {
        let at = self.items.iter().position(|(_, item)| is_it(item))?;
        self.remove(at)
    }

    pub(super) fn take_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        std::mem::replace(self, Self::new()).items.into_iter().map(|(_, item)| item)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    fn remove(&mut self, at: usize) -> Option<T> {
        let (size, item) = self.items.remove(at)?;
        self.bytes = self.bytes.saturating_sub(size);
        if self.items.is_empty() {
            *self = Self::new();
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_limit_ends_the_room_but_not_for_what_would_wait_alone() {
        let bounds = Bounds::new(2, 10);
        let mut backlog = Backlog::new();
        assert!(backlog.has_room_for(100, &bounds) && !backlog.is_full(&bounds));

        backlog.push(6, 'a');
        assert!(backlog.has_room_for(4, &bounds) && !backlog.has_room_for(5, &bounds));
        backlog.push(0, 'b');
        assert!(!backlog.has_room_for(0, &bounds) && backlog.is_full(&bounds));

        assert_eq!(backlog.pop(), Some('a'));
        assert!(backlog.has_room_for(10, &bounds));
    }

    #[test]
    fn what_is_taken_out_of_the_middle_leaves_the_order() {
        let mut backlog = Backlog::new();
        for item in ['a', 'b', 'c'] {
            backlog.push(1, item);
        }

        assert_eq!(backlog.remove_where(|item| *item == 'b'), Some('b'));
        assert_eq!(backlog.remove_where(|item| *item == 'b'), None);

        assert_eq!((backlog.len(), backlog.bytes), (2, 2));
        assert!(backlog.take_all().eq(['a', 'c']));
        assert_eq!((backlog.len(), backlog.bytes, backlog.items.capacity()), (0, 0, 0));
    }
}
