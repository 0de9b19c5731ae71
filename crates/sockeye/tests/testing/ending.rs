//! How connections end, and what both ends say about it.

use std::time::Duration;

use sockeye::{
    Closing, Data, DisconnectReason, Namespace, Server, Socket,
    testing::{DisconnectCause, TestClient},
};
use tokio::sync::mpsc;

/// A server whose sockets tell why they went, and go when they are asked to.
fn server() -> (Server, mpsc::Receiver<(String, DisconnectReason)>) {
    let (sender, receiver) = mpsc::channel(8);
    let namespace = |name: &str| {
        let sender = sender.clone();
        Namespace::new(name)
            .on("kick", |socket: Socket, Data(whole): Data<bool>| {
                socket.disconnect(if whole { Closing::Connection } else { Closing::Namespace });
            })
            .on_disconnect(move |socket: Socket, reason: DisconnectReason| {
                sender.try_send((socket.namespace().to_string(), reason)).unwrap();
            })
    };
    (Server::builder().namespace(namespace("/")).namespace(namespace("/other")).build(), receiver)
}

#[tokio::test(start_paused = true)]
async fn who_leaves_the_last_namespace_closes_the_connection() {
    let (server, mut reasons) = server();
    let root = TestClient::connect(&server).await;
    let other = root.join("/other").await.unwrap();

    root.disconnect().await;
    let left = DisconnectReason::ClientNamespaceDisconnect;
    assert_eq!(reasons.recv().await, Some(("/".into(), left)));
    assert_eq!(server.connection_count(), 1);

    other.disconnect().await;
    assert_eq!(reasons.recv().await, Some(("/other".into(), left)));
    sockeye::testing::settle().await;
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_learns_that_the_server_took_it_out() {
    let (server, mut reasons) = server();
    let mut root = TestClient::connect(&server).await;
    let mut other = root.join("/other").await.unwrap();

    root.emit("kick", &false).await;
    assert_eq!(root.disconnected().await, DisconnectCause::ServerDisconnect);
    assert_eq!(reasons.recv().await.unwrap().1, DisconnectReason::ServerNamespaceDisconnect);

    other.emit("kick", &true).await;
    assert_eq!(other.disconnected().await.to_string(), "io server disconnect");
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_learns_that_the_server_has_closed() {
    let (server, mut reasons) = server();
    let mut client = TestClient::connect(&server).await;

    server.close().await;

    assert_eq!(client.disconnected().await.to_string(), "transport close");
    assert_eq!(reasons.recv().await.unwrap().1, DisconnectReason::ServerShuttingDown);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_cut_off_or_dropped_has_closed_its_transport() {
    let (server, mut reasons) = server();
    let cut = TestClient::connect(&server).await;
    let mut neighbour = cut.join("/other").await.unwrap();
    let dropped = TestClient::connect(&server).await;

    cut.cut().await;
    assert_eq!(neighbour.disconnected().await, DisconnectCause::TransportClose);
    drop(dropped);

    for _ in 0..3 {
        assert_eq!(reasons.recv().await.unwrap().1, DisconnectReason::TransportClose);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_frozen_is_missed_after_the_heartbeat() {
    let (server, mut reasons) = server();
    let client = TestClient::connect(&server).await;
    let start = tokio::time::Instant::now();

    client.freeze().await;

    assert_eq!(reasons.recv().await.unwrap().1, DisconnectReason::PingTimeout);
    assert!(start.elapsed() >= Duration::from_secs(45), "{:?}", start.elapsed());
}
