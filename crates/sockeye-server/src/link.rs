//! A connection as everybody shares it: its machine and its transport behind one lock.
//!
//! The connection's own task reads, runs handlers and sends; while it does, or is about to, it is *awake*, and whoever
//! queues something leaves the sending to it. While it sleeps, a broadcast writes by itself, and an emit wakes the task.

use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Instant,
};

use futures_util::{SinkExt, StreamExt};
use sockeye_adapter::{AckRequest, Answer, Closing, Delivered, Delivery, Flush, SharedPacket};
use sockeye_parser::{AckId, Args, Encoded, NamespaceName};
use sockeye_proto::{Awaited, Connection, Event, Expired, Outgoing, ProtocolError, SendError};
use sockeye_transport::{Transport, TransportError, TransportName};
use tokio::sync::oneshot;

use crate::{
    DisconnectDetails, DisconnectReason, SlowConsumer,
    carrier::{self, Carrier},
    emit::now,
    emitters::{Emitters, Place},
    lent_text::lend_text,
    meters::Limit,
    tally::Tally,
};

/// Who waits for an acknowledgement.
#[derive(Debug)]
pub(crate) enum Waiter {
    /// One emit.
    One(oneshot::Sender<Args>),
    /// A broadcast.
    Many(Answer),
}

impl Waiter {
    pub(crate) fn answer(self, args: Args) {
        match self {
            // The emitter may have given up; then nobody wants the answer.
            Self::One(sender) => drop(sender.send(args)),
            Self::Many(answer) => answer.give(args),
        }
    }
}

/// One connection, shared by its task, its sockets and the adapters.
#[derive(Debug)]
pub(crate) struct Link {
    core: Mutex<Core>,
    slow_consumer: SlowConsumer,
}

#[derive(Debug)]
struct Core {
    machine: Connection<Waiter>,
    /// Gone once the connection has ended.
    carrier: Option<Carrier>,
    /// The task's own, once it has been polled.
    waker: Waker,
    /// The task is running or about to run, and will send what is queued.
    awake: bool,
    /// A broadcast has queued something and will flush.
    flushing: bool,
    emitters: Emitters,
    /// The connection is to end when its handlers have ended.
    draining: bool,
    /// Somebody has asked for the end of the connection.
    ending: Option<DisconnectReason>,
    /// Namespaces that somebody else than the peer has ended, for the task to clean up.
    left: Vec<NamespaceName>,
    /// Broadcast packets that a socket's outgoing listeners have to hear of.
    heard: Vec<(NamespaceName, SharedPacket)>,
    /// If there is a recorder.
    tally: Option<Box<Tally>>,
}

/// What the transport brought.
#[derive(Debug)]
pub(crate) enum Input {
    Event(Event<Waiter>),
    /// What others have asked for comes before what the peer says next.
    Asked(Requests),
    /// Nothing, because so much waits for the peer that no more should be read from it.
    Full,
    Violation(ProtocolError),
    Failed(TransportError),
    Ended,
}

/// How a turn of the task ends.
#[derive(Debug)]
pub(crate) enum Rest {
    /// There is more to do.
    Asked(Requests),
    Sent(Sent),
}

/// What is known when the task may sleep.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The transport has failed.
    pub(crate) is_broken: bool,
    /// So much still waits for the peer that no more should be read from it.
    pub(crate) is_full: bool,
    pub(crate) deadline: Option<Instant>,
}

/// An event that waits for room in the outbox.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) packet: Option<Encoded>,
    pub(crate) place: Option<Place>,
}

/// What others have asked of the task.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    pub(crate) drain: bool,
    pub(crate) ending: Option<DisconnectReason>,
    pub(crate) left: Vec<NamespaceName>,
    pub(crate) heard: Vec<(NamespaceName, SharedPacket)>,
}

impl Link {
    pub(crate) fn new(machine: Connection<Waiter>, carrier: Carrier, slow_consumer: SlowConsumer) -> Self {
        Self {
            core: Mutex::new(Core {
                machine,
                carrier: Some(carrier),
                waker: Waker::noop().clone(),
                // Until the task has run for the first time, it is about to.
                awake: true,
                flushing: false,
                emitters: Emitters::default(),
                draining: false,
                ending: None,
                left: Vec::new(),
                heard: Vec::new(),
                tally: None,
            }),
            slow_consumer,
        }
    }

