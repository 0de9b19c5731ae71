//! What can handle an event: functions and closures, those that wait and those that do not.

use std::{fmt, future::Future, marker::PhantomData, pin::Pin};

use crate::{Event, Failure, FromEvent, IntoReply, Reply};

/// A boxed future, for handlers that wait.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Something that handles events of a socket `S`.
///
/// Functions and closures with up to eight parameters that implement [`FromEvent`] are handlers, whether they are
/// `async` or not, if what they return implements [`IntoReply`]. `M` only tells the kinds apart; it is always inferred.
///
/// An `async` closure must not use what it captures: the compiler has no name for futures that borrow from their
/// closure. A closure with an `async` block in it may, when it clones what the block needs:
///
/// ```
/// # use std::sync::Arc;
/// # use sockeye_event::{Data, Handlers};
/// # #[derive(Clone)] struct Socket;
/// # let mut handlers = Handlers::<Socket>::new();
/// # let log = Arc::new(String::new());
/// handlers.add("line", move |Data(line): Data<String>| {
///     let log = log.clone();
///     async move { println!("{log}: {line}") }
/// });
/// ```
///
/// [`State`](crate::State) is the other way to the same.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle events of `{S}`",
    label = "not a handler",
    note = "handlers are functions and closures with at most eight parameters, all of which implement `FromEvent<{S}>`",
    note = "what they return (or their futures yield) implements `IntoReply`: `()`, `Ack<T>`, `Args`, or a `Result` of these",
    note = "futures of handlers are `Send` and do not borrow"
)]
pub trait Handler<S, M>: Send + Sync + 'static {
    /// Begins to handle an event.
    fn call(&self, event: &mut Event<'_, S>) -> Called;
}

/// How far a call has come.
#[expect(clippy::exhaustive_enums, reason = "a call has ended or has not")]
pub enum Called {
    /// It has ended.
    Done(Result<Reply, Failure>),
    /// It goes on as this future is polled.
    Wait(BoxFuture<Result<Reply, Failure>>),
}

/// Marks handlers that return their answer; never made.
#[derive(Debug)]
pub struct Returns<P>(PhantomData<P>);

/// Marks handlers that return a future of their answer; never made.
#[derive(Debug)]
pub struct Awaits<P>(PhantomData<P>);

impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
            Self::Wait(_) => f.debug_tuple("Wait").finish_non_exhaustive(),
        }
    }
}

macro_rules! extract {
    ($event:ident =>) => {};
    ($event:ident => $last:ident) => {
        $event.note_last_parameter();
        extract!($event -> $last);
    };
    ($event:ident => $first:ident $($rest:ident)+) => {
        extract!($event -> $first);
        extract!($event => $($rest)+);
    };
    ($event:ident -> $parameter:ident) => {
        let $parameter = match $parameter::from_event($event) {
            Ok(value) => value,
            Err(rejection) => return Called::Done(Err(Failure::Rejected(rejection))),
        };
    };
}

macro_rules! functions_of {
    ($($parameter:ident)*) => {
        #[allow(non_snake_case, unused_variables, reason = "parameters are named like their types; there may be none")]
        impl<S, F, R, $($parameter,)*> Handler<S, Returns<($($parameter,)*)>> for F
        where
            F: Fn($($parameter),*) -> R + Send + Sync + 'static,
            R: IntoReply,
            $($parameter: FromEvent<S>,)*
        {
            fn call(&self, event: &mut Event<'_, S>) -> Called {
                extract!(event => $($parameter)*);
                Called::Done(self($($parameter),*).into_reply())
            }
        }

        #[allow(non_snake_case, unused_variables, reason = "parameters are named like their types; there may be none")]
        impl<S, F, R, $($parameter,)*> Handler<S, Awaits<($($parameter,)*)>> for F
        where
            F: Fn($($parameter),*) -> R + Send + Sync + 'static,
            R: Future<Output: IntoReply> + Send + 'static,
            $($parameter: FromEvent<S>,)*
        {
            fn call(&self, event: &mut Event<'_, S>) -> Called {
                extract!(event => $($parameter)*);
                let future = self($($parameter),*);
                Called::Wait(Box::pin(async move { future.await.into_reply() }))
            }
        }
    };
}

functions_of!();
functions_of!(P1);
functions_of!(P1 P2);
functions_of!(P1 P2 P3);
functions_of!(P1 P2 P3 P4);
functions_of!(P1 P2 P3 P4 P5);
functions_of!(P1 P2 P3 P4 P5 P6);
functions_of!(P1 P2 P3 P4 P5 P6 P7);
functions_of!(P1 P2 P3 P4 P5 P6 P7 P8);
