//! What peers say to each other.

use crate::{AckId, Args, EventName, NamespaceName};

/// One packet. Whether it is binary on the wire follows from its arguments.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the packets of revision 5 of the protocol")]
pub enum Packet {
    /// A client asks to join a namespace, or a server grants it.
    Connect {
        /// The namespace.
        namespace: NamespaceName,
        /// From a client what it sends to be let in; from a server an object with the socket's id.
        auth: Option<Args>,
    },
    /// Either side leaves a namespace.
    Disconnect {
        /// The namespace.
        namespace: NamespaceName,
    },
    /// Something happened.
    Event {
        /// The namespace.
        namespace: NamespaceName,
        /// What happened.
        name: EventName,
        /// The details.
        args: Args,
        /// How to acknowledge it, if that is wanted.
        ack: Option<AckId>,
    },
    /// An event was handled.
    Ack {
        /// The namespace.
        namespace: NamespaceName,
        /// The id that the event had.
        id: AckId,
        /// The answer.
        args: Args,
    },
    /// A server refuses to let a client in.
    ConnectError {
        /// The namespace.
        namespace: NamespaceName,
        /// Why: one argument, as a rule an object with a `message` and perhaps `data`.
        error: Args,
    },
}
