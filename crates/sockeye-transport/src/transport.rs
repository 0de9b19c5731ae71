//! What a connection needs of whatever carries its messages.

use std::pin::Pin;

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Message, Prepared, TransportName};

use crate::TransportError;

/// An ordered, reliable duplex of messages.
///
/// Anything that is a [`Stream`] and a [`Sink`] of [`Message`]s is one method away from being a transport. The contract,
/// each sentence of which `sockeye-testing` checks:
///
/// 1. Messages arrive whole, in the order in which they were sent, each once; text stays text and binary stays binary.
/// 2. `poll_next` ends with `None` when the peer has closed in order and everything before that was handed over.
/// 3. After an error or `None` the stream yields `None` for ever.
/// 4. `poll_ready` gives back-pressure: it is pending while the transport holds as much as it is willing to hold.
/// 5. `poll_flush` is ready when everything sent has been handed to the carrier.
/// 6. `poll_close` flushes, then tells the peer; the peer's stream ends with `None`.
/// 7. Dropping a transport aborts it: the peer's stream ends.
/// 8. A transport keeps the last waker that each direction was polled with, and wakes it when that direction may go on.
pub trait Transport:
    Stream<Item = Result<Message, TransportError>> + Sink<Message, Error = TransportError> + Send
{
    /// The name that this transport has on the wire, such as `websocket`.
    fn name(&self) -> TransportName;

    /// Sends a message that goes to many, as `start_send` does for one.
    ///
    /// A transport that keeps its own encoding in the [`Prepared`] encodes for the first recipient only.
    ///
    /// # Errors
    /// As `start_send`.
    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        self.start_send(message.message().clone())
    }
}

/// A transport of any kind.
pub type BoxTransport = Pin<Box<dyn Transport>>;

impl<T: Transport + ?Sized> Transport for Pin<Box<T>> {
    fn name(&self) -> TransportName {
        (**self).name()
    }

    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        self.get_mut().as_mut().start_send_prepared(message)
    }
}
