//! What handlers learn of the end of a socket besides the reason.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;
use futures_util::SinkExt;
use sockeye_server::{
    Closing, DisconnectDetails, DisconnectReason, Message, Namespace, Server, Socket, Transport,
    TransportName,
};
use sockeye_transport::{
    TransportError,
    memory::{self, MemoryTransport},
};

use crate::peer::{Journal, Peer, connect, enter};

/// A namespace that writes down what is known of the end of each socket.
fn watched(journal: &Journal) -> Namespace {
    let notes = journal.clone();
    let note = move |reason: DisconnectReason, details: DisconnectDetails| {
        let source = details.error().and_then(std::error::Error::source).map(ToString::to_string);
        notes.note(format_args!("{reason}: {:?}, {source:?}", details.description()));
    };
    Namespace::new("/").on_disconnecting(note.clone()).on_disconnect(note)
}

#[tokio::test(start_paused = true)]
async fn an_application_says_why_it_disconnects_a_socket() {
    for closing in [Closing::Namespace, Closing::Connection] {
        let journal = Journal::default();
        let (_server, mut peer, socket) = enter(watched(&journal)).await;

        socket.emit("banned", "spam").await.unwrap();
        let details = DisconnectDetails::with_data("spam", &("rule", 7)).unwrap();
        socket.disconnect_with(closing, details);
        socket.disconnect_with(closing, DisconnectDetails::new("the second counts for nothing"));

        let expected = r#"server namespace disconnect: Some("spam"), None"#;
        assert_eq!(journal.read().await, [expected, expected]);
        assert_eq!(socket.disconnect_details().data::<(String, u32)>().unwrap(), ("rule".to_owned(), 7));
        // What the protocol lets the peer know.
        peer.expect(r#"2["banned","spam"]"#).await;
        peer.expect("1").await;
    }
}

#[tokio::test(start_paused = true)]
async fn handlers_learn_what_the_peer_broke() {
    let journal = Journal::default();
    let (_server, mut peer) = connect(watched(&journal));
    peer.join().await;

    peer.send("0").await;

    let expected = r#"forced close: Some("second connect to namespace /"), None"#;
    assert_eq!(journal.read().await, [expected, expected]);
}

#[tokio::test(start_paused = true)]
async fn handlers_learn_how_a_transport_failed() {
    let journal = Journal::default();
    let server = Server::builder().namespace(watched(&journal)).build();
    let (mut near, far) = memory::pair(8);
    server.accept(Fragile(far));

    near.send(Message::from("0")).await.unwrap();
    near.send(Message::from("break")).await.unwrap();

    let expected = r#"transport error: Some("connection lost"), Some("connection reset")"#;
    assert_eq!(journal.read().await, [expected, expected]);
}

#[cfg(feature = "engine")]
#[tokio::test(start_paused = true)]
async fn handlers_learn_what_a_client_of_engine_io_did_wrong() {
    use sockeye_server::engine::{HandshakeInfo, Security};

    let journal = Journal::default();
    let server = Server::builder().namespace(watched(&journal)).build();
    let (mut near, far) = memory::pair(8);
    near.send(Message::from("0")).await.unwrap();
    server.engine().accept(Box::pin(far), HandshakeInfo::without_request(Security::Plain)).await.unwrap();

    near.send(Message::from("40")).await.unwrap();
    // A ping, which is for the server to send.
    near.send(Message::from("2")).await.unwrap();

    let expected = r#"transport error: Some("invalid heartbeat direction"), None"#;
    assert_eq!(journal.read().await, [expected, expected]);
}

#[tokio::test(start_paused = true)]
async fn of_most_ends_nothing_more_is_known() {
    for way in ["left", "lost", "kicked", "closed"] {
        let journal = Journal::default();
        let (server, mut peer, socket) = enter(watched(&journal)).await;
        match way {
            "left" => peer.send("1").await,
            "lost" => drop(peer),
            "kicked" => socket.disconnect(Closing::Namespace),
            _ => server.close().await,
        }

        let notes = journal.read().await;
        assert!(notes.len() == 2 && notes.iter().all(|note| note.ends_with(": None, None")), "{notes:?}");
        assert!(socket.disconnect_details().raw_data().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn there_are_no_details_of_the_end_of_a_socket_that_is_there() {
    let namespace = Namespace::new("/").on("ask", |_: DisconnectDetails| {});
    let (_server, mut peer, socket): (_, Peer, Socket) = enter(namespace).await;

    peer.send(r#"21["ask"]"#).await;

    peer.expect(r#"31[{"message":"the socket is connected"}]"#).await;
    assert_eq!(socket.disconnect_details().description(), None);
}

/// A transport that is reset when its peer says `break`.
struct Fragile(MemoryTransport);

impl Fragile {
    fn inner(self: Pin<&mut Self>) -> Pin<&mut MemoryTransport> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl Transport for Fragile {
    fn name(&self) -> TransportName {
        self.0.name()
    }
}

impl Stream for Fragile {
    type Item = Result<Message, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner().poll_next(cx).map(|item| match item {
            Some(Ok(message)) if message.as_text() == Some("break") => {
                Some(Err(io::Error::from(io::ErrorKind::ConnectionReset).into()))
            }
            item => item,
        })
    }
}

impl Sink<Message> for Fragile {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.inner().poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.inner().start_send(message)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.inner().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.inner().poll_close(cx)
    }
}
