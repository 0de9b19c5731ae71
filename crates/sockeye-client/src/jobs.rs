//! Handlers of a client that wait for something.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use sockeye_event::{Acknowledge, Dispatch, Event, Failure, Handlers, Step, dispatch};

use crate::{Socket, listen::tell};

/// The jobs of a client. There is no memory for them while there are none.
#[derive(Default)]
pub(crate) struct Jobs(Option<Box<FuturesUnordered<Job>>>);

/// The handlers of an event that have not ended.
struct Job {
    socket: Socket,
    dispatch: Dispatch,
}

impl Jobs {
    /// Starts the handlers of an event, each of which runs up to its first wait.
    pub(crate) fn start(
        &mut self,
        handlers: &Handlers<Socket>,
        event: Event<'_, Socket>,
        cx: &mut Context<'_>,
    ) {
        let socket = event.socket();
        if let Some(dispatch) = dispatch(&[handlers], event, cx, |step| take_step(socket, step)) {
            self.0.get_or_insert_default().push(Job { socket: socket.clone(), dispatch });
            // Whoever pushes has to poll.
            cx.waker().wake_by_ref();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |jobs| jobs.len())
    }

    /// Goes on with all that can go on.
    pub(crate) fn run(&mut self, cx: &mut Context<'_>) {
        let Some(jobs) = &mut self.0 else { return };
        while let Poll::Ready(done) = Pin::new(&mut **jobs).poll_next(cx) {
            if done.is_none() {
                self.0 = None;
                return;
            }
        }
    }
}

impl Future for Job {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { socket, dispatch } = &mut *self;
        while let Some(step) = ready!(Pin::new(&mut *dispatch).poll_next(cx)) {
            take_step(socket, step);
        }
        Poll::Ready(())
    }
}

/// Does what handlers have left to do.
fn take_step(socket: &Socket, step: Step) {
    match step {
        Step::Answer { id, args } => socket.acknowledge(id, args),
        Step::Report(failure) => report(socket, &failure),
    }
}

/// Tells whoever looks after the application.
pub(crate) fn report(socket: &Socket, failure: &Failure) {
    tracing::warn!(namespace = %socket.namespace(), %failure, "handler failed");
    if let Some(on_error) = &socket.inner().shared().on_error {
        tell(|| on_error(socket, failure));
    }
}
