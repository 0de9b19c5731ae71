//! Headers that the application adds to a session's answers.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use http::{HeaderMap, HeaderValue, Method, header};
use sockeye_engine_server::{Config, Cookie, Cors, HandshakeInfo, Origin};
use support::{Client, Seen, call, echo, get, request};
use websocket::{HANDSHAKE, ask, attaching, connect};

const POLLING: &str = "/engine.io/?EIO=4&transport=polling";

/// Marks the first answer, and numbers each by what was set before.
fn marking() -> Config {
    Config::new()
        .on_headers(|headers: &mut HeaderMap, request: &HandshakeInfo| {
            let marks = if headers.contains_key("x-first") { "both" } else { "later" };
            headers.insert("x-each", HeaderValue::from_static(marks));
            headers.insert("x-method", HeaderValue::from_str(request.method().as_str()).unwrap());
        })
        .on_initial_headers(|headers: &mut HeaderMap, _: &HandshakeInfo| {
            headers.insert("x-first", HeaderValue::from_static("yes"));
        })
}

fn marks(seen: &Seen) -> (bool, &str, &str) {
    let text = |name| seen.headers.get(name).map_or("", |value: &HeaderValue| value.to_str().unwrap());
    (seen.headers.contains_key("x-first"), text("x-each"), text("x-method"))
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_and_all_that_follow_can_be_changed() {
    let (engine, _reasons) = echo(marking());

    assert_eq!(marks(&get(&engine, POLLING).await), (true, "both", "GET"));
    let client = Client::open(&engine).await;
    assert_eq!(marks(&client.post("4a").await), (false, "later", "POST"));
    assert_eq!(marks(&client.get().await), (false, "later", "GET"));
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_an_upgrade_can_be_changed() {
    let (engine, _reasons) = echo(marking());
    let client = Client::open(&engine).await;

    let opening = ask(&mut connect(&engine), "EIO=4&transport=websocket", HANDSHAKE).await;
    let attached = ask(&mut connect(&engine), &attaching(&client), HANDSHAKE).await;

    assert!(opening.contains("x-first: yes\r\n") && opening.contains("x-each: both\r\n"), "{opening}");
    assert!(!attached.contains("x-first:") && attached.contains("x-each: later\r\n"), "{attached}");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_of_a_session_stays_as_it_is() {
    let (engine, _reasons) = echo(marking());
    let client = Client::open(&engine).await;

    for seen in [
        get(&engine, "/engine.io/?EIO=4").await,
        get(&engine, &format!("{POLLING}&sid=abc")).await,
        call(&engine, request(Method::PUT, &client.url(), "")).await,
    ] {
        assert_eq!(marks(&seen), (false, "", ""), "{seen:?}");
    }
    let refused = ask(&mut connect(&engine), "EIO=4&transport=abc", HANDSHAKE).await;
    assert!(!refused.contains("x-each:"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn hooks_see_and_change_what_the_engine_has_set() {
    let config = Config::new()
        .cookie(Cookie::new("io"))
        .cors(Cors::new(Origin::Any))
        .allow_request(async |_| Ok::<(), &str>(()))
        .on_headers(|headers: &mut HeaderMap, _: &HandshakeInfo| {
            assert!(headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
            headers.remove(header::SET_COOKIE).unwrap();
        });
    let (engine, _reasons) = echo(config);

    let seen = get(&engine, POLLING).await;

    assert_eq!(seen.status, 200);
    assert!(!seen.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_leaves_the_answer_as_it_is() {
    let config = Config::new().on_headers(|_: &mut HeaderMap, _: &HandshakeInfo| panic!("no headers"));
    let (engine, _reasons) = echo(config);
    let client = Client::open(&engine).await;

    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
    assert_eq!(client.get().await.brief(), (200, "4a"));
}
