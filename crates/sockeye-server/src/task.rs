//! The one task of a connection: it reads, runs handlers, sends, and keeps the time.
//!
//! ```text
//! Open --- the transport ends, or somebody ends it ---> Closing --- sent and closed, or too late ---> Finishing
//!                                                                   handlers that still wait are run to their end
//! ```

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use sockeye_event::Failure;
use sockeye_message::Utf8Bytes;
use sockeye_parser::{Args, NamespaceName, Packet, SocketId};
use sockeye_proto::{Connection, Event, Expired, Revision};

use crate::{
    DisconnectDetails, DisconnectReason, Handshake, Socket,
    arrival::{Admitted, Arrival},
    comeback::Recoverable,
    emit::now,
    handshake::Request,
    jobs::{Blocks, Done, Job, Jobs, Outcome, refuse_too_soon},
    link::{Input, Link, Requests, Rest, Waiter},
    links::LinkKey,
    meters::{Limit, Meters},
    namespace::{CONNECT, DISCONNECT, DISCONNECTING, Order},
    random,
    seat::{Held, Seat, Stage},
    server::Core,
    spans,
    timer::Timer,
};

/// Drives one connection from its opening to the end of its last handler.
pub(crate) struct Task {
    core: Arc<Core>,
    link: Arc<Link>,
    key: LinkKey,
    request: Request,
    seats: Vec<Seat>,
    /// Those on their way into namespaces that do not exist yet.
    arrivals: Vec<Arrival>,
    jobs: Jobs,
    timer: Timer,
    phase: Phase,
    /// What happens without a message of the peer has happened.
    has_begun: bool,
    /// Nothing more is read, and the connection ends when its handlers have.
    drains: bool,
    /// A socket has come in.
    has_name: bool,
    /// Those whose last words wait to be sent.
    closing: Vec<SocketId>,
}

enum Phase {
    Open,
    /// The transport is being closed; until then, at the latest.
    Closing(Instant),
    /// The transport is gone.
    Finishing,
}

/// Why no more is read in this turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// There is no more.
    Idle,
    /// Others shall have their turn.
    Again,
    /// As much is going on as the limits allow.
    Saturated,
}

impl Task {
    pub(crate) fn new(core: Arc<Core>, link: Arc<Link>, key: LinkKey, request: Request) -> Self {
        Self {
            core,
            link,
            key,
            request,
            seats: Vec::new(),
            arrivals: Vec::new(),
            jobs: Jobs::default(),
            timer: Timer::default(),
            phase: Phase::Open,
            has_begun: false,
            drains: false,
            has_name: false,
            closing: Vec::new(),
        }
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) {
        if !std::mem::replace(&mut self.has_begun, true)
            && let Some(event) = self.link.with_machine(Connection::begin)
        {
            self.handle(event, cx);
        }
        let turn = if self.drains { Turn::Idle } else { self.read(cx) };
        self.run_jobs(cx);
        self.end_if_drained(cx);
        let rest = loop {
            if !matches!(self.phase, Phase::Open) {
                return;
            }
            match self.link.end_turn(cx) {
                Rest::Asked(requests) => self.heed(requests, cx),
                Rest::Sent(sent) => break sent,
            }
        };
        let again = match turn {
            Turn::Idle => false,
            Turn::Again => true,
            Turn::Saturated => !rest.is_full && !self.is_saturated(),
        };
        if again {
            cx.waker().wake_by_ref();
        } else if rest.is_broken {
            return self.read_out(cx);
        }
        self.keep_time(rest.deadline, cx);
    }

    /// The transport takes nothing more. Its stream tells why the peer has gone, unless nothing may be read from it.
    fn read_out(&mut self, cx: &mut Context<'_>) {
        if self.read(cx) == Turn::Again {
            cx.waker().wake_by_ref();
        } else if matches!(self.phase, Phase::Open) {
            self.finish(self.link.close_reason(true), cx);
        }
    }

