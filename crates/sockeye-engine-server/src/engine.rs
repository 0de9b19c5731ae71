//! All sessions of a server, whichever way their transports came.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use sockeye_engine_codec::{Revision, Sid};
use sockeye_transport::BoxTransport;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, ToSocketAddrs},
    sync::Notify,
};

use crate::{
    AcceptError, Config, Connection, HandshakeInfo,
    accept::{self, Wanted},
    alarm,
    connection::Start,
    error::OpenError,
    http,
    mailbox::{Mail, Mailbox},
    serve,
    table::Table,
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

pub(crate) struct Shared {
    pub(crate) config: Config,
    table: Table,
    upgrades: AtomicUsize,
    is_closed: AtomicBool,
    /// Sessions that are open go on, but none is opened.
    is_refusing: AtomicBool,
    closed: Notify,
    epoch: Instant,
    on_connection: Box<dyn Fn(Connection) + Send + Sync>,
}

/// An accepted upgrade whose HTTP answer is on its way; counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Upgrading(Arc<Shared>);

impl Engine {
    /// An engine that hands each new session to `on_connection`.
    ///
    /// The function runs where the session was opened, in the midst of answering a request. So it must not block.
    pub fn new(config: Config, on_connection: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            table: Table::new(config.max_sessions),
            config,
            upgrades: AtomicUsize::new(0),
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

    /// Takes a byte stream that somebody else has upgraded to WebSocket; `info` tells the request that did.
    ///
    /// # Errors
    /// If the request opens no session and reaches none. The peer has seen a close frame then.
    pub async fn accept_upgraded<Io>(&self, io: Io, info: HandshakeInfo) -> Result<(), AcceptError>
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        accept::upgraded(self, io, info).await
    }

    /// Takes a transport that opens in band: its first packet opens a session, or names one to change to this transport.
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
        self.0.upgrades.load(Ordering::Relaxed)
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
        revision: Revision,
        start: Start,
        info: HandshakeInfo,
    ) -> Result<Connection, OpenError> {
        Connection::open(&self.0, revision, start, info)
    }

    pub(crate) fn hand_over(&self, connection: Connection) {
        (self.0.on_connection)(connection);
    }

    /// Counts an upgrade that is to be accepted, unless there are too many or there would be no room for its session.
    pub(crate) fn begin_upgrade(&self, wanted: &Wanted) -> Option<Upgrading> {
        let opens = matches!(wanted, Wanted::Open(_));
        let is_full = self.0.is_refusing() || self.sessions() >= self.0.config.max_sessions;
        if self.is_closed() || opens && is_full {
            return None;
        }
        let begun = Upgrading(Arc::clone(&self.0));
        let before = self.0.upgrades.fetch_add(1, Ordering::Relaxed);
        (before < self.0.config.max_upgrades_in_flight).then_some(begun)
    }
}

impl Shared {
    /// Makes a session known.
    pub(crate) fn enter(&self, sid: &Sid, mailbox: &Arc<Mailbox>) -> Result<(), OpenError> {
        self.table.insert(sid.clone(), Arc::clone(mailbox)).map_err(|_| OpenError::Full)?;
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

    pub(crate) fn leave(&self, sid: &Sid) {
        self.table.remove(sid);
    }

    /// The moment at which a session with this deadline is woken.
    pub(crate) fn tick(&self, deadline: Instant, now: Instant) -> Instant {
        alarm::round_up(deadline, now, self.epoch, self.config.session.ping_interval())
    }
}

impl Drop for Upgrading {
    fn drop(&mut self) {
        self.0.upgrades.fetch_sub(1, Ordering::Relaxed);
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
