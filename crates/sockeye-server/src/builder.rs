//! What a server is made of.

use std::{fmt, sync::Arc};

use sockeye_adapter::{Adapter, LocalAdapter, RoomEvent};
use sockeye_event::StateMap;
use sockeye_parser::{Format, Json, NamespaceName};

#[cfg(feature = "engine")]
use crate::ClientBundle;
use crate::{Broadcast, Config, Namespace, Recovery, Server, emit::now};

/// Makes the adapter of a namespace.
pub(crate) type AdapterFactory =
    Box<dyn Fn(&NamespaceName, &Arc<dyn Format>) -> Arc<dyn Adapter> + Send + Sync>;

/// Hears of namespaces that have come about.
pub(crate) type OnNew = Box<dyn Fn(Broadcast) + Send + Sync>;

/// Hears of what happens to rooms.
type OnRoomEvent = dyn Fn(&NamespaceName, &RoomEvent) + Send + Sync;

/// Puts a [`Server`] together.
#[must_use = "a builder does nothing until `build` is called"]
pub struct ServerBuilder {
    pub(crate) config: Config,
    pub(crate) format: Arc<dyn Format>,
    adapter: Option<AdapterFactory>,
    on_room_event: Option<Arc<OnRoomEvent>>,
    pub(crate) recovery: Option<Recovery>,
    pub(crate) state: StateMap,
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) on_new: Option<OnNew>,
    #[cfg(feature = "engine")]
    pub(crate) client: Option<ClientBundle>,
}

impl ServerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            config: Config::new(),
            format: Arc::new(Json),
            adapter: None,
            on_room_event: None,
            recovery: None,
            state: StateMap::new(),
            namespaces: Vec::new(),
            on_new: None,
            #[cfg(feature = "engine")]
            client: None,
        }
    }

    /// The settings.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Serves a namespace. Of two with the same name, the second replaces the first.
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.push(namespace);
        self
    }

    /// Calls this when a dynamic namespace gets a child, before anybody is in it; the reference's event `new_namespace`.
    /// Of two such listeners, the second replaces the first.
    pub fn on_new_namespace(mut self, listener: impl Fn(Broadcast) + Send + Sync + 'static) -> Self {
        self.on_new = Some(Box::new(listener));
        self
    }

    /// Serves the client's scripts as well, which it does not without this; the reference's `serveClient`.
    ///
    /// Their names stand behind the path: `/socket.io/socket.io.min.js`. A router must bring them to
    /// [`Server::service`]: in axum, `route_service("/socket.io/{file}", server.service())` beside the route of `/socket.io/`.
    #[cfg(feature = "engine")]
    pub fn serve_client(mut self, client: ClientBundle) -> Self {
        self.client = Some(client);
        self
    }

    /// A value that handlers may ask for as [`State<T>`](crate::State): one of each type.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Another form of packets than JSON. Clients have to use the same.
    pub fn format(mut self, format: impl Format) -> Self {
        self.format = Arc::new(format);
        self
    }

    /// Another adapter than that of a single process, made for each namespace.
    pub fn adapter<A: Adapter>(
        mut self,
        make: impl Fn(&NamespaceName, &Arc<dyn Format>) -> A + Send + Sync + 'static,
    ) -> Self {
        self.adapter = Some(Box::new(move |name, format| Arc::new(make(name, format))));
        self
    }

    /// Lets peers come back whose transport was lost, which they do not without this; the reference's
    /// `connectionStateRecovery`. With an [`adapter`](Self::adapter) of your own it has to be one that
    /// [recovers](Adapter::recovery), and keeps what its own settings say.
    pub fn connection_state_recovery(mut self, recovery: Recovery) -> Self {
        self.recovery = Some(recovery);
        self
    }

    /// Hears of everything that happens to rooms of this server, of whichever namespace; the reference's events
    /// `create-room`, `join-room`, `leave-room` and `delete-room`. Without effect with an [`adapter`](Self::adapter) of your
    /// own: those have listeners of their own.
    pub fn on_room_event(
        mut self,
        listener: impl Fn(&NamespaceName, &RoomEvent) + Send + Sync + 'static,
    ) -> Self {
        self.on_room_event = Some(Arc::new(listener));
        self
    }

    /// Takes out what makes the adapter of a namespace: that of a single process unless there is another.
    pub(crate) fn take_adapter(&mut self) -> AdapterFactory {
        if let Some(adapter) = self.adapter.take() {
            return adapter;
        }
        let (listener, recovery) = (self.on_room_event.take(), self.recovery);
        Box::new(move |name, format| {
            let format = format.clone();
            let adapter = match listener.clone() {
                Some(listener) => {
                    let name = name.clone();
                    LocalAdapter::watched(format, move |event| listener(&name, event))
                }
                None => LocalAdapter::new(format),
            };
            Arc::new(match recovery {
                Some(recovery) => adapter.recovering(recovery.retention, now),
                None => adapter,
            })
        })
    }

    /// Engine.IO's settings, with what this server adds.
    #[cfg(feature = "engine")]
    pub(crate) fn engine_config(&self) -> sockeye_engine_server::Config {
        let config = self.config.engine_config();
        match &self.client {
            Some(client) => config.files(client.clone()),
            None => config,
        }
    }

    /// The server. It serves nobody until a way in is opened.
    pub fn build(self) -> Server {
        Server::from_builder(self)
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("config", &self.config)
            .field("namespaces", &self.namespaces)
            .finish_non_exhaustive()
    }
}
