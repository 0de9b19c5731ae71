//! Ids of sessions that the application makes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::{
    convert::Infallible,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sockeye_engine_server::{Config, Forbidden, HandshakeInfo};
use support::{Client, echo, engine, get, settle};
use tokio::{io::AsyncWriteExt, sync::Barrier, time::Instant};
use websocket::{HANDSHAKE, ask, connect};

const POLLING: &str = "/engine.io/?EIO=4&transport=polling";
const BAD_REQUEST: &str = r#"{"code":3,"message":"Bad request"}"#;

/// Sessions are called what their requests say.
fn named() -> Config {
    Config::new().generate_id(async |request: HandshakeInfo| {
        Ok::<_, Infallible>(request.query_value("name").unwrap_or_default().into_owned())
    })
}

#[tokio::test(start_paused = true)]
async fn a_session_is_called_what_the_application_says() {
    let (engine, _reasons) = echo(named());

    let client = Client::open_with(&engine, "EIO=4&transport=polling&name=Anna").await;
    assert_eq!(client.sid, "Anna");
    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
    assert_eq!(client.get().await.brief(), (200, "4a"));

    let mut socket = connect(&engine);
    ask(&mut socket, "EIO=4&transport=websocket&name=Otto", HANDSHAKE).await;
    assert_eq!(socket.opened().await, "Otto");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_an_open_session_has_is_refused() {
    let (engine, _reasons) = echo(named());
    let client = Client::open_with(&engine, "EIO=4&transport=polling&name=Anna").await;

    assert_eq!(get(&engine, &format!("{POLLING}&name=Anna")).await.brief(), (400, BAD_REQUEST));
    let mut socket = connect(&engine);
    let head = ask(&mut socket, "EIO=4&transport=websocket&name=Anna", HANDSHAKE).await;
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");

    assert_eq!(engine.sessions(), 1);
    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
    assert_eq!(client.get().await.brief(), (200, "4a"), "the session that has it goes on");
    client.post("1").await;
    Client::open_with(&engine, "EIO=4&transport=polling&name=Anna").await;
}

#[tokio::test(start_paused = true)]
async fn of_two_websockets_with_one_id_at_the_same_time_one_gets_it_and_the_other_is_closed() {
    let both = Arc::new(Barrier::new(2));
    let errors = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&errors);
    let config = Config::new()
        .generate_id(move |_| {
            let both = Arc::clone(&both);
            async move {
                both.wait().await;
                Ok::<_, Infallible>("Anna".into())
            }
        })
        .on_connection_error(move |_| {
            told.fetch_add(1, Ordering::SeqCst);
        });
    let (engine, _reasons) = echo(config);
    let mut sockets = [connect(&engine), connect(&engine)];
    for socket in &mut sockets {
        let request = format!("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n{HANDSHAKE}");
        socket.0.write_all(request.as_bytes()).await.unwrap();
    }

    for socket in &mut sockets {
        let head = socket.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "both were found free: {head}");
    }
    settle().await;
    assert_eq!((engine.sessions(), errors.load(Ordering::SeqCst)), (1, 1));
    engine.close();
    let [one, other] = &mut sockets;
    let (one, other) = (one.rest().await.len(), other.rest().await.len());

    assert_eq!((one.min(other), one.max(other)), (0, 2), "the `open` packet and the farewell");
}

#[tokio::test]
async fn what_is_no_id_is_refused() {
    let (engine, _connections) = engine(named());

    for name in ["", "a%20b", "%C3%A9", "%0d%0a", &"x".repeat(129)] {
        assert_eq!(
            get(&engine, &format!("{POLLING}&name={name}")).await.brief(),
            (400, BAD_REQUEST),
            "{name}"
        );
    }

    assert_eq!(engine.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_makes_none_has_refused() {
    let failing = Config::new().generate_id(async |_| Err::<String, _>("the registry is down"));
    let panicking = Config::new().generate_id(async |_| -> Result<String, Infallible> { panic!("no id") });
    let slow = Config::new()
        .handshake_timeout(Duration::from_secs(3))
        .generate_id(|_| pending::<Result<String, Infallible>>());
    let began = Instant::now();

    for config in [failing, panicking, slow] {
        let (engine, _connections) = engine(config);
        assert_eq!(get(&engine, POLLING).await.brief(), (400, BAD_REQUEST));
        assert_eq!((engine.sessions(), engine.handshakes_in_flight()), (0, 0));
    }

    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test]
async fn no_id_is_made_for_who_is_not_allowed() {
    let config = Config::new()
        .allow_request(async |_| Err(Forbidden::new()))
        .generate_id(async |_| -> Result<String, Infallible> { unreachable!("nobody needs one") });
    let (engine, _connections) = engine(config);

    assert_eq!(get(&engine, POLLING).await.status, 403);
    assert_eq!(get(&engine, &POLLING.replace("EIO=4", "EIO=3")).await.status, 403);
}
