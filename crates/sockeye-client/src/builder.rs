//! A client that is about to be.

use std::{fmt, sync::Arc, time::Duration};

use sockeye_event::{Failure, StateMap};
use sockeye_parser::{Format, Json};
use sockeye_proto::client as proto;
use sockeye_transport::Connector;

use crate::{
    BuildError, Client, Occurrence, Socket,
    config::Config,
    dial::Target,
    occurrence::Watchers,
    shared::{OnError, Shared},
    told::Told,
};

/// A client that is about to be. The settings have the reference's defaults.
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    target: Target,
    config: Config,
    format: Arc<dyn Format>,
    state: StateMap,
    watchers: Watchers,
    on_error: Option<OnError>,
}

impl ClientBuilder {
    #[cfg(feature = "engine")]
    pub(crate) fn to(url: String) -> Self {
        Self::of_target(Target::to(url))
    }

    pub(crate) fn over(connector: impl Connector) -> Self {
        Self::of_target(Target::Connector(Arc::new(connector)))
    }

    fn of_target(target: Target) -> Self {
        Self {
            target,
            config: Config::default(),
            format: Arc::new(Json),
            state: StateMap::new(),
            watchers: Watchers::default(),
            on_error: None,
        }
    }

    /// The settings of Engine.IO: transports, headers, cookies, TLS, proxies. Its path is not used, see
    /// [`path`](Self::path).
    #[cfg(feature = "engine")]
    pub fn engine(mut self, engine: sockeye_engine_client::Config) -> Self {
        if let Target::Engine { config, .. } = &mut self.target {
            *config = engine;
        }
        self
    }

    /// Where the server's Engine.IO answers: `/socket.io`.
    #[cfg(feature = "engine")]
    pub fn path(mut self, path: impl AsRef<str>) -> Self {
        if let Target::Engine { path: known, .. } = &mut self.target {
            *known = path.as_ref().into();
        }
        self
    }

    // Reconnection.

    /// Does not connect again when the connection is lost or does not come about; the reference's `reconnection: false`.
    pub fn without_reconnection(mut self) -> Self {
        self.config.reconnection = false;
        self
    }

    /// How often it tries to connect again before it gives up: for ever, unless this says otherwise, and 0 is for ever.
    pub fn reconnection_attempts(mut self, attempts: u32) -> Self {
        self.config.attempts = Some(attempts);
        self
    }

    /// How long it waits before it tries again, which doubles with each attempt: 1 s.
    pub fn reconnection_delay(mut self, delay: Duration) -> Self {
        self.config.delay = delay;
        self
    }

    /// How long it waits at most: 5 s.
    pub fn reconnection_delay_max(mut self, delay: Duration) -> Self {
        self.config.delay_max = delay;
        self
    }

    /// By which part a wait may be longer or shorter, so that not all clients of a server come at once: 0.5. What is not
    /// above 0 and at most 1 is no randomness.
    pub fn randomization_factor(mut self, factor: f64) -> Self {
        self.config.randomization = factor;
        self
    }

    /// How long one attempt to connect may take: 20 s. The reference's `timeout`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = Some(timeout);
        self
    }

    /// An attempt to connect may take for ever; the reference's `timeout: false`.
    pub fn without_timeout(mut self) -> Self {
        self.config.timeout = None;
        self
    }

    /// How long the connection is given to send what is left and to close: 10 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.config.close_timeout = timeout;
        self
    }

    // Events.

    /// How long acknowledgements are waited for that were given no [`timeout`](crate::Emit::timeout) of their own: for
    /// ever. The reference's `ackTimeout`.
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.config.connection = self.config.connection.ack_timeout(Some(timeout));
        self
    }

    /// How often an event is sent again that the server has not acknowledged in time: not at all. The reference's
    /// `retries`.
    ///
    /// With retries, the events of a socket leave one by one, the next one when the last is acknowledged, which the server
    /// must do; it gets each at least once. They want an [`ack_timeout`](Self::ack_timeout).
    pub fn retries(mut self, retries: u32) -> Self {
        self.config.connection = self.config.connection.retries(retries);
        self
    }

    /// The limits of what waits to be sent, of acknowledgements and of what the server sends. What was said by
    /// [`ack_timeout`](Self::ack_timeout) and [`retries`](Self::retries) before is forgotten.
    pub fn connection(mut self, config: proto::Config) -> Self {
        self.config.connection = config;
        self
    }

    /// How many handlers may be at work at the same time before the server is no longer listened to: 256. Acknowledgements
    /// that are awaited of the server are taken off the number: they come by being read, and have a limit of their own,
    /// [`max_pending_acks`](crate::ConnectionConfig::max_pending_acks).
    pub fn max_handlers(mut self, handlers: usize) -> Self {
        self.config.max_handlers = handlers.max(1);
        self
    }

    /// How packets are written, the same as the server's: JSON. The reference's `parser`.
    pub fn format(mut self, format: impl Format) -> Self {
        self.format = Arc::new(format);
        self
    }

    /// Something that handlers take as `State<T>`.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, state: T) -> Self {
        self.state.insert(state);
        self
    }

    /// Is told of handlers that fail: by an error, a panic, or arguments that do not fit.
    pub fn on_error(mut self, on_error: impl Fn(&Socket, &Failure) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(on_error));
        self
    }

    /// Is told what happens to the connection.
    ///
    /// ```
    /// use sockeye_client::{Client, Occurrence};
    ///
    /// # fn builder(connector: impl sockeye_transport::Connector) -> sockeye_client::ClientBuilder {
    /// Client::over(connector).on_occurrence(|occurrence| match occurrence {
    ///     Occurrence::Close(reason, _) => println!("connection lost: {reason}"),
    ///     Occurrence::ReconnectAttempt(number) => println!("attempt {number}"),
    ///     _ => {}
    /// })
    /// # }
    /// ```
    pub fn on_occurrence(mut self, watch: impl Fn(&Occurrence) + Send + Sync + 'static) -> Self {
        self.watchers.add(watch);
        self
    }

    /// The client, which connects when one of its sockets wants to.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn build(self) -> Result<Client, BuildError> {
        let Self { target, config, format, state, watchers, on_error } = self;
        let told = Told::default();
        let dial = target.dial((!watchers.is_empty()).then_some(&told))?;
        Ok(Client::of_shared(Arc::new(Shared::new(dial, config, format, state, watchers, told, on_error))))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
