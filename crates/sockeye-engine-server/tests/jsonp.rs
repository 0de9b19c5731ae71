//! Pages that fetch answers as scripts and bring packets in forms, in both revisions.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use futures_util::SinkExt;
use http::{Method, header};
use sockeye_engine_server::{CloseReason, Config, SessionConfig};
use support::{Client, call, call_raw, echo, engine, get, request, settle};

const NEW: &str = "EIO=4&transport=polling&j=7";
const OLD: &str = "EIO=3&transport=polling&j=7&b64=1";

fn allowed() -> Config {
    Config::new().session(SessionConfig::new().allow_eio3())
}

#[tokio::test(start_paused = true)]
async fn the_open_packet_comes_in_a_script() {
    for (query, before) in [(NEW, r#"___eio[7]("0{\"sid\":\""#), (OLD, r#"___eio[7]("118:0{\"sid\":\""#)] {
        let (engine, _connections) = engine(allowed());

        let seen = get(&engine, &format!("/engine.io/?{query}")).await;

        assert!(seen.body.starts_with(before), "{}", seen.body);
        assert!(seen.body.ends_with(r#"\"maxPayload\":1000000}");"#), "{}", seen.body);
        assert_eq!(seen.headers[header::CONTENT_TYPE], "text/plain; charset=UTF-8");
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    }
}

#[tokio::test(start_paused = true)]
async fn only_digits_of_the_parameter_are_used() {
    let (engine, _connections) = engine(Config::new());

    for (j, before) in [("j=1];alert(2)//", "___eio[12]("), ("j=", "___eio[]("), ("j", "___eio[](")] {
        let seen = get(&engine, &format!("/engine.io/?EIO=4&transport=polling&{j}")).await;
        assert!(seen.body.starts_with(before), "{}", seen.body);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_form_brings_comes_back_in_a_script() {
    for (query, form, script) in [
        (NEW, "d=4a%5Cnb%1ebAQID", r#"___eio[7]("4a\nb\u001ebAQID");"#),
        (OLD, "d=4%3A4a%5Cnb7%3Ab4AQID%0A", r#"___eio[7]("4:4a\nb6:b4AQID");"#),
        (OLD, "d=3%3A4%E2%82%AC%E2%80%A8", r#"___eio[7]("3:4€\u2028");"#),
        (NEW, "x=4b&d=4c+%5C%5Cn&y", r#"___eio[7]("4c \\n");"#),
    ] {
        let (engine, _reasons) = echo(allowed());
        let client = Client::open_with(&engine, query).await;

        let pushed = client.post(form).await;
        settle().await;

        assert_eq!(pushed.brief(), (200, "ok"), "{form}");
        assert_eq!(client.get().await.brief(), (200, script), "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn binary_content_is_base64_whether_the_page_asks_or_not() {
    for (query, script) in [
        ("EIO=3&transport=polling&j=0", r#"___eio[0]("6:b4Bw==");"#),
        ("EIO=4&transport=polling&j=0", r#"___eio[0]("bBw==");"#),
    ] {
        let (engine, mut connections) = engine(allowed());
        let client = Client::open_with(&engine, query).await;
        let mut connection = connections.recv().await.unwrap();
        let closing = tokio::spawn(async move {
            connection.feed(vec![7].into()).await.unwrap();
            connection.close().await
        });
        settle().await;

        let (status, kind, body) = call_raw(&engine, request(Method::GET, &client.url(), "")).await;

        assert_eq!((status, &*kind, &*body), (200, "text/plain; charset=UTF-8", script.as_bytes()));
        closing.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_that_opens_a_session_decides_for_all() {
    let (engine, _reasons) = echo(Config::new());
    let page = Client::open_with(&engine, NEW).await;
    let usual = Client::open(&engine).await;
    page.post("d=4a").await;
    usual.post("4b").await;
    settle().await;

    let of_page = get(&engine, &page.url().replace("&j=7", "")).await;
    let of_usual = get(&engine, &(usual.url() + "&j=7")).await;

    assert_eq!(of_page.brief(), (200, r#"___eio[7]("4a");"#));
    assert_eq!(of_usual.brief(), (200, "4b"));
}

#[tokio::test(start_paused = true)]
async fn a_form_without_a_payload_is_passed_over() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open_with(&engine, NEW).await;

    for form in ["", "4a", "x=4a", "d=4a&d=4b"] {
        assert_eq!(client.post(form).await.brief(), (200, "ok"), "{form}");
    }

    client.post("d=4c").await;
    settle().await;
    assert_eq!(client.get().await.brief(), (200, r#"___eio[7]("4c");"#));
}

#[tokio::test(start_paused = true)]
async fn a_payload_that_is_none_is_a_parse_error() {
    for (query, form) in [(NEW, "d="), (NEW, "d=x"), (OLD, "d="), (OLD, "d=4a")] {
        let (engine, mut reasons) = echo(allowed());
        let client = Client::open_with(&engine, query).await;

        assert_eq!(client.post(form).await.brief(), (200, "ok"), "{form}");

        assert_eq!(reasons.recv().await, Some(CloseReason::ParseError), "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_that_of_the_payload_in_the_form() {
    let session = SessionConfig::new().with_max_payload(10);
    let (engine, _reasons) = echo(Config::new().session(session));
    let client = Client::open_with(&engine, NEW).await;

    assert_eq!(client.post("d=4%E2%82%AC%E2%82%AC%E2%82%AC").await.brief(), (200, "ok"));
    assert_eq!(client.post("d=40123456789").await.brief(), (413, ""));
    assert_eq!(client.post("x=0123456789012345678901234567890123456789&d=4a").await.brief(), (413, ""));

    settle().await;
    assert_eq!(client.get().await.brief(), (200, r#"___eio[7]("4€€€");"#));
}

#[tokio::test(start_paused = true)]
async fn a_binary_body_still_ends_a_session_of_revision_4() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open_with(&engine, NEW).await;
    let mut request = request(Method::POST, &client.url(), "d=4a");
    request.headers_mut().insert(header::CONTENT_TYPE, "application/octet-stream".parse().unwrap());

    assert_eq!(call(&engine, request).await.brief(), (400, ""));
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn refusals_are_no_scripts() {
    let (engine, _connections) = engine(Config::new());

    let seen = get(&engine, "/engine.io/?EIO=4&transport=polling&j=7&sid=unknown").await;

    assert_eq!(seen.brief(), (400, r#"{"code":1,"message":"Session ID unknown"}"#));
}
