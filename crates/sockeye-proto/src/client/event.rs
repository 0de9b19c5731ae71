//! What a client's connection tells the application.

use std::{error::Error, fmt};

use sockeye_parser::{Args, EventName, NamespaceName, SocketId};

use super::{AckRequest, DisconnectReason};

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<W> {
    /// The namespace can be joined: answer with [`authenticate`](super::Connection::authenticate). Whoever still works on an
    /// earlier answer for the same namespace is to stop.
    Authenticate {
        /// The namespace.
        namespace: NamespaceName,
    },
    /// The server let the client in. What was emitted before is on its way.
    Connected {
        /// The namespace.
        namespace: NamespaceName,
        /// The id that the client has there.
        id: SocketId,
        /// Whether it is the one that it had before, and nothing was missed in between.
        recovered: bool,
    },
    /// The server did not let the client in, which does not try again by itself.
    Refused {
        /// The namespace.
        namespace: NamespaceName,
        /// Why: one argument, as a rule an object with a `message` and perhaps `data`.
        error: Args,
    },
    /// The server sent an event.
    Event {
        /// The namespace.
        namespace: NamespaceName,
        /// The name of the event.
        name: EventName,
        /// Its arguments. If the server recovers connections, the last one is the event's offset.
        args: Args,
        /// With what to [`acknowledge`](super::Connection::acknowledge) it, if the server wants to know.
        ack: Option<AckRequest>,
    },
    /// An event of the application goes to the server now; told after [`tell_sent`](super::Connection::tell_sent).
    Sent {
        /// The namespace.
        namespace: NamespaceName,
        /// The name of the event.
        name: EventName,
        /// Its arguments.
        args: Args,
    },
    /// The server acknowledged an event.
    Acked {
        /// What was given to wait with.
        waiter: W,
        /// The server's answer.
        args: Args,
    },
    /// The server will not acknowledge an event, or it is too late.
    AckFailed {
        /// What was given to wait with.
        waiter: W,
        /// Why.
        failure: AckFailure,
    },
    /// The client is no longer in a namespace. Unless the server or the application wanted it so, it joins again when the
    /// link opens again.
    Disconnected {
        /// The namespace.
        namespace: NamespaceName,
        /// Why.
        reason: DisconnectReason,
    },
}

/// Why an acknowledgement did not come. `Display` uses the reference's words where it has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AckFailure {
    /// It did not come in time. If the event was not sent by then, it never is.
    TimedOut,
    /// The namespace was left after the event had been sent, so that nobody knows whether the server got it; or it was
    /// [removed](super::Connection::remove).
    Disconnected,
    /// The event was dropped in favour of later ones, by [`Overflow::DropOldest`](super::Overflow::DropOldest).
    Dropped,
    /// The event was sent as often as [`retries`](super::Config::retries) allow.
    Exhausted {
        /// How often that is.
        tries: u32,
    },
}

impl fmt::Display for AckFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("operation has timed out"),
            Self::Disconnected => f.write_str("socket has been disconnected"),
            Self::Dropped => f.write_str("event was dropped in favour of later ones"),
            Self::Exhausted { tries } => write!(f, "event was not acknowledged after {tries} tries"),
        }
    }
}

impl Error for AckFailure {}
