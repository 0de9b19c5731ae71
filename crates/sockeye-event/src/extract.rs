//! What the arguments of a handler may be.

use serde::de::DeserializeOwned;
use sockeye_parser::{Args, ArgsError, EventName};

use crate::{AckSender, Acknowledge, Event, Rejection};

/// What an argument of a handler can be made from.
///
/// It is made before the handler is called and may not wait. What fails here keeps the handler from being called, and the
/// peer, if it wants an acknowledgement, is told why.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a handler",
    note = "arguments are `Data<T>` with a `T` that deserializes, `State<T>`, `Args`, `EventName`, `AckSender` and the socket"
)]
pub trait FromEvent<S>: Sized {
    /// Takes what it needs of the event.
    ///
    /// # Errors
    /// If the event does not have it.
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection>;
}

/// The arguments of the event as a `T`: a tuple reads several, anything else the first. More than that are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct Data<T>(pub T);

/// The same for a handler that wants to know of arguments that are not as they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct TryData<T>(pub Result<T, ArgsError>);

impl<S, T: DeserializeOwned> FromEvent<S> for Data<T> {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        Ok(Self(event.args.parse()?))
    }
}

impl<S, T: DeserializeOwned> FromEvent<S> for TryData<T> {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        Ok(Self(event.args.parse()))
    }
}

impl<S> FromEvent<S> for Args {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        Ok(event.args.clone())
    }
}

impl<S> FromEvent<S> for EventName {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        Ok(event.name.clone())
    }
}

/// Rejects an event whose peer does not want to be answered.
impl<S: Acknowledge> FromEvent<S> for AckSender {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        let id = event.ack.take().ok_or_else(|| Rejection::new("an acknowledgement has to be asked for"))?;
        Ok(event.socket.ack_sender(id))
    }
}

impl<S: Acknowledge> FromEvent<S> for Option<AckSender> {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        Ok(event.ack.take().map(|id| event.socket.ack_sender(id)))
    }
}
