//! Panics of handlers, turned into failures.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::{BoxFuture, Failure, Reply};

/// A handler's future, whose panic is its failure.
pub(crate) struct CatchPanic(BoxFuture<Reply>);

impl CatchPanic {
    pub(crate) fn new(future: BoxFuture<Reply>) -> Self {
        Self(future)
    }
}

impl Future for CatchPanic {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        // A future that has panicked is not polled again, so nobody sees what the panic left behind.
        panic(|| self.0.as_mut().poll(cx))
            .unwrap_or_else(|message| Poll::Ready(Err(Failure::Panicked(message))))
    }
}

/// Runs something, and gives the message of its panic.
pub(crate) fn panic<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| message(&*payload))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
