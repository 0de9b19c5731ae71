//! The one task of a client: it connects, reads, runs handlers, sends, keeps the time, and connects again.
//!
//! ```text
//!          a socket wants to be connected          opened
//!   Resting ----------------------------> Dialing --------> Open
//!     ^  ^                               ^   |                | no socket wants it any more
//!     |  |           time to try again   |   | failed         v
//!     |  +-- may not try again -- Waiting <--+            Closing
//!     |                              ^                        |
//!     |                              +---- lost ---- Open     |
//!     +-------------------------------------------------------+
//! ```
//! Whatever it does, it leaves that as soon as no socket wants a connection.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use sockeye_event::Event as Heard;
use sockeye_parser::{Args, EventName, NamespaceName};
use sockeye_proto::client::{AckRequest, Backoff, DisconnectReason, Event};

use crate::{
    ConnectError, DisconnectDetails, Occurrence, Refused, Socket,
    auth::{Asking, Auth},
    dial::Attempt,
    jobs::{Jobs, report},
    random,
    shared::{Input, Rest, Sent, Shared, Waiter},
    socket::Inner,
    time::now,
    timer::Timer,
};

/// Drives one client as long as there is something to do.
pub(crate) struct Task {
    shared: Arc<Shared>,
    phase: Phase,
    backoff: Backoff,
    jobs: Jobs,
    auths: FuturesUnordered<Asking>,
    timer: Timer,
    /// What is known of the end of the last connection.
    details: DisconnectDetails,
    /// The attempts since the connection was lost are told as such.
    reconnecting: bool,
    /// How many got their answers in this turn.
    answered: usize,
}

enum Phase {
    /// There is no connection, and none is wanted, as far as is known.
    Resting,
    Dialing {
        attempt: Attempt,
        give_up_at: Option<Instant>,
    },
    Open,
    /// The connection is being closed; until then, at the latest.
    Closing(Instant),
    /// The next attempt comes at this time.
    Waiting(Instant),
}

/// Whether a phase goes on.
enum Turn {
    /// Until something happens.
    Idle,
    /// Another phase has begun, or others should have their turn.
    Again,
}

impl Task {
    pub(crate) fn new(shared: Arc<Shared>, backoff: Backoff) -> Self {
        Self {
            shared,
            phase: Phase::Resting,
            backoff,
            jobs: Jobs::default(),
            auths: FuturesUnordered::new(),
            timer: Timer::default(),
            details: DisconnectDetails::default(),
            reconnecting: false,
            answered: 0,
        }
    }

    fn poll_phase(&mut self, cx: &mut Context<'_>) -> Turn {
        match &mut self.phase {
            Phase::Resting => self.poll_resting(),
            Phase::Dialing { .. } => self.poll_dialing(cx),
            Phase::Open => self.poll_open(cx),
            Phase::Closing(_) => self.poll_closing(cx),
            Phase::Waiting(until) => {
                if !self.shared.lock().machine.has_active() {
                    return self.rest();
                }
                if *until > now() {
                    return Turn::Idle;
                }
                self.tell(&Occurrence::ReconnectAttempt(self.backoff.attempts()));
                self.dial()
            }
        }
    }

    // Without a connection.

    fn poll_resting(&mut self) -> Turn {
        if self.shared.lock().machine.has_active() { self.dial() } else { Turn::Idle }
    }

    fn dial(&mut self) -> Turn {
        let timeout = self.shared.lock().config.timeout;
        let give_up_at = timeout.and_then(|timeout| now().checked_add(timeout));
        self.phase = Phase::Dialing { attempt: self.shared.dial.attempt(), give_up_at };
        Turn::Again
    }

