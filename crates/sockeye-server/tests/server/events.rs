use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sockeye_server::{Ack, Args, Data, EventName, Namespace, Server, Socket, State};

use crate::peer::{Peer, join};

#[tokio::test(start_paused = true)]
async fn the_result_of_a_handler_is_the_acknowledgement() {
    let namespace = Namespace::new("/")
        .on("sum", |Data((a, b)): Data<(i32, i32)>| Ack(a + b))
        .on("pair", async || Ack((1, "two")))
        .on("nothing", || {})
        .on("fails", || -> Result<(), &str> { Err("no") });
    let (_server, mut peer) = join(namespace).await;

    for (event, answer) in [
        (r#"21["sum",2,3]"#, "31[5]"),
        (r#"22["pair"]"#, r#"32[1,"two"]"#),
        (r#"23["nothing"]"#, "33[]"),
        (r#"24["fails"]"#, r#"34[{"message":"no"}]"#),
    ] {
        peer.send(event).await;
        peer.expect(answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_being_asked_nothing_is_acknowledged() {
    let (_server, mut peer) = join(Namespace::new("/").on("sum", || Ack(1))).await;

    peer.send(r#"2["sum"]"#).await;

    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn wrong_arguments_are_answered_and_surplus_ones_are_tolerated() {
    let (_server, mut peer) = join(Namespace::new("/").on("double", |Data(n): Data<u8>| Ack(n * 2))).await;

    peer.send(r#"21["double","x"]"#).await;
    let answer = peer.text().await;
    assert!(answer.starts_with(r#"31[{"message":"argument 1: invalid type"#), "{answer}");

    peer.send(r#"22["double"]"#).await;
    peer.expect(r#"32[{"message":"argument 1 is missing"}]"#).await;

    peer.send(r#"23["double",4,"surplus",[]]"#).await;
    peer.expect("33[8]").await;
}

#[derive(Deserialize, Serialize)]
struct Picture {
    name: String,
    bytes: Bytes,
}

#[tokio::test(start_paused = true)]
async fn a_field_of_bytes_is_an_attachment_both_ways() {
    let namespace = Namespace::new("/").on("picture", |Data(mut picture): Data<Picture>| {
        picture.name.make_ascii_uppercase();
        Ack(picture)
    });
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"51-7["picture",{"name":"cat","bytes":{"_placeholder":true,"num":0}}]"#).await;
    peer.send(Bytes::from_static(b"\x89PNG")).await;

    peer.expect(r#"61-7[{"name":"CAT","bytes":{"_placeholder":true,"num":0}}]"#).await;
    assert_eq!(peer.next().await, Some(Bytes::from_static(b"\x89PNG").into()));
}

#[tokio::test(start_paused = true)]
async fn arguments_are_relayed_as_they_came() {
    let namespace = Namespace::new("/").on("echo", async |socket: Socket, args: Args| {
        socket.emit_raw("echoed", args.clone()).await.unwrap();
        args
    });
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"29["echo", 1.50 ,{"a":  null}]"#).await;

    peer.expect(r#"2["echoed", 1.50 ,{"a":  null}]"#).await;
    peer.expect(r#"39[ 1.50 ,{"a":  null}]"#).await;
}

#[tokio::test(start_paused = true)]
async fn events_are_started_in_their_order_and_wait_together() {
    let namespace = Namespace::new("/").on("wait", async |socket: Socket, Data(seconds): Data<u64>| {
        socket.try_emit("began", &seconds).unwrap();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        socket.try_emit("ended", &seconds).unwrap();
    });
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"2["wait",3]"#).await;
    peer.send(r#"2["wait",1]"#).await;

    for expected in [r#"2["began",3]"#, r#"2["began",1]"#, r#"2["ended",1]"#, r#"2["ended",3]"#] {
        peer.expect(expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_sequential_namespace_handles_one_event_after_the_other() {
    let namespace = Namespace::new("/").sequential().on("wait", async |Data(seconds): Data<u64>| {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ack(seconds)
    });
    let (_server, mut peer) = join(namespace).await;

    for (id, seconds) in [(1, 3), (2, 1), (3, 2)] {
        peer.send(format!(r#"2{id}["wait",{seconds}]"#)).await;
    }

    for expected in ["31[3]", "32[1]", "33[2]"] {
        peer.expect(expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn catch_alls_come_first_and_several_handlers_in_their_order() {
    let namespace = Namespace::new("/")
        .on("go", |socket: Socket| socket.try_emit("first", &()).unwrap())
        .on("go", |socket: Socket| socket.try_emit("second", &()).unwrap())
        .on_any(|socket: Socket, name: EventName| socket.try_emit("any", &name.as_str()).unwrap())
        .on_connect(|socket: Socket| {
            socket.on("go", |socket: Socket| socket.try_emit("own", &()).unwrap());
            socket.once("go", |socket: Socket| socket.try_emit("once", &()).unwrap());
        });
    let (_server, mut peer) = join(namespace).await;
    // Life cycle events are events as well to a catch-all of the server, but not of the peer.
    peer.send(r#"2["go"]"#).await;
    peer.send(r#"2["go"]"#).await;

    let mut seen = Vec::new();
    for _ in 0..9 {
        seen.push(peer.text().await);
    }

    let expected = [
        r#"2["any","go"]"#,
        r#"2["first"]"#,
        r#"2["second"]"#,
        r#"2["own"]"#,
        r#"2["once"]"#,
        r#"2["any","go"]"#,
        r#"2["first"]"#,
        r#"2["second"]"#,
        r#"2["own"]"#,
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn handlers_can_be_removed() {
    let namespace = Namespace::new("/").on_connect(|socket: Socket| {
        socket.on("go", || Ack(1));
        socket.on("stop", |socket: Socket| socket.off("go"));
    });
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"21["go"]"#).await;
    peer.expect("31[1]").await;
    peer.send(r#"22["stop"]"#).await;
    peer.expect("32[]").await;
    peer.send(r#"23["go"]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_panicking_handler_ends_one_event_and_nothing_else() {
    let namespace = Namespace::new("/")
        .on("panic", || {
            if true {
                panic!("secret")
            }
        })
        .on("later", async || {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if true {
                panic!("secret")
            }
        })
        .on("fine", || Ack("fine"));
    let (server, mut peer) = join(namespace).await;
    let mut other = Peer::connect(&server);
    other.join().await;

    for id in 0..100 {
        peer.send(format!(r#"2{id}["panic"]"#)).await;
        let answer = peer.text().await;
        assert!(answer.starts_with(&format!("3{id}[")) && !answer.contains("secret"), "{answer}");
    }
    peer.send(r#"2500["later"]"#).await;
    assert!(peer.text().await.starts_with("3500["));

    for peer in [&mut peer, &mut other] {
        peer.send(r#"21["fine"]"#).await;
        peer.expect(r#"31["fine"]"#).await;
    }
}

#[tokio::test(start_paused = true)]
async fn handlers_share_the_state_of_the_server() {
    let count = Arc::new(AtomicUsize::new(0));
    let namespace = Namespace::new("/")
        .on("count", |State(count): State<Arc<AtomicUsize>>| Ack(count.fetch_add(1, Ordering::Relaxed) + 1));
    let server = Server::builder().namespace(namespace).state(count.clone()).build();

    for expected in ["31[1]", "31[2]"] {
        let mut peer = Peer::connect(&server);
        peer.join().await;
        peer.send(r#"21["count"]"#).await;
        peer.expect(expected).await;
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
}
