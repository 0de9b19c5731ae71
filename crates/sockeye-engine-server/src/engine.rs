//! All sessions of a server, whichever way their transports came.

use std::{
    error::Error,
    fmt, io,
    net::IpAddr,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use ::http::{Request, Response};
use bytes::Bytes;
use http_body::Body;
use hyper::body::Incoming;
use sockeye_engine_codec::Sid;
use sockeye_engine_proto::request::Refusal;
use sockeye_transport::BoxTransport;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, ToSocketAddrs},
    sync::Notify,
};

use crate::{
    AcceptError, Config, Connection, ConnectionError, HandshakeInfo, Occurrence,
    accept::{self, Granted},
    addresses::Addresses,
    admission::Admission,
    alarm,
    connection::Start,
    error::OpenError,
    gauge::{Gauge, UnderWay},
    http,
    mailbox::{Mail, Mailbox},
    serve,
    table::{NoEntry, Table},
};

/// Accepts transports, opens sessions on them, and finds the session that a request belongs to. Cloning shares it.
///
/// Each new session is handed to a function, which is to spawn the task that polls it:
///
/// ```no_run
/// use futures_util::{SinkExt, StreamExt};
/// use sockeye_engine_server::{Config, Engine};
///
/// # async fn run() -> std::io::Result<()> {
/// let echo = Engine::new(Config::new(), |mut connection| {
///     tokio::spawn(async move {
///         while let Some(Ok(message)) = connection.next().await {
///             connection.send(message).await.ok();
///         }
///         println!("{:?}", connection.close_reason());
///     });
/// });
/// echo.listen("127.0.0.1:3000").await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Engine(Arc<Shared>);

/// Finds an engine as long as anybody else has it: a handle of it, its service, or a session.
///
/// What the function for new sessions owns must not own the engine; it may own this.
#[derive(Clone, Debug, Default)]
pub struct WeakEngine(Weak<Shared>);

pub(crate) struct Shared {
    pub(crate) config: Config,
    table: Table,
    addresses: Addresses,
    /// Accepted upgrades whose HTTP answers are on their way.
    upgrades: Arc<Gauge>,
    /// Handshakes that wait for the application.
    handshakes: Arc<Gauge>,
    is_closed: AtomicBool,
    /// Sessions that are open go on, but none is opened.
    is_refusing: AtomicBool,
    closed: Notify,
    epoch: Instant,
    on_connection: Box<dyn Fn(Connection) + Send + Sync>,
}

impl Engine {
    /// An engine that hands each new session to `on_connection`.
    ///
    /// The function runs where the session was opened, in the midst of answering a request. So it must not block.
    pub fn new(config: Config, on_connection: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        let config = config.with_told_heartbeats();
        Self(Arc::new(Shared {
            table: Table::new(config.max_sessions),
            addresses: Addresses::new(config.max_sessions_per_address),
            upgrades: Gauge::new(config.max_upgrades_in_flight),
            handshakes: Gauge::new(config.max_handshakes_in_flight),
            config,
            is_closed: AtomicBool::new(false),
            is_refusing: AtomicBool::new(false),
            closed: Notify::new(),
            epoch: alarm::now(),
            on_connection: Box::new(on_connection),
        }))
    }

    /// Answers HTTP requests, whatever their path: for routers.
    pub fn service(&self) -> http::Service {
        http::Service::new(self.clone())
    }

    /// Answers the HTTP requests of the configured path in front of another service.
    pub fn layer(&self) -> http::Layer {
        http::Layer::new(self.clone())
    }

