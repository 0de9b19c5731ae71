//! Transports that have nothing to do with HTTP: their first packet tells what they are for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;
use futures_util::{SinkExt, StreamExt};
use sockeye_engine_server::{AcceptError, Config, Engine, HandshakeInfo, Security, SessionConfig};
use sockeye_transport::{ErrorKind, Message, Transport, TransportError, TransportName};
use support::{Client, echo, engine};
use tokio::{sync::mpsc, time::Instant};

/// One end of a transport in memory.
struct Memory {
    incoming: mpsc::Receiver<Message>,
    outgoing: Option<mpsc::Sender<Message>>,
}

fn pair() -> (Memory, Memory) {
    let (to_one, of_one) = mpsc::channel(16);
    let (to_other, of_other) = mpsc::channel(16);
    (
        Memory { incoming: of_one, outgoing: Some(to_other) },
        Memory { incoming: of_other, outgoing: Some(to_one) },
    )
}

impl Memory {
    async fn text(&mut self) -> Option<String> {
        Some(self.incoming.recv().await?.as_text().unwrap().to_owned())
    }
}

impl Stream for Memory {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(cx).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Memory {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        let closed = || TransportError::new(ErrorKind::Closed);
        self.outgoing.as_ref().ok_or_else(closed)?.try_send(message).map_err(|_| closed())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.outgoing = None;
        Poll::Ready(Ok(()))
    }
}

impl Transport for Memory {
    fn name(&self) -> TransportName {
        TransportName::from_static("memory")
    }
}

async fn accept(engine: &Engine, transport: Memory) -> Result<(), AcceptError> {
    engine.accept(Box::pin(transport), HandshakeInfo::without_request(Security::Encrypted)).await
}

#[tokio::test(start_paused = true)]
async fn an_open_packet_opens_a_session() {
    let (engine, mut connections) = engine(Config::new());
    let (mut client, transport) = pair();
    client.send("0".into()).await.unwrap();

    accept(&engine, transport).await.unwrap();

    let mut connection = connections.recv().await.unwrap();
    assert_eq!(connection.name().as_str(), "memory");
    assert!(connection.handshake().is_secure());
    connection.send("hello".into()).await.unwrap();
    assert!(client.text().await.unwrap().starts_with(r#"0{"sid":""#));
    assert_eq!(client.text().await.as_deref(), Some("4hello"));
    client.send(vec![1, 2].into()).await.unwrap();
    assert_eq!(connection.next().await.unwrap().unwrap(), Message::from(vec![1, 2]));
}

#[tokio::test(start_paused = true)]
async fn a_packet_with_a_session_id_attaches() {
    let names = [TransportName::POLLING, TransportName::from_static("memory")];
    let (engine, _reasons) = echo(Config::new().session(SessionConfig::new().with_transports(names)));
    let polling = Client::open(&engine).await;
    let (mut client, transport) = pair();
    client.send(format!(r#"0{{"sid":"{}"}}"#, polling.sid).into()).await.unwrap();

    accept(&engine, transport).await.unwrap();

    client.send("2probe".into()).await.unwrap();
    assert_eq!(client.text().await.as_deref(), Some("3probe"));
    client.send("5".into()).await.unwrap();
    client.send("4here".into()).await.unwrap();
    assert_eq!(client.text().await.as_deref(), Some("4here"));
    assert_eq!(polling.get().await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn any_other_first_packet_is_refused() {
    let (engine, _reasons) = echo(Config::new());
    for first in ["", "4a", "2probe", "0{", "0{}", r#"0{"sid":1}"#, "x"] {
        let (mut client, transport) = pair();
        client.send(first.into()).await.unwrap();

        let refused = accept(&engine, transport).await;

        assert!(matches!(refused, Err(AcceptError::NoGreeting)), "{first}: {refused:?}");
        assert_eq!(client.text().await, None);
    }
    assert_eq!(engine.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_not_known_is_not_attached_to() {
    let (engine, _reasons) = echo(Config::new());
    let (mut client, transport) = pair();
    client.send(r#"0{"sid":"AAAAAAAAAAAAAAAAAAAA"}"#.into()).await.unwrap();

    assert!(matches!(accept(&engine, transport).await, Err(AcceptError::NotAttached)));

    assert_eq!(client.text().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_silent_transport_is_given_up() {
    let (engine, _reasons) = echo(Config::new());
    let (mut client, transport) = pair();
    let began = Instant::now();

    assert!(matches!(accept(&engine, transport).await, Err(AcceptError::TimedOut)));

    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(client.text().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_ends_at_once_opens_nothing() {
    let (engine, _reasons) = echo(Config::new());
    let (client, transport) = pair();
    drop(client);

    assert!(matches!(accept(&engine, transport).await, Err(AcceptError::Transport(None))));
}

#[tokio::test(start_paused = true)]
async fn a_closed_engine_accepts_nothing() {
    let (engine, _reasons) = echo(Config::new());
    engine.close();
    let (mut client, transport) = pair();
    client.send("0".into()).await.unwrap();

    assert!(matches!(accept(&engine, transport).await, Err(AcceptError::Closed)));

    assert_eq!(client.text().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_application_is_asked_neither_whether_nor_for_an_id() {
    let config = Config::new()
        .allow_request(async |_| Err("there is no request"))
        .generate_id(async |_| Err::<String, _>("there is no request"));
    let (engine, _reasons) = echo(config);
    let (mut ours, theirs) = pair();
    ours.send("0".into()).await.unwrap();

    engine.accept(Box::pin(theirs), HandshakeInfo::without_request(Security::Plain)).await.unwrap();

    assert!(ours.text().await.unwrap().starts_with(r#"0{"sid":""#));
}
