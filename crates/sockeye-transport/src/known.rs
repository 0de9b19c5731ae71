//! A transport that is nearly always of one kind.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Message, Prepared, TransportName};

use crate::{BoxTransport, Transport, TransportError};

/// A transport of a kind that is known when the program is built, which is used without a virtual call; or any other.
#[expect(clippy::exhaustive_enums, reason = "it is one or it is another")]
pub enum Known<T> {
    /// The kind that is expected.
    This(Box<T>),
    /// Another one.
    Other(BoxTransport),
}

/// Calls a method of whichever it is.
macro_rules! forward {
    ($transport:expr, $method:ident($($argument:expr),*)) => {
        match $transport {
            Known::This(transport) => Pin::new(&mut **transport).$method($($argument),*),
            Known::Other(transport) => transport.as_mut().$method($($argument),*),
        }
    };
}

impl<T: Transport + Unpin> Transport for Known<T> {
    fn name(&self) -> TransportName {
        match self {
            Self::This(transport) => transport.name(),
            Self::Other(transport) => transport.name(),
        }
    }

    #[inline]
    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        forward!(self.get_mut(), start_send_prepared(message))
    }
}

impl<T: Transport + Unpin> Stream for Known<T> {
    type Item = Result<Message, TransportError>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        forward!(self.get_mut(), poll_next(cx))
    }
}

impl<T: Transport + Unpin> Sink<Message> for Known<T> {
    type Error = TransportError;

    #[inline]
    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        forward!(self.get_mut(), poll_ready(cx))
    }

    #[inline]
    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        forward!(self.get_mut(), start_send(message))
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        forward!(self.get_mut(), poll_flush(cx))
    }

    #[inline]
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        forward!(self.get_mut(), poll_close(cx))
    }
}

impl<T: Transport + Unpin> fmt::Debug for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Known").field(&self.name()).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use futures_util::{SinkExt, StreamExt};

    use super::*;
    use crate::memory::{self, MemoryTransport};

    #[test]
    fn either_kind_carries_messages() {
        let (here, there) = memory::pair(1);
        let mut here = Known::This(Box::new(here));
        let mut there = Known::<MemoryTransport>::Other(Box::pin(there));

        block_on(here.send("hello".into())).unwrap();

        assert_eq!(block_on(there.next()).unwrap().unwrap(), "hello".into());
        assert_eq!(here.name(), there.name());
    }
}
