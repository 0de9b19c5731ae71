//! Which messages a transport may compress.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use sockeye_message::Compression;
use sockeye_server::{Namespace, Recovery, Server, Socket};
use sockeye_transport::{
    Message, Prepared, Transport, TransportError, TransportName,
    memory::{self, MemoryTransport},
};

use crate::peer::{Journal, settle};

/// A transport that notes what it is sent, and whether it might compress that.
struct Noting(MemoryTransport, Journal);

impl Noting {
    fn note(&self, message: &Message, compression: Compression) {
        let content = message.as_text().unwrap_or("bytes");
        match compression {
            Compression::Allowed => self.1.note(content),
            Compression::Off => self.1.note(format_args!("{content} as it is")),
        }
    }
}

impl Transport for Noting {
    fn name(&self) -> TransportName {
        self.0.name()
    }

    fn start_send_prepared(mut self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        self.note(message.message(), message.compression());
        self.0.start_send_unpin(message.message().clone())
    }
}

impl Stream for Noting {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl Sink<Message> for Noting {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_ready_unpin(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.note(&message, Compression::Allowed);
        self.0.start_send_unpin(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_flush_unpin(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_close_unpin(cx)
    }
}

/// A peer in `/`, what its transport notes from now on, and the server's end.
async fn enter() -> (Server, MemoryTransport, Journal, Socket) {
    let sockets = Arc::new(Mutex::new(None));
    let kept = sockets.clone();
    let namespace =
        Namespace::new("/").on_connect(move |socket: Socket| *kept.lock().unwrap() = Some(socket));
    let server = Server::builder().namespace(namespace).build();
    let (peer, journal) = connect(&server, "0").await;
    journal.read().await;
    let socket = sockets.lock().unwrap().take().unwrap();
    (server, peer, journal, socket)
}

/// A peer that has asked to join a namespace, and what its transport notes.
async fn connect(server: &Server, request: &str) -> (MemoryTransport, Journal) {
    let ((mut peer, far), journal) = (memory::pair(64), Journal::default());
    server.accept(Noting(far, journal.clone()));
    peer.send(request.into()).await.unwrap();
    (peer, journal)
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_may_be_compressed_unless_it_says_otherwise() {
    let (server, _peer, journal, socket) = enter().await;

    server.emit("a", &1).await.unwrap();
    server.uncompressed().emit("b", &1).await.unwrap();
    socket.everybody().to(socket.id()).uncompressed().try_emit("c", &1).unwrap();
    socket.emit("d", &1).await.unwrap();

    assert_eq!(
        journal.read().await,
        [r#"2["a",1]"#, r#"2["b",1] as it is"#, r#"2["c",1] as it is"#, r#"2["d",1]"#]
    );
}

#[tokio::test(start_paused = true)]
async fn attachments_go_as_their_event_does() {
    let (server, _peer, journal, _socket) = enter().await;

    server.uncompressed().emit("a", &Bytes::from_static(b"fish")).await.unwrap();

    let head = r#"51-["a",{"_placeholder":true,"num":0}] as it is"#;
    assert_eq!(journal.read().await, [head, "bytes as it is"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_all_acknowledge_goes_as_it_says() {
    let (server, mut peer, journal, _socket) = enter().await;
    let everybody = server.uncompressed();
    let answers = tokio::spawn(async move { everybody.emit("a", &1).ack::<u32>().await });
    let sent = journal.read().await.concat();
    let id = sent.strip_prefix('2').unwrap().strip_suffix(r#"["a",1] as it is"#).unwrap();

    peer.send(format!("3{id}[7]").into()).await.unwrap();

    assert_eq!(answers.await.unwrap().unwrap(), [7]);
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_for_those_who_come_back_goes_as_it_says_each_time() {
    let server =
        Server::builder().namespace(Namespace::new("/")).connection_state_recovery(Recovery::new()).build();
    let (peer, journal) = connect(&server, "0").await;
    let reply = journal.read().await.concat();
    let reply: Value = serde_json::from_str(reply.strip_prefix('0').unwrap()).unwrap();
    server.uncompressed().emit("a", &1).await.unwrap();
    let first = journal.read().await.concat();
    let offset = first.strip_prefix(r#"2["a",1,""#).unwrap().strip_suffix(r#""] as it is"#).unwrap();

    drop(peer);
    settle().await;
    server.uncompressed().emit("b", &2).await.unwrap();
    server.emit("c", &3).await.unwrap();
    let auth = json!({ "pid": reply["pid"], "offset": offset });
    let (_peer, journal) = connect(&server, &format!("0{auth}")).await;

    let missed = journal.read().await.split_off(1);
    assert_eq!(missed.len(), 2);
    assert!(missed[0].starts_with(r#"2["b",2,""#) && missed[0].ends_with(r#""] as it is"#), "{missed:?}");
    assert!(missed[1].starts_with(r#"2["c",3,""#) && missed[1].ends_with(r#""]"#), "{missed:?}");
}
