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
    /// The guards, one after the other: the one that waits, and how many were asked.
    Guards(Option<Dispatch>, usize),
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
        Self::start(shared, socket.own_handlers().as_ref(), event, blocks, cx)
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
        Self::start(shared, socket.own_life().as_ref(), event, blocks, cx)
    }

    /// Asks the guards.
    pub(crate) fn guards(socket: Socket) -> Self {
        Self { socket, work: Work::Guards(None, 0) }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Nearly always all handlers have ended at once; then there is nothing to keep.
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
        waiting.map(|dispatch| Self { socket: socket.clone(), work: Work::Event(dispatch, blocks) })
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Self { socket, work } = self;
        let guards = &socket.active().definition.guards;
        loop {
            match work {
                Work::Event(dispatch, blocks) => match ready!(Pin::new(dispatch).poll_next(cx)) {
                    Some(step) => take_step(socket, step),
                    None => return Poll::Ready(Outcome::Handled(*blocks)),
                },
                Work::Guards(Some(dispatch), asked) => match ready!(Pin::new(dispatch).poll_next(cx)) {
                    Some(step) => {
                        if let Some(refusal) = refusal(step) {
                            return Poll::Ready(Outcome::Guarded(Err(refusal)));
                        }
                    }
                    None => *work = Work::Guards(None, *asked),
                },
                Work::Guards(waiting, asked) => {
                    let Some(guard) = guards.get(*asked) else {
                        return Poll::Ready(Outcome::Guarded(Ok(())));
                    };
                    *asked += 1;
                    let mut refused = None;
                    *waiting = ask_guard(socket, guard, cx, |step| {
                        refused = refused.take().or_else(|| refusal(step));
                    });
                    if let Some(refusal) = refused {
                        return Poll::Ready(Outcome::Guarded(Err(refusal)));
                    }
                }
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

/// Does what handlers have left to do.
fn take_step(socket: &Socket, step: Step) {
    match step {
        Step::Answer { id, args } => socket.acknowledge(id, args),
        Step::Report(failure) => {
            tracing::warn!(socket = %socket.id(), namespace = %socket.namespace(), %failure, "handler failed");
        }
    }
}

fn ask_guard(
    socket: &Socket,
    guard: &Handlers<Socket>,
    cx: &mut Context<'_>,
    take: impl FnMut(Step),
) -> Option<Dispatch> {
    let args = socket.handshake().raw_auth().cloned().unwrap_or_default();
    let event = Event::new(GUARD, args, None, socket, &socket.active().state);
    dispatch(&[guard], event, cx, take)
}

/// What a guard refuses with. A connection is not acknowledged, so that a guard has no other step.
fn refusal(step: Step) -> Option<Args> {
    match step {
        Step::Report(failure) => Some(failure.to_args()),
        Step::Answer { .. } => None,
    }
}

pub(crate) const GUARD: EventName = EventName::from_static("connect");
