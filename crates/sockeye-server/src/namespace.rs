//! A namespace as a value: who may come in, and what is done with what they send.

use std::{fmt, future::Future};

use sockeye_event::{Failure, Handler, Handlers};
use sockeye_parser::{EventName, NamespaceName, is_reserved};

use crate::{Broadcast, NamePattern, RateLimit, Socket, Visit, jobs::GUARD, names::Names};

/// What a namespace does. It is built once, and all its sockets share the handlers.
///
/// ```
/// use sockeye_server::{Ack, Data, Namespace, Refusal, Socket};
///
/// async fn authorize(Data(token): Data<String>) -> Result<(), Refusal> {
///     if token == "let me in" { Ok(()) } else { Err(Refusal::new("Not authorized")) }
/// }
///
/// let chat = Namespace::new("/chat")
///     .guard(authorize)
///     .on_connect(async |socket: Socket| socket.join("lobby"))
///     .on("sum", |Data((a, b)): Data<(i64, i64)>| Ack(a + b));
/// ```
pub struct Namespace {
    pub(crate) naming: Naming,
    pub(crate) definition: Definition,
}

/// What a namespace is called.
pub(crate) enum Naming {
    Name(NamespaceName),
    /// It is dynamic: each of these names is a child of it.
    Names(Names),
}

/// All of a namespace but its name.
#[derive(Default)]
pub(crate) struct Definition {
    pub(crate) guards: Vec<Handlers<Socket>>,
    pub(crate) filters: Vec<Handlers<Socket>>,
    pub(crate) handlers: Handlers<Socket>,
    /// Those of coming and going, which no catch-all hears of.
    pub(crate) life: Handlers<Socket>,
    /// Those of events of other servers.
    pub(crate) server_events: Handlers<Broadcast>,
    pub(crate) order: Order,
    pub(crate) on_error: Option<OnError>,
    pub(crate) rate_limit: Option<RateLimit>,
}

/// Hears of handlers that did not succeed.
type OnError = Box<dyn Fn(&Socket, &Failure) + Send + Sync>;

/// When the next event of a socket is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// When the handlers of the one before have started and wait for something, as in the reference.
    #[default]
    Started,
    /// When they have ended.
    Ended,
}

impl Namespace {
    /// A namespace that everybody may join and that handles nothing. `/` is the one that peers join unless they say
    /// otherwise.
    #[must_use]
    pub fn new(name: impl Into<NamespaceName>) -> Self {
        Self { naming: Naming::Name(name.into()), definition: Definition::default() }
    }

    /// A dynamic namespace: whoever wants to join a name that is like the pattern, and that nobody else has, finds a
    /// namespace of that name with the guards and handlers of this one. Rooms and broadcasts are each child's own. Of several
    /// dynamic namespaces, the one that was added first has a name.
    ///
    /// ```
    /// # use sockeye_server::{Namespace, Server, Socket};
    /// let tenants = Namespace::matching("/tenant-*")
    ///     .on_connect(|socket: Socket| println!("{} at {}", socket.id(), socket.namespace()));
    /// # let _ = Server::builder().namespace(tenants);
    /// ```
    ///
    /// The reference's `of(RegExp)`. How many children there may be is limited by
    /// [`max_child_namespaces`](crate::Config::max_child_namespaces), and names longer than 255 bytes are not admitted.
    #[must_use]
    pub fn matching(pattern: impl NamePattern) -> Self {
        let naming = Naming::Names(Names::Like(Box::new(pattern)));
        Self { naming, definition: Definition::default() }
    }

    /// The same with names that are decided on when somebody asks for them, by a database perhaps. If it is `false`, later
    /// dynamic namespaces are asked. The reference's `of(function)`.
    #[must_use]
    pub fn matching_async<D>(decide: impl Fn(Visit) -> D + Send + Sync + 'static) -> Self
    where
        D: Future<Output = bool> + Send + 'static,
    {
        Self { naming: Naming::Names(Names::asked(decide)), definition: Definition::default() }
    }

    /// Asks a guard about everybody who wants to come in; the reference's namespace middleware. Guards are asked in the
    /// order in which they were added, each when the one before has let the peer pass.
    ///
    /// A guard is a handler whose arguments are what the peer sent to be let in. An error turns the peer away; as a
    /// [`Refusal`](crate::Refusal) it may carry data.
    #[must_use]
    pub fn guard<M>(mut self, guard: impl Handler<Socket, M>) -> Self {
        let mut guards = Handlers::new();
        guards.add(GUARD, guard);
        self.definition.guards.push(guards);
        self
    }

    /// Asks a filter about every event before its handlers and the catch-alls; the reference's `socket.use`. Filters are
    /// asked in the order in which they were added, each when the one before has let the event pass, and later events of the
    /// socket wait for them.
    ///
    /// A filter is a handler whose arguments are those of the event. An error drops the event: its sender is answered with
    /// the error if it wants an acknowledgement, and [`on_error`](Self::on_error) hears of it.
    ///
    /// ```
    /// # use sockeye_server::{EventName, Namespace, Refusal, Socket};
    /// let calm = Namespace::new("/").filter(|socket: Socket, name: EventName| {
    ///     if name == "shout" { Err(Refusal::new("please be quiet")) } else { Ok(()) }
    /// });
    /// ```
    #[must_use]
    pub fn filter<M>(mut self, filter: impl Handler<Socket, M>) -> Self {
        let mut filters = Handlers::new();
        filters.add_any(filter);
        self.definition.filters.push(filters);
        self
    }

    /// Drops events of a socket that come faster than this; no limit, if not given. Their sender is answered with an error if
    /// it wants an acknowledgement, and [`on_error`](Self::on_error) hears of them.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.definition.rate_limit = Some(limit);
        self
    }