    fn poll_dialing(&mut self, cx: &mut Context<'_>) -> Turn {
        if !self.shared.lock().machine.has_active() {
            return self.rest();
        }
        let Phase::Dialing { attempt, give_up_at } = &mut self.phase else { return Turn::Again };
        match attempt.as_mut().poll(cx) {
            Poll::Ready(Ok(carrier)) => {
                self.phase = Phase::Open;
                self.shared.open(carrier);
                self.opened();
            }
            Poll::Ready(Err(error)) => self.failed(ConnectError::Failed(error), cx),
            Poll::Pending if give_up_at.is_some_and(|deadline| deadline <= now()) => {
                self.failed(ConnectError::TimedOut, cx);
            }
            Poll::Pending => return Turn::Idle,
        }
        Turn::Again
    }

    fn opened(&mut self) {
        tracing::debug!("connected");
        // That of the attempt.
        self.timer = Timer::default();
        self.tell(&Occurrence::Open);
        if std::mem::take(&mut self.reconnecting) {
            self.tell(&Occurrence::Reconnect(self.backoff.attempts()));
        }
        self.backoff.reset();
    }

    /// An attempt has failed. The order of what is told is the reference's.
    fn failed(&mut self, error: ConnectError, cx: &mut Context<'_>) {
        tracing::debug!(%error, "no connection");
        self.tell(&Occurrence::Error(error.clone()));
        let pause = self.next_pause();
        for socket in self.shared.joining() {
            socket.note_failed(&error, pause.is_none());
            self.live(&socket, CONNECT_ERROR, cx);
        }
        let was_reconnecting = self.reconnecting;
        self.pause(pause);
        if was_reconnecting {
            self.tell(&Occurrence::ReconnectError(error));
        }
    }

    /// When to try again, if that is allowed.
    fn next_pause(&mut self) -> Option<Instant> {
        if !self.shared.lock().config.reconnection {
            return None;
        }
        let pause = self.backoff.next(random::fraction())?;
        self.tell(&Occurrence::ReconnectScheduled(pause));
        Some(now() + pause)
    }

    fn pause(&mut self, until: Option<Instant>) {
        if let Some(until) = until {
            self.reconnecting = true;
            self.phase = Phase::Waiting(until);
            return;
        }
        if std::mem::take(&mut self.reconnecting) {
            self.tell(&Occurrence::ReconnectFailed);
        }
        self.backoff.reset();
        // Nobody tries again by itself, and sockets say so.
        self.shared.give_up();
        self.rest();
    }

    fn rest(&mut self) -> Turn {
        self.phase = Phase::Resting;
        self.reconnecting = false;
        self.backoff.reset();
        Turn::Again
    }

    // With a connection.

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Turn {
        for _ in 0..MESSAGES_PER_TURN {
            if self.is_saturated() {
                return self.transmit(cx);
            }
            match self.shared.poll_input(cx) {
                Poll::Pending => return self.transmit(cx),
                Poll::Ready(Input::Event(event)) => self.handle(event, cx),
                Poll::Ready(Input::Violation(error)) => {
                    let details = DisconnectDetails::of_error(error);
                    return self.lost(DisconnectReason::ParseError, details, cx);
                }
                Poll::Ready(Input::Ended(reason, details)) => return self.lost(reason, details, cx),
            }
        }
        self.transmit(cx);
        cx.waker().wake_by_ref();
        Turn::Idle
    }

