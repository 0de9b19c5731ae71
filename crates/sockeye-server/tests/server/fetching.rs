//! Sockets that are asked for, on whichever server they are.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use serde::Deserialize;
use sockeye_server::{AckError, Closing, EmitError, Namespace, RemoteSocket, Server, Socket};
use tokio::time::Instant;

use crate::{
    linked,
    peer::{Peer, settle},
};

#[derive(Deserialize)]
struct Auth {
    name: String,
}

/// A namespace whose sockets publish the name that they were let in with, and join its room.
fn named() -> Namespace {
    Namespace::new("/").on_connect(|socket: Socket| {
        let Auth { name } = socket.handshake().auth().unwrap();
        socket.join(&name);
        socket.data().publish(Mutex::new(name));
    })
}

async fn guest(server: &Server, name: &str) -> Peer {
    let mut peer = Peer::connect(server);
    peer.send(format!(r#"0{{"name":{name:?}}}"#)).await;
    peer.text().await;
    peer
}

/// Ann is at the first server, Bob at the second.
async fn ann_and_bob() -> ([Server; 2], [Peer; 2]) {
    let servers = linked::servers([named(), named()]);
    let peers = [guest(&servers[0], "ann").await, guest(&servers[1], "bob").await];
    (servers, peers)
}

async fn fetch(server: &Server, room: &str) -> RemoteSocket {
    let mut sockets = server.to(room).fetch_sockets().await.unwrap();
    assert_eq!(sockets.len(), 1, "{room}");
    sockets.remove(0)
}

#[tokio::test(start_paused = true)]
async fn sockets_are_found_on_whichever_server_with_what_is_known_of_them() {
    let ([server, _other], _peers) = ann_and_bob().await;

    let mut found = HashMap::new();
    for socket in server.fetch_sockets().await.unwrap() {
        let name: String = socket.data().unwrap();
        let mut rooms: Vec<_> = socket.rooms().iter().map(ToString::to_string).collect();
        rooms.sort_by_key(String::len);
        assert_eq!(rooms, [name.clone(), socket.id().to_string()]);
        assert_eq!(socket.handshake().auth.to_json(), format!(r#"[{{"name":{name:?}}}]"#));
        found.insert(name, socket.local().is_some());
    }

    assert_eq!(found, HashMap::from([("ann".to_owned(), true), ("bob".to_owned(), false)]));
    let here = server.local().fetch_sockets().await.unwrap();
    assert_eq!(here.len(), 1);
    assert_eq!(here[0].data::<String>().unwrap(), "ann");
}

#[tokio::test(start_paused = true)]
async fn a_socket_of_another_server_is_known_as_it_was_when_it_was_asked_for() {
    let ([server, other], _peers) = ann_and_bob().await;
    let before = fetch(&server, "bob").await;
    let bob = fetch(&other, "bob").await.local().unwrap().clone();

    bob.join("late");
    *bob.data().get::<Mutex<String>>().unwrap().lock().unwrap() = "robert".to_owned();

    let after = fetch(&server, "bob").await;
    assert_eq!((before.rooms().len(), after.rooms().len()), (2, 3));
    assert_eq!(before.data::<String>().unwrap(), "bob");
    assert_eq!(after.data::<String>().unwrap(), "robert");
}

#[tokio::test(start_paused = true)]
async fn data_that_was_not_published_or_cannot_be_written_is_not_seen() {
    let ([server, other], _peers) = ann_and_bob().await;
    let bob = fetch(&other, "bob").await.local().unwrap().clone();

    bob.data().remove::<Mutex<String>>();
    bob.data().insert("private");
    let private = fetch(&server, "bob").await;
    bob.data().publish(HashMap::from([((1, 2), 3)]));
    let unwritable = fetch(&server, "bob").await;

    for socket in [private, unwritable] {
        assert!(socket.raw_data().is_empty());
        assert!(socket.data::<String>().is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_tuple_is_published_as_one_value() {
    let ([server, other], _peers) = ann_and_bob().await;
    let bob = fetch(&other, "bob").await.local().unwrap().clone();

    bob.data().publish(("bob", 7));

    assert_eq!(fetch(&server, "bob").await.data::<(String, u32)>().unwrap(), ("bob".to_owned(), 7));
}

#[tokio::test(start_paused = true)]
async fn a_fetched_socket_is_spoken_to_moved_and_disconnected_wherever_it_is() {
    let ([server, _other], [mut ann, mut bob]) = ann_and_bob().await;

    for (name, peer) in [("ann", &mut ann), ("bob", &mut bob)] {
        let socket = fetch(&server, name).await;
        socket.emit("hello", name).await.unwrap();
        socket.join("red").await.unwrap();
        assert_eq!(fetch(&server, "red").await.id(), socket.id());
        socket.leave("red").await.unwrap();
        assert!(server.to("red").fetch_sockets().await.unwrap().is_empty());
        socket.disconnect(Closing::Namespace).await.unwrap();

        peer.expect(&format!(r#"2["hello",{name:?}]"#)).await;
        peer.expect("1").await;
        peer.expect_undisturbed().await;
    }
    assert!(server.fetch_sockets().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn broadcasts_of_a_fetched_socket_leave_itself_out() {
    let ([server, _other], [mut ann, mut bob]) = ann_and_bob().await;
    let socket = fetch(&server, "bob").await;

    socket.broadcast().emit("all", &1).await.unwrap();
    socket.to("ann").to("bob").emit("rooms", &2).await.unwrap();
    socket.within("bob").emit("own", &3).await.unwrap();
    socket.except("ann").emit("others", &4).await.unwrap();

    ann.expect(r#"2["all",1]"#).await;
    ann.expect(r#"2["rooms",2]"#).await;
    ann.expect_nothing().await;
    bob.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_fetched_socket_answers_for_itself_alone() {
    let ([server, other], [_ann, mut bob]) = ann_and_bob().await;
    // The other server awaits an answer with the same id.
    let awaited =
        tokio::spawn(async move { fetch(&other, "bob").await.emit("first", &()).ack::<u32>().await });
    bob.expect(r#"20["first"]"#).await;
    let socket = fetch(&server, "bob").await;
    let asked = tokio::spawn(async move { socket.emit("second", &()).ack::<u32>().await });
    bob.expect(r#"21["second"]"#).await;

    bob.send("31[2]").await;
    bob.send("30[1]").await;

    assert_eq!(asked.await.unwrap().unwrap(), 2);
    assert_eq!(awaited.await.unwrap().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetched_socket_that_does_not_answer_is_not_waited_for_longer_than_allowed() {
    let ([server, _other], [ann, bob]) = ann_and_bob().await;
    let (here, there) = (fetch(&server, "ann").await, fetch(&server, "bob").await);

    for socket in [&here, &there] {
        let start = Instant::now();
        let answer = socket.emit("question", &()).timeout(Duration::from_secs(3)).ack::<u32>().await;
        assert!(matches!(answer, Err(AckError::Timeout)), "{answer:?}");
        assert_eq!(start.elapsed().as_secs(), 3);
    }
    drop((ann, bob));
    settle().await;
    for socket in [&here, &there] {
        let start = Instant::now();
        assert!(matches!(socket.emit("question", &()).ack::<u32>().await, Err(AckError::Disconnected)));
        assert_eq!(start.elapsed().as_secs(), 0);
        socket.emit("hello", &()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn reserved_names_cannot_be_sent_to_a_fetched_socket() {
    let ([server, _other], _peers) = ann_and_bob().await;

    let sent = fetch(&server, "bob").await.emit("disconnect", &()).await;

    assert!(matches!(sent, Err(EmitError::ReservedName)));
}

#[tokio::test(start_paused = true)]
async fn what_the_main_namespace_can_do_the_server_can_do_by_itself() {
    let ([server, _other], [mut ann, mut bob]) = ann_and_bob().await;

    server.sockets_join("red").await.unwrap();
    server.in_all(["red", "bob"]).emit("a", &()).await.unwrap();
    server.local().emit("b", &()).await.unwrap();
    server.volatile().to("bob").emit("c", &()).await.unwrap();
    server.sockets_leave("red").await.unwrap();
    server.to("red").emit("d", &()).await.unwrap();
    let late = server.timeout(Duration::from_secs(1)).emit("e", &()).ack::<u32>().await;
    server.disconnect_sockets(Closing::Connection).await.unwrap();

    assert_eq!(late.unwrap_err().to_string(), "operation has timed out: 2 did not answer");
    for message in [r#"2["b"]"#, r#"20["e"]"#, "1"] {
        ann.expect(message).await;
    }
    ann.expect_end().await;
    let told: Vec<_> = [bob.text().await, bob.text().await, bob.text().await].into();
    assert_eq!(told[..2], [r#"2["a"]"#, r#"2["c"]"#]);
    bob.expect("1").await;
    bob.expect_end().await;
}