    /// Listens at an address until the engine is closed.
    ///
    /// # Errors
    /// If nobody can listen there.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<()> {
        self.serve(TcpListener::bind(address).await?).await;
        Ok(())
    }

    /// Serves the connections of a listener over HTTP/1.1 until the engine is closed. Requests to other paths than the
    /// configured one are answered with status 501, as the reference does.
    ///
    /// # Cancel safety
    /// Dropping the future stops accepting; accepted connections go on.
    pub async fn serve(&self, listener: TcpListener) {
        serve::serve(self, listener).await;
    }

    /// Serves the connections of a listener as [`serve`](Self::serve) does, with a layer around [`service`](Self::service):
    /// each request and each upgrade goes through it, and so does each answer. The reference's `use(middleware)`.
    ///
    /// ```no_run
    /// use sockeye_engine_server::Engine;
    /// use tower_layer::layer_fn;
    ///
    /// # type Guarded = sockeye_engine_server::http::Service;
    /// # fn guarded(service: Guarded) -> Guarded { service }
    /// # async fn run(engine: Engine, listener: tokio::net::TcpListener) {
    /// // `tower::ServiceBuilder` puts several layers together.
    /// engine.serve_layered(listener, layer_fn(guarded)).await;
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// As of [`serve`](Self::serve).
    pub async fn serve_layered<L, R>(&self, listener: TcpListener, layer: L)
    where
        L: tower_layer::Layer<http::Service>,
        L::Service:
            tower_service::Service<Request<Incoming>, Response = Response<R>> + Clone + Send + 'static,
        <L::Service as tower_service::Service<Request<Incoming>>>::Future: Send,
        <L::Service as tower_service::Service<Request<Incoming>>>::Error: Into<Box<dyn Error + Send + Sync>>,
        R: Body<Data = Bytes> + Unpin + Send + 'static,
        R::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        serve::serve_layered(self, listener, layer.layer(self.service())).await;
    }

    /// Takes a byte stream that somebody else has upgraded to WebSocket; `info` tells the request that did.
    ///
    /// # Errors
    /// If the request opens no session and reaches none, or if the application
    /// [does not allow it](Config::allow_request). The peer has seen a close frame then.
    pub async fn accept_upgraded<Io>(&self, io: Io, info: HandshakeInfo) -> Result<(), AcceptError>
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        accept::upgraded(self, io, info).await
    }

    /// Takes a transport that opens in band: its first packet opens a session, or names one to change to this transport.
    ///
    /// [`Config::allow_request`] is not asked: who brings a transport has decided about it.
    ///
    /// # Errors
    /// If that packet is anything else or does not come within the upgrade timeout. The transport is closed then.
    pub async fn accept(&self, transport: BoxTransport, info: HandshakeInfo) -> Result<(), AcceptError> {
        accept::in_band(self, transport, info).await
    }

    /// Opens no more sessions: handshakes are answered with status 503. Those that are open go on.
    pub fn refuse_sessions(&self) {
        self.0.is_refusing.store(true, Ordering::SeqCst);
    }

    /// Ends all sessions at once, without what is still to be sent, and opens no more.
    pub fn close(&self) {
        self.0.is_closed.store(true, Ordering::SeqCst);
        for mailbox in self.0.table.all() {
            mailbox.tell(Mail::SHUT_DOWN);
        }
        self.0.closed.notify_waiters();
    }

    /// Waits until the engine is closed.
    ///
    /// # Cancel safety
    /// It may be dropped and called again at any time.
    pub async fn closed(&self) {
        let closed = self.0.closed.notified();
        if !self.is_closed() {
            closed.await;
        }
    }

    /// Whether the engine has been closed.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed.load(Ordering::SeqCst)
    }

    /// How many sessions are open.
    pub fn sessions(&self) -> usize {
        self.0.table.len()
    }

    /// How many accepted upgrades to WebSocket wait for the end of their HTTP answer.
    pub fn upgrades_in_flight(&self) -> usize {
        self.0.upgrades.count()
    }

    /// How many sessions come from an address: for IPv6 from its /64 network. They are counted only if
    /// [`Config::max_sessions_per_address`] limits them.
    pub fn sessions_from(&self, address: IpAddr) -> usize {
        self.0.addresses.count(address)
    }

    /// How many handshakes wait for the application, see [`Config::allow_request`].
    pub fn handshakes_in_flight(&self) -> usize {
        self.0.handshakes.count()
    }

    /// A handle that does not keep the engine.
    pub fn downgrade(&self) -> WeakEngine {
        WeakEngine(Arc::downgrade(&self.0))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn find(&self, sid: &str) -> Option<Arc<Mailbox>> {
        self.0.table.find(sid)
    }

    /// A session that nobody knows of yet.
    pub(crate) fn open(
        &self,
        admission: Admission,
        start: Start,
        info: HandshakeInfo,
    ) -> Result<Connection, OpenError> {
        Connection::open(&self.0, admission, start, info)
    }

    pub(crate) fn hand_over(&self, connection: Connection) {
        (self.0.on_connection)(connection);
    }

    /// Counts an upgrade that is to be accepted, unless there are too many or there would be no room for its session.
    pub(crate) fn begin_upgrade(
        &self,
        granted: &Granted,
        address: Option<IpAddr>,
    ) -> Result<UnderWay, OpenError> {
        let room = match granted {
            Granted::Open(_) => self.check_room(address),
            Granted::Attach(_) if self.is_closed() => Err(OpenError::Closed),
            Granted::Attach(_) => Ok(()),
        };
        room.inspect_err(|error| self.tell_of_limit(error))?;
        self.0.upgrades.begin().ok_or_else(|| {
            self.0.tell_of_occurrence(Occurrence::TooManyUpgrades);
            OpenError::Busy
        })
    }

    /// Counts a handshake that is to wait for the application, unless it would wait in vain.
    pub(crate) fn begin_handshake(&self, address: Option<IpAddr>) -> Result<UnderWay, OpenError> {
        self.check_room(address)?;
        self.0.handshakes.begin().ok_or(OpenError::Busy)
    }

    /// Tells the application of a refused request if it wants to hear of it.
    pub(crate) fn tell_of_error(&self, refusal: &Refusal, request: impl FnOnce() -> HandshakeInfo) {
        let hooks = &self.0.config.hooks;
        hooks.tell_of_occurrence(Occurrence::Refused(refusal.code()));
        if hooks.hear_of_errors() {
            hooks.tell_of_error(&ConnectionError::new(refusal.clone(), request()));
        }
    }

    /// The same of a session that could not be opened, if that is due to the request. If it is due to a limit, whoever counts
    /// hears of it.
    pub(crate) fn tell_of_failure(&self, error: &OpenError, request: impl FnOnce() -> HandshakeInfo) {
        match error.refusal() {
            Some(refusal) => self.tell_of_error(&refusal, request),
            None => self.tell_of_limit(error),
        }
    }

    /// Tells whoever counts if a session was not opened because of a limit.
    pub(crate) fn tell_of_limit(&self, error: &OpenError) {
        let occurrence = match error {
            OpenError::Full => Occurrence::TooManySessions,
            OpenError::FullForAddress => Occurrence::TooManySessionsFromAddress,
            OpenError::Busy => Occurrence::TooManyHandshakes,
            OpenError::Closed | OpenError::NoRandomness | OpenError::Refused(_) => return,
        };
        self.0.tell_of_occurrence(occurrence);
    }

    /// A transport that came for a session was given up.
    pub(crate) fn tell_of_failed_upgrade(&self) {
        self.0.tell_of_occurrence(Occurrence::UpgradeFailed);
    }

    /// Whether a session that is opened now would find room.
    fn check_room(&self, address: Option<IpAddr>) -> Result<(), OpenError> {
        if self.is_closed() || self.0.is_refusing() {
            Err(OpenError::Closed)
        } else if self.sessions() >= self.0.config.max_sessions {
            Err(OpenError::Full)
        } else if !self.0.addresses.has_room(address) {
            Err(OpenError::FullForAddress)
        } else {
            Ok(())
        }
    }
}

