use std::{
    future::{IntoFuture, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use sockeye_server::{
    Ack, Closing, Config, ConnectionConfig, Data, EmitError, Namespace, Server, Socket, SocketId,
};

use crate::peer::{Journal, Peer, enter, enter_with, settle};

/// A server whose connections queue so many messages, and a peer that takes one before it reads.
async fn narrow(packets: usize, namespace: Namespace) -> (Server, Peer, Socket) {
    enter_with(Config::new().connection(ConnectionConfig::new().max_queued_packets(packets)), 1, namespace)
        .await
}

/// Fills the queue: gives how many events it has taken.
fn fill(socket: &Socket) -> u32 {
    (0..1_000_000).find(|n| matches!(socket.try_emit("fill", n), Err(EmitError::Full))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_in_a_row_reach_a_peer_that_reads() {
    let namespace = Namespace::new("/").on("flood", async |socket: Socket| {
        for n in 0..10_000 {
            socket.emit("n", &n).await.unwrap();
        }
        Ack("done")
    });
    let (_server, mut peer, _) = enter(namespace).await;

    peer.send(r#"21["flood"]"#).await;

    for n in 0..10_000 {
        peer.expect(&format!(r#"2["n",{n}]"#)).await;
    }
    peer.expect(r#"31["done"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn an_emit_waits_for_room() {
    let (_server, mut peer, socket) = narrow(4, Namespace::new("/")).await;
    let journal = Journal::default();
    let notes = journal.clone();
    tokio::spawn(async move {
        for n in 0..10 {
            socket.emit("n", &n).await.unwrap();
            notes.note(n);
        }
    });

    // One is in the transport, four are queued.
    assert_eq!(journal.read().await, ["0", "1", "2", "3", "4"]);
    peer.expect(r#"2["n",0]"#).await;
    assert_eq!(journal.read().await, ["5"]);
    for n in 1..10 {
        peer.expect(&format!(r#"2["n",{n}]"#)).await;
    }
    assert_eq!(journal.read().await, ["6", "7", "8", "9"]);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_room_are_served_in_their_order() {
    let (_server, mut peer, socket) = narrow(2, Namespace::new("/")).await;
    for n in 0..100 {
        let socket = socket.clone();
        tokio::spawn(async move { socket.emit("n", &n).await.unwrap() });
    }
    settle().await;

    for n in 0..100 {
        peer.expect(&format!(r#"2["n",{n}]"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_emit_waits_for_room_for_all_of_its_packet() {
    let (_server, mut peer, socket) = narrow(3, Namespace::new("/")).await;
    socket.emit("first", &()).await.unwrap();
    settle().await;
    for n in 0..2 {
        socket.try_emit("n", &n).unwrap();
    }

    let parts = (Bytes::from_static(b"1"), Bytes::from_static(b"2"));
    let emit = tokio::spawn(socket.emit("parts", &parts).into_future());
    settle().await;

    assert!(!emit.is_finished());
    for expected in [r#"2["first"]"#, r#"2["n",0]"#, r#"2["n",1]"#] {
        peer.expect(expected).await;
    }
    emit.await.unwrap().unwrap();
    peer.expect(r#"52-["parts",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_packet_above_the_limit_is_sent_when_the_queue_is_empty() {
    let config = Config::new().connection(ConnectionConfig::new().max_queued_bytes(10));
    let (_server, mut peer, socket) = enter_with(config, 64, Namespace::new("/")).await;
    let text = "x".repeat(100);

    for _ in 0..3 {
        socket.emit("long", &text).await.unwrap();
    }

    for _ in 0..3 {
        peer.expect(&format!(r#"2["long","{text}"]"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn limits_of_nothing_and_of_everything_are_limits() {
    for limit in [0, usize::MAX] {
        let config = ConnectionConfig::new()
            .max_queued_packets(limit)
            .max_queued_bytes(limit)
            .connect_timeout(Duration::from_secs(limit as u64));
        let server = Server::builder().namespace(Namespace::new("/").on("ask", || Ack(1)));
        let server = server.config(Config::new().connection(config.connect_timeout(Duration::MAX))).build();
        let mut peer = Peer::connect(&server);

        peer.join().await;
        peer.send(r#"21["ask"]"#).await;

        peer.expect("31[1]").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_emit_into_a_full_queue_fails_and_sends_nothing() {
    let (_server, mut peer, socket) = narrow(4, Namespace::new("/")).await;

    assert_eq!(fill(&socket), 4);

    for n in 0..4 {
        peer.expect(&format!(r#"2["fill",{n}]"#)).await;
    }
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_out_though_the_queue_is_full() {
    let namespace = Namespace::new("/").on("fill", |socket: Socket| Ack(fill(&socket)));
    let (_server, mut peer, _) = narrow(4, namespace).await;

    peer.send(r#"21["fill"]"#).await;

    for n in 0..4 {
        peer.expect(&format!(r#"2["fill",{n}]"#)).await;
    }
    peer.expect("31[4]").await;
}

#[tokio::test(start_paused = true)]
async fn reading_goes_on_when_the_queue_has_room_again() {
    let namespace = Namespace::new("/")
        .on("fill", |socket: Socket| {
            fill(&socket);
        })
        .on("ask", || Ack("here"));
    let config = Config::new().connection(ConnectionConfig::new().max_queued_packets(4));
    let (_server, mut peer, _) = enter_with(config, 64, namespace).await;

    peer.send(r#"2["fill"]"#).await;
    peer.send(r#"21["ask"]"#).await;

    for n in 0..4 {
        peer.expect(&format!(r#"2["fill",{n}]"#)).await;
    }
    peer.expect(r#"31["here"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn reading_goes_on_when_a_handler_has_ended() {
    let namespace = Namespace::new("/").on("wait", async |Data(n): Data<u32>| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ack(n)
    });
    for namespace in [namespace, sequential()] {
        let (_server, mut peer, _) = enter_with(Config::new().max_handlers(1), 64, namespace).await;
        let start = tokio::time::Instant::now();

        for n in 0..4 {
            peer.send(format!(r#"2{n}["wait",{n}]"#)).await;
        }

        for n in 0..4 {
            peer.expect(&format!("3{n}[{n}]")).await;
        }
        assert_eq!(start.elapsed().as_secs(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn handlers_that_wait_for_the_peers_answers_do_not_keep_these_from_being_read() {
    let namespace = Namespace::new("/").on("ask", async |socket: Socket, Data(n): Data<u32>| {
        let answer: u32 = socket.emit("question", &n).ack().await.unwrap();
        socket.emit("answer", &answer).await.unwrap();
    });
    let (_server, mut peer, _) = enter_with(Config::new().max_handlers(2), 64, namespace).await;

    for n in 0..5 {
        peer.send(format!(r#"2["ask",{n}]"#)).await;
    }

    for n in 0..5 {
        peer.expect(&format!(r#"2{n}["question",{n}]"#)).await;
    }
    for n in 0..5 {
        peer.send(format!("3{n}[{n}]")).await;
        peer.expect(&format!(r#"2["answer",{n}]"#)).await;
    }
}

fn sequential() -> Namespace {
    Namespace::new("/").sequential().on("wait", async |Data(n): Data<u32>| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ack(n)
    })
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_goes_while_its_queue_is_full_is_noticed() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace =
        Namespace::new("/").on_disconnect(move |reason: sockeye_server::DisconnectReason| notes.note(reason));
    let (server, peer, socket) = narrow(4, namespace).await;
    fill(&socket);
    settle().await;
    fill(&socket);

    drop(peer);

    let [reason] = &journal.read().await[..] else { panic!() };
    assert!(["transport close", "transport error"].contains(&&**reason), "{reason}");
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_goes_while_too_many_handlers_wait_is_noticed() {
    let namespace = Namespace::new("/").on("wait", async |socket: Socket| {
        std::future::pending::<()>().await;
        drop(socket);
    });
    let (server, mut peer, socket) = enter_with(Config::new().max_handlers(1), 64, namespace).await;
    peer.send(r#"2["wait"]"#).await;
    settle().await;

    drop(peer);
    socket.emit("anything", &()).await.ok();
    settle().await;

    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_emit_that_is_given_up_is_not_sent() {
    let (_server, mut peer, socket) = narrow(2, Namespace::new("/")).await;
    fill(&socket);
    settle().await;
    fill(&socket);

    let emit = tokio::time::timeout(Duration::from_secs(1), socket.emit("late", &())).await;

    assert!(emit.is_err());
    for expected in [r#"2["fill",0]"#, r#"2["fill",1]"#, r#"2["fill",0]"#] {
        peer.expect(expected).await;
    }
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_an_emit_is_awaited() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
    let emit = socket.emit("n", &1);
    let broadcast = socket.everybody().emit("n", &2);
    peer.expect_nothing().await;

    drop(broadcast);
    emit.await.unwrap();

    peer.expect(r#"2["n",1]"#).await;
}

// After the end.

#[tokio::test(start_paused = true)]
async fn emits_to_a_socket_that_has_gone_fail() {
    for way in ["left", "lost", "kicked", "ended", "violated", "closed"] {
        let (server, mut peer, socket) = enter(Namespace::new("/")).await;
        match way {
            "left" => peer.send("1").await,
            "lost" => drop(peer),
            "kicked" => socket.disconnect(Closing::Namespace),
            "ended" => socket.disconnect(Closing::Connection),
            "violated" => peer.send("nonsense").await,
            _ => server.close().await,
        }
        settle().await;

        assert!(!socket.is_connected(), "{way}");
        assert!(socket.rooms().is_empty(), "{way}");
        assert!(matches!(socket.emit("n", &1).await, Err(EmitError::Disconnected)), "{way}");
        assert!(matches!(socket.emit("n", &1).volatile().await, Err(EmitError::Disconnected)), "{way}");
        assert!(matches!(socket.try_emit("n", &1), Err(EmitError::Disconnected)), "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn emits_to_a_socket_fail_from_the_moment_of_its_disconnection() {
    for closing in [Closing::Namespace, Closing::Connection] {
        let (_server, _peer, socket) = enter(Namespace::new("/")).await;

        socket.disconnect(closing);

        assert!(matches!(socket.try_emit("n", &1), Err(EmitError::Disconnected)), "{closing:?}");
        assert!(!socket.is_connected(), "{closing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_room_learns_that_the_socket_has_gone() {
    for closing in [Closing::Namespace, Closing::Connection] {
        let (_server, _peer, socket) = narrow(2, Namespace::new("/")).await;
        fill(&socket);
        settle().await;
        fill(&socket);
        let emit = tokio::spawn(socket.emit("late", &()).into_future());
        let ask = tokio::spawn(socket.emit("late", &()).ack::<u32>());
        settle().await;
        assert!(!emit.is_finished());

        socket.disconnect(closing);
        settle().await;

        assert!(emit.is_finished() && ask.is_finished(), "{closing:?}");
        assert!(matches!(emit.await.unwrap(), Err(EmitError::Disconnected)), "{closing:?}");
        assert_eq!(ask.await.unwrap().unwrap_err().to_string(), "socket is disconnected", "{closing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_of_an_earlier_stay_sends_nothing_into_the_next() {
    let (server, mut peer, socket) = enter(Namespace::new("/")).await;
    peer.send("1").await;
    let id = peer.join().await;

    assert!(matches!(socket.emit("n", &1).await, Err(EmitError::Disconnected)));
    assert!(matches!(socket.try_emit("n", &1), Err(EmitError::Disconnected)));
    socket.disconnect(Closing::Namespace);
    socket.disconnect(Closing::Connection);

    peer.expect_nothing().await;
    assert_eq!(server.everybody().sockets().await.unwrap(), [SocketId::from(&*id)]);
}

// Volatile events.

#[tokio::test(start_paused = true)]
async fn a_volatile_event_is_dropped_while_others_wait() {
    let (_server, mut peer, socket) = narrow(8, Namespace::new("/")).await;
    socket.emit("position", &0).volatile().await.unwrap();
    settle().await;
    socket.emit("kept", &1).await.unwrap();
    settle().await;

    for n in 2..5 {
        socket.emit("position", &n).volatile().await.unwrap();
        settle().await;
    }

    peer.expect(r#"2["position",0]"#).await;
    peer.expect(r#"2["kept",1]"#).await;
    peer.expect_nothing().await;
    socket.emit("position", &5).volatile().await.unwrap();
    peer.expect(r#"2["position",5]"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_volatile_event_never_waits() {
    let (_server, _peer, socket) = narrow(2, Namespace::new("/")).await;
    fill(&socket);
    settle().await;
    fill(&socket);

    let mut emit = pin!(socket.emit("position", &()).volatile().into_future());
    let polled = poll_fn(|cx| Poll::Ready(emit.as_mut().poll(cx))).await;

    assert!(matches!(polled, Poll::Ready(Ok(()))));
}

// Names and data.

#[tokio::test(start_paused = true)]
async fn reserved_names_cannot_be_sent() {
    let (server, mut peer, socket) = enter(Namespace::new("/")).await;

    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
        assert!(matches!(socket.emit(name, &()).await, Err(EmitError::ReservedName)), "{name}");
        assert!(matches!(socket.try_emit(name, &()), Err(EmitError::ReservedName)), "{name}");
        assert!(matches!(server.emit(name, &()).await, Err(EmitError::ReservedName)), "{name}");
        assert!(socket.emit(name, &()).ack::<()>().await.is_err(), "{name}");
    }

    peer.expect_nothing().await;
    socket.emit("error", &()).await.unwrap();
    peer.expect(r#"2["error"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn data_without_a_form_on_the_wire_is_told() {
    let (server, mut peer, socket) = enter(Namespace::new("/")).await;
    let keyed_by_pairs = std::collections::HashMap::from([((1, 2), 3)]);

    assert!(matches!(socket.emit("n", &keyed_by_pairs).await, Err(EmitError::Encode(_))));
    assert!(matches!(server.emit("n", &keyed_by_pairs).await, Err(EmitError::Encode(_))));

    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn outgoing_listeners_hear_what_is_sent_and_broadcast() {
    let (server, mut peer, socket) = enter(Namespace::new("/")).await;
    let journal = Journal::default();
    let notes = journal.clone();
    socket.on_any_outgoing(move |name, args| {
        notes.note(format_args!("{name} {}", args.parse::<u32>().unwrap()));
    });

    socket.emit("emit", &1).await.unwrap();
    server.emit("broadcast", &2).await.unwrap();
    socket.everybody().to(socket.id()).emit("room", &3).await.unwrap();
    settle().await;
    assert_eq!(journal.read().await, ["emit 1", "broadcast 2", "room 3"]);

    socket.off_any_outgoing();
    socket.emit("silent", &4).await.unwrap();
    assert!(journal.read().await.is_empty());
    for expected in [r#"2["emit",1]"#, r#"2["broadcast",2]"#, r#"2["room",3]"#, r#"2["silent",4]"#] {
        peer.expect(expected).await;
    }
}
