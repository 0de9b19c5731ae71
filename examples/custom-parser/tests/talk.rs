//! A server and a client that both speak the format.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use custom_parser::Objects;
use sockeye::{Ack, Data, Namespace, Refusal, Server, Socket, TryData, testing::TestClient};

fn server() -> Server {
    let root = Namespace::new("/").on("reverse", async |socket: Socket, Data(bytes): Data<Bytes>| {
        let reversed: Bytes = bytes.iter().rev().copied().collect();
        socket.emit("reversed", &reversed).await.map(|()| Ack(reversed))
    });
    let closed = Namespace::new("/closed").guard(|TryData(auth): TryData<Auth>| match auth {
        Ok(Auth { key: 7 }) => Ok(()),
        _ => Err(Refusal::new("closed")),
    });
    Server::builder().format(Objects).namespace(root).namespace(closed).build()
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Auth {
    key: u32,
}

#[tokio::test(start_paused = true)]
async fn binary_data_goes_and_comes_in_events_and_acknowledgements() {
    let mut client = TestClient::builder().format(Objects).connect(&server()).await.unwrap();

    let answer: Bytes = client.emit_with_ack("reverse", &Bytes::from_static(&[1, 2, 3])).await;

    assert_eq!(answer, [3, 2, 1].as_slice());
    assert_eq!(client.receive::<Bytes>("reversed").await, answer);
}

#[tokio::test(start_paused = true)]
async fn guards_read_what_clients_send_and_say_why_not() {
    let server = server();
    let knock =
        |key| TestClient::builder().format(Objects).namespace("/closed").auth(&Auth { key }).connect(&server);

    assert_eq!(knock(1).await.unwrap_err().refusal().message(), "closed");
    assert!(knock(7).await.is_ok());
}
