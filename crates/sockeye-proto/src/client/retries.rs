//! Events that are sent again until the server acknowledges them, one at a time.
//!
//! The first in the queue is in flight, or about to be; those behind it wait until it has been acknowledged or given up.
//! A try fails when its time has passed, and when the namespace is left.

use std::time::{Duration, Instant};

use sockeye_parser::{AckId, Args};

use crate::bounds::Bounds;

use super::{AckFailure, Emission, Event, backlog::Backlog, emission::Content, output::Output};

#[derive(Debug)]
pub(super) struct Retries<W> {
    queue: Backlog<Queued<W>>,
    next_place: u64,
    /// How often the first one has been sent.
    tries: u32,
    in_flight: Option<Flight>,
}

#[derive(Debug)]
struct Queued<W> {
    place: u64,
    content: Content,
    waiter: Option<W>,
    timeout: Option<Duration>,
}

/// A try that may still be acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) id: AckId,
    pub(super) deadline: Option<Instant>,
}

impl<W> Retries<W> {
    pub(super) const fn new() -> Self {
        Self { queue: Backlog::new(), next_place: 0, tries: 0, in_flight: None }
    }

    /// Queues an event, and gives it back if there is no room; says where it is found again.
    pub(super) fn push(&mut self, emission: Emission<W>, bounds: &Bounds) -> Result<u64, Emission<W>> {
        let size = emission.content.size();
        if !self.queue.has_room_for(size, bounds) {
            return Err(emission);
        }
        let place = self.next_place;
        self.next_place += 1;
        let Emission { content, waiter, timeout, .. } = emission;
        self.queue.push(size, Queued { place, content, waiter, timeout });
        Ok(place)
    }

    /// The event whose turn it is, unless it is in flight already, and how long it waits to be acknowledged.
    pub(super) fn next_try(&mut self) -> Option<(Content, Option<Duration>)> {
        if self.in_flight.is_some() {
            return None;
        }
        self.queue.first_mut().map(|first| (first.content.clone(), first.timeout))
    }

    /// The event whose turn it was is sent.
    pub(super) fn begin_try(&mut self, flight: Flight) {
        self.tries = self.tries.saturating_add(1);
        self.in_flight = Some(flight);
    }

    /// The try failed; the event is given up if it was the last one.
    pub(super) fn fail_try(&mut self, retries: u32, output: &mut Output<W>) {
        if self.in_flight.take().is_none() || self.tries <= retries {
            return;
        }
        let tries = std::mem::take(&mut self.tries);
        let waiter = self.queue.pop().and_then(|first| first.waiter);
        output.fail(waiter, AckFailure::Exhausted { tries });
    }

    /// Says whether this acknowledges the event in flight.
    pub(super) fn is_in_flight(&self, id: AckId) -> bool {
        self.in_flight.is_some_and(|flight| flight.id == id)
    }

    /// The event in flight was acknowledged.
    pub(super) fn end_try(&mut self, args: Args, output: &mut Output<W>) {
        (self.in_flight, self.tries) = (None, 0);
        if let Some(waiter) = self.queue.pop().and_then(|first| first.waiter) {
            output.events.push(Event::Acked { waiter, args });
        }
    }

    pub(super) fn forget(&mut self, place: u64) -> Option<W> {
        self.queue.find_mut(|queued| queued.place == place)?.waiter.take()
    }

    pub(super) fn give_up(&mut self, output: &mut Output<W>) {
        (self.in_flight, self.tries) = (None, 0);
        self.queue.take_all().for_each(|queued| output.fail(queued.waiter, AckFailure::Disconnected));
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.in_flight?.deadline
    }

    pub(super) fn is_full(&self, bounds: &Bounds) -> bool {
        self.queue.is_full(bounds)
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }
}