    /// Adds up what the connection moves from now on.
    pub(crate) fn begin_tally(&self, begin: impl FnOnce(&TransportName) -> Tally) {
        let mut core = self.lock();
        core.tally = core.carrier.as_ref().map(|carrier| Box::new(begin(&carrier.name())));
    }

    // For the task.

    /// A limit of this connection was met.
    pub(crate) fn note_limit(&self, limit: Limit) {
        if let Some(tally) = &self.lock().tally {
            tally.meters().limit(limit);
        }
    }

    /// The next thing that the peer sent.
    pub(crate) fn poll_input(&self, cx: &mut Context<'_>) -> Poll<Input> {
        let mut core = self.lock();
        core.attend(cx);
        core.poll_input(cx)
    }

    /// Sends what is queued and lets the task sleep, unless others have asked it for something.
    pub(crate) fn end_turn(&self, cx: &mut Context<'_>) -> Rest {
        let mut core = self.lock();
        core.attend(cx);
        if let Some(requests) = core.take_requests() {
            return Rest::Asked(requests);
        }
        let is_broken = matches!(core.poll_transmit(cx), Poll::Ready(Err(_)));
        core.awake = false;
        core.hand_over();
        Rest::Sent(Sent { is_broken, is_full: core.machine.is_full(), deadline: core.machine.poll_timeout() })
    }

    /// Sends what is queued, then closes the transport.
    pub(crate) fn poll_close(&self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut core = self.lock();
        core.attend(cx);
        ready!(core.poll_transmit(cx))?;
        core.carrier.as_mut().map_or(Poll::Ready(Ok(())), |carrier| carrier.poll_close_unpin(cx))
    }

    /// Why the peer is gone.
    pub(crate) fn close_reason(&self, failed: bool) -> DisconnectReason {
        let core = self.lock();
        core.carrier
            .as_ref()
            .map_or(DisconnectReason::TransportClose, |carrier| carrier::close_reason(carrier, failed))
    }

    /// What is known of a failed transport besides the reason.
    pub(crate) fn details_of(&self, error: TransportError) -> DisconnectDetails {
        self.lock()
            .carrier
            .as_ref()
            .map_or_else(DisconnectDetails::default, |carrier| carrier::details(carrier, error))
    }

    /// The connection has ended: nothing is sent any more, and whoever waits for it learns so. Gives back what has to be
    /// dropped outside of the lock.
    pub(crate) fn finish(&self) -> Option<Carrier> {
        let mut core = self.lock();
        core.hand_over();
        core.tally = None;
        core.machine.end();
        core.emitters.wake();
        core.carrier.take()
    }

    /// Whoever waits for room asks again, because a socket has gone.
    pub(crate) fn wake_emitters(&self) {
        self.lock().emitters.wake();
    }

    pub(crate) fn poll_expired(&self, now: Instant) -> Option<Expired<Waiter>> {
        self.lock().machine.poll_expired(now)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.lock().machine.poll_timeout()
    }

    /// Lends the machine, for what only the task does.
    pub(crate) fn with_machine<R>(&self, run: impl FnOnce(&mut Connection<Waiter>) -> R) -> R {
        run(&mut self.lock().machine)
    }

    // For everybody.

