//! What the application emits in a namespace, and who waits to hear that it arrived.
//!
//! While the namespace is connected, events go to the outbox at once, and all acknowledgements that are awaited are those of
//! events that were sent. While it is not, they are those of events in the buffer, where nothing is lost with the link.

use std::time::{Duration, Instant};

use sockeye_parser::{AckId, Args, NamespaceName, is_reserved};

use crate::{Awaited, acks::Acks};

use super::{
    AckFailure, Config, Emission, EmitError, Emitted, Event, NotTaken, Overflow, Receipt,
    backlog::Backlog,
    emission::{Awaiting, Content},
    output::{Output, Tell},
    retries::{Flight, Retries},
};

#[derive(Debug)]
pub(super) struct Sending<W> {
    acks: Acks<W>,
    pub(super) next_ack: u64,
    /// What waits until the namespace is connected; empty as long as it is.
    buffer: Backlog<(Content, Option<AckId>)>,
    retries: Retries<W>,
    pub(super) max_retries: u32,
    pub(super) ack_timeout: Option<Duration>,
    pub(super) tell: Tell,
}

/// Whether events can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Connected,
    Not,
}

impl<W> Sending<W> {
    pub(super) fn new(first_ack: u64, config: &Config) -> Self {
        Self {
            acks: Acks::new(),
            next_ack: first_ack,
            buffer: Backlog::new(),
            retries: Retries::new(),
            max_retries: config.retries,
            ack_timeout: config.ack_timeout,
            tell: Tell::No,
        }
    }

    pub(super) fn emit(
        &mut self,
        namespace: &NamespaceName,
        line: Line,
        emission: Emission<W>,
        now: Instant,
        output: &mut Output<W>,
    ) -> Result<Emitted<W>, NotTaken<W>> {
        if is_reserved(emission.name()) {
            return Err(emission.refused(EmitError::ReservedName));
        }
        if emission.is_volatile && (line == Line::Not || !output.outbox.is_empty()) {
            return Ok(Emitted::Discarded(emission.waiter));
        }
        if self.max_retries > 0 && !emission.is_volatile {
            return self.queue(namespace, line, emission, now, output);
        }
        if emission.waiter.is_some() && self.acks.check_room(output.config.max_pending_acks).is_err() {
            return Err(emission.refused(EmitError::TooManyAcks));
        }
        match line {
            Line::Connected => self.send(namespace, emission, now, output),
            Line::Not => self.keep(emission, now, output),
        }
    }

    /// The namespace is connected: sends what waits, and the first of the queue again.
    pub(super) fn handle_connect(&mut self, namespace: &NamespaceName, now: Instant, output: &mut Output<W>) {
        for (content, ack) in self.buffer.take_all() {
            output.send(namespace, content, ack, self.tell);
        }
        self.start_try(namespace, now, output);
    }

    /// The namespace was connected, and is no longer: what was sent will not be acknowledged.
    pub(super) fn handle_disconnect(&mut self, output: &mut Output<W>) {
        self.acks.take_all().for_each(|waiter| output.fail(Some(waiter), AckFailure::Disconnected));
        self.retries.fail_try(self.max_retries, output);
    }

    /// What nobody waits for is ignored: it came twice, or too late, or was never asked for.
    pub(super) fn handle_ack(
        &mut self,
        namespace: &NamespaceName,
        id: AckId,
        args: Args,
        now: Instant,
        output: &mut Output<W>,
    ) {
        if self.retries.is_in_flight(id) {
            self.retries.end_try(args, output);
            self.proceed(namespace, now, output);
        } else if let Some(waiter) = self.acks.take(id) {
            output.events.push(Event::Acked { waiter, args });
        }
    }

    pub(super) fn handle_timeout(&mut self, namespace: &NamespaceName, now: Instant, output: &mut Output<W>) {
        while let Some(id) = self.acks.first_expired(now) {
            let waiter = self.acks.take(id);
            self.buffer.remove_where(|(_, ack)| *ack == Some(id));
            output.fail(waiter, AckFailure::TimedOut);
        }
        while self.retries.deadline().is_some_and(|deadline| deadline <= now) {
            self.retries.fail_try(self.max_retries, output);
            self.proceed(namespace, now, output);
        }
    }

    /// Sends the first of the queue, unless that is in flight or there is no room; then it waits for some.
    pub(super) fn proceed(&mut self, namespace: &NamespaceName, now: Instant, output: &mut Output<W>) {
        if output.is_full() {
            output.is_stalled = true;
        } else {
            self.start_try(namespace, now, output);
        }
    }

