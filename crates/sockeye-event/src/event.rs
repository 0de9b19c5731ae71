//! What happened, as it is handed from extractor to extractor.

use sockeye_parser::{AckId, Args, EventName};

use crate::StateMap;

/// An event for one handler.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "servers, clients and tests put it together")]
pub struct Event<S> {
    /// Its name.
    pub name: EventName,
    /// Its arguments.
    pub args: Args,
    /// The socket that it came to.
    pub socket: S,
    /// The id to acknowledge it with, if the peer wants to know. Whoever takes it answers.
    pub ack: Option<AckId>,
    /// What the application keeps for all handlers.
    pub state: StateMap,
}
