//! The way from handlers to their server.
//!
//! A server owns its namespaces and they own the handlers: whatever of these kept a server would keep it for ever. So they
//! know it weakly, and a handler has a handle for as long as it runs.

use std::sync::Weak;

use sockeye_event::{Event, FromEvent, Rejection};

use crate::{Broadcast, Server, Socket, server::Core};

/// A server, as its own namespaces know it.
#[derive(Clone)]
pub(crate) struct WeakServer(Weak<Core>);

impl WeakServer {
    pub(crate) fn new(core: Weak<Core>) -> Self {
        Self(core)
    }

    fn find(&self) -> Result<Server, Rejection> {
        let server = self.0.upgrade().and_then(Server::of_core);
        server.ok_or_else(|| Rejection::new("the server has gone"))
    }
}

/// A handler that wants its server names it as an argument. It is found as long as the application holds a handle or an
/// HTTP service of it, or the connection is open.
///
/// A handler that captures a [`Server`] instead keeps it alive for ever: the server owns its handlers.
impl FromEvent<Socket> for Server {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        event.socket().active().server.find()
    }
}

/// The same for a handler of events between servers.
impl FromEvent<Broadcast> for Server {
    fn from_event(event: &mut Event<'_, Broadcast>) -> Result<Self, Rejection> {
        event.socket().active().server.find()
    }
}
