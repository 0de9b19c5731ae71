use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::Deserialize;
use sockeye_server::{Ack, Data, Namespace, Refusal, Server, Socket};

use crate::peer::{Peer, connect, join};

#[tokio::test(start_paused = true)]
async fn a_peer_joins_and_gets_an_id_of_its_own() {
    let (server, mut first) = connect(Namespace::new("/"));
    let mut second = Peer::connect(&server);

    let ids = [first.join().await, second.join().await];

    assert_eq!(ids[0].len(), 20);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(start_paused = true)]
async fn the_id_differs_from_namespace_to_namespace() {
    let server = Server::builder().namespace(Namespace::new("/admin")).build();
    let mut peer = Peer::connect(&server);

    let root = peer.join().await;
    peer.send("0/admin,").await;
    let admin = peer.text().await;

    assert!(admin.starts_with(r#"0/admin,{"sid":""#));
    assert!(!admin.contains(&root));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_namespace_is_refused_and_the_connection_stays() {
    let (_server, mut peer) = join(Namespace::new("/")).await;

    peer.send("0/nope,").await;

    peer.expect(r#"4/nope,{"message":"Invalid namespace"}"#).await;
    peer.expect_nothing().await;
}

#[derive(Deserialize)]
struct Login {
    token: String,
}

async fn authorize(Data(login): Data<Login>) -> Result<(), Refusal> {
    match login.token.as_str() {
        "good" => Ok(()),
        _ => Err(Refusal::new("Not authorized").with_data(&("try", 3)).unwrap()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_guard_refuses_with_a_message_and_data() {
    let (_server, mut peer) = connect(Namespace::new("/").guard(authorize));

    peer.send(r#"0{"token":"bad"}"#).await;
    peer.expect(r#"4{"message":"Not authorized","data":["try",3]}"#).await;

    peer.send(r#"0{"token":"good"}"#).await;
    assert!(peer.text().await.starts_with(r#"0{"sid":"#));
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_nothing_a_guard_can_read_is_told_so() {
    let (_server, mut peer) = connect(Namespace::new("/").guard(authorize));

    peer.send("0").await;

    peer.expect(r#"4{"message":"argument 1 is missing"}"#).await;
}

#[tokio::test(start_paused = true)]
async fn guards_are_asked_in_order_and_the_first_refusal_counts() {
    let asked = Arc::new(AtomicUsize::new(0));
    let third = asked.clone();
    let namespace = Namespace::new("/")
        .guard(async || tokio::time::sleep(Duration::from_secs(1)).await)
        .guard(|| -> Result<(), &str> { Err("second") })
        .guard(move || {
            third.fetch_add(1, Ordering::Relaxed);
        });
    let (_server, mut peer) = connect(namespace);

    peer.send("0").await;

    peer.expect(r#"4{"message":"second"}"#).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_guard_refuses() {
    let (_server, mut peer) = connect(Namespace::new("/").guard(|| {
        if true {
            panic!("secret")
        }
    }));

    peer.send("0").await;

    let refusal = peer.text().await;
    assert!(refusal.starts_with("4{") && !refusal.contains("secret"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn events_wait_until_the_connect_handler_has_ended() {
    let namespace = Namespace::new("/").on_connect(async |socket: Socket| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        socket.on("hello", |socket: Socket, Data(n): Data<u32>| socket.try_emit("hi", &n).unwrap());
    });
    let (_server, mut peer) = join(namespace).await;

    for n in 0..10 {
        peer.send(format!(r#"2["hello",{n}]"#)).await;
    }

    for n in 0..10 {
        peer.expect(&format!(r#"2["hi",{n}]"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_connect_handler_of_an_earlier_stay_does_not_let_events_pass() {
    let namespace = Namespace::new("/").on_connect(async |socket: Socket| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        socket.on("ready", || Ack(true));
    });
    let (_server, mut peer) = join(namespace).await;
    peer.send("1").await;
    tokio::time::sleep(Duration::from_secs(3)).await;

    peer.join().await;
    peer.send(r#"21["ready"]"#).await;

    peer.expect("31[true]").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_emitted_in_a_connect_handler_follows_the_connect_packet() {
    let namespace = Namespace::new("/").on_connect(|socket: Socket| socket.try_emit("welcome", &()).unwrap());
    let (_server, mut peer) = connect(namespace);

    peer.join().await;

    peer.expect(r#"2["welcome"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_room_joined_in_a_guard_counts_once_the_peer_is_in() {
    let (server, mut peer) = connect(Namespace::new("/").guard(|socket: Socket| socket.join("early")));

    let id = peer.join().await;

    let sockets = server.to("early").sockets().await.unwrap();
    assert_eq!(sockets.iter().map(ToString::to_string).collect::<Vec<_>>(), [id]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_joins_nothing_is_closed_after_the_connect_timeout() {
    let (server, mut peer) = connect(Namespace::new("/"));

    let start = tokio::time::Instant::now();
    peer.expect_end().await;

    assert_eq!(start.elapsed().as_secs(), 45);
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_keeps_attachments_back_is_closed() {
    let (server, mut peer) = join(Namespace::new("/")).await;
    peer.send(r#"51-["event",{"_placeholder":true,"num":0}]"#).await;

    let start = tokio::time::Instant::now();
    peer.expect_end().await;

    assert_eq!(start.elapsed().as_secs(), 60);
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_has_joined_once_may_stay_without_a_namespace() {
    let (_server, mut peer) = join(Namespace::new("/")).await;

    peer.send("1").await;
    tokio::time::sleep(Duration::from_secs(100)).await;

    peer.join().await;
}
