//! Sessions that end while their upgrade is on its way, and candidates that do, over HTTP/1.1.
//!
//! Every phase in virtual time stands in the simulations of the session machine; here is what sockets add.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_server::{CloseReason, Config, Shutdown};
use support::{Client, echo, engine, settle};
use tokio::{
    io::{AsyncWriteExt, DuplexStream},
    time::{Instant, sleep_until},
};
use websocket::{CLOSE, HANDSHAKE, Socket, attached, attaching, connect_through, probed};

const SESSION_UNKNOWN: &str = r#"{"code":1,"message":"Session ID unknown"}"#;

/// How far a candidate has come.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Attached,
    Probed,
}

const PHASES: [Phase; 2] = [Phase::Attached, Phase::Probed];

async fn candidate(phase: Phase, client: &Client) -> Socket<DuplexStream> {
    match phase {
        Phase::Attached => attached(client).await,
        Phase::Probed => probed(client).await,
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_before_its_websocket_is_there_has_it_closed() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    // Its answer does not fit through at once.
    let mut socket = connect_through(&engine, 16);
    let request = format!("GET /engine.io/?{} HTTP/1.1\r\n{HANDSHAKE}", attaching(&client));
    socket.0.write_all(request.as_bytes()).await.unwrap();
    settle().await;
    assert_eq!(engine.upgrades_in_flight(), 1);

    client.post("1").await;
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportClose));

    assert!(socket.head().await.starts_with("HTTP/1.1 101 "), "it was accepted before");
    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);
    assert_eq!(engine.upgrades_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_falls_silent_takes_its_candidate_along() {
    for phase in PHASES {
        let (engine, mut reasons) = echo(Config::new());
        let opened = Instant::now();
        let client = Client::open(&engine).await;
        sleep_until(opened + Duration::from_secs(44)).await;
        let mut socket = candidate(phase, &client).await;

        assert_eq!(reasons.recv().await, Some(CloseReason::PingTimeout), "{phase:?}");

        assert_eq!(opened.elapsed().as_secs(), 45, "{phase:?}");
        assert_eq!(socket.rest().await, [(CLOSE, vec![])], "{phase:?}");
        assert_eq!(client.get().await.brief(), (400, SESSION_UNKNOWN), "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_stops_behind_its_probe_is_given_up_and_polling_goes_on() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = probed(&client).await;
    let began = Instant::now();
    let poll = client.waiting_get().await;
    assert_eq!(poll.await.unwrap().brief(), (200, "6"));

    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);

    assert_eq!(began.elapsed().as_secs(), 10);
    let poll = client.waiting_get().await;
    client.post("4still here").await;
    assert_eq!(poll.await.unwrap().brief(), (200, "4still here"));
    probed(&client).await;
}

#[tokio::test(start_paused = true)]
async fn the_server_closes_poll_and_candidate_together() {
    for (phase, how) in
        PHASES.into_iter().flat_map(|phase| [Shutdown::Graceful, Shutdown::Discard].map(|how| (phase, how)))
    {
        let (engine, mut connections) = engine(Config::new());
        let client = Client::open(&engine).await;
        let mut connection = connections.recv().await.unwrap();
        let (close, closing) = tokio::sync::oneshot::channel();
        let driven = tokio::spawn(async move {
            tokio::select! {
                _ = connection.next() => panic!("nothing comes in"),
                _ = closing => connection.shut_down(how),
            }
            connection.close().await.unwrap();
            connection.close_reason()
        });
        let mut socket = candidate(phase, &client).await;
        let poll = client.waiting_get().await;

        close.send(()).unwrap();

        assert_eq!(poll.await.unwrap().brief(), (200, "1"), "{phase:?} {how:?}");
        assert_eq!(socket.rest().await, [(CLOSE, vec![])], "{phase:?} {how:?}");
        assert_eq!(driven.await.unwrap(), Some(CloseReason::ForcedClose), "{phase:?} {how:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_its_poll_amid_the_upgrade_ends_the_session() {
    for phase in PHASES {
        let (engine, mut reasons) = echo(Config::new());
        let client = Client::open(&engine).await;
        let mut socket = candidate(phase, &client).await;
        let poll = client.waiting_get().await;

        poll.abort();

        assert_eq!(reasons.recv().await, Some(CloseReason::TransportError), "{phase:?}");
        assert_eq!(socket.rest().await, [(CLOSE, vec![])], "{phase:?}");
        assert_eq!(engine.sessions(), 0, "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_engine_closes_candidates_too() {
    for phase in PHASES {
        let (engine, mut reasons) = echo(Config::new());
        let client = Client::open(&engine).await;
        let mut socket = candidate(phase, &client).await;

        engine.close();

        assert_eq!(reasons.recv().await, Some(CloseReason::ForcedClose), "{phase:?}");
        assert_eq!(socket.rest().await, [(CLOSE, vec![])], "{phase:?}");
    }
}