    /// Whether the server has to wait until handlers have ended. Those that wait for an answer of its own do not count, or
    /// the answer would never be read.
    fn is_saturated(&self) -> bool {
        if self.jobs.is_empty() {
            return false;
        }
        let (jobs, shared) = (self.jobs.len(), self.shared.lock());
        let limit = shared.config.max_handlers;
        jobs >= limit && jobs.saturating_sub(shared.machine.pending_acks()) >= limit
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Turn {
        match self.shared.poll_transmit(cx) {
            Poll::Ready(Err(error)) => {
                let (reason, details) = self.shared.end_of_carrier(error);
                self.lost(reason, details, cx)
            }
            Poll::Ready(Ok(Sent::LastWords)) => {
                let timeout = self.shared.lock().config.close_timeout;
                self.phase = Phase::Closing(now() + timeout);
                Turn::Again
            }
            _ => Turn::Idle,
        }
    }

    fn lost(&mut self, reason: DisconnectReason, details: DisconnectDetails, cx: &mut Context<'_>) -> Turn {
        tracing::debug!(%reason, "connection lost");
        self.details = details.clone();
        let joining = self.shared.joining();
        self.shared.shut(reason);
        self.auths = FuturesUnordered::new();
        self.backoff.reset();
        self.tell(&Occurrence::Close(reason, details));
        let pause = if self.shared.lock().machine.has_active() { self.next_pause() } else { None };
        if pause.is_none() || reason == DisconnectReason::TransportError {
            let error = ConnectError::Failed(self.details.to_error(reason));
            // They were never in, so that no end of their stay tells them.
            for socket in joining {
                socket.note_failed(&error, pause.is_none());
                self.live(&socket, CONNECT_ERROR, cx);
            }
        }
        self.pause(pause);
        Turn::Again
    }

    fn poll_closing(&mut self, cx: &mut Context<'_>) -> Turn {
        let Phase::Closing(deadline) = self.phase else { return Turn::Again };
        if self.shared.poll_close(cx).is_pending() && deadline > now() {
            return Turn::Idle;
        }
        self.shared.shut(DisconnectReason::ForcedClose);
        self.tell(&Occurrence::Close(DisconnectReason::ForcedClose, DisconnectDetails::default()));
        self.rest()
    }
}

impl Task {
    // What happens.

    /// What has come of things other than messages: time-outs, and what the application did.
    fn run_events(&mut self, cx: &mut Context<'_>) {
        while let Some(event) = self.shared.next_event() {
            self.handle(event, cx);
        }
    }

    /// Tells what the engine could not tell while it was polled.
    fn tell_of_engine(&self) {
        while let Some(occurrence) = self.shared.told.next() {
            self.tell(&occurrence);
        }
    }

    fn handle(&mut self, event: Event<Waiter>, cx: &mut Context<'_>) {
        match event {
            Event::Event { namespace, name, args, ack } => {
                // Without a socket, there is nobody who could answer.
                if let Some(socket) = self.shared.socket(&namespace) {
                    self.start(socket, name, args, ack, cx);
                }
            }
            Event::Acked { waiter, args } => {
                self.answered += 1;
                drop(waiter.send(Ok(args)));
            }
            Event::AckFailed { waiter, failure } => drop(waiter.send(Err(failure.into()))),
            Event::Sent { namespace, name, args } => self.tell_outgoing(&namespace, &name, &args),
            Event::Authenticate { namespace } => self.authenticate(namespace, cx),
            Event::Connected { namespace, .. } => {
                let Some(socket) = self.shared.socket(&namespace) else { return };
                tracing::debug!(%namespace, "socket connected");
                socket.note_connected();
                self.live(&socket, CONNECT, cx);
            }
            Event::Refused { namespace, error } => {
                self.refused(&namespace, &ConnectError::Refused(Refused::new(error)), cx);
            }
            Event::Disconnected { namespace, reason } => {
                let Some(socket) = self.shared.socket(&namespace) else { return };
                tracing::debug!(%namespace, %reason, "socket disconnected");
                let details = match reason {
                    DisconnectReason::ServerDisconnect | DisconnectReason::ClientDisconnect => {
                        DisconnectDetails::default()
                    }
                    _ => self.details.clone(),
                };
                socket.note_disconnected(reason, details);
                self.live(&socket, DISCONNECT, cx);
            }
            _ => {}
        }
    }

    /// The socket is not let in, and does not try again by itself.
    fn refused(&mut self, namespace: &NamespaceName, error: &ConnectError, cx: &mut Context<'_>) {
        let Some(socket) = self.shared.socket(namespace) else { return };
        tracing::debug!(%namespace, %error, "socket refused");
        socket.note_failed(error, true);
        self.live(&socket, CONNECT_ERROR, cx);
    }

