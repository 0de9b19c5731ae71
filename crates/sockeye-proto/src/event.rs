//! What a connection tells the application.

use sockeye_message::Utf8Bytes;
use sockeye_parser::{AckId, Args, EventName, NamespaceName};

/// Something that the peer asked for or answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<W> {
    /// The peer wants to join a namespace; answer with [`accept`](crate::Connection::accept) or
    /// [`refuse`](crate::Connection::refuse).
    Connect {
        /// The namespace.
        namespace: NamespaceName,
        /// What the peer sent along to be let in.
        auth: Option<Args>,
        /// In [`Revision::V4`](crate::Revision::V4), what it wrote behind a `?` instead, as in a URL.
        query: Option<Utf8Bytes>,
    },
    /// The peer sent an event to a namespace that it has joined.
    Event {
        /// The namespace.
        namespace: NamespaceName,
        /// The name of the event.
        name: EventName,
        /// Its arguments.
        args: Args,
        /// The id to acknowledge it with, if the peer wants to know.
        ack: Option<AckId>,
    },
    /// The peer acknowledged something sent with an [`Awaited`](crate::Awaited).
    Acked {
        /// What was given to wait with.
        waiter: W,
        /// The peer's answer.
        args: Args,
    },
    /// The peer left a namespace. What it had not yet acknowledged there is given up.
    Disconnect {
        /// The namespace.
        namespace: NamespaceName,
    },
}

/// Something that did not happen in time.
#[derive(Debug)]
#[non_exhaustive]
pub enum Expired<W> {
    /// No namespace was joined within [`connect_timeout`](crate::Config::connect_timeout); close the connection.
    Connect,
    /// The attachments of a packet did not arrive within [`attachment_timeout`](crate::Config::attachment_timeout); close the
    /// connection.
    Attachments,
    /// An acknowledgement did not arrive by its deadline.
    Ack(W),
}
