//! What a server allows, and how long it waits.

use std::time::Duration;

#[cfg(feature = "engine")]
use sockeye_engine_server as engine;
use sockeye_proto as proto;

/// The settings of a server. Those of a layer below are given whole.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) connection: proto::Config,
    #[cfg(feature = "engine")]
    engine: engine::Config,
    #[cfg(feature = "engine")]
    path: String,
    pub(crate) slow_consumer: SlowConsumer,
    pub(crate) max_handlers: usize,
    pub(crate) close_timeout: Duration,
    pub(crate) max_rooms: usize,
    pub(crate) max_child_namespaces: usize,
    pub(crate) cleans_up_children: bool,
}

/// What happens to a peer that does not read, when a broadcast finds its queue full.
///
/// An emit to a single socket is not concerned: it waits for room, or says that there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowConsumer {
    /// It is disconnected, with the reason [`SlowConsumer`](crate::DisconnectReason::SlowConsumer).
    #[default]
    Disconnect,
    /// It misses the packet.
    Skip,
}

impl Config {
    /// The defaults, which are the reference's where it has the setting.
    pub fn new() -> Self {
        Self {
            connection: proto::Config::new(),
            #[cfg(feature = "engine")]
            engine: engine::Config::new(),
            #[cfg(feature = "engine")]
            path: "/socket.io/".into(),
            slow_consumer: SlowConsumer::default(),
            max_handlers: 256,
            close_timeout: Duration::from_secs(10),
            max_rooms: 10_000,
            max_child_namespaces: 10_000,
            cleans_up_children: false,
        }
    }

    /// The limits and times of one connection's protocol: `connectTimeout`, queues, namespaces, acknowledgements.
    #[must_use]
    pub fn connection(mut self, config: proto::Config) -> Self {
        self.connection = config;
        self
    }

    /// The settings of Engine.IO: heartbeat, payload limit, transports, CORS. Its path is not used, see
    /// [`path`](Self::path).
    #[cfg(feature = "engine")]
    #[must_use]
    pub fn engine(mut self, config: engine::Config) -> Self {
        self.engine = config;
        self
    }

    /// The path of requests; `/socket.io/`.
    #[cfg(feature = "engine")]
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Engine.IO's settings with the path of this server.
    #[cfg(feature = "engine")]
    pub(crate) fn engine_config(&self) -> engine::Config {
        self.engine.clone().path(self.path.as_str())
    }

    /// What happens to a peer that does not read; it is disconnected.
    #[must_use]
    pub fn slow_consumer(mut self, policy: SlowConsumer) -> Self {
        self.slow_consumer = policy;
        self
    }

    /// How many handlers of one connection may be waiting for something; 256. At the limit nothing more is read from the
    /// peer until one has ended. Acknowledgements that are awaited of this peer are taken off the number: they come by being
    /// read, and have a limit of their own, [`max_pending_acks`](sockeye_proto::Config::max_pending_acks).
    #[must_use]
    pub fn max_handlers(mut self, handlers: usize) -> Self {
        self.max_handlers = handlers.max(1);
        self
    }

    /// How long a connection that the server closes may take to send what is queued; 10 s.
    #[must_use]
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// How many rooms a socket may join by [`join`](crate::Socket::join), which peers often have a say in; 10,000, its own
    /// among them. What joins many sockets at once has no limit.
    #[must_use]
    pub fn max_rooms(mut self, rooms: usize) -> Self {
        self.max_rooms = rooms;
        self
    }

    /// How many children all dynamic namespaces may have together; 10,000. For one more peers are told that there is no
    /// such namespace.
    #[must_use]
    pub fn max_child_namespaces(mut self, children: usize) -> Self {
        self.max_child_namespaces = children;
        self
    }

    /// Forgets a child of a dynamic namespace when its last peer has left or was turned away, until somebody asks for it
    /// again; the reference's `cleanupEmptyChildNamespaces`. Without this, children stay as long as the server.
    #[must_use]
    pub fn cleanup_empty_child_namespaces(mut self) -> Self {
        self.cleans_up_children = true;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
