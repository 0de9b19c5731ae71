//! What a server tells a recorder.

#![allow(clippy::float_cmp, reason = "all figures are small whole numbers")]

use std::{sync::Arc, time::Duration};

use sockeye_server::{
    Ack, Closing, Config, ConnectionConfig, Data, Namespace, RateLimit, Refusal, Server, SlowConsumer, Socket,
};

use crate::{
    peer::{Peer, connect, settle},
    recorder::Figures,
};

/// A server of one namespace, its figures, and a peer that has joined `/`.
async fn join(config: Config, namespace: Namespace) -> (Server, Peer, Figures) {
    let figures = Figures::default();
    let server = figures.build(Server::builder().config(config).namespace(namespace));
    let mut peer = Peer::connect_with(&server, 1);
    peer.join().await;
    settle().await;
    (server, peer, figures)
}

#[tokio::test(start_paused = true)]
async fn connections_and_sockets_come_and_go() {
    let (_server, peer, figures) = join(Config::new(), Namespace::new("/")).await;
    assert_eq!(figures.of("sockeye_connections{transport=other}"), 1.0);
    assert_eq!(figures.of("sockeye_sockets{namespace=/}"), 1.0);

    drop(peer);
    settle().await;

    assert_eq!(figures.of("sockeye_connections{transport=other}"), 0.0);
    assert_eq!(figures.of("sockeye_connections_total{transport=other}"), 1.0);
    assert_eq!(figures.of("sockeye_sockets{namespace=/}"), 0.0);
    assert_eq!(figures.of("sockeye_disconnects_total{reason=transport close}"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn rooms_are_counted_with_those_of_the_sockets_own_ids() {
    let namespace = Namespace::new("/")
        .on("join", |socket: Socket, Data(room): Data<String>| socket.join(room))
        .on("leave", |socket: Socket, Data(room): Data<String>| socket.leave(room));
    let (server, mut peer, figures) = join(Config::new(), namespace).await;
    let rooms = || figures.of("sockeye_rooms{namespace=/}");

    peer.send(r#"2["join","lobby"]"#).await;
    settle().await;
    assert_eq!(rooms(), 2.0);
    server.everybody().join("hall").await.unwrap();
    assert_eq!(rooms(), 3.0);
    peer.send(r#"2["leave","lobby"]"#).await;
    settle().await;
    assert_eq!(rooms(), 2.0);
    drop(peer);
    settle().await;
    assert_eq!(rooms(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn messages_and_their_bytes_are_counted_both_ways() {
    let echo = Namespace::new("/").on("echo", |Data(text): Data<String>| Ack(text));
    let (_server, mut peer, figures) = join(Config::new(), echo).await;
    let sent_before = figures.of("sockeye_sent_bytes_total{transport=other}");

    peer.send(r#"21["echo","hi"]"#).await;
    peer.expect(r#"31["hi"]"#).await;
    settle().await;

    assert_eq!(figures.of("sockeye_received_messages_total{transport=other}"), 2.0);
    let received = "0".len() + r#"21["echo","hi"]"#.len();
    assert_eq!(figures.of("sockeye_received_bytes_total{transport=other}"), count(received));
    assert_eq!(figures.of("sockeye_sent_messages_total{transport=other}"), 2.0);
    let sent = figures.of("sockeye_sent_bytes_total{transport=other}") - sent_before;
    assert_eq!(sent, count(r#"31["hi"]"#.len()));
}

#[tokio::test(start_paused = true)]
async fn the_time_of_handlers_is_told_by_events_that_have_some() {
    let namespace = Namespace::new("/").on("rest", async |Data(seconds): Data<u64>| {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ack("done")
    });
    let (_server, mut peer, figures) = join(Config::new(), namespace).await;

    peer.send(r#"21["rest",3]"#).await;
    peer.expect(r#"31["done"]"#).await;
    peer.send(r#"2["chosen by the peer"]"#).await;
    settle().await;

    assert_eq!(figures.of("sockeye_handler_seconds_count{namespace=/,event=rest}"), 1.0);
    assert_eq!(figures.of("sockeye_handler_seconds_sum{namespace=/,event=rest}").round(), 3.0);
    assert_eq!(figures.of("sockeye_handler_seconds_count{namespace=/,event=(other)}"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn failures_and_limits_are_counted() {
    let namespace = Namespace::new("/")
        .rate_limit(RateLimit::per_second(1))
        .on("fail", async || -> Result<(), Refusal> { Err(Refusal::new("no")) });
    let (_server, mut peer, figures) = join(Config::new(), namespace).await;

    peer.send(r#"2["fail"]"#).await;
    settle().await;
    assert_eq!(figures.of("sockeye_handler_failures_total{namespace=/}"), 1.0);
    peer.send(r#"2["fail"]"#).await;
    settle().await;

    assert_eq!(figures.of("sockeye_limits_total{limit=events}"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn broadcasts_and_their_recipients_are_counted() {
    let (server, mut peer, figures) = join(Config::new(), Namespace::new("/")).await;
    let mut other = Peer::connect(&server);
    other.join().await;

    server.emit("news", &1).await.unwrap();
    peer.expect(r#"2["news",1]"#).await;
    server.to("nobody").emit("news", &2).await.unwrap();

    assert_eq!(figures.of("sockeye_broadcasts_total{namespace=/}"), 2.0);
    assert_eq!(figures.of("sockeye_broadcast_deliveries_total"), 2.0);
}

#[tokio::test(start_paused = true)]
async fn events_that_a_recipient_misses_are_counted() {
    let connection = ConnectionConfig::new().max_queued_packets(1);
    let config = Config::new().connection(connection).slow_consumer(SlowConsumer::Skip);
    let (server, _peer, figures) = join(config, Namespace::new("/")).await;

    // One is in the transport, one in the queue, and the third is too many.
    for n in 1..=3 {
        server.emit("n", &n).await.unwrap();
        settle().await;
    }
    server.everybody().volatile().emit("n", &4).await.unwrap();

    assert_eq!(figures.of("sockeye_queued_messages"), 1.0);
    assert_eq!(figures.of("sockeye_dropped_events_total{cause=slow_consumer}"), 1.0);
    assert_eq!(figures.of("sockeye_dropped_events_total{cause=volatile}"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn handlers_that_hold_up_their_peer_are_counted() {
    let wait = Namespace::new("/").on("wait", async || std::future::pending::<()>().await);
    let (_server, mut peer, figures) = join(Config::new().max_handlers(1), wait).await;
    assert_eq!(figures.of("sockeye_limits_total{limit=handlers}"), 0.0);

    peer.send(r#"2["wait"]"#).await;
    settle().await;

    assert!(figures.of("sockeye_limits_total{limit=handlers}") >= 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_a_connection_has_queued_goes_with_it() {
    let (server, peer, figures) = join(Config::new(), Namespace::new("/")).await;
    for n in 0..5 {
        server.emit("n", &n).await.unwrap();
    }
    settle().await;
    assert_eq!(figures.of("sockeye_queued_messages"), 4.0);

    drop(peer);
    settle().await;

    assert_eq!(figures.of("sockeye_queued_messages"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_that_are_late_are_counted() {
    let ask = Namespace::new("/").on("ask me", async |socket: Socket| {
        let asked = socket.emit("question", &()).timeout(Duration::from_secs(5));
        asked.ack::<String>().await.ok();
        Ack("enough")
    });
    let (_server, mut peer, figures) = join(Config::new(), ask).await;

    peer.send(r#"21["ask me"]"#).await;
    peer.expect(r#"20["question"]"#).await;
    peer.expect(r#"31["enough"]"#).await;

    assert_eq!(figures.of("sockeye_ack_timeouts_total"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn children_of_dynamic_namespaces_are_counted_together() {
    let figures = Figures::default();
    let rooms = Namespace::matching("/room-*");
    let config = Config::new().cleanup_empty_child_namespaces().max_child_namespaces(2);
    let server = figures.build(Server::builder().config(config).namespace(rooms));
    let mut peer = Peer::connect(&server);
    for room in ["/room-a", "/room-b", "/room-c"] {
        peer.send(format!("0{room},")).await;
        peer.next().await;
    }
    let sockets = || figures.of("sockeye_sockets{namespace=(dynamic)}");

    assert_eq!((sockets(), figures.of("sockeye_limits_total{limit=child_namespaces}")), (2.0, 1.0));
    assert_eq!(figures.of("sockeye_refused_sockets_total"), 1.0);
    peer.send("1/room-a,").await;
    settle().await;
    assert_eq!(sockets(), 1.0);
    drop(peer);
    settle().await;
    assert_eq!(sockets(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn slow_consumers_are_told_by_their_reason() {
    let config = Config::new().connection(ConnectionConfig::new().max_queued_packets(1));
    let (server, _peer, figures) = join(config, Namespace::new("/")).await;

    for n in 1..=3 {
        server.emit("n", &n).await.unwrap();
        settle().await;
    }

    assert_eq!(figures.of("sockeye_disconnects_total{reason=slow consumer}"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_comes_later_hears_nothing_of_the_server() {
    let figures = Arc::new(Figures::default());
    let (server, mut peer) = connect(Namespace::new("/"));

    let recorder = figures.clone();
    let guard = metrics::set_default_local_recorder(&recorder);
    peer.join().await;
    server.emit("news", &()).await.unwrap();
    server.everybody().disconnect(Closing::Connection).await.unwrap();
    settle().await;
    drop(guard);

    assert!(figures.are_none());
}

fn count(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap())
}