    /// Handles what the peer sent, as much as one turn allows.
    fn read(&mut self, cx: &mut Context<'_>) -> Turn {
        for _ in 0..FRAMES_PER_TURN {
            if !matches!(self.phase, Phase::Open) {
                return Turn::Idle;
            }
            if self.is_saturated() {
                self.link.note_limit(Limit::Handlers);
                return Turn::Saturated;
            }
            match self.link.poll_input(cx) {
                Poll::Pending => return Turn::Idle,
                Poll::Ready(Input::Asked(requests)) => self.heed(requests, cx),
                Poll::Ready(Input::Full) => {
                    self.link.note_limit(Limit::Queue);
                    return Turn::Saturated;
                }
                Poll::Ready(Input::Event(event)) => self.handle(event, cx),
                Poll::Ready(Input::Violation(error)) => {
                    tracing::debug!(%error, "peer broke the protocol");
                    self.note_details(&DisconnectDetails::of_error(error));
                    self.close(DisconnectReason::ForcedClose, cx);
                }
                Poll::Ready(Input::Failed(error)) => {
                    tracing::debug!(%error, "transport failed");
                    self.note_details(&self.link.details_of(error));
                    self.finish(self.link.close_reason(true), cx);
                }
                Poll::Ready(Input::Ended) => self.finish(self.link.close_reason(false), cx),
            }
        }
        Turn::Again
    }

    /// Whether more must not be read: too many handlers wait, or too many events are held.
    fn is_saturated(&self) -> bool {
        // Nothing is held but for the sake of handlers that wait.
        if self.jobs.is_empty() {
            return false;
        }
        let limit = self.core.config.max_handlers;
        self.has_too_many_jobs(limit) || self.seats.iter().any(|seat| seat.held() >= limit)
    }

    /// Handlers that wait for an answer of this peer do not count, or the answer would never be read. How many those may
    /// be is what `max_pending_acks` says.
    fn has_too_many_jobs(&self, limit: usize) -> bool {
        let jobs = self.jobs.len();
        jobs >= limit
            && jobs.saturating_sub(self.link.with_machine(|machine| machine.pending_acks())) >= limit
    }

    #[expect(clippy::inline_always, reason = "every event takes this way, and no call of it is cold")]
    #[inline(always)]
    fn handle(&mut self, event: Event<Waiter>, cx: &mut Context<'_>) {
        match event {
            Event::Connect { namespace, auth, query } => self.handle_connect(namespace, auth, query, cx),
            Event::Event { namespace, name, args, ack } => {
                let Some(at) = self.seat(&namespace) else { return };
                if !self.seats[at].admits() {
                    return refuse_too_soon(&self.seats[at].socket, ack);
                }
                let event = Held { name, args, ack };
                if self.seats[at].is_free() {
                    self.start_event(at, event, cx);
                } else {
                    self.seats[at].hold(event);
                }
            }
            Event::Acked { waiter, args } => waiter.answer(args),
            Event::Disconnect { namespace } => {
                self.leave(&namespace, DisconnectReason::ClientNamespaceDisconnect, cx);
            }
            _ => {}
        }
    }

    // Coming.

    fn handle_connect(
        &mut self,
        namespace: NamespaceName,
        auth: Option<Args>,
        query: Option<Utf8Bytes>,
        cx: &mut Context<'_>,
    ) {
        let request = self.request.clone();
        let handshake = match query {
            Some(query) => Handshake::with_query(request, &query),
            None => Handshake::new(request, auth),
        };
        let namespaces = &self.core.namespaces;
        if let Some(stay) = namespaces.stay(&namespace) {
            let recovers = stay.active().adapter.recovery().is_some();
            match handshake.comeback().filter(|_| recovers) {
                Some(comeback) => self.arrivals.push(Arrival::returning(stay, handshake, comeback)),
                None => self.take_seat(Admitted::new(stay), handshake, cx),
            }
        } else if namespaces.are_dynamic() {
            let arrival = Arrival::unknown(namespaces.clone(), namespace, handshake);
            self.arrivals.push(arrival);
        } else {
            self.refuse(&namespace, no_such_namespace());
        }
    }

    /// Those of whom it is known by now who they are and where they may go.
    fn run_arrivals(&mut self, cx: &mut Context<'_>) {
        let mut at = 0;
        while let Some(arrival) = self.arrivals.get_mut(at) {
            let Poll::Ready(admitted) = arrival.poll(cx) else {
                at += 1;
                continue;
            };
            let Arrival { namespace, handshake, .. } = self.arrivals.swap_remove(at);
            match admitted {
                Some(admitted) => self.take_seat(admitted, handshake, cx),
                None => self.refuse(&namespace, no_such_namespace()),
            }
        }
    }

