//! A server: its namespaces, and the ways in.

#[cfg(feature = "engine")]
use std::sync::OnceLock;
use std::{fmt, sync::Arc, time::Duration};

use serde::Serialize;
use sockeye_adapter::Room;
#[cfg(feature = "engine")]
use sockeye_engine_server as engine;
use sockeye_parser::{EventName, Format, NamespaceName, SocketId};
use sockeye_transport::{BoxTransport, Listener, Transport};

use crate::{
    Broadcast, Config, EmitMany, Namespace, ServerBuilder, Socket, active::Active, carrier::Carrier,
    handshake::Request, link::Link, links::Links, meters::Meters, namespaces::Namespaces, spans,
    tally::Tally, task::Task, weak_server::WeakServer,
};

/// A Socket.IO server. Cloning gives another handle of the same.
///
/// ```no_run
/// use sockeye_server::{Data, Namespace, Server, Socket};
///
/// # async fn run() -> std::io::Result<()> {
/// let echo = Namespace::new("/").on("echo", async |socket: Socket, Data(text): Data<String>| {
///     socket.emit("echo", &text).await
/// });
/// let server = Server::builder().namespace(echo).build();
/// server.listen("127.0.0.1:3000").await
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    core: Arc<Core>,
    #[cfg(feature = "engine")]
    engine: engine::Engine,
}

/// What connections need of their server.
pub(crate) struct Core {
    pub(crate) config: Config,
    protocol: Arc<sockeye_proto::Config>,
    format: Arc<dyn Format>,
    pub(crate) namespaces: Arc<Namespaces>,
    pub(crate) links: Links,
    /// For handlers that want their server. The engine owns this.
    #[cfg(feature = "engine")]
    engine: OnceLock<engine::WeakEngine>,
    /// If there is a recorder.
    pub(crate) meters: Option<Arc<Meters>>,
}

