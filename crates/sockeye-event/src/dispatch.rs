//! Bringing an event to its handlers, and seeing them through.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use sockeye_parser::{AckId, Args};

use crate::{
    BoxFuture, Called, Event, Failure, Handlers, Reply,
    failure::guarded,
    listener::Listener,
    verdict::{Role, Verdict},
};

/// Starts the handlers of an event, in order: first those of all tables that catch all events, then those of all tables
/// for its name.
///
/// Each handler runs up to its first wait before the next one begins. What there is to do then is given to `take`. Those
/// that wait, as few do, are finished by polling what is returned; to poll it from another task than that of `context` is
/// fine.
pub fn dispatch<S>(
    tables: &[&Handlers<S>],
    mut event: Event<'_, S>,
    context: &mut Context<'_>,
    mut take: impl FnMut(Step),
) -> Option<Dispatch> {
    let mut waiting = Waiting::default();
    for table in tables {
        for listener in table.any() {
            waiting.push(start(listener, Role::CatchAll, &mut event, context));
        }
    }
    let mut tables_left = tables.len();
    for table in tables {
        tables_left -= 1;
        let listeners = table.named(event.name());
        let mut listeners_left = listeners.len();
        for listener in listeners {
            listeners_left -= 1;
            if tables_left + listeners_left == 0 {
                event.note_last_handler();
            }
            waiting.push(start(listener, Role::Named, &mut event, context));
        }
    }
    let verdict = event.verdict_mut();
    if waiting.is_empty() {
        verdict.close();
    }
    while let Some(step) = verdict.next_step() {
        take(step);
    }
    (!waiting.is_empty()).then(|| Dispatch { verdict: event.into_verdict(), waiting })
}

/// The handlers of one event that have not ended, and what there is to do about those that have.
///
/// A stream of [`Step`]s that ends when all handlers have ended. It belongs to nobody: it may be moved to another task,
/// and dropping it drops the handlers that wait.
///
/// # Cancel safety
/// No step is lost if a future of the next one is dropped.
#[must_use = "handlers that wait go on only when it is polled, and answers must be sent"]
pub struct Dispatch {
    verdict: Verdict,
    waiting: Waiting,
}

/// Something to be done on behalf of the handlers.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "whoever dispatches must do all of it")]
pub enum Step {
    /// Acknowledge the event to the peer. This happens at most once.
    Answer {
        /// The id that came with the event.
        id: AckId,
        /// The answer.
        args: Args,
    },
    /// Tell whoever looks after the application.
    Report(Failure),
}

impl Dispatch {
    fn poll_waiting(&mut self, context: &mut Context<'_>) {
        let verdict = &mut self.verdict;
        self.waiting.retain(|call| match call.poll(context) {
            Poll::Pending => true,
            Poll::Ready(outcome) => {
                verdict.record(call.role, outcome);
                call.end(verdict);
                false
            }
        });
        if self.waiting.is_empty() {
            self.verdict.close();
        }
    }
}

impl Stream for Dispatch {
    type Item = Step;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Step>> {
        if let Some(step) = self.verdict.next_step() {
            return Poll::Ready(Some(step));
        }
        if self.waiting.is_empty() {
            return Poll::Ready(None);
        }
        self.poll_waiting(context);
        match self.verdict.next_step() {
            None if !self.waiting.is_empty() => Poll::Pending,
            step => Poll::Ready(step),
        }
    }
}

impl fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatch").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}

/// Runs a handler up to its first wait.
fn start<S>(
    listener: &Listener<S>,
    role: Role,
    event: &mut Event<'_, S>,
    context: &mut Context<'_>,
) -> Option<Call> {
    let outcome = match guarded(|| listener.call(event)) {
        Ok(None) => return None,
        Ok(Some(Called::Done(outcome))) => outcome,
        Err(panic) => Err(panic),
        Ok(Some(Called::Wait(future))) => {
            let mut call = Call { future: Some(future), role };
            let Poll::Ready(outcome) = call.poll(context) else { return Some(call) };
            event.verdict_mut().record(role, outcome);
            call.end(event.verdict_mut());
            return None;
        }
    };
    event.verdict_mut().record(role, outcome);
    None
}

/// A handler that waits.
struct Call {
    /// Empty once the handler has ended.
    future: Option<BoxFuture<Result<Reply, Failure>>>,
    role: Role,
}

impl Call {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Reply, Failure>> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        match guarded(|| future.as_mut().poll(context)) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }

    /// Drops the future, which may run code of the application once more.
    fn end(&mut self, verdict: &mut Verdict) {
        let future = self.future.take();
        if let Err(panic) = guarded(|| drop(future)) {
            verdict.record(self.role, Err(panic));
        }
    }
}

/// The handlers that wait, in order. Nearly always there is one at most, for which nothing is allocated.
#[derive(Default)]
struct Waiting {
    first: Option<Call>,
    others: Vec<Call>,
}

impl Waiting {
    fn push(&mut self, call: Option<Call>) {
        match (call, &self.first) {
            (None, _) => {}
            (call, None) => self.first = call,
            (Some(call), Some(_)) => self.others.push(call),
        }
    }

    fn retain(&mut self, mut keep: impl FnMut(&mut Call) -> bool) {
        self.first.take_if(|call| !keep(call));
        self.others.retain_mut(keep);
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty()
    }
}
