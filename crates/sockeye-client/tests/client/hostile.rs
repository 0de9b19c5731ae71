//! Servers that do not keep to the protocol.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{FutureExt, SinkExt, StreamExt};
use sockeye_client::{Client, ClientBuilder, ConnectError, DisconnectDetails, DisconnectReason, Socket};
use sockeye_transport::{Message, connector, memory};
use tokio::{sync::mpsc, time::timeout};

use crate::support::{Log, failure, pass};

/// The server's ends of the connections that a client makes.
struct Peer(mpsc::Receiver<memory::MemoryTransport>);

impl Peer {
    fn new() -> (Self, ClientBuilder) {
        let (connected, connections) = mpsc::channel(64);
        let connect = move || {
            let (here, there) = memory::pair(64);
            connected.try_send(there).unwrap();
            async { Ok(here) }
        };
        (Self(connections), Client::over(connector::from_fn(connect)).randomization_factor(0.0))
    }

    /// The next connection, on which the client has asked to be let into `/`.
    async fn next(&mut self) -> memory::MemoryTransport {
        let mut connection = self.0.recv().await.unwrap();
        assert_eq!(connection.next().await.unwrap().unwrap(), "0".into());
        connection
    }

    /// The same, and it was let in.
    async fn next_in(&mut self) -> memory::MemoryTransport {
        let mut connection = self.next().await;
        connection.send(r#"0{"sid":"abc"}"#.into()).await.unwrap();
        connection
    }
}

/// A socket that notes how it is disconnected.
fn watched(builder: ClientBuilder, log: &Log) -> Socket {
    let log = log.clone();
    let client = builder.build().unwrap();
    let note = move |reason: DisconnectReason, details: DisconnectDetails| {
        log.note(format!("{reason}: {}", details.description().unwrap_or_default()));
    };
    client.socket("/").on_disconnect(note).start().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_no_packet_ends_the_connection_and_the_client_comes_back() {
    let texts = ["9", "2{}", "2[", r#"2["e",{"a":}]"#, "511-[]", "3[]", "1{}", r#"2["connect"]"#];
    let broken = texts.map(Message::from).into_iter().chain([Message::Binary(vec![1].into())]);
    for message in broken {
        let ((mut peer, builder), log) = (Peer::new(), Log::default());
        let socket = watched(builder, &log);
        let mut connection = peer.next_in().await;

        connection.send(message.clone()).await.unwrap();
        let again = timeout(Duration::from_secs(60), peer.next_in()).await;
        assert!(again.is_ok(), "{message:?} does no harm");
        pass(Duration::from_millis(1)).await;

        let noted = log.take();
        assert!(noted.len() == 1 && noted[0].starts_with("parse error: "), "{message:?}: {noted:?}");
        assert!(socket.is_connected(), "{message:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_concerns_nobody_is_passed_over() {
    let ((mut peer, builder), log) = (Peer::new(), Log::default());
    let socket = watched(builder, &log);
    let mut connection = peer.next_in().await;

    for text in ["39[]", r#"2/elsewhere,["e"]"#, "1/elsewhere,", r#"4/elsewhere,{"message":"no"}"#] {
        connection.send(text.into()).await.unwrap();
    }
    pass(Duration::from_secs(1)).await;

    assert!(socket.is_connected());
    assert!(log.take().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_understand_the_client_refuses_it() {
    let (mut peer, builder) = Peer::new();
    let client = builder.build().unwrap();
    let connecting = tokio::spawn(client.socket("/").connect());
    let mut connection = peer.next().await;

    // Servers before 3.0 let everybody in without a word, and give no id.
    connection.send("0".into()).await.unwrap();

    assert!(matches!(failure(connecting.await.unwrap()), ConnectError::Refused(_)));
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_read_no_faster_than_it_is_handled() {
    let (mut peer, builder) = Peer::new();
    let client = builder.max_handlers(4).build().unwrap();
    let started = Arc::new(Mutex::new(0));
    let count = started.clone();
    let never_done = move || {
        *count.lock().unwrap() += 1;
        std::future::pending::<()>()
    };
    let _socket = client.socket("/").on("e", never_done).start().unwrap();
    let mut connection = peer.next_in().await;

    let mut sent = 0;
    while connection.send(r#"2["e"]"#.into()).now_or_never().is_some() {
        sent += 1;
        pass(Duration::from_millis(1)).await;
    }

    // What was not handled waits in the transport, which holds 64 messages.
    assert_eq!((*started.lock().unwrap(), sent), (4, 4 + 64));
}
