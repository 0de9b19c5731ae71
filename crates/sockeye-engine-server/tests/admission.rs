//! Whether a session may be opened: the application is asked, in the reference's order and for a bounded time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method, Uri, header};
use sockeye_engine_server::{
    AcceptError, Config, Cookie, Engine, Forbidden, HandshakeInfo, RefusalCode, SessionConfig,
    http::PeerAddress,
};
use support::{Client, call, echo, engine, get, request, settle};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    sync::Notify,
    time::{Instant, sleep},
};
use websocket::{CLOSE, HANDSHAKE, Socket, ask, attached, connect};

const POLLING: &str = "/engine.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "EIO=4&transport=websocket";
const FORBIDDEN: &str = r#"{"code":4,"message":"Forbidden"}"#;

/// An engine whose application answers each question in the same way, and how often it was asked.
fn asked(config: Config, answer: Result<(), &'static str>) -> (Engine, Arc<AtomicUsize>) {
    let questions = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&questions);
    let config = config.allow_request(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move { answer }
    });
    (echo(config).0, questions)
}

/// The answer to a request for a WebSocket, as text, up to the end of the connection.
async fn refused_upgrade(engine: &Engine, query: &str) -> String {
    let mut socket = connect(engine);
    let request = format!("GET /engine.io/?{query} HTTP/1.1\r\n{HANDSHAKE}");
    socket.0.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.0.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn who_is_refused_reads_why() {
    for (answer, body) in [
        (Forbidden::new(), FORBIDDEN),
        (Forbidden::from(""), FORBIDDEN),
        (Forbidden::from("not \"you\""), r#"{"code":4,"message":"not \"you\""}"#),
    ] {
        let (engine, _connections) = engine(Config::new().allow_request(move |_| {
            let answer = answer.clone();
            async move { Err(answer) }
        }));

        let seen = get(&engine, POLLING).await;

        assert_eq!(seen.brief(), (403, body));
        assert_eq!(seen.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(engine.sessions(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_a_websocket_reads_why_as_plain_text() {
    for (answer, message) in [("", "Forbidden"), ("not you", "not you")] {
        let (engine, _) = asked(Config::new(), Err(answer));

        let seen = refused_upgrade(&engine, WEBSOCKET).await;

        assert!(seen.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n"), "{seen}");
        assert!(seen.ends_with(&format!("\r\n\r\n{message}")), "{seen}");
        assert_eq!((engine.sessions(), engine.upgrades_in_flight()), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_allowed_gets_a_session_on_either_transport() {
    let (engine, questions) = asked(Config::new(), Ok(()));

    let client = Client::open(&engine).await;
    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
    assert_eq!(client.get().await.brief(), (200, "4a"));

    let mut socket = connect(&engine);
    ask(&mut socket, WEBSOCKET, HANDSHAKE).await;
    socket.opened().await;
    socket.send("4b").await;
    assert_eq!(socket.text().await, "4b");

    assert_eq!(questions.load(Ordering::SeqCst), 2, "once for each handshake");
    assert_eq!(engine.handshakes_in_flight(), 0);
}

#[tokio::test]
async fn an_answer_that_was_waited_for_is_like_any_other() {
    let config = || Config::new().cookie(Cookie::new("io"));
    let slow = config().allow_request(async |_| {
        sleep(Duration::ZERO).await;
        Ok::<(), Forbidden>(())
    });
    let mut seen = Vec::new();
    for config in [config(), slow] {
        let (engine, _connections) = engine(config);
        let mut request = request(Method::GET, POLLING, "");
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("Trident/7.0"));
        seen.push(call(&engine, request).await);
    }

    let [direct, waited] = &seen[..] else { unreachable!() };
    assert_eq!(waited.status, 200);
    assert!(waited.headers.contains_key(header::SET_COOKIE));
    assert!(direct.headers.keys().eq(waited.headers.keys()), "{direct:?} {waited:?}");
    assert_eq!(direct.body.len(), waited.body.len());
}

#[tokio::test]
async fn the_application_sees_the_request() {
    let config = Config::new().allow_request(|request: HandshakeInfo| {
        let facts = format!(
            "{} {} {:?} {:?} {:?}",
            request.method(),
            request.url(),
            request.query_value("token").as_deref(),
            request.header("x-tenant").map(<[u8]>::to_vec),
            request.address(),
        );
        async move { Err(facts) }
    });
    let (engine, _connections) = engine(config);
    let mut request = request(Method::GET, "/engine.io/?EIO=4&transport=polling&token=a%20b", "");
    request.headers_mut().insert("x-tenant", HeaderValue::from_static("7"));
    request.extensions_mut().insert(PeerAddress("127.0.0.1:99".parse().unwrap()));

    let body = call(&engine, request).await.body;

    let expected =
        r#"GET /engine.io/?EIO=4&transport=polling&token=a%20b Some("a b") Some([55]) Some(127.0.0.1:99)"#;
    assert_eq!(body.replace('\\', ""), format!(r#"{{"code":4,"message":"{expected}"}}"#));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_about_requests_of_a_session() {
    let (engine, questions) = asked(Config::new(), Ok(()));
    let client = Client::open(&engine).await;

    client.post("4a").await;
    client.get().await;
    attached(&client).await;

    assert_eq!(questions.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rules_about_transports_and_methods_come_before_the_application() {
    let (engine, questions) = asked(Config::new(), Err("no"));

    for (method, query, code) in [
        (Method::GET, "?EIO=4", 0),
        (Method::GET, "?EIO=4&transport=polling&sid=abc", 1),
        (Method::POST, "?EIO=4&transport=polling", 2),
        (Method::GET, "?EIO=4&transport=websocket", 3),
    ] {
        let seen = call(&engine, request(method, &format!("/engine.io/{query}"), "")).await;
        assert!(seen.body.starts_with(&format!(r#"{{"code":{code},"#)), "{query}: {}", seen.body);
    }
    assert!(refused_upgrade(&engine, "EIO=4&transport=polling").await.ends_with("Bad request"));

    assert_eq!(questions.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_rule_about_revisions_comes_behind_the_application() {
    const OLD: &str = "/engine.io/?EIO=3&transport=polling";
    let (strict, questions) = asked(Config::new(), Err("no"));
    let (lenient, _) = asked(Config::new(), Ok(()));

    assert_eq!(get(&strict, OLD).await.brief(), (403, r#"{"code":4,"message":"no"}"#));
    let unsupported = r#"{"code":5,"message":"Unsupported protocol version"}"#;
    assert_eq!(get(&lenient, OLD).await.brief(), (400, unsupported));
    let answer = refused_upgrade(&lenient, "EIO=3&transport=websocket").await;

    assert!(answer.ends_with("Unsupported protocol version"), "{answer}");
    assert_eq!(questions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_application_that_panics_has_refused_and_harms_nobody_else() {
    let config = Config::new().allow_request(|request: HandshakeInfo| {
        let name = request.query_value("name").map(String::from);
        assert_ne!(name.as_deref(), Some("now"), "no answer at all");
        async move {
            assert_ne!(name.as_deref(), Some("later"), "no answer either");
            Ok::<(), Forbidden>(())
        }
    });
    let (engine, _connections) = engine(config);

    for name in ["now", "later"] {
        assert_eq!(get(&engine, &format!("{POLLING}&name={name}")).await.brief(), (403, FORBIDDEN), "{name}");
    }

    assert_eq!(get(&engine, POLLING).await.status, 200);
    assert_eq!(engine.handshakes_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_takes_too_long_has_refused() {
    let config = Config::new()
        .handshake_timeout(Duration::from_secs(3))
        .allow_request(|_| pending::<Result<(), Forbidden>>());
    let (engine, _connections) = engine(config);
    let began = Instant::now();

    assert_eq!(get(&engine, POLLING).await.brief(), (403, FORBIDDEN));

    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(engine.handshakes_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_limit_wait_for_the_application() {
    let gate = Arc::new(Notify::new());
    let config = Config::new().max_handshakes_in_flight(1).allow_request({
        let gate = Arc::clone(&gate);
        move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.notified().await;
                Ok::<(), Forbidden>(())
            }
        }
    });
    let (engine, _connections) = engine(config);
    let first = tokio::spawn({
        let engine = engine.clone();
        async move { get(&engine, POLLING).await }
    });
    settle().await;
    assert_eq!(engine.handshakes_in_flight(), 1);

    assert_eq!(get(&engine, POLLING).await.brief(), (503, ""));
    let head = ask(&mut connect(&engine), WEBSOCKET, HANDSHAKE).await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");

    gate.notify_one();
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(engine.handshakes_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_is_waited_for_no_longer() {
    for (query, headers) in [("EIO=4&transport=polling", "\r\n"), (WEBSOCKET, HANDSHAKE)] {
        let (engine, _connections) =
            engine(Config::new().allow_request(|_| pending::<Result<(), Forbidden>>()));
        let mut socket = connect(&engine);
        let request = format!("GET /engine.io/?{query} HTTP/1.1\r\n{headers}");
        socket.0.write_all(request.as_bytes()).await.unwrap();
        settle().await;
        assert_eq!(engine.handshakes_in_flight(), 1, "{query}");

        drop(socket);
        settle().await;

        assert_eq!(engine.handshakes_in_flight(), 0, "{query}");
    }
}

#[tokio::test]
async fn nobody_is_asked_where_there_is_no_room() {
    let (full, questions) = asked(Config::new().max_sessions(0), Ok(()));
    assert_eq!(get(&full, POLLING).await.brief(), (503, ""));
    assert_eq!(questions.load(Ordering::SeqCst), 0);

    let (closed, questions) = asked(Config::new(), Ok(()));
    closed.close();
    assert_eq!(get(&closed, POLLING).await.brief(), (503, ""));
    assert_eq!(questions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_engine_that_closes_meanwhile_opens_nothing() {
    for transport in ["polling", "websocket"] {
        let gate = Arc::new(Notify::new());
        let hook = Arc::clone(&gate);
        let (engine, mut connections) = engine(Config::new().allow_request(move |_| {
            let gate = Arc::clone(&hook);
            async move {
                gate.notified().await;
                Ok::<(), Forbidden>(())
            }
        }));
        let mut socket = connect(&engine);
        let request = format!("GET /engine.io/?EIO=4&transport={transport} HTTP/1.1\r\n");
        let headers = if transport == "polling" { "\r\n" } else { HANDSHAKE };
        socket.0.write_all(format!("{request}{headers}").as_bytes()).await.unwrap();
        settle().await;

        engine.close();
        gate.notify_one();

        let head = socket.head().await;
        assert!(head.starts_with("HTTP/1.1 503 "), "{transport}: {head}");
        assert!(connections.try_recv().is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn the_application_is_asked_about_streams_upgraded_elsewhere() {
    let (engine, questions) = asked(Config::new(), Err("not you"));
    let (ours, theirs) = duplex(1024);
    let url: Uri = format!("/engine.io/?{WEBSOCKET}").parse().unwrap();

    let refused = engine.accept_upgraded(theirs, HandshakeInfo::of_request(&url, &HeaderMap::new())).await;

    let Err(AcceptError::Refused(refusal)) = refused else { panic!("{refused:?}") };
    assert_eq!((refusal.code(), &*refusal.message()), (RefusalCode::Forbidden, "not you"));
    assert_eq!(Socket(ours).rest().await, [(CLOSE, vec![])]);
    assert_eq!(questions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn clients_of_revision_3_are_asked_about_too() {
    let session = SessionConfig::new().allow_eio3();
    let (engine, questions) = asked(Config::new().session(session), Ok(()));

    let seen = get(&engine, "/engine.io/?EIO=3&transport=polling").await;

    assert_eq!(seen.status, 200);
    assert_eq!(questions.load(Ordering::SeqCst), 1);
}
