//! Events and acknowledgements in both directions.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sockeye::{Ack, Data, Namespace, Socket, testing::TestClient};

use crate::serve;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Picture {
    title: String,
    bytes: Bytes,
}

#[tokio::test(start_paused = true)]
async fn events_have_types_and_bytes_anywhere_in_them() {
    let namespace = Namespace::new("/").on("echo", async |socket: Socket, Data(picture): Data<Picture>| {
        socket.emit("echo", &(1, picture)).await
    });
    let mut client = TestClient::connect(&serve(namespace)).await;
    let picture = || Picture { title: "sunset".into(), bytes: Bytes::from_static(b"\x89PNG") };

    client.emit("echo", &picture()).await;

    assert_eq!(client.receive::<(u32, Picture)>("echo").await, (1, picture()));
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_have_types_and_find_who_waits() {
    let namespace = Namespace::new("/").on("wait", async |Data(seconds): Data<u64>| {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ack(seconds)
    });
    let client = TestClient::connect(&serve(namespace)).await;

    let answers: (u64, u64) =
        tokio::join!(client.emit_with_ack("wait", &9), client.emit_with_ack("wait", &1));

    assert_eq!(answers, (9, 1));
}

#[tokio::test(start_paused = true)]
async fn events_of_other_names_stay_for_later() {
    let namespace = Namespace::new("/").on_connect(async |socket: Socket| {
        for (number, name) in [(1, "a"), (2, "b"), (3, "a"), (4, "c")] {
            socket.emit(name, &number).await.unwrap();
        }
    });
    let mut client = TestClient::connect(&serve(namespace)).await;

    assert_eq!(client.receive::<u32>("c").await, 4);
    assert_eq!(client.receive::<u32>("a").await, 1);
    let next = client.receive_any().await;
    assert_eq!((next.name().as_str(), next.data::<u32>()), ("b", 2));
    assert_eq!(client.receive::<u32>("a").await, 3);
    client.expect_silence(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_acknowledges_what_the_server_asks() {
    let namespace = Namespace::new("/").on("ask", async |socket: Socket| {
        let answer: (String, Bytes) = socket.emit("question", "who?").ack().await.unwrap();
        socket.emit("answered", &answer).await
    });
    let mut client = TestClient::connect(&serve(namespace)).await;
    client.emit("ask", &()).await;

    let question = client.receive_event("question").await;
    assert!(question.wants_ack());
    assert_eq!(question.args().to_json(), r#"["who?"]"#);
    question.ack(&("Ann", Bytes::from_static(b"7"))).await;

    let answered: (String, Bytes) = client.receive("answered").await;
    assert_eq!(answered, ("Ann".to_owned(), Bytes::from_static(b"7")));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_given_up_loses_nothing() {
    let namespace = Namespace::new("/").on("later", async |socket: Socket| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        socket.emit("other", &1).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        socket.emit("news", &2).await.unwrap();
    });
    let mut client = TestClient::connect(&serve(namespace)).await;
    client.emit("later", &()).await;

    let early = tokio::time::timeout(Duration::from_secs(7), client.receive::<u32>("news")).await;

    assert!(early.is_err());
    assert_eq!(client.receive::<u32>("other").await, 1);
    assert_eq!(client.receive::<u32>("news").await, 2);
}
