//! Requests that reach no session: status, body and headers, literally.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use http::{HeaderValue, Method, header};
use sockeye_engine_server::{Config, Cors, Origin, SessionConfig};
use sockeye_transport::TransportName;
use support::{Client, call, echo, engine, get, request};

const TRANSPORT_UNKNOWN: &str = r#"{"code":0,"message":"Transport unknown"}"#;
const SESSION_UNKNOWN: &str = r#"{"code":1,"message":"Session ID unknown"}"#;
const BAD_METHOD: &str = r#"{"code":2,"message":"Bad handshake method"}"#;
const BAD_REQUEST: &str = r#"{"code":3,"message":"Bad request"}"#;
const UNSUPPORTED: &str = r#"{"code":5,"message":"Unsupported protocol version"}"#;

async fn refused(config: Config, method: Method, query: &str) -> String {
    let (engine, _connections) = engine(config);
    let seen = call(&engine, request(method, &format!("/engine.io/{query}"), "")).await;
    assert_eq!(seen.status, 400, "{query}");
    assert_eq!(seen.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(seen.headers.len(), 1);
    assert_eq!(engine.sessions(), 0);
    seen.body
}

#[tokio::test]
async fn transports_that_are_not_known_are_refused() {
    for query in [
        "",
        "?EIO=4",
        "?EIO=4&transport",
        "?EIO=4&transport=abc",
        "?EIO=4&transport=__proto__",
        "?EIO=4&transport=constructor",
        "?EIO=4&transport[]=polling",
        "?EIO=4&transport=webtransport",
    ] {
        assert_eq!(refused(Config::new(), Method::GET, query).await, TRANSPORT_UNKNOWN, "{query}");
        assert_eq!(refused(Config::new(), Method::POST, query).await, TRANSPORT_UNKNOWN, "{query}");
    }
}

#[tokio::test]
async fn a_transport_that_is_not_offered_is_not_known() {
    let session = SessionConfig::new().with_transports([TransportName::WEBSOCKET]);

    let body = refused(Config::new().session(session), Method::GET, "?EIO=4&transport=polling").await;

    assert_eq!(body, TRANSPORT_UNKNOWN);
}

#[tokio::test]
async fn sessions_that_are_not_known_are_refused() {
    for sid in ["abc", "AAAAAAAAAAAAAAAAAAAA", "__proto__", "%00", "%F0%9F%98%80"] {
        let query = format!("?EIO=4&transport=polling&sid={sid}");
        for method in [Method::GET, Method::POST, Method::PUT] {
            assert_eq!(refused(Config::new(), method, &query).await, SESSION_UNKNOWN, "{sid}");
        }
    }
}

#[tokio::test]
async fn only_get_opens_a_session() {
    for method in
        [Method::POST, Method::PUT, Method::OPTIONS, Method::HEAD, Method::from_bytes(b"ODD").unwrap()]
    {
        let body = refused(Config::new(), method, "?EIO=4&transport=polling").await;
        assert_eq!(body, BAD_METHOD);
    }
}

#[tokio::test]
async fn a_websocket_needs_an_upgrade() {
    assert_eq!(refused(Config::new(), Method::GET, "?EIO=4&transport=websocket").await, BAD_REQUEST);
}

#[tokio::test]
async fn other_revisions_are_not_spoken() {
    for query in ["?transport=polling", "?EIO=3&transport=polling", "?EIO=5&transport=polling"] {
        assert_eq!(refused(Config::new(), Method::GET, query).await, UNSUPPORTED, "{query}");
    }
}

#[tokio::test]
async fn a_session_keeps_its_revision_and_its_transport() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    for url in [
        client.url().replace("EIO=4", "EIO=3"),
        client.url().replace("EIO=4", ""),
        client.url().replace("polling", "websocket"),
    ] {
        assert_eq!(get(&engine, &url).await.brief(), (400, BAD_REQUEST), "{url}");
    }

    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
}

#[tokio::test]
async fn an_odd_origin_is_a_bad_request_and_a_foreign_one_is_not() {
    let (engine, _reasons) = echo(Config::new());
    for (origin, status) in [(&b"caf\xe9"[..], 200), (b"https://evil.example", 200)] {
        let mut request = request(Method::GET, "/engine.io/?EIO=4&transport=polling", "");
        request.headers_mut().insert(header::ORIGIN, HeaderValue::from_bytes(origin).unwrap());

        let seen = call(&engine, request).await;

        assert_eq!(seen.status, status);
        assert!(!seen.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    }
}

#[tokio::test]
async fn refusals_carry_the_headers_for_browsers() {
    let cors = Cors::new(Origin::List(vec![HeaderValue::from_static("https://a.example")])).credentials();
    let (engine, _reasons) = echo(Config::new().cors(cors));
    let ask = |method: Method, query: &str, origin: &'static str| {
        let mut request = request(method, &format!("/engine.io/{query}"), "");
        request.headers_mut().insert(header::ORIGIN, HeaderValue::from_static(origin));
        request
    };

    for query in ["", "?EIO=4&transport=polling"] {
        let seen = call(&engine, ask(Method::GET, query, "https://a.example")).await;
        assert_eq!(seen.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        assert_eq!(seen.headers[header::ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        assert_eq!(seen.headers[header::VARY], "Origin");

        let seen = call(&engine, ask(Method::GET, query, "https://b.example")).await;
        assert_eq!(seen.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN), None);
    }

    let seen = call(&engine, ask(Method::OPTIONS, "", "https://a.example")).await;
    assert_eq!(seen.brief(), (204, ""));
    assert_eq!(seen.headers[header::ACCESS_CONTROL_ALLOW_METHODS], "GET,HEAD,PUT,PATCH,POST,DELETE");
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused_in_any_stack() {
    let (engine, _connections) = engine(Config::new().max_head(1000));
    let mut request = request(Method::GET, "/engine.io/?EIO=4&transport=polling", "");
    request.headers_mut().insert(header::COOKIE, "x".repeat(1000).parse().unwrap());

    assert_eq!(call(&engine, request).await.brief(), (431, ""));
}
