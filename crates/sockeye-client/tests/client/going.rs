//! How sockets leave.

use std::time::Duration;

use sockeye_client::{ConnectError, DisconnectReason, Occurrence};
use sockeye_server::{self as server, Closing, Data, Namespace};

use crate::support::{LATENCY, Log, Wire, failure, pass, settle};

/// Notes why sockets have left the server.
fn watched(namespace: &str, log: &Log) -> Namespace {
    let log = log.clone();
    Namespace::new(namespace.to_owned())
        .on_disconnect(move |reason: server::DisconnectReason| log.note(reason.as_str()))
        .on("leave", |socket: server::Socket| socket.disconnect(Closing::Namespace))
}

#[tokio::test(start_paused = true)]
async fn one_that_leaves_stays_away() {
    let log = Log::default();
    let wire = Wire::to(watched("/", &log));
    let (client, mine) = (wire.client().build().unwrap(), log.clone());
    let builder =
        client.socket("/").on_disconnect(move |reason: DisconnectReason| mine.note(reason.as_str()));
    let socket = builder.connect().await.unwrap();

    socket.disconnect();
    pass(Duration::from_secs(60)).await;

    assert!(!socket.is_connected() && !socket.is_active() && socket.id().is_none());
    assert_eq!(log.take(), ["io client disconnect", "client namespace disconnect"]);
    assert_eq!((wire.attempts(), client.is_open()), (1, false));
    socket.connect().await.unwrap();
    assert_eq!(wire.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_emitted_before_arrives_before() {
    let log = Log::default();
    let seen = log.clone();
    let namespace = watched("/", &log).on("n", move |Data(n): Data<u32>| seen.note(n.to_string()));
    let wire = Wire::to(namespace);
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();

    socket.emit("n", &1).await.unwrap();
    socket.disconnect();
    settle().await;

    assert_eq!(log.take(), ["1", "client namespace disconnect"]);
}

#[tokio::test(start_paused = true)]
async fn the_connection_is_closed_with_the_last_socket() {
    let log = Log::default();
    let server =
        server::Server::builder().namespace(watched("/", &log)).namespace(watched("/a", &log)).build();
    let wire = Wire::to_server(server);
    let client = wire.client().build().unwrap();
    let root = client.socket("/").connect().await.unwrap();
    let other = client.socket("/a").connect().await.unwrap();

    root.disconnect();
    settle().await;
    assert!(client.is_open() && other.is_connected());
    other.disconnect();
    settle().await;

    assert!(!client.is_open());
    assert_eq!(log.take(), ["client namespace disconnect", "client namespace disconnect"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_nobody_holds_leaves() {
    let log = Log::default();
    let wire = Wire::to(watched("/", &log));
    let client = wire.client().build().unwrap();
    let socket = client.socket("/").connect().await.unwrap();
    let clone = socket.clone();

    drop(socket);
    settle().await;
    assert!(clone.is_connected());
    drop((clone, client));
    settle().await;

    assert_eq!(log.take(), ["client namespace disconnect"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_the_server_has_put_out_does_not_come_back_by_itself() {
    let log = Log::default();
    let wire = Wire::to(watched("/", &log));
    let (client, mine) = (wire.client().build().unwrap(), log.clone());
    let builder =
        client.socket("/").on_disconnect(move |reason: DisconnectReason| mine.note(reason.as_str()));
    let socket = builder.connect().await.unwrap();

    socket.emit("leave", &()).await.unwrap();
    pass(Duration::from_secs(60)).await;

    assert!(!socket.is_active());
    assert_eq!(log.take(), ["server namespace disconnect", "io server disconnect"]);
    assert_eq!(wire.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_to_be_let_in_learns_that_the_socket_was_told_to_leave() {
    let wire = Wire::to(Namespace::new("/"));
    wire.go_down();
    let socket = wire.client().build().unwrap().socket("/").start().unwrap();
    let leaving = socket.clone();
    tokio::spawn(async move {
        pass(LATENCY).await;
        leaving.disconnect();
    });

    let error = failure(socket.connect().await);

    assert!(matches!(error, ConnectError::Given));
    let attempts = wire.attempts();
    pass(Duration::from_secs(60)).await;
    assert_eq!(wire.attempts(), attempts);
}

#[tokio::test(start_paused = true)]
async fn closing_the_client_waits_until_the_connection_is_closed() {
    let log = Log::default();
    let wire = Wire::to(watched("/", &log));
    let closed = log.clone();
    let builder = wire.client().on_occurrence(move |occurrence| {
        if let Occurrence::Close(reason, _) = occurrence {
            closed.note(reason.as_str());
        }
    });
    let client = builder.build().unwrap();
    let _socket = client.socket("/").connect().await.unwrap();

    client.close().await;
    log.note("closed");
    settle().await;

    assert_eq!(log.take(), ["forced close", "closed", "client namespace disconnect"]);
}
