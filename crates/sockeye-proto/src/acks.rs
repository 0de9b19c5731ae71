//! The acknowledgements that a namespace of a connection still waits for.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use sockeye_parser::AckId;

use crate::SendError;

/// An acknowledgement to wait for.
#[derive(Debug)]
pub struct Awaited<W> {
    /// The id that the packet carries.
    pub id: AckId,
    /// When to stop waiting, if ever.
    pub deadline: Option<Instant>,
    /// What is given back with the answer: a channel, a callback, a number.
    pub waiter: W,
}

/// Pending acknowledgements by id, and their deadlines in order. Holds no memory while nothing is pending.
#[derive(Debug)]
pub(crate) struct Acks<W> {
    pending: BTreeMap<AckId, (Option<Instant>, W)>,
    deadlines: BTreeSet<(Instant, AckId)>,
}

impl<W> Acks<W> {
    pub(crate) fn new() -> Self {
        Self { pending: BTreeMap::new(), deadlines: BTreeSet::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn check_room(&self, limit: usize) -> Result<(), SendError> {
        if self.pending.len() < limit { Ok(()) } else { Err(SendError::TooManyAcks) }
    }

    /// A waiter of the same id is dropped.
    pub(crate) fn insert(&mut self, awaited: Awaited<W>) {
        self.take(awaited.id);
        if let Some(deadline) = awaited.deadline {
            self.deadlines.insert((deadline, awaited.id));
        }
        self.pending.insert(awaited.id, (awaited.deadline, awaited.waiter));
    }

    /// Takes the waiter for an answer; `None` for an id that is unknown, already answered or given up.
    pub(crate) fn take(&mut self, id: AckId) -> Option<W> {
        let (deadline, waiter) = self.pending.remove(&id)?;
        if let Some(deadline) = deadline {
            self.deadlines.remove(&(deadline, id));
        }
        Some(waiter)
    }

    /// Takes one waiter whose deadline has passed.
    pub(crate) fn take_expired(&mut self, now: Instant) -> Option<W> {
        self.first_expired(now).and_then(|id| self.take(id))
    }

    /// The one whose deadline passed first.
    pub(crate) fn first_expired(&self, now: Instant) -> Option<AckId> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|&(_, id)| id)
    }

    /// Takes all waiters, in the order of their ids.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = W> + use<W> {
        let pending = std::mem::replace(self, Self::new()).pending;
        pending.into_values().map(|(_, waiter)| waiter)
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn awaited(id: u64, deadline: Option<Instant>) -> Awaited<u64> {
        Awaited { id: AckId::new(id), deadline, waiter: id }
    }

    #[test]
    fn an_answer_is_taken_once() {
        let mut acks = Acks::new();
        acks.insert(awaited(7, None));

        assert_eq!(acks.take(AckId::new(8)), None);
        assert_eq!(acks.take(AckId::new(7)), Some(7));
        assert_eq!(acks.take(AckId::new(7)), None);
    }

    #[test]
    fn deadlines_pass_in_their_order() {
        let (mut acks, start) = (Acks::new(), Instant::now());
        for (id, seconds) in [(1, 3), (2, 1), (3, 2)] {
            acks.insert(awaited(id, Some(start + Duration::from_secs(seconds))));
        }

        assert_eq!(acks.next_deadline(), Some(start + Duration::from_secs(1)));
        let later = start + Duration::from_secs(2);
        assert_eq!(acks.take_expired(later), Some(2));
        assert_eq!(acks.take_expired(later), Some(3));
        assert_eq!(acks.take_expired(later), None);
    }

    #[test]
    fn a_waiter_that_is_replaced_leaves_no_deadline() {
        let now = Instant::now();
        let mut acks = Acks::new();
        for (deadline, waiter) in [(Some(now), "first"), (None, "second")] {
            acks.insert(Awaited { id: AckId::new(1), deadline, waiter });
        }

        assert_eq!((acks.next_deadline(), acks.take_expired(now)), (None, None));
        assert_eq!(acks.take(AckId::new(1)), Some("second"));
    }

    #[test]
    fn an_answered_ack_leaves_no_deadline() {
        let (mut acks, start) = (Acks::new(), Instant::now());
        acks.insert(awaited(1, Some(start)));

        acks.take(AckId::new(1));

        assert_eq!(acks.next_deadline(), None);
        assert_eq!(acks.take_expired(start), None);
    }
}
