//! What an adapter that spans servers asks of its own server.

use std::sync::Arc;

use sockeye_parser::{AckId, Args, EventName};

use crate::Answer;

/// One namespace of the server that an adapter belongs to: where goes what other servers send.
///
/// 1. `handle` does not wait. It is called within a tokio runtime, and with nothing locked: listeners start before it
///    returns, and may call the adapter.
/// 2. Events of other servers are handled in the order of the calls, each until its listeners wait for something.
pub trait Host: Send + Sync + 'static {
    /// Hands in an event that another server has sent.
    fn handle(self: Arc<Self>, event: ServerEvent);

    /// An id for the acknowledgements of this server's sockets to a broadcast of another server. Each server counts for
    /// itself: the id that the other one has given may be awaited here already, by somebody else.
    fn next_ack_id(&self) -> AckId;
}

/// An event that one server sends to the others of a cluster; the reference's `serverSideEmit`.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "adapters make it")]
pub struct ServerEvent {
    /// What happened.
    pub name: EventName,
    /// The details.
    pub args: Args,
    /// Where this server's answer goes, if its sender wants one. It is dropped if no listener answers.
    pub answer: Option<Answer>,
}
