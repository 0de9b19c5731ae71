//! How sockets get into their namespaces.

use std::{
    convert::Infallible,
    future::ready,
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sockeye_client::{ConnectError, Data};
use sockeye_server::{self as server, Namespace, Refusal, Server};

use crate::support::{Log, Wire, failure, pass, settle};

#[derive(Serialize, Deserialize)]
struct Login {
    token: String,
}

/// Lets those in who bring the token `sesame`, and tells others what they brought.
fn guarded(namespace: &str) -> Namespace {
    Namespace::new(namespace.to_owned()).guard(|socket: server::Socket| {
        let login = socket.handshake().auth::<Login>().map_err(|_| Refusal::new("no login"))?;
        match &*login.token {
            "sesame" => Ok(()),
            other => Err(Refusal::new("wrong token").with_data(&other).unwrap()),
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_socket_has_the_id_that_it_has_at_the_server() {
    let wire = Wire::to(Namespace::new("/"));
    let client = wire.client().build().unwrap();

    let socket = client.socket("/").connect().await.unwrap();

    assert!(socket.is_connected() && socket.is_active() && !socket.recovered());
    let there = wire.server().everybody().fetch_sockets().await.unwrap();
    assert_eq!(there.iter().map(|there| there.id().clone()).collect::<Vec<_>>(), [socket.id().unwrap()]);
}

#[tokio::test(start_paused = true)]
async fn sockets_share_one_connection() {
    let server = Server::builder().namespace(Namespace::new("/")).namespace(Namespace::new("/a")).build();
    let wire = Wire::to_server(server);
    let client = wire.client().build().unwrap();

    let root = client.socket("/").connect().await.unwrap();
    let other = client.socket("/a").connect().await.unwrap();

    assert_eq!(wire.attempts(), 1);
    assert_ne!(root.id(), other.id());
    assert_eq!(client.sockets().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_has_one_socket_however_often_it_is_asked_for() {
    let wire = Wire::to(Namespace::new("/"));
    let client = wire.client().build().unwrap();

    let first = client.socket("/").connect().await.unwrap();
    let second = client.socket("/").connect().await.unwrap();

    assert_eq!(first.id(), second.id());
    assert_eq!(client.sockets().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_socket_learns_why_and_does_not_try_again() {
    let wire = Wire::to(guarded("/"));
    let client = wire.client().build().unwrap();
    let log = Log::default();
    let noted = log.clone();

    let builder = client.socket("/").auth(&Login { token: "please".to_owned() });
    let builder = builder.on_connect_error(move |error: ConnectError| noted.note(error.to_string()));
    let socket = builder.start().unwrap();
    pass(Duration::from_secs(60)).await;

    let ConnectError::Refused(refused) = socket.connect_error().unwrap() else { panic!() };
    assert_eq!((refused.message(), refused.data::<String>().unwrap()), ("wrong token", "please".to_owned()));
    assert!(!socket.is_active() && !socket.is_connected());
    assert_eq!(log.take(), ["refused by the server: wrong token"]);
    assert_eq!(wire.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_does_not_exist_is_a_refusal() {
    let wire = Wire::to(Namespace::new("/"));
    let client = wire.client().build().unwrap();

    let error = failure(client.socket("/nowhere").connect().await);

    assert_eq!(error.to_string(), "refused by the server: Invalid namespace");
}

#[tokio::test(start_paused = true)]
async fn a_refused_socket_may_try_with_something_else() {
    let wire = Wire::to(guarded("/"));
    let client = wire.client().build().unwrap();
    let socket = client.socket("/").start().unwrap();
    settle().await;
    assert_eq!(socket.connect_error().unwrap().to_string(), "refused by the server: no login");

    socket.set_auth(&Login { token: "sesame".to_owned() }).unwrap();
    socket.connect().await.unwrap();

    assert!(socket.is_connected() && socket.connect_error().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_function_is_asked_for_the_login_at_each_connection() {
    let log = Log::default();
    let seen = log.clone();
    let wire = Wire::to(Namespace::new("/").on_connect(move |socket: server::Socket| {
        seen.note(socket.handshake().auth::<Login>().unwrap().token);
    }));
    let client = wire.client().build().unwrap();
    let asked = Arc::new(AtomicU32::new(0));

    let builder = client.socket("/").auth_with(move || {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, Infallible>(Login { token: number.to_string() }) }
    });
    let socket = builder.connect().await.unwrap();
    wire.cut();
    pass(Duration::from_secs(10)).await;

    assert!(socket.is_connected());
    assert_eq!(log.take(), ["0", "1"]);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_cannot_be_had_fails_the_attempt() {
    let wire = Wire::to(Namespace::new("/"));
    let client = wire.client().build().unwrap();
    let no_token = || async { Err::<Login, _>(io::Error::other("no token today")) };

    let error = failure(client.socket("/").auth_with(no_token).connect().await);

    assert!(matches!(&error, ConnectError::Auth(source) if source.to_string() == "no token today"));
    settle().await;
    assert!(wire.server().everybody().fetch_sockets().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_panic_over_the_login_fails_the_attempt_and_nothing_else() {
    let namespaces = Server::builder().namespace(Namespace::new("/")).namespace(Namespace::new("/a"));
    let wire = Wire::to_server(namespaces.build());
    let client = wire.client().build().unwrap();
    let other = client.socket("/a").connect().await.unwrap();
    let lose = || -> Result<Login, Infallible> { panic!("no login at all") };
    let at_once = move || ready(lose());
    let later = move || async move {
        tokio::task::yield_now().await;
        lose()
    };

    let first = failure(client.socket("/").auth_with(at_once).connect().await);
    let second = failure(client.socket("/").auth_with(later).connect().await);

    for error in [first, second] {
        assert!(
            matches!(&error, ConnectError::Auth(source) if source.to_string().contains("no login at all")),
            "{error:?}"
        );
    }
    assert!(other.is_connected() && client.socket("/").connect().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_the_server_sends_first_finds_its_handler() {
    let wire = Wire::to(Namespace::new("/").on_connect(async |socket: server::Socket| {
        socket.emit("welcome", "hello").await.unwrap();
    }));
    let client = wire.client().build().unwrap();
    let log = Log::default();
    let (connected, welcomed) = (log.clone(), log.clone());

    let _socket = client
        .socket("/")
        .on_connect(move || connected.note("connected"))
        .on("welcome", move |Data(text): Data<String>| welcomed.note(text))
        .connect()
        .await
        .unwrap();
    settle().await;

    assert_eq!(log.take(), ["connected", "hello"]);
}
