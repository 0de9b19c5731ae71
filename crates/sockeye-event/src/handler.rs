//! What can handle an event.

use std::{fmt, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use crate::{Event, Failure, FromEvent, IntoReply, Reply, catch};

/// A boxed future that may move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What became of a call.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever calls takes it apart")]
pub struct Called {
    /// Whether the handler has ended.
    pub progress: Progress,
    /// Whether it has taken the [`AckSender`](crate::AckSender), so that what it returns is no acknowledgement.
    pub answers_by_hand: bool,
}

/// Whether a handler has ended.
#[expect(clippy::exhaustive_enums, reason = "there is nothing between")]
pub enum Progress {
    /// It has ended.
    Done(Reply),
    /// It waits for something, or has not begun.
    Wait(BoxFuture<Reply>),
}

/// An async function, an async closure or a plain closure whose arguments implement [`FromEvent`] and whose result
/// implements [`IntoReply`].
///
/// `M` tells the kinds apart and is always inferred. A handler that panics ends with [`Failure::Panicked`].
#[diagnostic::on_unimplemented(
    message = "this is no handler for events",
    note = "a handler is an async function or a closure of up to eight arguments, each of which is `Data<T>`, `State<T>`, \
            `Args`, `EventName`, `AckSender` or the socket",
    note = "it returns `()`, `Ack(value)`, `Args` or a `Result` of those; what an async one holds has to be `Send`"
)]
pub trait Handler<S, M>: Send + Sync + 'static {
    /// Starts to handle the event.
    fn call(&self, event: Event<S>) -> Called;
}

/// A handler of any kind. Cloning shares it.
pub type BoxHandler<S> = Arc<dyn Fn(Event<S>) -> Called + Send + Sync>;

/// Marks handlers that have ended when they return.
#[derive(Debug)]
#[expect(unnameable_types, reason = "the compiler infers it, and nobody has to write it")]
pub struct Plain<A>(PhantomData<A>);

/// Marks handlers that return a future.
#[derive(Debug)]
#[expect(unnameable_types, reason = "the compiler infers it, and nobody has to write it")]
pub struct Async<A>(PhantomData<A>);

/// Hides the kind of a handler. It never panics.
pub(crate) fn boxed<S: 'static, M: 'static>(handler: impl Handler<S, M>) -> BoxHandler<S> {
    Arc::new(move |event| {
        let mut called = match catch::panic(|| handler.call(event)) {
            Ok(called) => called,
            Err(message) => Called::failed(Failure::Panicked(message)),
        };
        if let Progress::Wait(future) = called.progress {
            called.progress = Progress::Wait(Box::pin(catch::CatchPanic::new(future)));
        }
        called
    })
}

macro_rules! handlers {
    ($($argument:ident)*) => {
        #[allow(non_snake_case, unused_mut, unused_variables, reason = "the same for any number of arguments")]
        impl<S, F, R, $($argument),*> Handler<S, Plain<($($argument,)*)>> for F
        where
            F: Fn($($argument),*) -> R + Send + Sync + 'static,
            R: IntoReply,
            $($argument: FromEvent<S>,)*
        {
            fn call(&self, mut event: Event<S>) -> Called {
                let asked = event.ack.is_some();
                $(let $argument = match $argument::from_event(&mut event) {
                    Ok(argument) => argument,
                    Err(rejection) => return Called::failed(Failure::Rejected(rejection)),
                };)*
                let answers_by_hand = asked && event.ack.is_none();
                Called { progress: Progress::Done(self($($argument),*).into_reply()), answers_by_hand }
            }
        }

        #[allow(non_snake_case, unused_mut, unused_variables, reason = "the same for any number of arguments")]
        impl<S, F, U, $($argument),*> Handler<S, Async<($($argument,)*)>> for F
        where
            F: Fn($($argument),*) -> U + Send + Sync + 'static,
            U: Future + Send + 'static,
            U::Output: IntoReply,
            $($argument: FromEvent<S>,)*
        {
            fn call(&self, mut event: Event<S>) -> Called {
                let asked = event.ack.is_some();
                $(let $argument = match $argument::from_event(&mut event) {
                    Ok(argument) => argument,
                    Err(rejection) => return Called::failed(Failure::Rejected(rejection)),
                };)*
                let answers_by_hand = asked && event.ack.is_none();
                let future = self($($argument),*);
                let reply = async move { future.await.into_reply() };
                Called { progress: Progress::Wait(Box::pin(reply)), answers_by_hand }
            }
        }
    };
}

handlers!();
handlers!(A);
handlers!(A B);
handlers!(A B C);
handlers!(A B C D);
handlers!(A B C D E);
handlers!(A B C D E G);
handlers!(A B C D E G H);
handlers!(A B C D E G H I);

impl Called {
    fn failed(failure: Failure) -> Self {
        Self { progress: Progress::Done(Err(failure)), answers_by_hand: false }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(reply) => f.debug_tuple("Done").field(reply).finish(),
            Self::Wait(_) => f.write_str("Wait"),
        }
    }
}