    /// Hears of every handler or filter that did not succeed: it returned an error, panicked, or did not get the arguments
    /// that it wants; and of guards that panicked, while one that refuses has done what it is for. The sender of the event
    /// is answered in any case if it asked for an acknowledgement; here it may be told by an event of its own. Of two such
    /// listeners, the second replaces the first.
    ///
    /// ```
    /// # use sockeye_server::{Failure, Namespace, Socket};
    /// let talkative = Namespace::new("/").on_error(|socket: &Socket, failure: &Failure| {
    ///     // A peer that does not read its events does not read this one either.
    ///     let _ = socket.try_emit_raw("error", failure.to_args());
    /// });
    /// ```
    #[must_use]
    pub fn on_error(mut self, listener: impl Fn(&Socket, &Failure) + Send + Sync + 'static) -> Self {
        self.definition.on_error = Some(Box::new(listener));
        self
    }

    /// Runs when a peer has been let in. No event of the socket is handled before this has ended, so a handler that is to
    /// go on for as long as the socket does has to be spawned.
    #[must_use]
    pub fn on_connect<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.on(CONNECT, handler)
    }

    /// Runs when a socket is about to go, as long as its rooms are known.
    #[must_use]
    pub fn on_disconnecting<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.on(DISCONNECTING, handler)
    }

    /// Runs when a socket has gone; [`DisconnectReason`](crate::DisconnectReason) as an argument tells why.
    #[must_use]
    pub fn on_disconnect<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.on(DISCONNECT, handler)
    }

    /// Handles an event. Several handlers of one event run in the order in which they were added.
    #[must_use]
    pub fn on<M>(mut self, name: impl Into<EventName>, handler: impl Handler<Socket, M>) -> Self {
        let name = name.into();
        let table =
            if is_reserved(&name) { &mut self.definition.life } else { &mut self.definition.handlers };
        table.add(name, handler);
        self
    }

    /// Handles every event, before the handlers of its name.
    #[must_use]
    pub fn on_any<M>(mut self, handler: impl Handler<Socket, M>) -> Self {
        self.definition.handlers.add_any(handler);
        self
    }

    /// Handles an event that another server of the cluster has sent by
    /// [`server_side_emit`](crate::Server::server_side_emit); the reference's `io.on(name)`. Peers cannot cause it.
    ///
    /// What it returns is this server's answer, should the sender want one. As parameters it may take [`Data`](crate::Data)
    /// and what else belongs to the event, [`State`](crate::State), [`Server`](crate::Server), and a [`Broadcast`] to all
    /// sockets of the namespace; there is no socket. Handlers that fail are told of by `tracing` alone.
    ///
    /// ```
    /// # use sockeye_server::{Ack, Broadcast, Data, Namespace, Server};
    /// let shop = Namespace::new("/shop")
    ///     .on_server_event("count", |server: Server| Ack(server.connection_count()))
    ///     .on_server_event("sold out", async |everybody: Broadcast, Data(item): Data<String>| {
    ///         everybody.local().emit("gone", &item).await
    ///     });
    /// ```
    #[must_use]
    pub fn on_server_event<M>(
        mut self,
        name: impl Into<EventName>,
        handler: impl Handler<Broadcast, M>,
    ) -> Self {
        self.definition.server_events.add(name, handler);
        self
    }

    /// Handles the next event of a socket when the handlers of the one before have ended. Without this it is when they
    /// have started and wait for something.
    #[must_use]
    pub fn sequential(mut self) -> Self {
        self.definition.order = Order::Ended;
        self
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.naming {
            Naming::Name(name) => name,
            Naming::Names(_) => "dynamic",
        };
        f.debug_struct("Namespace").field("name", &name).finish_non_exhaustive()
    }
}

pub(crate) const CONNECT: EventName = EventName::from_static("connect");
pub(crate) const DISCONNECTING: EventName = EventName::from_static("disconnecting");
pub(crate) const DISCONNECT: EventName = EventName::from_static("disconnect");