    pub(super) fn forget(&mut self, Receipt(awaiting): Receipt) -> Option<W> {
        match awaiting {
            Awaiting::Ack(id) => self.acks.take(id),
            Awaiting::Queued(place) => self.retries.forget(place),
        }
    }

    /// Nothing of this will ever be sent.
    pub(super) fn give_up(&mut self, output: &mut Output<W>) {
        self.acks.take_all().for_each(|waiter| output.fail(Some(waiter), AckFailure::Disconnected));
        self.retries.give_up(output);
        *self = Self::new(self.next_ack, &output.config);
    }

    /// How many acknowledgements are awaited, of events that wait to be sent again among them.
    pub(super) fn pending_acks(&self) -> usize {
        self.acks.len() + self.retries.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.acks.next_deadline().into_iter().chain(self.retries.deadline()).min()
    }

    pub(super) fn must_wait(&self, line: Line, output: &Output<W>) -> bool {
        let config = &output.config;
        match line {
            _ if self.max_retries > 0 => self.retries.is_full(&config.buffer),
            Line::Connected => output.is_full(),
            Line::Not => config.overflow == Overflow::Refuse && self.buffer.is_full(&config.buffer),
        }
    }

    /// How many events wait for the namespace or for each other.
    pub(super) fn waiting(&self) -> usize {
        self.buffer.len() + self.retries.len()
    }

    fn send(
        &mut self,
        namespace: &NamespaceName,
        emission: Emission<W>,
        now: Instant,
        output: &mut Output<W>,
    ) -> Result<Emitted<W>, NotTaken<W>> {
        let Emission { content, waiter, timeout, is_volatile } = emission;
        let ack = waiter.as_ref().map(|_| AckId::new(self.next_ack));
        if let Err(content) = output.try_send(namespace, content, ack, self.tell) {
            let emission = Emission { content, waiter, timeout, is_volatile };
            return Err(emission.refused(EmitError::Full));
        }
        Ok(Emitted::Sent(self.await_ack(waiter, timeout, now)))
    }

    fn keep(
        &mut self,
        emission: Emission<W>,
        now: Instant,
        output: &mut Output<W>,
    ) -> Result<Emitted<W>, NotTaken<W>> {
        let size = emission.content.size();
        while !self.buffer.has_room_for(size, &output.config.buffer) {
            if output.config.overflow == Overflow::Refuse {
                return Err(emission.refused(EmitError::BufferFull));
            }
            if let Some((_, Some(ack))) = self.buffer.pop() {
                output.fail(self.acks.take(ack), AckFailure::Dropped);
            }
        }
        let Emission { content, waiter, timeout, .. } = emission;
        let ack = waiter.as_ref().map(|_| AckId::new(self.next_ack));
        self.buffer.push(size, (content, ack));
        Ok(Emitted::Kept(self.await_ack(waiter, timeout, now)))
    }

    fn queue(
        &mut self,
        namespace: &NamespaceName,
        line: Line,
        emission: Emission<W>,
        now: Instant,
        output: &mut Output<W>,
    ) -> Result<Emitted<W>, NotTaken<W>> {
        let is_awaited = emission.waiter.is_some();
        let place = self
            .retries
            .push(emission, &output.config.buffer)
            .map_err(|emission| emission.refused(EmitError::QueueFull))?;
        if line == Line::Connected {
            self.proceed(namespace, now, output);
        }
        Ok(Emitted::Kept(is_awaited.then_some(Receipt(Awaiting::Queued(place)))))
    }

    fn start_try(&mut self, namespace: &NamespaceName, now: Instant, output: &mut Output<W>) {
        let Some((content, timeout)) = self.retries.next_try() else { return };
        let (id, deadline) = (self.next_ack_id(), self.deadline(timeout, now));
        self.retries.begin_try(Flight { id, deadline });
        output.send(namespace, content, Some(id), self.tell);
    }

    /// Waits for the acknowledgement of the event that was sent or kept with the next id.
    fn await_ack(&mut self, waiter: Option<W>, timeout: Option<Duration>, now: Instant) -> Option<Receipt> {
        let (waiter, deadline) = (waiter?, self.deadline(timeout, now));
        let id = self.next_ack_id();
        self.acks.insert(Awaited { id, deadline, waiter });
        Some(Receipt(Awaiting::Ack(id)))
    }

    fn next_ack_id(&mut self) -> AckId {
        let id = AckId::new(self.next_ack);
        self.next_ack = self.next_ack.wrapping_add(1);
        id
    }

    fn deadline(&self, timeout: Option<Duration>, now: Instant) -> Option<Instant> {
        // What no clock can show is for ever.
        timeout.or(self.ack_timeout).and_then(|timeout| now.checked_add(timeout))
    }
}
