//! People in the chat, without a browser, a port or a wait.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use sockeye::{
    Server,
    testing::{TestClient, settle},
};

use crate::server;

#[derive(Debug, Deserialize)]
struct View {
    people: Vec<String>,
    history: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    from: String,
    text: Option<String>,
    picture: Option<Picture>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Picture {
    media: String,
    bytes: Bytes,
}

#[derive(Debug, Deserialize)]
struct Failed {
    message: String,
}

/// Somebody in the lobby.
async fn guest(server: &Server, nickname: &str) -> TestClient {
    let client = TestClient::connect(server).await;
    let _: View = client.emit_with_ack("join", &(nickname, "lobby")).await;
    client
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_sees_the_others_and_is_seen() {
    let server = server();
    let mut ann = guest(&server, "Ann").await;
    ann.emit("say", "hello").await;
    let _: Entry = ann.receive("entry").await;

    let bob = TestClient::connect(&server).await;
    let view: View = bob.emit_with_ack("join", &("Bob", "lobby")).await;

    assert_eq!(view.people, ["Ann", "Bob"]);
    assert_eq!(view.history[0].text.as_deref(), Some("hello"));
    let (name, people): (String, Vec<String>) = ann.receive("came").await;
    assert_eq!((name.as_str(), people.len()), ("Bob", 2));
}

#[tokio::test(start_paused = true)]
async fn a_picture_reaches_everybody_in_the_room() {
    let server = server();
    let (mut ann, mut bob) = (guest(&server, "Ann").await, guest(&server, "Bob").await);
    let png = Bytes::from_static(b"\x89PNG");

    ann.emit("picture", &("image/png", &png)).await;

    for client in [&mut ann, &mut bob] {
        let entry: Entry = client.receive("entry").await;
        assert_eq!(entry.from, "Ann");
        assert_eq!(entry.picture, Some(Picture { media: "image/png".into(), bytes: png.clone() }));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_takes_the_name_of_another() {
    let server = server();
    let _ann = guest(&server, "Ann").await;
    let other = TestClient::connect(&server).await;

    let answer: Failed = other.emit_with_ack("join", &("Ann", "lobby")).await;

    assert_eq!(answer.message, "Somebody here has that name.");
}

#[tokio::test(start_paused = true)]
async fn whoever_types_is_seen_by_the_others_only() {
    let server = server();
    let (mut ann, mut bob) = (guest(&server, "Ann").await, guest(&server, "Bob").await);
    let _ = ann.receive_event("came").await;

    ann.emit("typing", &true).await;

    assert_eq!(bob.receive::<(String, bool)>("typing").await, ("Ann".to_owned(), true));
    ann.expect_silence(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_lost_has_left() {
    let server = server();
    let (ann, mut bob) = (guest(&server, "Ann").await, guest(&server, "Bob").await);

    // Nothing tells the server but its heartbeat.
    ann.freeze().await;

    let (name, people): (String, Vec<String>) = bob.receive("left").await;
    assert_eq!((name.as_str(), people), ("Ann", vec!["Bob".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_room_is_forgotten_with_the_last_who_leaves() {
    let server = server();
    let ann = guest(&server, "Ann").await;
    ann.emit("say", "hello").await;
    ann.cut().await;
    settle().await;

    let bob = TestClient::connect(&server).await;
    let view: View = bob.emit_with_ack("join", &("Bob", "lobby")).await;

    assert_eq!((view.people, view.history.len()), (vec!["Bob".to_owned()], 0));
}
