//! One namespace of a connection, as its task sees it.

use std::collections::VecDeque;

use sockeye_parser::{AckId, Args, EventName};

use crate::{
    Socket,
    emit::now,
    namespaces::Stay,
    rate::{Bucket, RateLimit},
};

/// A socket, and whether its next event may be handled.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) socket: Socket,
    pub(crate) stage: Stage,
    /// What it has used of a limit, if there is one.
    bucket: Option<Bucket>,
    /// Held, for what happens when it ends.
    _stay: Stay,
    /// Handlers that have to end before the next event is handled.
    blockers: usize,
    held: VecDeque<Held>,
}

/// How far the peer has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The guards are being asked.
    Guarded,
    /// The peer is in the namespace.
    In,
}

/// An event that waits for its turn.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) name: EventName,
    pub(crate) args: Args,
    pub(crate) ack: Option<AckId>,
}

impl Seat {
    pub(crate) fn new(socket: Socket, stay: Stay) -> Self {
        Self { socket, stage: Stage::Guarded, bucket: None, _stay: stay, blockers: 0, held: VecDeque::new() }
    }

    pub(crate) fn block(&mut self) {
        self.blockers += 1;
    }

    pub(crate) fn unblock(&mut self) {
        self.blockers = self.blockers.saturating_sub(1);
    }

    /// Whether one more event is within the limit of the namespace.
    #[inline]
    pub(crate) fn admits(&mut self) -> bool {
        match self.socket.active().definition.rate_limit {
            Some(limit) => self.has_token(limit),
            None => true,
        }
    }

    fn has_token(&mut self, limit: RateLimit) -> bool {
        let now = now();
        self.bucket.get_or_insert_with(|| Bucket::new(now)).take(limit, now)
    }

    /// Whether the next event that comes may be handled at once.
    pub(crate) fn is_free(&self) -> bool {
        self.blockers == 0 && self.held.is_empty()
    }

    /// Keeps an event for later.
    pub(crate) fn hold(&mut self, event: Held) {
        self.held.push_back(event);
    }

    /// The next event that waited and may be handled now.
    pub(crate) fn next_held(&mut self) -> Option<Held> {
        if self.blockers > 0 {
            return None;
        }
        let next = self.held.pop_front();
        if self.held.is_empty() {
            self.held = VecDeque::new();
        }
        next
    }

    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }
}