    fn take_seat(&mut self, admitted: Admitted, handshake: Handshake, cx: &mut Context<'_>) {
        let Admitted { stay, resumption } = admitted;
        let (active, link) = (stay.active().clone(), self.link.clone());
        let skips_guards =
            active.definition.guards.is_empty() || (resumption.is_some() && active.skips_guards);
        let socket = if let Some(resumption) = resumption {
            Socket::returning(resumption, active, link, handshake)
        } else if let Some(id) = self.new_id(&active.name) {
            let recover = active.adapter.recovery().filter(|_| self.request.revision() != Revision::V4);
            let recoverable = recover.and_then(Recoverable::new);
            Socket::new(id, recoverable, active, link, handshake)
        } else {
            return self.refuse(&active.name, Args::error("internal error", None));
        };
        self.seats.push(Seat::new(socket.clone(), stay));
        if skips_guards {
            return self.let_in(socket.namespace(), cx);
        }
        let mut job = Job::guards(socket);
        match Pin::new(&mut job).poll(cx) {
            Poll::Ready(Done { socket, outcome }) => self.take_outcome(&socket, outcome, cx),
            Poll::Pending => self.jobs.push(job),
        }
    }

    /// An id for a socket; none if the system has no randomness.
    fn new_id(&self, namespace: &NamespaceName) -> Option<SocketId> {
        let random = || random::bytes().ok().map(SocketId::from_random);
        self.request.old_id(namespace).or_else(random)
    }

    /// The guards have decided. The peer may have gone meanwhile.
    fn guarded(&mut self, socket: &Socket, verdict: Result<(), Failure>, cx: &mut Context<'_>) {
        let namespace = socket.namespace();
        let Some(at) = self.seat_of(socket) else { return };
        match verdict {
            Ok(()) => self.let_in(namespace, cx),
            Err(failure) => {
                self.seats.swap_remove(at).socket.exit();
                let error = match self.request.revision() {
                    Revision::V4 => failure.to_plain_args(),
                    _ => failure.to_args(),
                };
                self.refuse(namespace, error);
            }
        }
    }

    fn let_in(&mut self, namespace: &NamespaceName, cx: &mut Context<'_>) {
        let Some(at) = self.seat(namespace) else { return };
        let socket = self.seats[at].socket.clone();
        if let Err(reason) = socket.enter() {
            return self.close(reason, cx);
        }
        self.seats[at].stage = Stage::In;
        if !std::mem::replace(&mut self.has_name, true) {
            spans::name_connection(&socket);
        }
        tracing::debug!(sid = %socket.id(), %namespace, "socket connected");
        let args = socket.handshake().raw_auth().cloned().unwrap_or_default();
        let job = Job::life(&socket, CONNECT, args, Blocks::Yes, cx);
        self.keep(job, Blocks::Yes);
    }

    fn refuse(&self, namespace: &NamespaceName, error: Args) {
        if let Some(meters) = self.meters() {
            meters.refused_sockets.increment(1);
        }
        // A queue too full for a refusal is one that nobody reads.
        let _ = self.link.with_machine(|machine| machine.refuse(namespace, error));
    }

    // Events.

    #[expect(clippy::inline_always, reason = "every event takes this way, and no call of it is cold")]
    #[inline(always)]
    fn start_event(&mut self, at: usize, event: Held, cx: &mut Context<'_>) {
        if self.seats[at].socket.has_filters() {
            self.start_filters(at, event, cx);
        } else {
            self.start_handlers(at, event, cx);
        }
    }

    /// Asks the filters of an event, whose handlers are started when it has passed.
    fn start_filters(&mut self, at: usize, event: Held, cx: &mut Context<'_>) {
        let mut job = Job::filters(&self.seats[at].socket, event);
        match Pin::new(&mut job).poll(cx) {
            Poll::Ready(Done { outcome: Outcome::Filtered(Some(event)), .. }) => {
                self.start_handlers(at, event, cx);
            }
            Poll::Ready(_) => {}
            Poll::Pending => self.keep(Some(job), Blocks::Yes),
        }
    }

