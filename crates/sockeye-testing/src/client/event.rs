//! An event that a client has received.

use std::{fmt, panic::Location};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_parser::{AckId, Args, EventName, NamespaceName};

use super::{
    arguments,
    inbox::Arrived,
    line::{Command, Commands},
    parse,
};

/// An event from the server.
pub struct TestEvent {
    namespace: NamespaceName,
    name: EventName,
    args: Args,
    ack: Option<AckId>,
    commands: Commands,
}

impl TestEvent {
    pub(super) fn new(namespace: NamespaceName, arrived: Arrived, commands: Commands) -> Self {
        let Arrived { name, args, ack } = arrived;
        Self { namespace, name, args, ack, commands }
    }

    /// Acknowledges the event; `&()` stands for no arguments.
    ///
    /// # Panics
    /// If the server did not ask for it, or the value has no form on the wire.
    #[track_caller]
    pub fn ack(self, answer: &(impl Serialize + ?Sized)) -> impl Future<Output = ()> {
        let Self { namespace, name, ack, commands, .. } = self;
        let Some(id) = ack else { panic!("`{name}` asks for no acknowledgement") };
        let args = arguments(answer);
        async move {
            // To a connection that has ended nothing can be said.
            let _ = commands.send(Command::Acknowledge { namespace, id, args }).await;
        }
    }

    /// The arguments as a `T`.
    ///
    /// # Panics
    /// If they are none.
    #[track_caller]
    pub fn data<T: DeserializeOwned>(&self) -> T {
        parse(&self.args, Location::caller())
    }

    /// The arguments as they are.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// What happened.
    pub fn name(&self) -> &EventName {
        &self.name
    }

    /// Whether the server asks for an acknowledgement.
    pub fn wants_ack(&self) -> bool {
        self.ack.is_some()
    }
}

impl fmt::Debug for TestEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestEvent")
            .field("name", &self.name)
            .field("args", &self.args)
            .field("ack", &self.ack)
            .finish_non_exhaustive()
    }
}
