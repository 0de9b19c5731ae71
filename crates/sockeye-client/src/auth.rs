//! What a socket is to be let in with.

use std::{
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use serde::Serialize;
use sockeye_event::guarded;
use sockeye_parser::{Args, EncodeError, NamespaceName};

/// Where the object comes from that the server's guards are shown, anew each time the socket connects.
#[derive(Clone, Default)]
pub(crate) enum Auth {
    #[default]
    None,
    Value(Args),
    /// Asked at each connection, so that a token may be fresh.
    Function(Arc<dyn Fn() -> AuthFuture + Send + Sync>),
}

pub(crate) type AuthFuture = Pin<Box<dyn Future<Output = Result<Args, Arc<dyn Error + Send + Sync>>> + Send>>;

impl Auth {
    pub(crate) fn value(value: &(impl Serialize + ?Sized)) -> Result<Self, EncodeError> {
        // One value, even if it is a tuple.
        Args::serialize(&(value,)).map(Self::Value)
    }

    pub(crate) fn function<F, T, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::Function(Arc::new(move || {
            let asked = ask();
            Box::pin(async move {
                let value = asked.await.map_err(|error| Arc::from(error.into()))?;
                Args::serialize(&(value,)).map_err(|error| Arc::new(error) as _)
            })
        }))
    }
}

/// A socket whose function has been asked.
pub(crate) struct Asking {
    namespace: NamespaceName,
    answer: AuthFuture,
}

impl Asking {
    /// Asks the function. A panic in it is an answer like any other error.
    pub(crate) fn begin(namespace: NamespaceName, ask: &dyn Fn() -> AuthFuture) -> Self {
        let answer = guarded(ask).unwrap_or_else(|panic| Box::pin(async { Err(Arc::new(panic) as _) }));
        Self { namespace, answer }
    }
}

impl Future for Asking {
    type Output = (NamespaceName, Result<Args, Arc<dyn Error + Send + Sync>>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match guarded(|| self.answer.as_mut().poll(cx)) {
            Ok(poll) => ready!(poll),
            Err(panic) => Err(Arc::new(panic) as _),
        };
        Poll::Ready((self.namespace.clone(), answer))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Value(_) => "Value",
            Self::Function(_) => "Function",
        })
    }
}
