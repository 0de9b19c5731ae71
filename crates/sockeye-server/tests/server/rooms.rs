use std::sync::{Arc, OnceLock};

use sockeye_server::{Config, Namespace, RoomEvent, Server, Socket, SocketId, TooManyRooms};

use crate::peer::{Journal, Peer, enter_with, settle};

fn told(event: &RoomEvent) -> String {
    match event {
        RoomEvent::Created(room) => format!("+{room}"),
        RoomEvent::Joined(room, _) => format!("{room}>"),
        RoomEvent::Left(room, _) => format!("{room}<"),
        RoomEvent::Deleted(room) => format!("-{room}"),
        _ => "?".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_happens_to_rooms_is_told_in_order() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").on_connect(|socket: Socket| {
        socket.join("red");
        socket.leave("red");
        socket.join("blue");
    });
    let server = Server::builder()
        .namespace(namespace)
        .on_room_event(move |namespace, event| notes.note(format!("{namespace} {}", told(event))))
        .build();
    let mut peer = Peer::connect(&server);
    let id = peer.join().await;

    drop(peer);

    let mut expected = vec![format!("/ +{id}"), format!("/ {id}>")];
    expected.extend(["/ +red", "/ red>", "/ red<", "/ -red", "/ +blue", "/ blue>"].map(String::from));
    expected.extend([format!("/ {id}<"), format!("/ -{id}"), "/ blue<".into(), "/ -blue".into()]);
    assert_eq!(journal.read().await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_listener_may_use_the_server_that_it_listens_to() {
    let server = Arc::new(OnceLock::<Server>::new());
    let (own, journal) = (server.clone(), Journal::default());
    let notes = journal.clone();
    let built = Server::builder()
        .namespace(Namespace::new("/").on_connect(|socket: Socket| socket.join("red")))
        .on_room_event(move |_, event| match event {
            RoomEvent::Joined(room, id) if room.as_str() == "red" => {
                let server = own.get().unwrap();
                server.to(id).try_emit("welcome", &()).unwrap();
                // It comes about while this is being told.
                let _ = std::pin::pin!(server.to("red").join("blue"))
                    .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
                notes.note("red told");
            }
            RoomEvent::Joined(room, _) if room.as_str() == "blue" => notes.note("blue told"),
            _ => {}
        })
        .build();
    server.set(built.clone()).unwrap();
    let mut peer = Peer::connect(&built);

    peer.join().await;

    peer.expect(r#"2["welcome"]"#).await;
    assert_eq!(journal.read().await, ["red told", "blue told"]);
}

#[tokio::test(start_paused = true)]
async fn sockets_are_found_by_room_and_by_id() {
    let server = Server::builder().namespace(Namespace::new("/")).build();
    let (mut ann, mut bob) = (Peer::connect(&server), Peer::connect(&server));
    let ids = [ann.join().await, bob.join().await].map(|id| SocketId::from(id.as_str()));
    let found = server.socket(&ids[0]).unwrap();
    found.join("red");

    let red = server.to("red").local_sockets();
    red[0].try_emit("hello", &()).unwrap();

    ann.expect(r#"2["hello"]"#).await;
    assert_eq!((red.len(), red[0].id()), (1, &ids[0]));
    assert_eq!(server.everybody().local_sockets().len(), 2);
    drop(ann);
    settle().await;
    assert!(server.socket(&ids[0]).is_none());
    assert_eq!(server.everybody().local_sockets()[0].id(), &ids[1]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_listener_harms_nobody() {
    let server = Server::builder()
        .namespace(Namespace::new("/"))
        .on_room_event(|_, _| panic!("in a listener"))
        .build();
    let mut peer = Peer::connect(&server);

    peer.join().await;
    settle().await;

    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_is_in_so_many_rooms_only() {
    let (_server, mut peer, socket) = enter_with(Config::new().max_rooms(3), 64, Namespace::new("/")).await;

    assert_eq!((socket.try_join("a"), socket.try_join("b")), (Ok(()), Ok(())));
    assert_eq!(socket.try_join("c"), Err(TooManyRooms));
    socket.join("c");
    assert_eq!(socket.rooms().len(), 3);
    socket.leave("a");
    assert_eq!(socket.try_join("c"), Ok(()));
    peer.expect_undisturbed().await;
}
