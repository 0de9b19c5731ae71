//! What a handler may take as its parameters.

use serde::de::DeserializeOwned;
use sockeye_parser::{Args, ArgsError, EventName};

use crate::{AckSender, Acknowledge, Event, Rejection};

/// Something that a handler can take as a parameter.
///
/// Extractors run in the order of the parameters. The first that fails keeps the handler from being called; the peer is
/// told why if it asked for an acknowledgement.
///
/// ```
/// use sockeye_event::{Event, FromEvent, Rejection};
///
/// # #[derive(Clone)] struct Socket { user: Option<u32> }
/// struct User(u32);
///
/// impl FromEvent<Socket> for User {
///     fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
///         event.socket().user.map(Self).ok_or_else(|| Rejection::new("log in first"))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no parameter for a handler of events of `{S}`",
    label = "not an extractor",
    note = "the arguments of an event are taken as `Data<T>`, with a `T` that implements `Deserialize`",
    note = "others are `TryData<T>`, `State<T>`, `Args`, `EventName`, `AckSender`, `Option<AckSender>` and the socket",
    note = "`State<T>` wants a `T` that is `Clone`; `AckSender` wants a socket that implements `Acknowledge`"
)]
pub trait FromEvent<S>: Sized {
    /// Takes it from the event.
    ///
    /// # Errors
    /// If the event has no such thing.
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection>;
}

/// The arguments of the event: a tuple reads several, `()` none, and anything else the first.
///
/// Arguments that do not fit keep the handler from being called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct Data<T>(pub T);

/// The arguments of the event, or why they do not fit: for handlers that want to be called in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct TryData<T>(pub Result<T, ArgsError>);

/// A clone of a value in the [`StateMap`](crate::StateMap).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct State<T>(pub T);

impl<S, T: DeserializeOwned> FromEvent<S> for Data<T> {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        event.args().parse().map(Self).map_err(Rejection::Arguments)
    }
}

impl<S, T: DeserializeOwned> FromEvent<S> for TryData<T> {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        Ok(Self(event.args().parse()))
    }
}

impl<S, T: Clone + Send + Sync + 'static> FromEvent<S> for State<T> {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        let found = event.state().get::<T>().cloned();
        found.map(Self).ok_or_else(|| Rejection::MissingState(std::any::type_name::<T>()))
    }
}

impl<S> FromEvent<S> for Args {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        Ok(event.take_args())
    }
}

impl<S> FromEvent<S> for EventName {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        Ok(event.name().clone())
    }
}

/// For handlers that are of no use to a peer that does not listen; see `Option<AckSender>` for the others.
impl<S: Acknowledge> FromEvent<S> for AckSender {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        event.ack_sender().ok_or(Rejection::AckNotWanted)
    }
}

impl<S: Acknowledge> FromEvent<S> for Option<AckSender> {
    fn from_event(event: &mut Event<'_, S>) -> Result<Self, Rejection> {
        Ok(event.ack_sender())
    }
}
