//! A peer that speaks in the wire's own words to a server in memory.

use std::{
    fmt::Display,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use sockeye_server::{Config, Namespace, Server, Socket};
use sockeye_transport::{
    Message,
    memory::{self, MemoryTransport},
};

pub(crate) struct Peer(MemoryTransport);

/// A server of one namespace, and a peer connected to it that has joined no namespace.
pub(crate) fn connect(namespace: Namespace) -> (Server, Peer) {
    let server = Server::builder().namespace(namespace).build();
    let peer = Peer::connect(&server);
    (server, peer)
}

/// The same, and the peer has joined `/`.
pub(crate) async fn join(namespace: Namespace) -> (Server, Peer) {
    let (server, mut peer) = connect(namespace);
    peer.join().await;
    (server, peer)
}

/// The same, with the server's end of it.
pub(crate) async fn enter(namespace: Namespace) -> (Server, Peer, Socket) {
    enter_with(Config::new(), 64, namespace).await
}

/// The same, by these settings, and the transport holds so many messages that the peer has not read.
pub(crate) async fn enter_with(
    config: Config,
    capacity: usize,
    namespace: Namespace,
) -> (Server, Peer, Socket) {
    let sockets = Arc::new(Mutex::new(None));
    let kept = sockets.clone();
    let namespace = namespace.on_connect(move |socket: Socket| *kept.lock().unwrap() = Some(socket));
    let server = Server::builder().config(config).namespace(namespace).build();
    let mut peer = Peer::connect_with(&server, capacity);
    peer.join().await;
    let socket = sockets.lock().unwrap().take().unwrap();
    (server, peer, socket)
}

/// Lets everybody do what they can do without time passing, or nearly so.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// What handlers and tasks have written down, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(crate) fn note(&self, line: impl Display) {
        self.0.lock().unwrap().push(line.to_string());
    }

    /// What was written since the last time.
    pub(crate) async fn read(&self) -> Vec<String> {
        settle().await;
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Peer {
    pub(crate) fn connect(server: &Server) -> Self {
        Self::connect_with(server, 64)
    }

    /// With room for so many messages that the peer has not read.
    pub(crate) fn connect_with(server: &Server, capacity: usize) -> Self {
        let (near, far) = memory::pair(capacity);
        server.accept(far);
        Self(near)
    }

    /// Goes on by another transport; the one before is dropped.
    pub(crate) fn replace(&mut self, transport: MemoryTransport) {
        self.0 = transport;
    }

    pub(crate) async fn join(&mut self) -> String {
        self.send("0").await;
        let reply = self.text().await;
        reply.strip_prefix(r#"0{"sid":""#).unwrap().strip_suffix(r#""}"#).unwrap().to_owned()
    }

    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.unwrap();
    }

    pub(crate) async fn next(&mut self) -> Option<Message> {
        // Under a paused clock this passes at once when nothing else can happen.
        let next = tokio::time::timeout(Duration::from_secs(3600), self.0.next()).await;
        next.expect("the server has something to say").transpose().unwrap()
    }

    pub(crate) async fn text(&mut self) -> String {
        self.next().await.expect("the connection is open").as_text().expect("text").to_owned()
    }

    pub(crate) async fn expect(&mut self, text: &str) {
        assert_eq!(self.text().await, text);
    }

    /// Nothing more comes before what the server says to a sure sign: an unknown namespace.
    pub(crate) async fn expect_nothing(&mut self) {
        self.send("0/nowhere,").await;
        self.expect(r#"4/nowhere,{"message":"Invalid namespace"}"#).await;
    }

    /// Whether the connection still lives: the server answers.
    pub(crate) async fn expect_undisturbed(&mut self) {
        self.expect_nothing().await;
    }

    pub(crate) async fn expect_end(&mut self) {
        assert_eq!(self.next().await, None);
    }
}