/// As for a server that has one inside.
impl AsRef<Self> for Engine {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl WeakEngine {
    /// The engine, if there still is one.
    pub fn upgrade(&self) -> Option<Engine> {
        self.0.upgrade().map(Engine)
    }
}

impl Shared {
    /// Makes a session known.
    pub(crate) fn enter(
        &self,
        sid: &Sid,
        mailbox: &Arc<Mailbox>,
        address: Option<IpAddr>,
    ) -> Result<(), OpenError> {
        if !self.addresses.enter(address) {
            return Err(OpenError::FullForAddress);
        }
        self.list(sid, mailbox).inspect_err(|_| self.addresses.leave(address))
    }

    fn list(&self, sid: &Sid, mailbox: &Arc<Mailbox>) -> Result<(), OpenError> {
        self.table.insert(sid.clone(), Arc::clone(mailbox)).map_err(|error| match error {
            NoEntry::Full => OpenError::Full,
            NoEntry::Taken => OpenError::id_taken(),
        })?;
        // Asked behind the insertion: whoever closes the engine meanwhile finds the session in the table.
        if self.is_closed.load(Ordering::SeqCst) || self.is_refusing() {
            self.table.remove(sid);
            return Err(OpenError::Closed);
        }
        Ok(())
    }

    fn is_refusing(&self) -> bool {
        self.is_refusing.load(Ordering::SeqCst)
    }

    pub(crate) fn tell_of_occurrence(&self, occurrence: Occurrence) {
        self.config.hooks.tell_of_occurrence(occurrence);
    }

    pub(crate) fn leave(&self, sid: &Sid, address: Option<IpAddr>) {
        self.table.remove(sid);
        self.addresses.leave(address);
    }

    /// The moment at which a session with this deadline is woken.
    pub(crate) fn tick(&self, deadline: Instant, now: Instant) -> Instant {
        alarm::round_up(deadline, now, self.epoch, self.config.session.ping_interval())
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("config", &self.config)
            .field("sessions", &self.table.len())
            .finish_non_exhaustive()
    }
}
