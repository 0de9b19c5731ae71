//! Where a client's transports come from.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use crate::{BoxTransport, Transport, TransportError};

/// An attempt to connect.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = Result<BoxTransport, TransportError>> + Send + 'a>>;

/// Makes transports to one peer: the counterpart of a [`Listener`](crate::Listener), which a client asks again whenever it
/// has lost its connection.
///
/// 1. Each attempt gives a transport of its own, and any number of them may run at once.
/// 2. An attempt has no time limit: whoever waits for it drops it when that takes too long.
///
/// ```
/// use std::sync::Arc;
///
/// use futures_executor::block_on;
/// use sockeye_transport::{Connector, connector, memory};
///
/// // In earnest, the other end would be handed to a server.
/// let connector: Arc<dyn Connector> = Arc::new(connector::from_fn(async || Ok(memory::pair(8).0)));
/// assert_eq!(block_on(connector.connect()).unwrap().name().as_str(), "memory");
/// ```
pub trait Connector: Send + Sync + 'static {
    /// A new transport.
    ///
    /// # Errors
    /// If the peer cannot be reached, or refuses.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up; nothing of it goes on.
    fn connect(&self) -> Connecting<'_>;
}

impl<C: Connector + ?Sized> Connector for Arc<C> {
    fn connect(&self) -> Connecting<'_> {
        (**self).connect()
    }
}

/// A connector that calls a function for each attempt.
pub fn from_fn<F, Attempt, T>(connect: F) -> FromFn<F>
where
    F: Fn() -> Attempt + Send + Sync + 'static,
    Attempt: Future<Output = Result<T, TransportError>> + Send + 'static,
    T: Transport + 'static,
{
    FromFn(connect)
}

/// What [`from_fn`] makes.
#[derive(Clone, Copy)]
pub struct FromFn<F>(F);

impl<F, Attempt, T> Connector for FromFn<F>
where
    F: Fn() -> Attempt + Send + Sync + 'static,
    Attempt: Future<Output = Result<T, TransportError>> + Send + 'static,
    T: Transport + 'static,
{
    fn connect(&self) -> Connecting<'_> {
        let attempt = (self.0)();
        Box::pin(async { Ok(Box::pin(attempt.await?) as BoxTransport) })
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_executor::block_on;
    use futures_util::{SinkExt, StreamExt};

    use super::*;
    use crate::{ErrorKind, memory};

    #[test]
    fn each_attempt_calls_the_function_anew() {
        let attempts = Arc::new(AtomicUsize::new(0));
        let connector = Arc::new(from_fn({
            let attempts = Arc::clone(&attempts);
            move || {
                attempts.fetch_add(1, Ordering::Relaxed);
                async { Ok(memory::pair(1).0) }
            }
        }));

        block_on(connector.connect()).unwrap();
        block_on(connector.connect()).unwrap();

        assert_eq!(attempts.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_was_connected_carries_messages() {
        let (here, mut there) = memory::pair(1);
        let slot = std::sync::Mutex::new(Some(here));
        let connector = from_fn(move || {
            let here = slot.lock().unwrap().take();
            async { here.ok_or_else(|| TransportError::new(ErrorKind::Lost)) }
        });

        let mut transport = block_on(connector.connect()).unwrap();
        block_on(transport.send("hello".into())).unwrap();

        assert_eq!(block_on(there.next()).unwrap().unwrap(), "hello".into());
        assert_eq!(block_on(connector.connect()).err().map(|error| error.kind()), Some(ErrorKind::Lost));
    }
}
