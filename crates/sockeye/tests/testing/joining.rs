//! Who is let in, and with what.

use serde::{Deserialize, Serialize};
use sockeye::{
    Ack, Config, Data, Msgpack, Namespace, Refusal, Server, Socket, TryData, engine,
    testing::{ConnectError, TestClient},
};

use crate::serve;

#[derive(Deserialize, Serialize)]
struct Pass {
    name: String,
    token: String,
}

/// Lets in who has the token.
fn members() -> Namespace {
    Namespace::new("/members")
        .guard(|socket: Socket, TryData(pass): TryData<Pass>| {
            let pass = pass.map_err(|_| Refusal::new("no pass"))?;
            if pass.token != "sesame" {
                let refusal = Refusal::new("not a member");
                return Err(refusal.clone().with_data(&(401, &pass.name)).unwrap_or(refusal));
            }
            socket.data().insert(pass.name);
            Ok(())
        })
        .on("who", |socket: Socket| Ack(socket.data().get::<String>().map(|name| name.to_string())))
}

fn pass(token: &str) -> Pass {
    Pass { name: "Ann".into(), token: token.into() }
}

#[tokio::test(start_paused = true)]
async fn a_client_is_let_in_by_what_it_sends() {
    let server = serve(members());

    let ann =
        TestClient::builder().namespace("/members").auth(&pass("sesame")).connect(&server).await.unwrap();

    assert_eq!(ann.emit_with_ack::<String>("who", &()).await, "Ann");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_has_its_message_and_its_data() {
    let server = serve(members());

    let client = TestClient::builder().namespace("/members").auth(&pass("open")).connect(&server).await;

    let refused = client.unwrap_err().refusal();
    assert_eq!(refused.message(), "not a member");
    assert_eq!(refused.data::<(u16, String)>(), (401, "Ann".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_does_not_exist_refuses() {
    let server = serve(Namespace::new("/"));

    let client = TestClient::builder().namespace("/nowhere").connect(&server).await;

    assert_eq!(client.unwrap_err().refusal().message(), "Invalid namespace");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_query_headers_and_address() {
    let namespace = Namespace::new("/").on("handshake", |socket: Socket| {
        let handshake = socket.handshake();
        let cookie = handshake.header("cookie").map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let colour = handshake.query("colour").unwrap_or_default().into_owned();
        Ack((cookie, colour, handshake.address()))
    });
    let server = serve(namespace);
    let address = "192.0.2.7:4000".parse().unwrap();

    let builder = TestClient::builder().header("Cookie", "id=1").query("colour=deep%20red").address(address);
    let client = builder.connect(&server).await.unwrap();

    let handshake: (String, String, Option<std::net::SocketAddr>) =
        client.emit_with_ack("handshake", &()).await;
    assert_eq!(handshake, ("id=1".to_owned(), "deep red".to_owned(), Some(address)));
}

#[tokio::test(start_paused = true)]
async fn several_clients_share_a_connection() {
    let server = Server::builder().namespace(Namespace::new("/")).namespace(members()).build();
    let root = TestClient::connect(&server).await;

    let refused = root.join("/members").await.unwrap_err().refusal();
    let member = root.join_with("/members", &pass("sesame")).await.unwrap();

    assert_eq!(refused.message(), "no pass");
    assert_eq!(server.connection_count(), 1);
    assert_eq!(member.emit_with_ack::<String>("who", &()).await, "Ann");
    assert_eq!(&**member.namespace(), "/members");
}

#[tokio::test(start_paused = true)]
async fn both_ends_know_the_same_id() {
    let server = serve(Namespace::new("/"));

    let client = TestClient::connect(&server).await;

    assert!(server.socket(client.id()).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_full_or_closed_takes_nobody() {
    let config = Config::new().engine(engine::Config::new().max_sessions(1));
    let server = Server::builder().config(config).build();
    let _first = TestClient::connect(&server).await;

    let second = TestClient::builder().connect(&server).await;
    server.close().await;
    let third = TestClient::builder().connect(&server).await;

    assert!(matches!(second, Err(ConnectError::NotAccepted(engine::AcceptError::Full))));
    assert!(matches!(third, Err(ConnectError::NotAccepted(engine::AcceptError::Closed))));
}

#[tokio::test(start_paused = true)]
async fn a_client_speaks_the_format_of_its_server() {
    let echo = Namespace::new("/").on("echo", |Data(number): Data<f64>| Ack(number));
    let server = Server::builder().namespace(echo).format(Msgpack).build();

    let client = TestClient::builder().format(Msgpack).connect(&server).await.unwrap();
    let other = TestClient::builder().connect(&server).await;

    assert!((client.emit_with_ack::<f64>("echo", &1.5).await - 1.5).abs() < f64::EPSILON);
    assert!(matches!(other, Err(ConnectError::Ended)));
}
