//! What a connection needs of whatever carries its messages.

use std::pin::Pin;

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Message, Prepared, TransportName};

use crate::TransportError;

/// An ordered, reliable duplex of messages.
///
/// Anything that is a [`Stream`] and a [`Sink`] of [`Message`]s is one method away from being a transport. The contract,
/// each sentence of which `transport_contract!` of `sockeye-testing` checks:
///
/// 1. Messages arrive whole, in the order in which they were sent, each once; text stays text and binary stays binary.
///    A message that the transport cannot express, such as an empty one, is refused when it is to be sent.
/// 2. When the peer has closed in order, the stream hands out everything that was sent before, then ends with `None`.
/// 3. After `None` or an error, the stream yields `None` for ever.
/// 4. `poll_ready` is pending while the transport holds as much as it is willing to hold: what a peer does not read
///    takes a bounded amount of memory here.
/// 5. `poll_flush` is ready once everything sent has been handed to the carrier: it arrives though nobody polls this end
///    any more.
/// 6. `poll_close` flushes, then tells the peer, whose stream ends with `None`. From the first call on nothing more can be
///    sent, and the attempt fails; what the peer still sends can be read until it closes as well. To call it again is
///    harmless.
/// 7. Dropping a transport aborts it: the peer's stream ends, with an error before the `None` or without, and the peer's
///    attempts to send come to fail. Nothing of the transport goes on.
/// 8. Of each direction the transport keeps the waker that it was last polled with, and wakes it when that direction may
///    go on. `poll_next` is one direction, the methods of the sink are the other, and they may be polled by two tasks.
/// 9. Neither direction waits for the other: a peer that does not read can be heard, and one that says nothing can be
///    spoken to.
/// 10. A prepared message arrives as the message that it was made of, in its turn among the others.
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
