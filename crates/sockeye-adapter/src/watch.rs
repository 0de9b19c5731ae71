//! Telling of rooms that come about, fill, empty and go.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError, TryLockError},
};

use sockeye_parser::SocketId;

use crate::Room;

/// Something that happened to a room of this server.
///
/// Every socket's own room is one too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomEvent {
    /// The room has its first socket; the reference's `create-room`.
    Created(Room),
    /// A socket has come into the room; the reference's `join-room`.
    Joined(Room, SocketId),
    /// A socket has gone from the room; the reference's `leave-room`.
    Left(Room, SocketId),
    /// The last socket has gone from the room; the reference's `delete-room`.
    Deleted(Room),
}

/// Somebody who hears of rooms, one event after the other, in the order in which they happened.
pub(crate) struct Watch {
    listener: Box<dyn Fn(&RoomEvent) + Send + Sync>,
    queue: Mutex<VecDeque<RoomEvent>>,
    /// Held by the one who tells.
    turn: Mutex<()>,
}

impl Watch {
    pub(crate) fn new(listener: impl Fn(&RoomEvent) + Send + Sync + 'static) -> Self {
        Self { listener: Box::new(listener), queue: Mutex::default(), turn: Mutex::default() }
    }

    /// Notes what has happened; called while nothing else can happen.
    pub(crate) fn note(&self, events: Vec<RoomEvent>) {
        self.queue().extend(events);
    }

    /// Tells what was noted, unless somebody else is about it: the listener may cause more, from where it runs.
    pub(crate) fn tell(&self) {
        while !self.queue().is_empty() {
            let _turn = match self.turn.try_lock() {
                Ok(turn) => turn,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            while let Some(event) = self.next() {
                // What listens must not end what happened. The panic itself has been reported where it arose.
                let _ = catch_unwind(AssertUnwindSafe(|| (self.listener)(&event)));
            }
        }
    }

    fn next(&self) -> Option<RoomEvent> {
        self.queue().pop_front()
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<RoomEvent>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