impl Server {
    /// Puts a server together.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    pub(crate) fn from_builder(mut builder: ServerBuilder) -> Self {
        #[cfg(feature = "engine")]
        let mut engine_config = builder.engine_config();
        let adapter = builder.take_adapter();
        let meters = Meters::new();
        #[cfg(feature = "engine")]
        if let Some(meters) = meters.clone() {
            engine_config = engine_config.on_occurrence(move |occurrence| meters.note(occurrence));
        }
        let ServerBuilder { config, format, state, namespaces, on_new, recovery, .. } = builder;
        let skips_guards = recovery.is_none_or(|recovery| recovery.skips_guards);
        let core = Arc::new_cyclic(|core| {
            let server = WeakServer::new(core.clone());
            let known =
                Namespaces::new(&config, format.clone(), adapter, state, server, on_new, meters.clone())
                    .skipping_guards(skips_guards);
            // As in the reference, everybody may join `/` even if nobody has said what it does.
            let root = Namespace::new(NamespaceName::root());
            std::iter::once(root).chain(namespaces).for_each(|namespace| known.add(namespace));
            Core {
                protocol: Arc::new(config.connection.clone()),
                config,
                format,
                namespaces: Arc::new(known),
                links: Links::default(),
                meters,
                #[cfg(feature = "engine")]
                engine: OnceLock::new(),
            }
        });
        #[cfg(feature = "engine")]
        let engine = engine_for(&core, engine_config);
        #[cfg(feature = "engine")]
        core.engine.get_or_init(|| engine.downgrade());
        Self {
            core,
            #[cfg(feature = "engine")]
            engine,
        }
    }

    /// The server of a core that somebody else has kept; none if nobody can reach its engine any more.
    #[cfg_attr(
        not(feature = "engine"),
        expect(clippy::unnecessary_wraps, reason = "the same as with the feature")
    )]
    pub(crate) fn of_core(core: Arc<Core>) -> Option<Self> {
        Some(Self {
            #[cfg(feature = "engine")]
            engine: core.engine.get()?.upgrade()?,
            core,
        })
    }

    // Ways in.

    /// Listens at an address for HTTP until the server is closed.
    ///
    /// # Errors
    /// If nobody can listen there.
    #[cfg(feature = "engine")]
    pub async fn listen(&self, address: impl tokio::net::ToSocketAddrs) -> std::io::Result<()> {
        self.engine.listen(address).await
    }

    /// The same for a listener that is bound already.
    ///
    /// # Cancel safety
    /// Dropping the future stops accepting; accepted connections go on.
    #[cfg(feature = "engine")]
    pub async fn serve_http(&self, listener: tokio::net::TcpListener) {
        self.engine.serve(listener).await;
    }

    /// Answers HTTP requests, for routers: `route_service("/socket.io/", server.service())`.
    #[cfg(feature = "engine")]
    pub fn service(&self) -> engine::http::Service {
        self.engine.service()
    }

    /// Answers the HTTP requests of its path in front of another service.
    #[cfg(feature = "engine")]
    pub fn layer(&self) -> engine::http::Layer {
        self.engine.layer()
    }

    /// The Engine.IO part, for the ways in that are used less: upgraded streams, in-band transports, a listener with
    /// [layers](engine::Engine::serve_layered) around the server.
    #[cfg(feature = "engine")]
    pub fn engine(&self) -> &engine::Engine {
        &self.engine
    }

    /// Takes everybody who comes to a listener, until the server is closed. The transports carry Socket.IO without
    /// Engine.IO; [`engine`](Self::engine) takes those that carry Engine.IO.
    ///
    /// # Cancel safety
    /// Dropping the future stops accepting; accepted connections go on.
    pub async fn serve<L: Listener>(&self, mut listener: L) {
        while !self.core.links.is_closed() {
            let (transport, _) = listener.accept().await;
            self.accept(transport);
        }
    }

    /// Takes one connected transport, which carries Socket.IO without Engine.IO.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn accept(&self, transport: impl Transport + 'static) {
        let transport: BoxTransport = Box::pin(transport);
        self.core.open(Carrier::Other(transport), Request::none());
    }

    // Everybody.

    /// Serves one more namespace, as [`ServerBuilder::namespace`] does. If it takes the place of another, those who are in
    /// there stay in the other.
    pub fn add(&self, namespace: Namespace) {
        self.core.namespaces.add(namespace);
    }

    /// The sockets of a namespace, if there is such a namespace.
    pub fn of(&self, name: impl Into<NamespaceName>) -> Option<Broadcast> {
        self.core.namespaces.find(&name.into()).map(Broadcast::new)
    }

    /// The sockets of each namespace, children of dynamic ones among them, in no particular order.
    pub fn namespaces(&self) -> Vec<Broadcast> {
        self.core.namespaces.all().into_iter().map(Broadcast::new).collect()
    }

    /// The sockets of the namespace `/`, which exists in every server.
    pub fn everybody(&self) -> Broadcast {
        Broadcast::new(self.core.root())
    }

    /// The socket of this id in the namespace `/`, if it is connected to this server.
    pub fn socket(&self, id: &SocketId) -> Option<Socket> {
        self.to(id).local_sockets().into_iter().find(|socket| socket.id() == id)
    }

    /// Those in a room of the namespace `/`.
    pub fn to(&self, room: impl Into<Room>) -> Broadcast {
        self.everybody().to(room)
    }

    /// The same as [`to`](Self::to); the reference's `in`, which is a keyword here.
    pub fn within(&self, room: impl Into<Room>) -> Broadcast {
        self.to(room)
    }

    /// Those in the namespace `/` who are not in a room.
    pub fn except(&self, room: impl Into<Room>) -> Broadcast {
        self.everybody().except(room)
    }

    /// Sends an event to everybody in the namespace `/`.
    pub fn emit(&self, name: impl Into<EventName>, data: &(impl Serialize + ?Sized)) -> EmitMany {
        self.everybody().emit(name, data)
    }

    /// How many connections there are.
    pub fn connection_count(&self) -> usize {
        self.core.links.len()
    }

    // The end.

    /// Disconnects everybody with the reason `server shutting down`, accepts nobody any more, and waits until all
    /// connections are gone.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the closing goes on.
    pub async fn close(&self) {
        self.core.links.close();
        #[cfg(feature = "engine")]
        self.engine.close();
        self.core.links.all_disconnected().await;
        self.close_adapters().await;
    }

    /// Ends the server in order, for a deployment that replaces it: handshakes are refused from now on, what peers send is not
    /// read any more, handlers run to their end and their answers are sent, and then each connection is closed with the reason
    /// `server shutting down`, upon which clients of the reference connect anew.
    ///
    /// Whatever is not done when the time is over is cut off. Gives the ids of the sockets that this happened to: their
    /// handlers have not ended, or not everything was sent.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the server goes on ending, without a limit of time.
    pub async fn shutdown(&self, timeout: Duration) -> Vec<SocketId> {
        #[cfg(feature = "engine")]
        self.engine.refuse_sessions();
        self.core.links.drain();
        if tokio::time::timeout(timeout, self.core.links.all_ended()).await.is_err() {
            self.core.links.cut();
            self.core.links.all_ended().await;
        }
        #[cfg(feature = "engine")]
        self.engine.close();
        self.close_adapters().await;
        self.core.links.take_cut()
    }

    async fn close_adapters(&self) {
        for namespace in self.core.namespaces.all() {
            // An adapter that cannot say good-bye to other servers is missed by them in any case.
            let _ = namespace.adapter.close().await;
        }
    }
}

impl Core {
    /// Starts the task of a new connection.
    pub(crate) fn open(self: &Arc<Self>, carrier: Carrier, request: Request) {
        let now = crate::emit::now();
        let machine = sockeye_proto::Connection::server(self.protocol.clone(), self.format.clone(), now);
        let machine = machine.speaking(request.revision());
        let link = Arc::new(Link::new(machine, carrier, self.config.slow_consumer));
        // A closed server drops the transport, which ends it.
        if let Some(key) = self.links.add(&link) {
            if let Some(meters) = &self.meters {
                link.begin_tally(|transport| Tally::new(meters.clone(), transport));
            }
            spans::spawn(Task::new(self.clone(), link, key, request));
        }
    }

    fn root(&self) -> Arc<Active> {
        self.namespaces.find(&NamespaceName::root()).expect("`from_builder` adds it if nobody else does")
    }
}

/// For whatever brings transports that carry Engine.IO, such as a client in a test.
#[cfg(feature = "engine")]
impl AsRef<engine::Engine> for Server {
    fn as_ref(&self) -> &engine::Engine {
        &self.engine
    }
}

#[cfg(feature = "engine")]
fn engine_for(core: &Arc<Core>, config: engine::Config) -> engine::Engine {
    let core = Arc::clone(core);
    engine::Engine::new(config, move |connection| {
        let info = connection.handshake().clone();
        let is_old = connection.revision() == engine::Revision::V3;
        let old_id = is_old.then(|| SocketId::from(connection.sid().as_str()));
        let request = Request { opened: info.time(), info: Some(info), old_id };
        core.open(Carrier::This(Box::new(connection)), request);
    })
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("connections", &self.connection_count()).finish_non_exhaustive()
    }
}
