//! The end in order: what is under way is finished, what is queued is sent, and nothing waits for ever.

use std::time::Duration;

use sockeye_server::{Ack, Config, DisconnectReason, Namespace};
use tokio::time::{Instant, sleep};

use crate::peer::{Journal, Peer, enter, enter_with, join, settle};

const SOON: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn idle_connections_end_at_once() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").on_disconnect(move |reason: DisconnectReason| notes.note(reason));
    let (server, mut peer) = join(namespace).await;
    let started = Instant::now();

    let cut = server.shutdown(PATIENCE).await;

    assert_eq!(cut, []);
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(journal.read().await, ["server shutting down"]);
    peer.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_runs_to_its_end_and_its_answer_is_sent() {
    let namespace = Namespace::new("/").on("work", async || {
        sleep(SOON).await;
        Ack("done")
    });
    let (server, mut peer) = join(namespace).await;
    peer.send(r#"20["work"]"#).await;
    settle().await;

    let cut = server.shutdown(PATIENCE).await;

    assert_eq!(cut, []);
    peer.expect(r#"30["done"]"#).await;
    peer.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn events_that_waited_behind_a_handler_are_handled_too() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").sequential().on("work", move || {
        let notes = notes.clone();
        async move {
            sleep(SOON).await;
            notes.note("worked");
        }
    });
    let (server, mut peer) = join(namespace).await;
    for _ in 0..3 {
        peer.send(r#"2["work"]"#).await;
    }
    settle().await;

    assert_eq!(server.shutdown(PATIENCE).await, []);

    assert_eq!(journal.read().await, ["worked", "worked", "worked"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_is_sent() {
    let (server, mut peer, socket) = enter_with(Config::new(), 1, Namespace::new("/")).await;
    for number in 0..20 {
        socket.try_emit("number", &number).unwrap();
    }
    let ending = tokio::spawn(async move { server.shutdown(PATIENCE).await });
    settle().await;

    for number in 0..20 {
        peer.expect(&format!(r#"2["number",{number}]"#)).await;
    }

    peer.expect_end().await;
    assert_eq!(ending.await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn what_a_peer_says_meanwhile_is_not_heard() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace =
        Namespace::new("/").on("work", async || sleep(SOON).await).on("late", move || notes.note("late"));
    let (server, mut peer) = join(namespace).await;
    peer.send(r#"2["work"]"#).await;
    settle().await;
    let ending = tokio::spawn(async move { server.shutdown(PATIENCE).await });
    settle().await;

    peer.send(r#"2["late"]"#).await;

    assert_eq!(ending.await.unwrap(), []);
    assert!(journal.read().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_let_in_meanwhile() {
    let namespace = Namespace::new("/").on("work", async || sleep(SOON).await);
    let (server, mut peer) = join(namespace).await;
    peer.send(r#"2["work"]"#).await;
    settle().await;
    let ending = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown(PATIENCE).await }
    });
    settle().await;

    Peer::connect(&server).expect_end().await;

    assert!(!ending.is_finished());
    assert_eq!(server.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_end_is_cut_off_and_reported() {
    let namespace = Namespace::new("/").on("hang", std::future::pending::<()>);
    let (server, mut peer, hanging) = enter(namespace).await;
    peer.send(r#"2["hang"]"#).await;
    let mut idle = Peer::connect(&server);
    idle.join().await;
    let started = Instant::now();

    let cut = server.shutdown(PATIENCE).await;

    assert_eq!(cut, [hanging.id().clone()]);
    assert_eq!(started.elapsed(), PATIENCE);
    assert_eq!(hanging.disconnect_reason(), Some(DisconnectReason::ServerShuttingDown));
    assert_eq!(server.connection_count(), 0);
    idle.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_cut_off_and_reported() {
    let (server, peer, deaf) = enter_with(Config::new(), 1, Namespace::new("/")).await;
    for number in 0..20 {
        deaf.try_emit("number", &number).unwrap();
    }

    let cut = server.shutdown(PATIENCE).await;

    assert_eq!(cut, [deaf.id().clone()]);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_reported_though_its_own_time_is_over_first() {
    let config = Config::new().close_timeout(SOON);
    let (server, peer, deaf) = enter_with(config, 1, Namespace::new("/")).await;
    for number in 0..20 {
        deaf.try_emit("number", &number).unwrap();
    }
    let started = Instant::now();

    let cut = server.shutdown(PATIENCE).await;

    assert_eq!(cut, [deaf.id().clone()]);
    assert!(started.elapsed() < PATIENCE);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn a_handler_whose_peer_left_before_is_waited_for() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").on("work", move || {
        let notes = notes.clone();
        async move {
            sleep(SOON).await;
            notes.note("worked");
        }
    });
    let (server, mut peer) = join(namespace).await;
    peer.send(r#"2["work"]"#).await;
    settle().await;
    drop(peer);
    settle().await;
    assert_eq!(server.connection_count(), 0);

    assert_eq!(server.shutdown(PATIENCE).await, []);

    assert_eq!(journal.read().await, ["worked"]);
}
