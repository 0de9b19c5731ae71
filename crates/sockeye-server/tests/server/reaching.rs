//! Handlers that reach their server.

use std::sync::Arc;

use sockeye_server::{Ack, Namespace, Server, Socket};

use crate::peer::{Journal, Peer, settle};

#[tokio::test(start_paused = true)]
async fn a_handler_reaches_other_namespaces_through_its_server() {
    let root = Namespace::new("/").on("alarm", async |server: Server, socket: Socket| {
        let wardens = server.of("/wardens").unwrap();
        wardens.emit("alarm", &socket.id().to_string()).await.unwrap();
        Ack(wardens.fetch_sockets().await.unwrap().len())
    });
    let server = Server::builder().namespace(root).namespace(Namespace::new("/wardens")).build();
    let mut peer = Peer::connect(&server);
    let id = peer.join().await;
    let mut warden = Peer::connect(&server);
    warden.send("0/wardens,").await;
    warden.text().await;

    peer.send(r#"21["alarm"]"#).await;

    warden.expect(&format!(r#"2/wardens,["alarm","{id}"]"#)).await;
    peer.expect("31[1]").await;
}

#[tokio::test(start_paused = true)]
async fn handlers_of_every_kind_may_have_the_server() {
    let journal = Journal::default();
    let note = |what: &'static str| {
        let notes = journal.clone();
        move |server: Server| notes.note(format_args!("{what} of {}", server.connection_count()))
    };
    let namespace = Namespace::new("/")
        .guard(note("guard"))
        .filter(note("filter"))
        .on_connect(note("connect"))
        .on("event", note("event"))
        .on_any(note("any"))
        .on_disconnecting(note("disconnecting"))
        .on_disconnect(note("disconnect"));
    let server = Server::builder().namespace(namespace).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;

    peer.send(r#"2["event"]"#).await;
    peer.send("1").await;

    let kinds = ["guard", "connect", "filter", "any", "event", "disconnecting", "disconnect"];
    assert_eq!(journal.read().await, kinds.map(|kind| format!("{kind} of 1")));
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_handlers_want_it_goes_with_its_last_handle_and_connection() {
    let kept = Arc::new(());
    let namespace = Namespace::new("/")
        .on_server_event("event", |_: Server| {})
        .on("count", |server: Server| Ack(server.connection_count()));
    let server = Server::builder().state(kept.clone()).namespace(namespace).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;
    peer.send(r#"21["count"]"#).await;
    peer.expect("31[1]").await;

    drop(peer);
    settle().await;
    assert!(Arc::strong_count(&kept) > 1);
    drop(server);

    assert_eq!(Arc::strong_count(&kept), 1);
}

#[cfg(feature = "engine")]
#[tokio::test(start_paused = true)]
async fn a_server_is_found_as_long_as_something_can_reach_it() {
    let namespace = Namespace::new("/").on("count", |server: Server| Ack(server.connection_count()));
    let server = Server::builder().namespace(namespace).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;
    let service = server.service();

    drop(server);
    peer.send(r#"21["count"]"#).await;
    peer.expect("31[1]").await;

    // The last that could be asked for anything: the peer came without HTTP.
    drop(service);
    peer.send(r#"22["count"]"#).await;
    peer.expect(r#"32[{"message":"the server has gone"}]"#).await;
}
