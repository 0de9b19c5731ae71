//! Namespaces, events, acknowledgements and binary data.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sockeye::client::{Ack, Client, Data, Occurrence};

use crate::support::{
    client::{Mode, refusal},
    server::shared,
};

in_each_mode!(
    an_event_is_answered_by_an_event,
    both_sides_acknowledge,
    binary_data_travels_both_ways,
    namespaces_share_a_connection,
    a_refusal_says_why,
    a_refusal_brings_data,
    a_namespace_that_is_not_there_is_refused,
    the_server_sees_what_the_client_said_of_itself,
);

async fn an_event_is_answered_by_an_event(mode: Mode) {
    let socket = mode.connect(mode.client(shared())).await;
    let mut events = socket.events(8);
    let values = [
        json!("sockeye 🐟 \u{1e}\u{2028}\"\\"),
        json!(null),
        json!(-1.5),
        json!([[], {}]),
        json!({ "a": { "b": [1, true] } }),
    ];

    for value in values {
        socket.emit("echo", &(&value,)).await.unwrap();

        let event = loop {
            let event = events.next().await.unwrap();
            if event.name() == "echo" {
                break event;
            }
        };
        assert_eq!(event.data::<(Value,)>().unwrap(), (value,));
    }
}

async fn both_sides_acknowledge(mode: Mode) {
    let socket = mode.connect(mode.client(shared())).await;
    socket.on("question", |Data(question): Data<Value>| Ack(json!({ "answer to": question })));

    let mirrored: Value = socket.emit("mirror", &json!({ "a": [1, "🐟"] })).ack().await.unwrap();
    let asked: Value = socket.emit("ask", &json!(["who?", 42])).ack().await.unwrap();

    assert_eq!(mirrored, json!({ "a": [1, "🐟"] }));
    assert_eq!(asked, json!({ "answer to": ["who?", 42] }));
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Album {
    title: String,
    cover: Bytes,
    pages: Vec<Page>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Page {
    number: u32,
    scan: Bytes,
}

/// The server turns everything around, so that it must have read it.
async fn binary_data_travels_both_ways(mode: Mode) {
    let page = |number, scan: &'static [u8]| Page { number, scan: scan.into() };
    let socket = mode.connect(mode.client(shared())).await;
    let mut events = socket.events(8);
    let album = Album {
        title: "Fish".into(),
        cover: vec![0, 1, 255].into(),
        pages: vec![page(1, &[4, 5]), page(2, &[6])],
    };

    let answer: Album = socket.emit("album", &album).ack().await.unwrap();

    let expected = Album {
        title: "Fish".into(),
        cover: vec![255, 1, 0].into(),
        pages: vec![page(2, &[6]), page(1, &[5, 4])],
    };
    assert_eq!(answer, expected);
    while let Some(event) = events.next().await {
        if event.name() == "album" {
            assert_eq!(event.data::<Album>().unwrap(), expected);
            break;
        }
    }
}

async fn namespaces_share_a_connection(mode: Mode) {
    let opened = Arc::new(AtomicUsize::new(0));
    let counted = opened.clone();
    let builder = mode.client(shared()).on_occurrence(move |occurrence| {
        counted.fetch_add(usize::from(matches!(occurrence, Occurrence::Open)), Ordering::Relaxed);
    });
    let client = builder.build().unwrap();

    let login = json!({ "name": "Ann", "token": "sesame" });
    let members = client.socket("/members").auth(&login).connect().await.unwrap();
    let root = client.socket("/").connect().await.unwrap();

    assert_eq!(members.emit("who", &()).ack::<String>().await.unwrap(), "Ann");
    assert_eq!(root.emit("mirror", &7).ack::<u32>().await.unwrap(), 7);
    members.disconnect();
    assert_eq!(root.emit("mirror", &8).ack::<u32>().await.unwrap(), 8);
    assert_eq!(opened.load(Ordering::Relaxed), 1);
}

async fn a_refusal_says_why(mode: Mode) {
    let client = mode.client(shared()).build().unwrap();

    let refused = refusal(client.socket("/members").auth(&json!({ "token": "guess" })).connect().await);

    assert_eq!(refused.message(), "not a member");
    // It is no obstacle to come again with the right word.
    let login = json!({ "name": "Bob", "token": "sesame" });
    let members = client.socket("/members").auth(&login).connect().await.unwrap();
    assert_eq!(members.emit("who", &()).ack::<String>().await.unwrap(), "Bob");
}

async fn a_refusal_brings_data(mode: Mode) {
    let client = mode.client(shared()).build().unwrap();

    let refused = refusal(client.socket("/members").auth(&json!({ "token": "guess" })).connect().await);

    let data: Value = refused.data().unwrap();
    assert_eq!(data, json!({ "code": 401, "hints": ["ask for a token"] }));
}

async fn a_namespace_that_is_not_there_is_refused(mode: Mode) {
    let client: Client = mode.client(shared()).build().unwrap();

    let refused = refusal(client.socket("/nowhere").connect().await);

    assert!(!refused.message().is_empty());
}

async fn the_server_sees_what_the_client_said_of_itself(mode: Mode) {
    let engine = mode
        .engine()
        .with_query("colour", "red & blue")
        .with_header("x-fixture".parse().unwrap(), "by hand".parse().unwrap());
    let client = mode.client(shared()).engine(engine).build().unwrap();
    let auth = json!({ "name": "Ann", "age": 7 });
    let socket = client.socket("/").auth(&auth).connect().await.unwrap();

    let seen: Value = socket.emit("handshake", &()).ack().await.unwrap();

    assert_eq!(seen["auth"], auth);
    assert_eq!(seen["header"], "by hand");
    assert_eq!(seen["query"], "red & blue");
}
