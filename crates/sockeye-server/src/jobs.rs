//! Handlers of a connection that wait for something.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use sockeye_event::{Acknowledge, Dispatch, Event, Handlers, Step, dispatch};
use sockeye_parser::{Args, EventName};

use crate::{Socket, seat::Held};

/// The jobs of a connection. There is no memory for them while there are none.
#[derive(Default)]
pub(crate) struct Jobs(Option<Box<FuturesUnordered<Job>>>);

/// Something that handlers do for a socket.
pub(crate) struct Job {
    socket: Socket,
    work: Work,
}

enum Work {
    /// The handlers of an event.
    Event(Dispatch, Blocks),
    /// The guards, one after the other: this is the running one and its position.
    Guards(Dispatch, usize),
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
    /// The guards have let the peer pass, or they refuse it with this.
    Guarded(Result<(), Args>),
}

impl Jobs {
    pub(crate) fn push(&mut self, job: Job) {
        self.0.get_or_insert_default().push(job);
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
        let Held { name, args, ack } = event;
        let active = socket.active();
        let event = Event::new(name, args, ack, socket, &active.state);
        let shared = &active.definition.handlers;
        Self::started(socket, start(shared, socket.own_handlers().as_ref(), event, cx), blocks)
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
        let event = Event::new(name, args, None, socket, &active.state);
        let shared = &active.definition.life;
        Self::started(socket, start(shared, socket.own_life().as_ref(), event, cx), blocks)
    }

    /// Asks the first guard. There must be one.
    pub(crate) fn guards(socket: Socket, cx: &mut Context<'_>) -> Self {
        let dispatch = ask_guard(&socket, 0, cx);
        Self { socket, work: Work::Guards(dispatch, 0) }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Nearly always all handlers have ended by now; then there is nothing to keep.
    fn started(socket: &Socket, mut dispatch: Dispatch, blocks: Blocks) -> Option<Self> {
        while let Some(step) = dispatch.next_ready() {
            take_step(socket, step);
        }
        (!dispatch.is_done()).then(|| Self { socket: socket.clone(), work: Work::Event(dispatch, blocks) })
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        loop {
            match &mut self.work {
                Work::Event(dispatch, blocks) => match ready!(Pin::new(dispatch).poll_next(cx)) {
                    Some(step) => take_step(&self.socket, step),
                    None => return Poll::Ready(Outcome::Handled(*blocks)),
                },
                Work::Guards(dispatch, at) => match ready!(Pin::new(dispatch).poll_next(cx)) {
                    Some(Step::Report(failure)) => {
                        return Poll::Ready(Outcome::Guarded(Err(failure.to_args())));
                    }
                    Some(Step::Answer { .. }) => {}
                    None if *at + 1 == self.socket.active().definition.guards.len() => {
                        return Poll::Ready(Outcome::Guarded(Ok(())));
                    }
                    None => {
                        let next = *at + 1;
                        self.work = Work::Guards(ask_guard(&self.socket, next, cx), next);
                    }
                },
            }
        }
    }
}

impl Future for Job {
    type Output = Done;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Done> {
        let outcome = ready!(self.poll_work(cx));
        Poll::Ready(Done { socket: self.socket.clone(), outcome })
    }
}

fn start(
    shared: &Handlers<Socket>,
    own: Option<&Handlers<Socket>>,
    event: Event<'_, Socket>,
    cx: &mut Context<'_>,
) -> Dispatch {
    match own {
        Some(own) => dispatch(&[shared, own], event, cx),
        None => dispatch(&[shared], event, cx),
    }
}

/// Does what handlers have left to do.
fn take_step(socket: &Socket, step: Step) {
    match step {
        Step::Answer { id, args } => socket.acknowledge(id, args),
        Step::Report(failure) => {
            tracing::warn!(socket = %socket.id(), namespace = %socket.namespace(), %failure, "handler failed");
        }
    }
}

fn ask_guard(socket: &Socket, at: usize, cx: &mut Context<'_>) -> Dispatch {
    let args = socket.handshake().raw_auth().cloned().unwrap_or_default();
    let active = socket.active();
    let event = Event::new(GUARD, args, None, socket, &active.state);
    dispatch(&[&active.definition.guards[at]], event, cx)
}

pub(crate) const GUARD: EventName = EventName::from_static("connect");
