//! Handlers of a connection that wait for something.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use sockeye_event::{Acknowledge, Dispatch, Event, Failure, Handlers, Refusal, Step, dispatch};
use sockeye_parser::{AckId, Args, EventName};

use crate::{Socket, listen::tell, meters::Limit, round::Round, seat::Held, watch::Watch};

/// The jobs of a connection. There is no memory for them while there are none.
#[derive(Default)]
pub(crate) struct Jobs(Option<Box<FuturesUnordered<Job>>>);

/// Something that handlers do for a socket.
pub(crate) struct Job {
    socket: Socket,
    work: Work,
    /// If somebody is interested.
    watch: Option<Box<Watch>>,
}

enum Work {
    /// The handlers of an event.
    Event(Dispatch, Blocks),
    Guards(Round),
    /// The filters of an event, which is taken out when they have ended.
    Filters(Round, Option<Held>),
}

/// Whether the next event of the socket waits for the end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocks {
    No,
    Yes,
}

/// What has come of a job.
pub(crate) struct Done {
    pub(crate) socket: Socket,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    /// All handlers have ended.
    Handled(Blocks),
    /// The guards have let the peer pass, or one has refused it.
    Guarded(Result<(), Failure>),
    /// The filters have let the event pass, or dropped it.
    Filtered(Option<Held>),
}

impl Jobs {
    pub(crate) fn push(&mut self, job: Job) {
        self.0.get_or_insert_default().push(job);
    }