    /// Starts the handlers of an event.
    fn start(
        &mut self,
        socket: Arc<Inner>,
        name: EventName,
        args: Args,
        ack: Option<AckRequest>,
        cx: &mut Context<'_>,
    ) {
        let handlers = socket.handlers();
        let id = ack.as_ref().map(AckRequest::id);
        let socket = Socket::for_event(socket, ack);
        let event = Heard::new(name, args, id, &socket, &self.shared.state);
        self.jobs.start(&handlers, event, cx);
    }

    /// Starts the handlers of coming and going.
    fn live(&mut self, socket: &Arc<Inner>, name: EventName, cx: &mut Context<'_>) {
        let handlers = socket.life_handlers();
        if !handlers.handles(&name) {
            return;
        }
        let socket = Socket::of_inner(socket.clone());
        let event = Heard::new(name, Args::empty(), None, &socket, &self.shared.state);
        self.jobs.start(&handlers, event, cx);
    }

    fn tell_outgoing(&self, namespace: &NamespaceName, name: &str, args: &Args) {
        let Some(socket) = self.shared.socket(namespace).map(Socket::of_inner) else { return };
        for failure in socket.inner().handlers().watch_outgoing(name, args) {
            report(&socket, &failure);
        }
    }

    fn tell(&self, occurrence: &Occurrence) {
        self.shared.watchers.tell(occurrence);
    }

    // Credentials.

    fn authenticate(&self, namespace: NamespaceName, cx: &Context<'_>) {
        match self.shared.socket(&namespace).map(|socket| socket.auth()) {
            None | Some(Auth::None) => self.shared.authenticate(&namespace, None),
            Some(Auth::Value(auth)) => self.shared.authenticate(&namespace, Some(auth)),
            Some(Auth::Function(ask)) => {
                self.auths.push(Asking::begin(namespace, &*ask));
                // Whoever pushes has to poll.
                cx.waker().wake_by_ref();
            }
        }
    }

    fn run_auths(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some((namespace, answer))) = Pin::new(&mut self.auths).poll_next(cx) {
            match answer {
                Ok(auth) => self.shared.authenticate(&namespace, Some(auth)),
                Err(error) => {
                    self.shared.lock().machine.disconnect(&namespace);
                    self.refused(&namespace, &ConnectError::Auth(error), cx);
                }
            }
        }
    }

    /// Waits for whatever has a time. Ready when a time has come.
    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let own = match &self.phase {
            Phase::Resting | Phase::Open => None,
            Phase::Dialing { give_up_at, .. } => *give_up_at,
            Phase::Closing(until) | Phase::Waiting(until) => Some(*until),
        };
        let deadline = own.into_iter().chain(self.shared.lock().machine.poll_timeout()).min();
        self.timer.poll_until(deadline, cx).map(|()| self.shared.lock().machine.handle_timeout(now()))
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if std::mem::take(&mut this.answered) > 1 {
            // Those who were answered in the last turn go on, and send again, as a rule. The first of them has woken this
            // task; when it waits for the others, what they send leaves together.
            this.shared.attend(cx);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            this.shared.attend(cx);
            this.jobs.run(cx);
            this.run_auths(cx);
            this.run_events(cx);
            if let Turn::Again = this.poll_phase(cx) {
                continue;
            }
            if this.poll_time(cx).is_ready() {
                continue;
            }
            this.tell_of_engine();
            let is_idle =
                matches!(this.phase, Phase::Resting) && this.jobs.is_empty() && this.auths.is_empty();
            match this.shared.rest(is_idle) {
                Rest::NotYet => {}
                Rest::Sleeps => return Poll::Pending,
                Rest::Ends => return Poll::Ready(()),
            }
        }
    }
}

/// If the runtime goes down, the task is dropped wherever it is; sockets that are kept must not believe themselves connected.
impl Drop for Task {
    fn drop(&mut self) {
        self.shared.lose_task();
    }
}

const CONNECT: EventName = EventName::from_static("connect");
const CONNECT_ERROR: EventName = EventName::from_static("connect_error");
const DISCONNECT: EventName = EventName::from_static("disconnect");

/// How many messages are handled before others have their turn.
const MESSAGES_PER_TURN: usize = 64;
