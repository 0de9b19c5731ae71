//! What only the reference has: recovery, a server that closes in order, compression, and transports that are switched off.

use std::time::Duration;

use serde_json::Value;
use sockeye::client::{
    Data, DisconnectReason, Occurrence, Socket, SocketId, TransportName, engine::PerMessageDeflate,
};
use tokio::sync::mpsc;

use crate::support::{
    client::{Mode, ends},
    server::Server,
    wire::Wire,
    within_reason,
};

in_each_mode!(
    what_was_missed_arrives_once_after_a_recovery,
    without_recovery_a_client_begins_anew,
    a_server_that_closes_ends_the_connection,
    what_is_no_packet_ends_the_connection,
);

async fn what_was_missed_arrives_once_after_a_recovery(mode: Mode) {
    let server =
        Server::start(&[("RECOVERY", "1"), ("PING_INTERVAL_MS", "1000"), ("PING_TIMEOUT_MS", "1000")]);
    let wire = Wire::to(server.port()).await;
    let socket = mode.connect(mode.client(wire.url())).await;
    let speaker = Mode::WebSocket.connect(Mode::WebSocket.client(server.url())).await;
    let (sender, mut said) = mpsc::channel(16);
    socket.on("said", move |Data(number): Data<u32>| sender.try_send(number).unwrap());
    let (mut ends, id) = (ends(&socket), socket.id());
    socket.emit("join", &"lobby").ack::<Value>().await.unwrap();
    say(&speaker, 0..3).await;
    for number in 0..3 {
        assert_eq!(said.recv().await, Some(number));
    }

    wire.cut();
    ends.recv().await.unwrap();
    missed(&speaker, id.as_ref()).await;
    say(&speaker, 3..6).await;
    wire.mend();
    socket.connect().await.unwrap();
    say(&speaker, 6..8).await;

    assert!(socket.recovered());
    assert_eq!(socket.id(), id);
    for number in 3..8 {
        assert_eq!(said.recv().await, Some(number));
    }
}

async fn without_recovery_a_client_begins_anew(mode: Mode) {
    let server = Server::start(&[]);
    let wire = Wire::to(server.port()).await;
    let socket = mode.connect(mode.client(wire.url())).await;
    let (mut ends, id) = (ends(&socket), socket.id());

    wire.cut();
    ends.recv().await.unwrap();
    wire.mend();
    socket.connect().await.unwrap();

    assert!(!socket.recovered());
    assert_ne!(socket.id(), id);
}

async fn a_server_that_closes_ends_the_connection(mode: Mode) {
    let mut server = Server::start(&[]);
    let socket = mode.connect(mode.client(server.url())).await;
    let mut ends = ends(&socket);
    // When another client is in and has had an answer, the poll that the farewell goes out by has long arrived.
    let other = Mode::WebSocket.connect(Mode::WebSocket.client(server.url())).await;
    other.emit("mirror", &1).ack::<u32>().await.unwrap();

    server.signal("TERM");

    let (reason, details) = ends.recv().await.unwrap();
    assert_eq!(reason, DisconnectReason::TransportClose);
    assert!(details.error().is_none());
    server.kill();
    server.restart();
    socket.connect().await.unwrap();
    assert_eq!(socket.emit("mirror", &1).ack::<u32>().await.unwrap(), 1);
}

async fn what_is_no_packet_ends_the_connection(mode: Mode) {
    let server = Server::node("nonsense.mjs", &[]);
    let (sender, mut closes) = mpsc::channel(16);
    let builder = mode.client(server.url()).on_occurrence(move |occurrence| {
        if let Occurrence::Close(reason, details) = occurrence {
            let _ = sender.try_send((*reason, details.clone()));
        }
    });

    let socket = builder.build().unwrap().socket("/").start().unwrap();

    // It tries again, as after any loss.
    for _ in 0..2 {
        let (reason, details) = closes.recv().await.unwrap();
        assert_eq!(reason, DisconnectReason::ParseError);
        assert!(details.error().is_some());
    }
    assert!(socket.is_active());
}

#[tokio::test]
#[ignore = "needs foreign servers: cargo xtask foreign"]
async fn messages_are_compressed_if_both_sides_want_it() {
    within_reason(async {
        for contexts in ["with-contexts", "without-contexts"] {
            let server = Server::start(&[("DEFLATE", contexts)]);
            let mut wire = Wire::to(server.port()).await;
            let mode = Mode::WebSocket;
            let engine = mode.engine().with_per_message_deflate(PerMessageDeflate::new());
            let socket = mode.connect(mode.client(wire.url()).engine(engine)).await;

            for text in ["short".to_owned(), "long ".repeat(100_000), "long ".repeat(50_000)] {
                assert_eq!(socket.emit("mirror", &text).ack::<String>().await.unwrap(), text);
            }
            socket.disconnect();

            // Of 750,000 bytes each way.
            assert!(wire.carried().await < 20_000);
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs foreign servers: cargo xtask foreign"]
async fn the_next_transport_is_tried_if_that_is_wanted() {
    within_reason(async {
        let server = Server::start(&[("TRANSPORTS", "websocket")]);
        let both = [TransportName::POLLING, TransportName::WEBSOCKET];
        let engine = Mode::Upgraded.engine().with_transports(both);
        let client =
            |engine| Mode::Upgraded.client(server.url()).engine(engine).without_reconnection().build();

        let refused = client(engine.clone()).unwrap().socket("/").connect().await;
        let socket = client(engine.try_all_transports()).unwrap().socket("/").connect().await.unwrap();

        assert_eq!(refused.unwrap_err().to_string(), "no connection: xhr poll error");
        assert_eq!(socket.emit("mirror", &1).ack::<u32>().await.unwrap(), 1);
    })
    .await;
}

/// Lets a socket say numbers to those in the lobby.
async fn say(speaker: &Socket, numbers: std::ops::Range<u32>) {
    for number in numbers {
        speaker.emit("say", &("lobby", number)).ack::<Value>().await.unwrap();
    }
}

/// Waits until the server has noticed that a socket is gone, which it does by the heartbeat if no poll was waiting.
async fn missed(witness: &Socket, id: Option<&SocketId>) {
    let id = id.map(SocketId::as_str);
    loop {
        let present: Vec<Value> = witness.emit("present", &"lobby").ack().await.unwrap();
        if present.iter().all(|socket| socket["id"].as_str() != id) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