    /// Starts the handlers of an event that the filters have let pass.
    #[inline]
    fn start_handlers(&mut self, at: usize, event: Held, cx: &mut Context<'_>) {
        let socket = &self.seats[at].socket;
        let blocks = match socket.active().definition.order {
            Order::Started => Blocks::No,
            Order::Ended => Blocks::Yes,
        };
        let job = Job::event(socket, event, blocks, cx);
        self.keep(job, blocks);
    }

    /// Events that were held, as far as they may be handled now.
    fn start_held(&mut self, socket: &Socket, cx: &mut Context<'_>) {
        while let Some(at) = self.seat_of(socket)
            && let Some(event) = self.seats[at].next_held()
        {
            self.start_event(at, event, cx);
        }
    }

    /// Keeps handlers that wait for something.
    fn keep(&mut self, job: Option<Job>, blocks: Blocks) {
        let Some(job) = job else { return };
        if blocks == Blocks::Yes
            && let Some(at) = self.seat_of(job.socket())
        {
            self.seats[at].block();
        }
        self.jobs.push(job);
    }

    fn run_jobs(&mut self, cx: &mut Context<'_>) {
        self.run_arrivals(cx);
        while let Poll::Ready(Done { socket, outcome }) = self.jobs.poll_done(cx) {
            self.take_outcome(&socket, outcome, cx);
        }
    }

    fn take_outcome(&mut self, socket: &Socket, outcome: Outcome, cx: &mut Context<'_>) {
        match outcome {
            Outcome::Handled(Blocks::No) => {}
            Outcome::Handled(Blocks::Yes) => {
                if let Some(at) = self.seat_of(socket) {
                    self.seats[at].unblock();
                }
                self.start_held(socket, cx);
            }
            Outcome::Filtered(event) => {
                if let Some(at) = self.seat_of(socket) {
                    self.seats[at].unblock();
                    if let Some(event) = event {
                        self.start_handlers(at, event, cx);
                    }
                }
                self.start_held(socket, cx);
            }
            Outcome::Guarded(verdict) => self.guarded(socket, verdict, cx),
        }
    }

    // Going.

    /// Does what others have asked for.
    fn heed(&mut self, requests: Requests, cx: &mut Context<'_>) {
        let Requests { drain, ending, left, heard } = requests;
        self.drains |= drain;
        for (namespace, packet) in heard {
            if let (Some(at), Packet::Event { name, args, .. }) = (self.seat(&namespace), packet.packet()) {
                let socket = self.seats[at].socket.clone();
                socket.tell_outgoing(name, args);
            }
        }
        for namespace in left {
            self.leave(&namespace, DisconnectReason::ServerNamespaceDisconnect, cx);
        }
        if let Some(reason) = ending {
            self.close(reason, cx);
        }
        self.end_if_drained(cx);
    }

    fn end_if_drained(&mut self, cx: &mut Context<'_>) {
        if self.drains && self.jobs.is_empty() {
            self.close(DisconnectReason::ServerShuttingDown, cx);
        }
    }

    /// A socket goes; its connection stays.
    fn leave(&mut self, namespace: &NamespaceName, reason: DisconnectReason, cx: &mut Context<'_>) {
        self.arrivals.retain(|arrival| arrival.namespace != *namespace);
        let Some(at) = self.seat(namespace) else { return };
        let Seat { socket, stage, .. } = self.seats.swap_remove(at);
        socket.note_reason(reason);
        self.link.wake_emitters();
        if stage == Stage::Guarded {
            return socket.exit();
        }
        let reason = socket.disconnect_reason().unwrap_or(reason);
        tracing::debug!(sid = %socket.id(), %namespace, %reason, "socket disconnected");
        if let Some(meters) = self.meters() {
            meters.disconnected(reason);
        }
        let job = Job::life(&socket, DISCONNECTING, Args::empty(), Blocks::No, cx);
        self.keep(job, Blocks::No);
        socket.exit();
        let job = Job::life(&socket, DISCONNECT, Args::empty(), Blocks::No, cx);
        self.keep(job, Blocks::No);
    }

    /// What is known of the end that all sockets are about to come to.
    fn note_details(&self, details: &DisconnectDetails) {
        self.seats.iter().for_each(|seat| seat.socket.note_details(details));
    }

