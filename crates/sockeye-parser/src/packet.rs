//! What peers say to each other.

use crate::{AckId, Args, EventName, NamespaceName, SocketId};

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

impl Packet {
    /// A server's answer to a client that it lets in.
    pub fn accept(namespace: NamespaceName, id: &SocketId) -> Self {
        Self::accept_with(namespace, &[("sid", id)])
    }

    /// The same with the private id, by which the client may come back for what it has missed.
    pub fn accept_recoverable(namespace: NamespaceName, id: &SocketId, private_id: &str) -> Self {
        Self::accept_with(namespace, &[("sid", id), ("pid", private_id)])
    }

    fn accept_with(namespace: NamespaceName, fields: &[(&str, &str)]) -> Self {
        let mut text = String::with_capacity(80);
        for (at, (name, value)) in fields.iter().enumerate() {
            text.push(if at == 0 { '{' } else { ',' });
            crate::json::push_string(&mut text, name);
            text.push(':');
            crate::json::push_string(&mut text, value);
        }
        text.push('}');
        Self::Connect { namespace, auth: Some(Args::single(text.into())) }
    }
}