    /// Queues an event; pending while there is no room for it. Takes the packet when it is done. Whoever gives up has to
    /// say so by [`give_up`](Self::give_up).
    pub(crate) fn poll_emit(
        &self,
        cx: &Context<'_>,
        namespace: &NamespaceName,
        waiting: &mut Waiting,
        awaited: impl FnOnce() -> Option<Awaited<Waiter>>,
    ) -> Poll<Result<(), SendError>> {
        let Some(packet) = &waiting.packet else { return Poll::Ready(Ok(())) };
        let mut core = self.lock();
        if core.machine.must_wait(namespace, packet) {
            core.emitters.wait(&mut waiting.place, cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(waiting.packet.take().map_or(Ok(()), |packet| core.emit(namespace, packet, awaited())))
    }

    /// Stops waiting for room.
    pub(crate) fn give_up(&self, place: &Place) {
        self.lock().emitters.leave(place);
    }

    /// Stops waiting for an acknowledgement.
    pub(crate) fn forget_ack(&self, namespace: &NamespaceName, id: AckId) {
        // Dropped outside of the lock.
        let _waiter = self.lock().machine.forget_ack(namespace, id);
    }

    /// Queues an event, or says why not.
    pub(crate) fn try_emit(
        &self,
        namespace: &NamespaceName,
        packet: Encoded,
        awaited: Option<Awaited<Waiter>>,
    ) -> Result<(), SendError> {
        self.lock().emit(namespace, packet, awaited)
    }

    /// Queues an event if the transport would take it at once; says whether it did.
    pub(crate) fn emit_volatile(
        &self,
        namespace: &NamespaceName,
        packet: Encoded,
        awaited: impl FnOnce() -> Option<Awaited<Waiter>>,
    ) -> Result<bool, SendError> {
        let mut core = self.lock();
        if !core.is_writable() {
            core.note_dropped();
            return Ok(false);
        }
        core.emit(namespace, packet, awaited()).map(|()| true)
    }

    /// Queues an event that others may get as well; pending while there is no room for it. Whoever gives up has to say so by
    /// [`give_up`](Self::give_up).
    pub(crate) fn poll_emit_shared(
        &self,
        cx: &Context<'_>,
        namespace: &NamespaceName,
        packet: &SharedPacket,
        place: &mut Option<Place>,
    ) -> Poll<Result<bool, SendError>> {
        let mut core = self.lock();
        if core.machine.must_wait_prepared(namespace, packet.messages()) {
            core.emitters.wait(place, cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(core.emit_shared(namespace, packet).map(|()| true))
    }

    /// The same without waiting.
    pub(crate) fn emit_shared(
        &self,
        namespace: &NamespaceName,
        packet: &SharedPacket,
    ) -> Result<bool, SendError> {
        self.lock().emit_shared(namespace, packet).map(|()| true)
    }

    /// The same if the transport would take it at once; says whether it did.
    pub(crate) fn emit_shared_volatile(
        &self,
        namespace: &NamespaceName,
        packet: &SharedPacket,
    ) -> Result<bool, SendError> {
        let mut core = self.lock();
        if !core.is_writable() {
            core.note_dropped();
            return Ok(false);
        }
        core.emit_shared(namespace, packet).map(|()| true)
    }

    /// Queues what the peer has missed. If the connection has ended, that is missed as well.
    pub(crate) fn replay(&self, namespace: &NamespaceName, packet: &SharedPacket) {
        let _ = self.lock().machine.replay(namespace, packet.messages());
    }

    /// Acknowledges an event of the peer.
    pub(crate) fn acknowledge(
        &self,
        namespace: &NamespaceName,
        id: AckId,
        args: Args,
    ) -> Result<(), SendError> {
        let mut core = self.lock();
        core.check_open()?;
        if core.acknowledge_at_once(namespace, id, &args)? {
            return Ok(());
        }
        core.machine.acknowledge(namespace, id, args)?;
        core.wake();
        Ok(())
    }

    /// Queues a packet that goes to many.
    pub(crate) fn deliver(
        &self,
        namespace: &NamespaceName,
        packet: &SharedPacket,
        delivery: Delivery,
        ack: Option<&AckRequest>,
        hears: bool,
    ) -> Delivered {
        let mut core = self.lock();
        if core.carrier.is_none() {
            return Delivered::Dropped;
        }
        if delivery == Delivery::Volatile && !core.is_writable() {
            core.note_dropped();
            // Whoever could not be asked is missing among those who answer.
            drop(ack.map(|ack| ack.answers.expect_one()));
            return Delivered::Dropped;
        }
        let timer = core.machine.poll_timeout();
        let awaited = ack.map(|ack| Awaited {
            id: ack.id,
            deadline: Some(ack.deadline),
            waiter: Waiter::Many(ack.answers.expect_one()),
        });
        match core.machine.emit_prepared(namespace, packet.messages(), awaited) {
            Ok(()) => {
                // Only the task keeps time, and its timer may be set for later, or not at all.
                if ack.is_some_and(|ack| timer.is_none_or(|timer| ack.deadline < timer)) {
                    core.wake();
                }
                core.delivered(namespace, packet, hears)
            }
            Err(SendError::Full) if self.slow_consumer == SlowConsumer::Disconnect => {
                core.end(DisconnectReason::SlowConsumer);
                Delivered::Dropped
            }
            Err(error) => {
                if error == SendError::Full {
                    core.note_skipped();
                }
                Delivered::Dropped
            }
        }
    }

    /// Lets leave what [`deliver`](Self::deliver) has queued.
    pub(crate) fn flush(&self, flush: Flush) {
        let mut core = self.lock();
        core.flushing = false;
        if core.awake {
            return;
        }
        if flush == Flush::Later || core.transmit_now().is_err() {
            core.wake();
        } else {
            core.hand_over();
        }
    }

    /// What the connection speaks on now; nothing once it has ended.
    pub(crate) fn transport(&self) -> Option<TransportName> {
        self.lock().carrier.as_ref().map(Transport::name)
    }

    /// Ends the connection; the first reason stands.
    pub(crate) fn end(&self, reason: DisconnectReason) {
        self.lock().end(reason);
    }

    /// Ends the connection when its handlers have ended.
    pub(crate) fn drain(&self) {
        let mut core = self.lock();
        core.draining = true;
        core.wake();
    }

    /// Has the task look at what there is to do, though the connection may have gone.
    pub(crate) fn wake(&self) {
        self.lock().waker.wake_by_ref();
    }

    /// Takes the socket of one namespace out, and has the task clean up. The namespace has another socket once the peer
    /// has left and come again; `is_current` is asked when that cannot happen any more.
    pub(crate) fn leave(
        &self,
        namespace: &NamespaceName,
        closing: Closing,
        is_current: impl FnOnce() -> bool,
    ) {
        let mut core = self.lock();
        if !is_current() {
            return;
        }
        match closing {
            Closing::Namespace => {
                if core.machine.disconnect(namespace) {
                    core.left.push(namespace.clone());
                    core.wake();
                }
            }
            Closing::Connection => core.end(DisconnectReason::ServerNamespaceDisconnect),
        }
    }

    /// The state is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// The task runs: until it sleeps, it sends what others queue.
    fn attend(&mut self, cx: &Context<'_>) {
        self.awake = true;
        if !self.waker.will_wake(cx.waker()) {
            self.waker.clone_from(cx.waker());
        }
    }

    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        if let Some(requests) = self.take_requests() {
            return Poll::Ready(Input::Asked(requests));
        }
        // What the last event caused waits no longer than it must. A transport that fails here tells why when it is read.
        let _ = self.poll_move(cx);
        let Some(carrier) = &mut self.carrier else { return Poll::Ready(Input::Ended) };
        if self.machine.is_full() {
            return Poll::Ready(Input::Full);
        }
        loop {
            let input = match ready!(carrier.poll_next_unpin(cx)) {
                None => Input::Ended,
                Some(Err(error)) => Input::Failed(error),
                Some(Ok(message)) => {
                    if let Some(tally) = &mut self.tally {
                        tally.received.note(message.len());
                    }
                    match self.machine.handle_message(message) {
                        Ok(None) => {
                            self.machine.note_time(now());
                            continue;
                        }
                        Ok(Some(event)) => Input::Event(event),
                        Err(error) => Input::Violation(error),
                    }
                }
            };
            return Poll::Ready(input);
        }
    }

    /// Moves what is queued into the transport and flushes it.
    fn poll_transmit(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_move(cx))?;
        self.carrier.as_mut().map_or(Poll::Ready(Ok(())), |carrier| carrier.poll_flush_unpin(cx))
    }

    /// Moves what is queued into the transport.
    fn poll_move(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let Some(carrier) = &mut self.carrier else { return Poll::Ready(Ok(())) };
        let mut moved = false;
        let result = loop {
            if self.machine.is_drained() {
                break Poll::Ready(Ok(()));
            }
            match carrier.poll_ready_unpin(cx) {
                Poll::Ready(Ok(())) => {}
                other => break other,
            }
            let outgoing = self.machine.poll_transmit();
            if let (Some(tally), Some(outgoing)) = (&mut self.tally, &outgoing) {
                tally.sent.note(outgoing.len());
            }
            let sent = match outgoing {
                Some(Outgoing::Message(message)) => carrier.start_send_unpin(message),
                Some(Outgoing::Prepared(prepared)) => Pin::new(&mut *carrier).start_send_prepared(&prepared),
                None => Ok(()),
            };
            if let Err(error) = sent {
                break Poll::Ready(Err(error));
            }
            moved = true;
        };
        if moved && !self.machine.is_full() {
            self.emitters.wake();
        }
        result
    }

    /// Hands a small acknowledgement to a transport that takes it, without a message being made of it; says whether it did.
    ///
    /// Only while the task runs, which flushes before it sleeps.
    fn acknowledge_at_once(
        &mut self,
        namespace: &NamespaceName,
        id: AckId,
        args: &Args,
    ) -> Result<bool, SendError> {
        let Some(carrier) = self.carrier.as_mut().filter(|carrier| carrier::takes_text(carrier)) else {
            return Ok(false);
        };
        if !self.awake || args.size() > SMALL {
            return Ok(false);
        }
        lend_text(|text| {
            if !self.machine.acknowledge_at_once(namespace, id, args, text)? {
                return Ok(false);
            }
            if let Some(tally) = &mut self.tally {
                tally.sent.note(text.len());
            }
            // A transport that fails here tells why when it is read.
            let _ = carrier::send_text(carrier, text);
            Ok(true)
        })
    }

    /// Sends from outside the task; what the transport does not take now, it asks the task for.
    fn transmit_now(&mut self) -> Result<(), TransportError> {
        let waker = self.waker.clone();
        match self.poll_transmit(&mut Context::from_waker(&waker)) {
            Poll::Ready(sent) => sent,
            Poll::Pending => Ok(()),
        }
    }

    fn emit(
        &mut self,
        namespace: &NamespaceName,
        packet: Encoded,
        awaited: Option<Awaited<Waiter>>,
    ) -> Result<(), SendError> {
        self.check_open()?;
        self.machine.emit(namespace, packet, awaited)?;
        self.wake();
        Ok(())
    }

    fn emit_shared(&mut self, namespace: &NamespaceName, packet: &SharedPacket) -> Result<(), SendError> {
        self.check_open()?;
        self.machine.emit_prepared(namespace, packet.messages(), None)?;
        self.wake();
        Ok(())
    }

    fn delivered(&mut self, namespace: &NamespaceName, packet: &SharedPacket, hears: bool) -> Delivered {
        if let Some(tally) = &mut self.tally {
            tally.deliveries += 1;
        }
        if hears {
            self.heard.push((namespace.clone(), packet.clone()));
            self.wake();
        }
        if self.awake || self.flushing {
            return Delivered::Joined;
        }
        self.flushing = true;
        Delivered::Queued
    }

    /// Tells the recorder, if there is one, what the connection has moved.
    fn hand_over(&mut self) {
        if let (Some(tally), Some(carrier)) = (&mut self.tally, &self.carrier) {
            tally.hand_over(&carrier.name(), self.machine.queued_messages());
        }
    }

    /// A volatile event was not taken.
    fn note_dropped(&self) {
        if let Some(tally) = &self.tally {
            tally.meters().dropped_volatile.increment(1);
        }
    }

    /// A slow consumer misses a packet.
    fn note_skipped(&self) {
        if let Some(tally) = &self.tally {
            tally.meters().skipped.increment(1);
        }
    }

    fn is_writable(&self) -> bool {
        self.machine.is_drained() && self.carrier.as_ref().is_some_and(carrier::is_writable)
    }

    fn check_open(&self) -> Result<(), SendError> {
        if self.carrier.is_some() { Ok(()) } else { Err(SendError::NotConnected) }
    }

    fn end(&mut self, reason: DisconnectReason) {
        self.ending.get_or_insert(reason);
        self.wake();
    }

    fn wake(&mut self) {
        if !self.awake {
            self.awake = true;
            self.waker.wake_by_ref();
        }
    }

    fn take_requests(&mut self) -> Option<Requests> {
        if self.ending.is_none() && self.left.is_empty() && self.heard.is_empty() && !self.draining {
            return None;
        }
        Some(Requests {
            drain: std::mem::take(&mut self.draining),
            ending: self.ending.take(),
            left: std::mem::take(&mut self.left),
            heard: std::mem::take(&mut self.heard),
        })
    }
}

/// Up to which size an acknowledgement is copied rather than shared, in bytes.
const SMALL: usize = 2048;