    fn leave_all(&mut self, reason: DisconnectReason, cx: &mut Context<'_>) {
        self.arrivals = Vec::new();
        while let Some(seat) = self.seats.last() {
            let namespace = seat.socket.namespace().clone();
            self.leave(&namespace, reason, cx);
        }
    }

    /// This side ends the connection: all sockets go, what is queued is sent, the transport is closed.
    fn close(&mut self, reason: DisconnectReason, cx: &mut Context<'_>) {
        if !matches!(self.phase, Phase::Open) {
            return;
        }
        self.phase = Phase::Closing(now() + self.core.config.close_timeout);
        for seat in &self.seats {
            let namespace = seat.socket.namespace();
            self.link.with_machine(|machine| {
                if reason == DisconnectReason::ServerNamespaceDisconnect {
                    machine.disconnect(namespace);
                } else {
                    machine.leave(namespace);
                }
            });
        }
        self.closing = self.seats.iter().map(|seat| seat.socket.id().clone()).collect();
        self.leave_all(reason, cx);
    }

    /// The transport has gone.
    fn finish(&mut self, reason: DisconnectReason, cx: &mut Context<'_>) {
        self.phase = Phase::Finishing;
        self.closing = Vec::new();
        drop(self.link.finish());
        self.leave_all(reason, cx);
        // Whoever waits for the connection's end finds nothing of it any more.
        self.core.links.disconnected(&self.key);
    }

    fn poll_closing(&mut self, deadline: Instant, cx: &mut Context<'_>) {
        self.run_jobs(cx);
        if self.link.poll_close(cx).is_pending() {
            if self.timer.poll_until(Some(deadline), cx).is_pending() {
                return;
            }
            if self.drains {
                self.core.links.note_cut(self.closing.drain(..));
            }
        }
        self.finish(DisconnectReason::ForcedServerClose, cx);
    }

    /// Tells whose sockets were not done.
    fn note_cut(&self) {
        let sockets = self.seats.iter().map(|seat| &seat.socket).chain(self.jobs.sockets());
        let ids = sockets.map(Socket::id).chain(&self.closing);
        self.core.links.note_cut(ids.cloned());
    }

    /// What did not happen in time.
    fn keep_time(&mut self, mut deadline: Option<Instant>, cx: &mut Context<'_>) {
        while self.timer.poll_until(deadline, cx).is_ready() {
            // An acknowledgement that is late is dropped, which tells whoever waits for it.
            while let Some(expired) = self.link.poll_expired(now()) {
                match expired {
                    Expired::Connect => return self.close(DisconnectReason::ForcedServerClose, cx),
                    Expired::Attachments => return self.close(DisconnectReason::ForcedClose, cx),
                    _ => {}
                }
                if let Some(meters) = self.meters() {
                    meters.ack_timeouts.increment(1);
                }
            }
            deadline = self.link.poll_timeout();
        }
    }

    fn meters(&self) -> Option<&Meters> {
        self.core.meters.as_deref()
    }

    /// The seat of a socket. Another one may have taken its place in the namespace, for a peer may leave and come again.
    fn seat_of(&self, socket: &Socket) -> Option<usize> {
        self.seats.iter().position(|seat| seat.socket.id() == socket.id())
    }

    fn seat(&self, namespace: &NamespaceName) -> Option<usize> {
        self.seats.iter().position(|seat| seat.socket.namespace() == namespace)
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.core.links.is_cut() {
            this.note_cut();
            return Poll::Ready(());
        }
        if matches!(this.phase, Phase::Open) {
            this.poll_open(cx);
        }
        if let Phase::Closing(deadline) = this.phase {
            this.poll_closing(deadline, cx);
        }
        if matches!(this.phase, Phase::Finishing) {
            this.run_jobs(cx);
            if this.jobs.is_empty() {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}

/// If the runtime goes down, the task is dropped wherever it is; sockets that are kept must not believe themselves connected.
impl Drop for Task {
    fn drop(&mut self) {
        drop(self.link.finish());
        for seat in &self.seats {
            seat.socket.note_reason(DisconnectReason::ServerShuttingDown);
            seat.socket.exit();
        }
        self.core.links.ended(&self.key);
    }
}

fn no_such_namespace() -> Args {
    Args::error("Invalid namespace", None)
}

/// How many messages are handled before other connections have their turn.
const FRAMES_PER_TURN: usize = 64;
