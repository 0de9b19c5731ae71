//! Volatile events that want to be acknowledged.

use std::time::Duration;

use sockeye_server::{
    AckError, BroadcastAckError, Config, ConnectionConfig, EmitError, Namespace, Server, SlowConsumer, Socket,
};
use tokio::time::Instant;

use crate::peer::{Peer, enter_with, settle};

/// A peer that reads nothing, so that the transport is full, and its socket.
async fn stuck() -> (Server, Peer, Socket) {
    let limits = ConnectionConfig::new().max_queued_packets(4);
    let config = Config::new().connection(limits).slow_consumer(SlowConsumer::Skip);
    let (server, peer, socket) = enter_with(config, 1, Namespace::new("/")).await;
    for _ in 0..2 {
        socket.emit("fill", &()).await.unwrap();
        settle().await;
    }
    (server, peer, socket)
}

#[tokio::test(start_paused = true)]
async fn a_volatile_event_that_can_leave_is_acknowledged() {
    let (_server, mut peer, socket) = enter_with(Config::new(), 64, Namespace::new("/")).await;
    let asked = tokio::spawn(socket.emit("question", &()).volatile().ack::<u32>());

    peer.expect(r#"20["question"]"#).await;
    peer.send("30[1]").await;

    assert_eq!(asked.await.unwrap().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_answer_to_a_volatile_event_learns_at_once_that_it_was_dropped() {
    let (_server, mut peer, socket) = stuck().await;
    let start = Instant::now();

    let answer = socket.emit("question", &()).volatile().timeout(Duration::from_secs(5)).ack::<u32>().await;

    assert!(matches!(answer, Err(AckError::Emit(EmitError::Dropped))), "{answer:?}");
    assert_eq!(start.elapsed().as_secs(), 0);
    for _ in 0..2 {
        peer.expect(r#"2["fill"]"#).await;
    }
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_volatile_broadcast_does_not_wait_for_those_it_was_dropped_for() {
    let (server, mut slow, _socket) = stuck().await;
    let mut quick = Peer::connect(&server);
    quick.join().await;
    let start = Instant::now();
    let asked =
        tokio::spawn(async move { server.everybody().volatile().emit("question", &()).ack::<u32>().await });

    quick.expect(r#"20["question"]"#).await;
    quick.send("30[1]").await;

    let Err(BroadcastAckError::Missing { answers, missing }) = asked.await.unwrap() else { panic!() };
    assert_eq!((answers, missing), (vec![1], 1));
    assert_eq!(start.elapsed().as_secs(), 0);
    for _ in 0..2 {
        slow.expect(r#"2["fill"]"#).await;
    }
    slow.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_fetched_socket_tells_that_a_volatile_event_was_dropped() {
    let (server, _peer, socket) = stuck().await;
    let fetched = server.to(socket.id()).fetch_sockets().await.unwrap().remove(0);

    let answer = fetched.emit("question", &()).volatile().ack::<u32>().await;

    assert!(matches!(answer, Err(AckError::Emit(EmitError::Dropped))), "{answer:?}");
}
