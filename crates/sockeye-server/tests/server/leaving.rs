//! How a socket goes: what its handlers see, what its peer sees, and what is left.

use std::time::Duration;

use sockeye_server::{Ack, Closing, Config, ConnectionConfig, DisconnectReason, Namespace, Server, Socket};
use tokio::time::Instant;

use crate::peer::{Journal, Peer, connect, enter, enter_with, settle};

/// A namespace that writes down who goes from it, and why.
fn watched(name: &'static str, journal: &Journal) -> Namespace {
    let note = |what: &'static str| {
        let notes = journal.clone();
        move |reason: DisconnectReason| notes.note(format_args!("{name} {what}: {reason}"))
    };
    Namespace::new(name).on_disconnecting(note("disconnecting")).on_disconnect(note("disconnect"))
}

/// What it writes down of a socket of `/`.
fn going(reason: &str) -> [String; 2] {
    ["disconnecting", "disconnect"].map(|what| format!("/ {what}: {reason}"))
}

// What handlers see.

#[tokio::test(start_paused = true)]
async fn handlers_of_going_run_in_their_order_and_learn_the_reason() {
    for (way, reason) in [
        ("left", "client namespace disconnect"),
        ("lost", "transport close"),
        ("kicked", "server namespace disconnect"),
        ("ended", "server namespace disconnect"),
        ("closed", "server shutting down"),
    ] {
        let journal = Journal::default();
        let (server, mut peer, socket) = enter(watched("/", &journal)).await;
        match way {
            "left" => peer.send("1").await,
            "lost" => drop(peer),
            "kicked" => socket.disconnect(Closing::Namespace),
            "ended" => socket.disconnect(Closing::Connection),
            _ => server.close().await,
        }

        assert_eq!(journal.read().await, going(reason), "{way}");
        assert_eq!(socket.disconnect_reason().unwrap().to_string(), reason, "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_end_of_a_socket_is_its_only_one() {
    for (pause, reason) in [(1, "client namespace disconnect"), (0, "server namespace disconnect")] {
        let journal = Journal::default();
        let (server, mut peer, socket) = enter(watched("/", &journal)).await;

        peer.send("1").await;
        // Unless it has been read by then, what the server does comes first.
        tokio::time::sleep(Duration::from_millis(pause)).await;
        socket.disconnect(Closing::Namespace);
        socket.disconnect(Closing::Connection);
        drop(peer);
        server.close().await;

        assert_eq!(journal.read().await, going(reason));
    }
}

/// Tells the others in its rooms, if it is still in any.
async fn farewell(socket: Socket) {
    for room in socket.rooms() {
        socket.to(room).emit("bye", &()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rooms_are_known_while_a_socket_is_going_and_not_when_it_has_gone() {
    let namespace = Namespace::new("/")
        .on_connect(|socket: Socket| socket.join("red"))
        .on_disconnecting(farewell)
        .on_disconnect(farewell);
    let (server, mut leaving) = connect(namespace);
    let mut staying = Peer::connect(&server);
    leaving.join().await;
    staying.join().await;

    leaving.send("1").await;

    staying.expect(r#"2["bye"]"#).await;
    staying.expect_nothing().await;
    leaving.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_going_runs_to_its_end_though_the_connection_is_gone() {
    let journal = Journal::default();
    let (server, peer, socket) = enter(Namespace::new("/")).await;
    socket.data().insert(journal.clone());
    socket.on("disconnect", async |socket: Socket| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        socket.data().get::<Journal>().unwrap().note("ended");
    });

    drop(peer);

    assert!(journal.read().await.is_empty());
    assert_eq!(server.connection_count(), 0);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(journal.read().await, ["ended"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_not_let_in_does_not_leave() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = watched("/", &journal)
        .guard(async || tokio::time::sleep(Duration::from_secs(5)).await)
        .on_connect(move || notes.note("connect"));
    let (server, mut peer) = connect(namespace);
    peer.send("0").await;
    settle().await;
    drop(peer);
    tokio::time::sleep(Duration::from_secs(10)).await;

    assert!(journal.read().await.is_empty());
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn events_after_the_end_are_not_handled() {
    for closing in [Closing::Namespace, Closing::Connection] {
        let journal = Journal::default();
        let notes = journal.clone();
        let namespace = Namespace::new("/")
            .on("end", move |socket: Socket| socket.disconnect(closing))
            .on("late", move || notes.note("late"));
        let (_server, mut peer, _) = enter(namespace).await;

        peer.send(r#"2["end"]"#).await;
        // The peer could not know.
        peer.send(r#"2["late"]"#).await;
        settle().await;

        peer.expect("1").await;
        match closing {
            Closing::Namespace => peer.expect_undisturbed().await,
            Closing::Connection => peer.expect_end().await,
        }
        assert!(journal.read().await.is_empty(), "{closing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_an_answer_learns_at_once_that_the_socket_has_gone() {
    for way in ["kicked", "ended", "violated", "slow", "closed"] {
        let config = Config::new().connection(ConnectionConfig::new().max_queued_packets(4));
        let (server, mut peer, socket) = enter_with(config, 1, Namespace::new("/")).await;
        // One for the transport, one that waits: the peer does not read.
        let asked = tokio::spawn(socket.emit("question", &()).ack::<u32>());
        settle().await;
        socket.emit("fill", &()).await.unwrap();
        let start = Instant::now();

        match way {
            "kicked" => socket.disconnect(Closing::Namespace),
            "ended" => socket.disconnect(Closing::Connection),
            "violated" => peer.send("nonsense").await,
            "slow" => {
                for n in 0..8 {
                    server.emit("fill", &n).await.unwrap();
                }
            }
            _ => drop(tokio::spawn(async move { server.close().await })),
        }

        let error = asked.await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "socket was disconnected before it answered", "{way}");
        assert!(start.elapsed() < Duration::from_secs(1), "{way}: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_were_held_when_the_peer_left_are_not_handled() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/")
        .sequential()
        .on("wait", async || tokio::time::sleep(Duration::from_secs(5)).await)
        .on("held", move || notes.note("held"));
    let (_server, mut peer, _) = enter(namespace).await;

    for message in [r#"21["wait"]"#, r#"22["held"]"#, "1"] {
        peer.send(message).await;
    }
    tokio::time::sleep(Duration::from_secs(10)).await;

    assert!(journal.read().await.is_empty());
    peer.expect_nothing().await;
}

// What the peer sees.

#[tokio::test(start_paused = true)]
async fn whoever_leaves_a_namespace_or_is_told_to_stays_in_the_other() {
    let journal = Journal::default();
    let admin = watched("/admin", &journal).on("kick", |socket: Socket| {
        socket.try_emit("last", &()).unwrap();
        socket.disconnect(Closing::Namespace);
    });
    let root = watched("/", &journal).on("ask", || Ack("here"));
    let server = Server::builder().namespace(root).namespace(admin).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;

    let kicked: &[&str] = &[r#"2/admin,["last"]"#, "1/admin,"];
    for (way, told) in [("1/admin,", &[][..]), (r#"2/admin,["kick"]"#, kicked)] {
        peer.send("0/admin,").await;
        peer.text().await;
        peer.send(way).await;
        peer.send(r#"21["ask"]"#).await;
        for message in told.iter().chain(&[r#"31["here"]"#]) {
            peer.expect(message).await;
        }
        let notes = journal.read().await;
        assert!(notes.len() == 2 && notes.iter().all(|note| note.starts_with("/admin ")), "{notes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_connection_is_that_of_all_its_sockets() {
    let journal = Journal::default();
    let root = watched("/", &journal).on("end", |socket: Socket| socket.disconnect(Closing::Connection));
    let server = Server::builder().namespace(root).namespace(watched("/admin", &journal)).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;
    peer.send("0/admin,").await;
    peer.text().await;

    peer.send(r#"2["end"]"#).await;

    let mut told = [peer.text().await, peer.text().await];
    told.sort_unstable();
    assert_eq!(told, ["1", "1/admin,"]);
    peer.expect_end().await;
    let notes = journal.read().await;
    assert_eq!(notes.len(), 4);
    assert!(notes.iter().all(|note| note.ends_with("server namespace disconnect")), "{notes:?}");
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_is_somebody_else() {
    let (server, mut peer, before) = enter(Namespace::new("/")).await;
    before.join("red");
    before.on("ask", || Ack("before"));

    peer.send("1").await;
    let id = peer.join().await;

    assert_ne!(before.id().to_string(), id);
    assert!(!before.is_connected());
    assert!(server.to("red").sockets().await.unwrap().is_empty());
    peer.send(r#"21["ask"]"#).await;
    peer.expect_nothing().await;
}

// The end of the server.

#[tokio::test(start_paused = true)]
async fn a_closed_server_has_said_what_it_had_to_and_has_no_connections() {
    let journal = Journal::default();
    let (server, mut first) = connect(watched("/", &journal));
    let mut second = Peer::connect(&server);
    let mut unjoined = Peer::connect(&server);
    first.join().await;
    second.join().await;

    server.everybody().try_emit("last", &()).unwrap();
    server.close().await;

    let mut late = Peer::connect(&server);
    assert_eq!(server.connection_count(), 0);
    assert_eq!(journal.read().await.len(), 4);
    for peer in [&mut first, &mut second] {
        peer.expect(r#"2["last"]"#).await;
        peer.expect_end().await;
    }
    unjoined.expect_end().await;
    late.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_closing_server_waits_for_a_peer_that_does_not_read_until_the_close_timeout() {
    let config = Config::new().close_timeout(Duration::from_secs(3));
    let (server, _peer, socket) = enter_with(config, 1, Namespace::new("/")).await;
    for n in 0..2 {
        socket.emit("n", &n).await.unwrap();
    }
    let start = Instant::now();

    server.close().await;

    assert_eq!(start.elapsed().as_secs(), 3);
    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_kept_keeps_no_connection() {
    let (server, peer, socket) = enter(Namespace::new("/")).await;

    socket.disconnect(Closing::Namespace);
    drop(peer);
    settle().await;

    assert_eq!((server.connection_count(), socket.is_connected()), (0, false));
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_close_its_server() {
    let (server, mut peer, socket) = enter(Namespace::new("/")).await;
    let journal = Journal::default();
    socket.data().insert((server, journal.clone()));
    socket.on("close", async |socket: Socket| {
        let kept = socket.data().get::<(Server, Journal)>().unwrap();
        kept.0.close().await;
        kept.1.note("closed");
    });

    peer.send(r#"2["close"]"#).await;

    peer.expect_end().await;
    assert_eq!(journal.read().await, ["closed"]);
}
