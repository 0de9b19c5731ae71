//! What a peer may not send: it ends the peer's own connection, for the reason that the reference gives, and nothing else.

use std::time::Duration;

use bytes::Bytes;
use sockeye_server::{
    Ack, Args, Config, ConnectionConfig, Data, DisconnectReason, EventName, Limits, Namespace, Server,
};

use crate::peer::{Journal, Peer, connect, enter_with, settle};

/// What ends the connection of a peer that has joined `/`.
async fn expect_refusal(messages: &[&str]) {
    let journal = Journal::default();
    let (events, notes) = (journal.clone(), journal.clone());
    let namespace = Namespace::new("/")
        .on_any(move |name: EventName| events.note(name))
        .on_disconnect(move |reason: DisconnectReason| notes.note(reason));
    let (server, mut bystander) = connect(namespace);
    let mut peer = Peer::connect(&server);
    bystander.join().await;
    peer.join().await;

    for message in messages {
        match message.strip_prefix("binary:") {
            Some(bytes) => peer.send(Bytes::copy_from_slice(bytes.as_bytes())).await,
            None => peer.send(*message).await,
        }
    }

    peer.expect_end().await;
    assert_eq!(journal.read().await, ["forced close"], "{messages:?}");
    assert_eq!(server.connection_count(), 1);
    bystander.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn packets_of_no_type_are_refused() {
    for message in ["", "7", "x", "-1", "\u{1f642}", "nonsense", " 2[\"a\"]"] {
        expect_refusal(&[message]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn payloads_that_are_no_json_are_refused() {
    for message in [
        r#"2["a""#,
        r#"2["a"]]"#,
        r#"2["a",]"#,
        "2[",
        r#"2["a",nan]"#,
        r#"2["\ud8"]"#,
        "2[\"a\u{1}\"]",
        "31[",
        "0{",
        r#"2["a"] x"#,
    ] {
        expect_refusal(&[message]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn payloads_of_another_kind_are_refused() {
    for message in ["2{}", "2\"a\"", "2[]", "2[null]", "2[{}]", "2[[\"a\"]]", "31{}", "3[1]", "1{}", "1[]"] {
        expect_refusal(&[message]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn names_that_mean_something_to_the_libraries_are_refused() {
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
        expect_refusal(&[&format!(r#"2["{name}"]"#)]).await;
        expect_refusal(&[&format!(r#"51-["{name}",{{"_placeholder":true,"num":0}}]"#)]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn json_nested_a_hundred_thousand_deep_is_refused() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nested = open.repeat(100_000) + "1" + &close.repeat(100_000);
        expect_refusal(&[&format!(r#"2["a",{nested}]"#)]).await;
        expect_refusal(&[&format!(r#"2["a",{}"#, open.repeat(100_000))]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn attachments_that_nobody_announced_are_refused() {
    expect_refusal(&["binary:unasked"]).await;
    expect_refusal(&[r#"51-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, "binary:1"])
        .await;
    expect_refusal(&[r#"51-["a",{"_placeholder":true,"num":-1}]"#, "binary:1"]).await;
}

#[tokio::test(start_paused = true)]
async fn attachments_that_are_announced_must_follow() {
    expect_refusal(&[r#"51-["a",{"_placeholder":true,"num":0}]"#, r#"2["b"]"#]).await;
    for count in ["", "0", "-1", "1.5", "11", "99999999999999999999"] {
        expect_refusal(&[&format!(r#"5{count}-["a"]"#)]).await;
    }
    expect_refusal(&[r#"5["a"]"#]).await;
}

#[tokio::test(start_paused = true)]
async fn attachments_that_never_come_disturb_nobody_and_hold_up_no_time_out() {
    let (server, mut bystander) = connect(Namespace::new("/").on("ask", || Ack(1)));
    let mut peer = Peer::connect(&server);
    bystander.join().await;
    peer.join().await;

    peer.send(r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#).await;
    peer.send(Bytes::from_static(b"one of two")).await;
    settle().await;

    bystander.send(r#"21["ask"]"#).await;
    bystander.expect("31[1]").await;
    drop(peer);
    settle().await;
    assert_eq!(server.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn attachments_are_limited_in_bytes() {
    let limits = Limits::new().attachment_bytes(10);
    let config = Config::new().connection(ConnectionConfig::new().parser(limits));
    let (_server, mut peer, _) = enter_with(config, 64, Namespace::new("/")).await;

    peer.send(r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#).await;
    peer.send(Bytes::from_static(b"six of")).await;
    peer.send(Bytes::from_static(b"eleven")).await;

    peer.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_was_not_joined_takes_nothing() {
    for message in
        [r#"2/admin,["a"]"#, "3/admin,1[]", "1/admin,", r#"51-/admin,["a",{"_placeholder":true,"num":0}]"#]
    {
        let extra: &[&str] = if message.starts_with('5') { &[message, "binary:x"] } else { &[message] };
        expect_refusal(extra).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_is_joined_once() {
    expect_refusal(&["0"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_does_not_refuse() {
    expect_refusal(&[r#"4{"message":"no"}"#]).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_comes_before_connect() {
    for message in [r#"2["a"]"#, "31[]", "1", r#"4{"message":"no"}"#] {
        let (server, mut peer) = connect(Namespace::new("/"));

        peer.send(message).await;

        peer.expect_end().await;
        settle().await;
        assert_eq!(server.connection_count(), 0, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn namespaces_of_a_connection_are_limited() {
    let config = Config::new().connection(ConnectionConfig::new().max_namespaces(3));
    let server = Server::builder()
        .config(config)
        .namespace(Namespace::new("/1"))
        .namespace(Namespace::new("/2"))
        .namespace(Namespace::new("/3"))
        .build();
    let mut peer = Peer::connect(&server);
    for name in ["/", "/1", "/2"] {
        peer.send(format!("0{name},")).await;
        peer.text().await;
    }

    peer.send("0/3,").await;

    peer.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_refuses_itself_leaves_room_for_others() {
    let (server, mut bystander) = connect(Namespace::new("/"));
    bystander.join().await;

    for n in 0..1000 {
        let mut peer = Peer::connect(&server);
        peer.send(format!("0/nowhere-{n},")).await;
        peer.expect(&format!(r#"4/nowhere-{n},{{"message":"Invalid namespace"}}"#)).await;
        peer.send("nonsense").await;
        peer.expect_end().await;
    }

    settle().await;
    assert_eq!(server.connection_count(), 1);
    bystander.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_handles_are_left_alone() {
    let (_server, mut peer) = connect(Namespace::new("/"));
    peer.join().await;

    for message in
        [r#"2["unknown",1]"#, r#"2["constructor"]"#, r#"2["__proto__",{}]"#, r#"2[""]"#, "2[5]", "399[1]"]
    {
        peer.send(message).await;
    }

    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_waits_for_ever_holds_up_no_other_event() {
    let namespace = Namespace::new("/")
        .on("hang", async || std::future::pending::<()>().await)
        .on("ask", |Data(n): Data<u32>| Ack(n))
        .on("echo", |args: Args| args);
    let (_server, mut peer) = connect(namespace);
    peer.join().await;

    peer.send(r#"21["hang"]"#).await;
    peer.send(r#"22["ask",5]"#).await;
    peer.send(r#"23["echo","x"]"#).await;

    peer.expect("32[5]").await;
    peer.expect(r#"33["x"]"#).await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    peer.expect_undisturbed().await;
}
