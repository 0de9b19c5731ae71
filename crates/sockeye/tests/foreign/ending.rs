//! Why connections end, in the words of either side.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::json;
use sockeye::client::{DisconnectReason, Occurrence, Socket};
use tokio::sync::mpsc;

use crate::support::{
    client::{Mode, ends},
    server::{Server, shared},
};

in_each_mode!(
    the_application_leaves,
    the_server_takes_a_socket_out,
    a_server_that_falls_silent_is_given_up,
    a_client_that_is_closed_says_so,
);

async fn the_application_leaves(mode: Mode) {
    let (socket, key) = joined(mode).await;
    let mut ends = ends(&socket);

    socket.disconnect();

    assert_eq!(ends.recv().await.unwrap().0, DisconnectReason::ClientDisconnect);
    assert!(!socket.is_active());
    assert_eq!(reason_of(&key).await, "client namespace disconnect");
}

async fn the_server_takes_a_socket_out(mode: Mode) {
    let (socket, key) = joined(mode).await;
    let mut ends = ends(&socket);

    socket.emit("kick", &false).await.unwrap();

    assert_eq!(ends.recv().await.unwrap().0, DisconnectReason::ServerDisconnect);
    assert!(!socket.is_active());
    assert_eq!(reason_of(&key).await, "server namespace disconnect");
    // It comes again only when it is told to.
    socket.connect().await.unwrap();
    assert_eq!(socket.emit("mirror", &1).ack::<u32>().await.unwrap(), 1);
}

async fn a_server_that_falls_silent_is_given_up(mode: Mode) {
    let server = Server::start(&[("PING_INTERVAL_MS", "1000"), ("PING_TIMEOUT_MS", "500")]);
    let socket = mode.connect(mode.client(server.url())).await;
    let mut ends = ends(&socket);

    server.signal("STOP");

    assert_eq!(ends.recv().await.unwrap().0, DisconnectReason::PingTimeout);
    assert!(socket.is_active());
    server.signal("CONT");
    socket.connect().await.unwrap();
    assert_eq!(socket.emit("mirror", &1).ack::<u32>().await.unwrap(), 1);
}

async fn a_client_that_is_closed_says_so(mode: Mode) {
    let (sender, mut closes) = mpsc::channel(4);
    // python-socketio leaves the poll unanswered that waits at the end.
    let builder =
        mode.client(shared()).close_timeout(Duration::from_secs(1)).on_occurrence(move |occurrence| {
            if let Occurrence::Close(reason, _) = occurrence {
                sender.try_send(*reason).unwrap();
            }
        });
    let client = builder.build().unwrap();
    let socket = client.socket("/").connect().await.unwrap();

    client.close().await;

    assert_eq!(closes.recv().await, Some(DisconnectReason::ForcedClose));
    assert_eq!(socket.disconnect_reason(), Some(DisconnectReason::ClientDisconnect));
}

/// A socket that the server knows by a key afterwards.
async fn joined(mode: Mode) -> (Socket, String) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let key = format!("{mode:?} {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let client = mode.client(shared()).build().unwrap();
    let socket = client.socket("/").auth(&json!({ "key": key })).connect().await.unwrap();
    (socket, key)
}

/// Why the socket with a key has gone, as soon as the server knows.
async fn reason_of(key: &str) -> String {
    let witness = Mode::WebSocket.connect(Mode::WebSocket.client(shared())).await;
    loop {
        if let Some(reason) = witness.emit("reason-of", &key).ack::<Option<String>>().await.unwrap() {
            return reason;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