    /// The sockets whose jobs have not ended.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = &Socket> {
        self.0.iter().flat_map(|jobs| jobs.iter()).map(Job::socket)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |jobs| jobs.len())
    }

    /// The next job that has ended; pending while all wait, or there are none.
    pub(crate) fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<Done> {
        let Some(jobs) = &mut self.0 else { return Poll::Pending };
        match Pin::new(&mut **jobs).poll_next(cx) {
            Poll::Ready(Some(done)) => Poll::Ready(done),
            Poll::Ready(None) => {
                self.0 = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Job {
    /// Starts the handlers of an event: those of the namespace, then the socket's own. Gives what waits of them.
    pub(crate) fn event(socket: &Socket, event: Held, blocks: Blocks, cx: &mut Context<'_>) -> Option<Self> {
        if Watch::is_wanted(socket) {
            return Self::watched_event(socket, event, blocks, cx);
        }
        Self::start_event(socket, event, blocks, cx)
    }

    /// Starts the handlers of coming or going.
    pub(crate) fn life(
        socket: &Socket,
        name: EventName,
        args: Args,
        blocks: Blocks,
        cx: &mut Context<'_>,
    ) -> Option<Self> {
        let active = socket.active();
        let (shared, own) = (&active.definition.life, socket.own_life());
        // Sockets come and go whether that is handled or not.
        let is_handled = shared.handles(&name) || own.as_ref().is_some_and(|own| own.handles(&name));
        let watch = (is_handled && Watch::is_wanted(socket)).then(|| Watch::of_event(socket, &name));
        let event = Event::new(name, args, None, socket, &active.state);
        let start = || Self::start(shared, own.as_ref(), event, blocks, cx);
        match watch {
            Some(watch) => Self::watched(watch, start),
            None => start(),
        }
    }

    /// Asks the guards.
    pub(crate) fn guards(socket: Socket) -> Self {
        let guards = socket.active().definition.guards.clone();
        let args = socket.handshake().raw_auth().cloned().unwrap_or_default();
        let watch = Watch::of_round(&socket, &GUARD);
        Self { socket, work: Work::Guards(Round::new(GUARD, args, guards)), watch }
    }

    /// Asks the filters of an event.
    pub(crate) fn filters(socket: &Socket, event: Held) -> Self {
        let round = Round::new(event.name.clone(), event.args.clone(), socket.filters());
        let watch = Watch::of_round(socket, &event.name);
        Self { socket: socket.clone(), work: Work::Filters(round, Some(event)), watch }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// It stands apart from the way that events take as a rule.
    #[cold]
    #[inline(never)]
    fn watched_event(socket: &Socket, event: Held, blocks: Blocks, cx: &mut Context<'_>) -> Option<Self> {
        let watch = Watch::of_event(socket, &event.name);
        Self::watched(watch, || Self::start_event(socket, event, blocks, cx))
    }

    /// Starts handlers that somebody is interested in.
    fn watched(watch: Watch, start: impl FnOnce() -> Option<Self>) -> Option<Self> {
        let started = {
            let _entered = watch.enter();
            start()
        };
        if let Some(job) = started {
            return Some(Self { watch: Some(Box::new(watch)), ..job });
        }
        watch.end();
        None
    }

    #[expect(clippy::inline_always, reason = "every event takes this way, and the other call of it is cold")]
    #[inline(always)]
    fn start_event(socket: &Socket, event: Held, blocks: Blocks, cx: &mut Context<'_>) -> Option<Self> {
        let Held { name, args, ack } = event;
        let active = socket.active();
        let event = Event::new(name, args, ack, socket, &active.state);
        let shared = &active.definition.handlers;
        Self::start(shared, socket.own_handlers().as_ref(), event, blocks, cx)
    }

    /// Nearly always all handlers have ended at once; then there is nothing to keep.
    #[inline]
    fn start(
        shared: &Handlers<Socket>,
        own: Option<&Handlers<Socket>>,
        event: Event<'_, Socket>,
        blocks: Blocks,
        cx: &mut Context<'_>,
    ) -> Option<Self> {
        let socket = event.socket();
        let take = |step| take_step(socket, step);
        let waiting = match own {
            Some(own) => dispatch(&[shared, own], event, cx, take),
            None => dispatch(&[shared], event, cx, take),
        };
        let work = |dispatch| Work::Event(dispatch, blocks);
        waiting.map(|dispatch| Self { socket: socket.clone(), work: work(dispatch), watch: None })
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Self { socket, work, watch } = self;
        let _entered = watch.as_deref().map(Watch::enter);
        loop {
            match work {
                Work::Event(dispatch, blocks) => match ready!(Pin::new(dispatch).poll_next(cx)) {
                    Some(step) => take_step(socket, step),
                    None => return Poll::Ready(Outcome::Handled(*blocks)),
                },
                Work::Guards(round) => {
                    let verdict = ready!(round.poll(socket, cx));
                    if let Err(failure @ (Failure::Panicked(_) | Failure::Unencodable(_))) = &verdict {
                        report(socket, failure);
                    }
                    return Poll::Ready(Outcome::Guarded(verdict));
                }
                Work::Filters(round, event) => {
                    let passed = match ready!(round.poll(socket, cx)) {
                        Ok(()) => event.take(),
                        Err(failure) => {
                            refuse(socket, event.take().and_then(|event| event.ack), &failure);
                            None
                        }
                    };
                    return Poll::Ready(Outcome::Filtered(passed));
                }
            }
        }
    }
}

impl Future for Job {
    type Output = Done;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Done> {
        let outcome = ready!(self.poll_work(cx));
        if let Some(watch) = self.watch.take() {
            watch.end();
        }
        Poll::Ready(Done { socket: self.socket.clone(), outcome })
    }
}

/// Does what handlers have left to do.
fn take_step(socket: &Socket, step: Step) {
    match step {
        Step::Answer { id, args } => socket.acknowledge(id, args),
        Step::Report(failure) => report(socket, &failure),
    }
}

/// Drops an event that came too soon.
pub(crate) fn refuse_too_soon(socket: &Socket, ack: Option<AckId>) {
    socket.link().note_limit(Limit::Events);
    refuse(socket, ack, &Failure::Failed(Refusal::new("too many events").into()));
}

/// Drops an event; its sender learns so if it wants to know.
fn refuse(socket: &Socket, ack: Option<AckId>, failure: &Failure) {
    if let Some(id) = ack {
        socket.acknowledge(id, failure.to_args());
    }
    report(socket, failure);
}

/// Tells whoever looks after the application.
fn report(socket: &Socket, failure: &Failure) {
    if let Some(meters) = &socket.active().meters {
        meters.handles.failures.increment(1);
    }
    tracing::warn!(sid = %socket.id(), namespace = %socket.namespace(), %failure, "handler failed");
    if let Some(on_error) = &socket.active().definition.on_error {
        tell(|| on_error(socket, failure));
    }
}

pub(crate) const GUARD: EventName = EventName::from_static("connect");
