//! What the application hears of requests that are refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::sync::{Arc, Mutex};

use http::{HeaderMap, Method, Uri};
use sockeye_engine_server::{
    Config, ConnectionError, Engine, HandshakeInfo, RefusalCause, RefusalCode, Revision,
};
use sockeye_transport::TransportName;
use support::{Client, call, echo, get, request};
use tokio::io::duplex;
use websocket::{HANDSHAKE, ask, connect};

type Heard = Arc<Mutex<Vec<ConnectionError>>>;

/// An engine whose application keeps what it hears.
fn listening(config: Config) -> (Engine, Heard) {
    let heard = Heard::default();
    let (engine, _) = echo(config.on_connection_error({
        let heard = Arc::clone(&heard);
        move |error| heard.lock().unwrap().push(error.clone())
    }));
    (engine, heard)
}

/// The only thing that was heard since it was asked last.
fn only(heard: &Heard) -> ConnectionError {
    let mut heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1, "{heard:?}");
    heard.pop().unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_code_is_heard_of_with_its_context() {
    let (engine, heard) = listening(Config::new().allow_request(async |request: HandshakeInfo| {
        if request.query_value("token").is_some() { Err("a bad token") } else { Ok(()) }
    }));
    let sid = Client::open(&engine).await.sid;
    let websocket = format!("EIO=4&transport=websocket&sid={sid}");
    let revision = format!("EIO=3&transport=polling&sid={sid}");
    let mismatch = RefusalCause::TransportMismatch {
        transport: TransportName::WEBSOCKET,
        previous: TransportName::POLLING,
    };

    for (method, query, code, message, context) in [
        (
            Method::GET,
            "transport=abc",
            0,
            "Transport unknown",
            RefusalCause::TransportUnknown { transport: Some("abc".into()) },
        ),
        (
            Method::POST,
            "transport=polling&sid=abc",
            1,
            "Session ID unknown",
            RefusalCause::SessionUnknown { sid: "abc".into() },
        ),
        (
            Method::PUT,
            "transport=polling",
            2,
            "Bad handshake method",
            RefusalCause::BadHandshakeMethod { method: "PUT".into() },
        ),
        (Method::GET, "transport=websocket", 3, "Bad request", RefusalCause::TransportHandshake),
        (Method::GET, &websocket, 3, "Bad request", mismatch),
        (Method::GET, &revision, 3, "Bad request", RefusalCause::RevisionMismatch { previous: Revision::V4 }),
        (
            Method::GET,
            "EIO=4&transport=polling&token=x",
            4,
            "Forbidden",
            RefusalCause::Forbidden { message: Some("a bad token".into()) },
        ),
        (
            Method::GET,
            "EIO=3&transport=polling",
            5,
            "Unsupported protocol version",
            RefusalCause::UnsupportedRevision,
        ),
    ] {
        call(&engine, request(method.clone(), &format!("/engine.io/?{query}"), "")).await;

        let error = only(&heard);
        assert_eq!((error.code().number(), error.message(), error.context()), (code, message, &context));
        assert_eq!(error.request().url(), format!("/engine.io/?{query}"));
        assert_eq!(error.request().method(), method);
    }
}

#[tokio::test(start_paused = true)]
async fn refused_upgrades_are_heard_of() {
    let (engine, heard) = listening(Config::new());

    for (query, code) in [
        ("transport=abc", RefusalCode::TransportUnknown),
        ("EIO=4&transport=websocket&sid=abc", RefusalCode::SessionUnknown),
        ("EIO=4&transport=polling", RefusalCode::BadRequest),
        ("EIO=3&transport=websocket", RefusalCode::UnsupportedRevision),
    ] {
        ask(&mut connect(&engine), query, HANDSHAKE).await;

        let error = only(&heard);
        assert_eq!(error.code(), code);
        assert_eq!(error.request().header("upgrade"), Some(&b"websocket"[..]));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_streams_that_were_upgraded_elsewhere_are_heard_of() {
    let (engine, heard) = listening(Config::new());
    let (_ours, theirs) = duplex(1024);
    let url: Uri = "/?EIO=4&transport=abc".parse().unwrap();

    engine.accept_upgraded(theirs, HandshakeInfo::of_request(&url, &HeaderMap::new())).await.unwrap_err();

    assert_eq!(only(&heard).code(), RefusalCode::TransportUnknown);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_could_not_be_made_is_heard_of_with_its_error() {
    let (engine, heard) =
        listening(Config::new().generate_id(async |_| Err::<String, _>("the registry is down")));

    get(&engine, "/engine.io/?EIO=4&transport=polling").await;

    let error = only(&heard);
    assert_eq!(error.context().name(), Some("ID_GENERATION_ERROR"));
    assert_eq!(*error.context(), RefusalCause::IdGeneration { error: "the registry is down".into() });
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_panics_changes_nothing() {
    let (engine, _reasons) = echo(Config::new().on_connection_error(|_| panic!("too much to hear")));

    let seen = get(&engine, "/engine.io/?transport=abc").await;

    assert_eq!(seen.brief(), (400, r#"{"code":0,"message":"Transport unknown"}"#));
    Client::open(&engine).await;
}

#[tokio::test(start_paused = true)]
async fn requests_that_reach_their_session_are_no_errors() {
    let (engine, heard) = listening(Config::new());
    let client = Client::open(&engine).await;

    client.post("4a").await;
    client.get().await;

    assert!(heard.lock().unwrap().is_empty());
}
