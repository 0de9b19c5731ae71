//! A server and the wire to it, which can be cut.

use std::{
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use sockeye_client::{Client, ClientBuilder};
use sockeye_server::{Namespace, Server};
use sockeye_transport::{Connector, ErrorKind, TransportError, connector, memory};
use tokio::{runtime::Handle, sync::watch, time::sleep};

/// How long a message is under way.
pub(crate) const LATENCY: Duration = Duration::from_millis(10);

/// The way to a server. Clones are the same.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Inner>);

struct Inner {
    server: Server,
    /// Where the server runs, and the wire.
    runtime: Handle,
    is_down: AtomicBool,
    is_still: AtomicBool,
    attempts: AtomicUsize,
    /// Connections end when this changes.
    cuts: watch::Sender<usize>,
    /// How many messages get through before the next cut.
    budget: AtomicUsize,
}

impl Wire {
    pub(crate) fn to(namespace: Namespace) -> Self {
        Self::to_server(Server::builder().namespace(namespace).build())
    }

    pub(crate) fn to_server(server: Server) -> Self {
        Self(Arc::new(Inner {
            server,
            runtime: Handle::current(),
            is_down: AtomicBool::new(false),
            is_still: AtomicBool::new(false),
            attempts: AtomicUsize::new(0),
            cuts: watch::Sender::new(0),
            budget: AtomicUsize::new(usize::MAX),
        }))
    }

    /// A client at the near end.
    pub(crate) fn client(&self) -> ClientBuilder {
        Client::over(self.connector(Server::accept))
    }

    /// A client at the near end, with Engine.IO in between.
    #[cfg(feature = "engine")]
    pub(crate) fn engine_client(&self) -> ClientBuilder {
        use sockeye_client::engine::{Config, TransportName};
        use sockeye_server::engine::{HandshakeInfo, Security};

        const MEMORY: TransportName = TransportName::from_static("memory");
        let connector = self.connector(|server, transport| {
            let (engine, info) = (server.engine().clone(), HandshakeInfo::without_request(Security::Plain));
            tokio::spawn(async move { engine.accept(Box::pin(transport), info).await });
        });
        let config = Config::new().with_transports([MEMORY]).with_connector(MEMORY, connector);
        Client::builder("http://nowhere").engine(config)
    }

    fn connector(&self, accept: fn(&Server, memory::MemoryTransport)) -> impl Connector + use<> {
        let wire = self.clone();
        connector::from_fn(move || {
            let wire = wire.clone();
            async move { wire.connect(accept) }
        })
    }

    pub(crate) fn server(&self) -> &Server {
        &self.0.server
    }

    /// How often somebody has tried to connect.
    pub(crate) fn attempts(&self) -> usize {
        self.0.attempts.load(Ordering::Relaxed)
    }

    /// Cuts every connection there is.
    pub(crate) fn cut(&self) {
        self.0.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// From now on every attempt fails.
    pub(crate) fn go_down(&self) {
        self.0.is_down.store(true, Ordering::Relaxed);
        self.cut();
    }

    pub(crate) fn come_up(&self) {
        self.0.is_down.store(false, Ordering::Relaxed);
    }

    /// Cuts every connection when so many messages more have got through.
    pub(crate) fn cut_after(&self, messages: usize) {
        self.0.budget.store(messages, Ordering::Relaxed);
    }

    /// Nothing gets through any more, and nobody is told.
    #[cfg(feature = "engine")]
    pub(crate) fn go_still(&self) {
        self.0.is_still.store(true, Ordering::Relaxed);
    }

    fn connect(
        &self,
        accept: fn(&Server, memory::MemoryTransport),
    ) -> Result<memory::MemoryTransport, TransportError> {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
        if self.0.is_down.load(Ordering::Relaxed) {
            return Err(TransportError::new(ErrorKind::Lost));
        }
        let (client, near) = memory::pair(64);
        let (far, server) = memory::pair(64);
        let _entered = self.0.runtime.enter();
        accept(&self.0.server, server);
        let (wire, mut cuts) = (self.clone(), self.0.cuts.subscribe());
        tokio::spawn(async move {
            let ((near_out, near_in), (far_out, far_in)) = (near.split(), far.split());
            tokio::select! {
                () = wire.carry(near_in, far_out) => {}
                () = wire.carry(far_in, near_out) => {}
                _ = cuts.changed() => {}
            }
        });
        Ok(client)
    }

    async fn carry(
        &self,
        mut from: impl StreamExt<Item = Result<sockeye_transport::Message, TransportError>> + Unpin,
        mut to: impl SinkExt<sockeye_transport::Message, Error = TransportError> + Unpin,
    ) {
        while let Some(Ok(message)) = from.next().await {
            sleep(LATENCY).await;
            if self.0.is_still.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if !self.spend() {
                self.0.budget.store(usize::MAX, Ordering::Relaxed);
                return self.cut();
            }
            if to.send(message).await.is_err() {
                return;
            }
        }
        // An orderly end arrives like everything else.
        sleep(LATENCY).await;
        let _ = to.close().await;
    }

    fn spend(&self) -> bool {
        let spend = |left: usize| left.checked_sub(1);
        self.0.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }
}

/// What has happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    /// Takes out what has been noted.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Lets everything happen that happens within a time.
pub(crate) async fn pass(time: Duration) {
    sleep(time).await;
}

/// Long enough for a few messages to go to and fro.
pub(crate) async fn settle() {
    pass(10 * LATENCY).await;
}

/// What has come of something that must not have worked.
pub(crate) fn failure<T, E: Debug>(result: Result<T, E>) -> E {
    match result {
        Ok(_) => panic!("it worked"),
        Err(error) => error,
    }
}
