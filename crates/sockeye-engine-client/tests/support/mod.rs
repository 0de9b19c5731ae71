//! A server of our own on a port of its own, and what a client does with it.
#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod raw;

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Mutex,
    task::Poll,
};

use futures_util::{SinkExt, Stream, StreamExt};
use sockeye_engine_client::{Config, Connection, Occurrence, TransportName, Url, connect};
use sockeye_engine_server::{CloseReason, Config as ServerConfig, Engine};
use sockeye_message::Message;
use sockeye_transport::Transport;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

/// A server that sends everything back, and the reasons for which its sessions end.
pub(crate) struct Server {
    pub(crate) url: Url,
    pub(crate) engine: Engine,
    pub(crate) ends: mpsc::Receiver<CloseReason>,
}

impl Server {
    pub(crate) async fn echo(config: ServerConfig) -> Self {
        let (sender, ends) = mpsc::channel(64);
        let engine = Engine::new(config, move |mut connection| {
            let sender = sender.clone();
            tokio::spawn(async move {
                while let Some(Ok(message)) = connection.next().await {
                    if connection.send(message).await.is_err() {
                        break;
                    }
                }
                connection.close().await.ok();
                sender.send(connection.close_reason().unwrap()).await.ok();
            });
        });
        let url = serve(&engine).await;
        Self { url, engine, ends }
    }

    pub(crate) async fn connect(&self, config: &Config) -> Connection {
        connect(&self.url, config).await.unwrap()
    }
}

/// A server that treats its first session in this way, and what comes of that.
pub(crate) async fn listen<F, Treated>(config: ServerConfig, treat: F) -> (Url, JoinHandle<Treated::Output>)
where
    F: FnOnce(sockeye_engine_server::Connection) -> Treated + Send + 'static,
    Treated: Future<Output: Send> + Send + 'static,
{
    let (sender, mut connections) = mpsc::channel(64);
    let engine = Engine::new(config, move |connection| sender.try_send(connection).unwrap());
    let url = serve(&engine).await;
    (url, tokio::spawn(async move { treat(connections.recv().await.unwrap()).await }))
}

pub(crate) async fn serve(engine: &Engine) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let engine = engine.clone();
    tokio::spawn(async move { engine.serve(listener).await });
    url
}

/// Sessions that stay on long-polling.
pub(crate) fn polling() -> Config {
    Config::new().with_transports([TransportName::POLLING])
}

/// Sessions that begin on a WebSocket.
pub(crate) fn websocket() -> Config {
    Config::new().with_transports([TransportName::WEBSOCKET])
}

/// A configuration, and what happens to its sessions.
pub(crate) fn observed(config: Config) -> (Config, mpsc::UnboundedReceiver<Occurrence>) {
    #[allow(clippy::disallowed_methods, reason = "a test hears of few things")]
    let (sender, occurrences) = mpsc::unbounded_channel();
    let sender = Mutex::new(sender);
    let config =
        config.with_observer(move |occurrence| drop(sender.lock().unwrap().send(occurrence.clone())));
    (config, occurrences)
}

/// Sends a message and reads what comes back.
pub(crate) async fn exchange(connection: &mut Connection, message: impl Into<Message>) -> Message {
    connection.send(message.into()).await.unwrap();
    connection.next().await.unwrap().unwrap()
}

/// Drives a connection, on which nothing may come, while something else goes on.
pub(crate) async fn while_polling<T: Future + Unpin>(
    connection: &mut (impl Transport + Unpin),
    mut other: T,
) -> T::Output {
    poll_fn(|cx| {
        let polled = Pin::new(&mut *connection).poll_next(cx);
        assert!(polled.is_pending(), "unexpected: {polled:?}");
        Pin::new(&mut other).poll(cx)
    })
    .await
}

/// Drives a connection, on which nothing may come, until something holds of it.
pub(crate) async fn until(connection: &mut Connection, mut holds: impl FnMut(&Connection) -> bool) {
    poll_fn(|cx| {
        if holds(connection) {
            return Poll::Ready(());
        }
        let polled = Pin::new(&mut *connection).poll_next(cx);
        assert!(polled.is_pending(), "unexpected: {polled:?}");
        if holds(connection) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

pub(crate) async fn until_upgraded(connection: &mut Connection) {
    until(connection, Connection::is_upgraded).await;
    assert_eq!(connection.name(), TransportName::WEBSOCKET);
}
