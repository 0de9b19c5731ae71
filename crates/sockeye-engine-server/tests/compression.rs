//! Answers to polls, compressed for clients that can read them so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    io::{self, Read as _},
    pin::{Pin, pin},
};

use bytes::Bytes;
use flate2::read::{GzDecoder, ZlibDecoder};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt, Full};
use sockeye_engine_server::{Config, Engine, HttpCompression, SessionConfig};
use sockeye_message::{Compression, Prepared};
use sockeye_transport::{Message, Transport as _};
use support::{Client, echo, engine, once, request};
use tower_service::Service as _;

/// A body as it was sent, and the headers that came with it.
type Raw = (HeaderMap, Bytes);

/// A request from somebody who can read these codings; from somebody who says nothing of them if there are none.
fn accepting(codings: &str, method: Method, url: &str) -> Request<Full<Bytes>> {
    let mut request = request(method, url, "");
    if !codings.is_empty() {
        request.headers_mut().insert(header::ACCEPT_ENCODING, codings.parse().unwrap());
    }
    request
}

async fn call(engine: &Engine, request: Request<Full<Bytes>>) -> Raw {
    let Ok(response) = engine.service().call(request).await;
    let (head, body) = response.into_parts();
    (head.headers, body.collect().await.unwrap().to_bytes())
}

/// What a poll fetches from a session that this message waits in.
async fn poll(config: Config, query: &'static str, message: Message, codings: &str) -> Raw {
    let (engine, mut connections) = engine(config);
    let client = Client::open_with(&engine, query).await;
    let mut connection = connections.recv().await.unwrap();
    connection.feed(message).await.unwrap();
    tokio::spawn(async move { connection.next().await });
    call(&engine, accepting(codings, Method::GET, &client.url())).await
}

fn coding((headers, _): &Raw) -> Option<&str> {
    headers.get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap())
}

/// The body, as its header says that it is to be read.
fn read(raw: &Raw) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match coding(raw) {
        Some("gzip") => GzDecoder::new(&*raw.1).read_to_end(&mut body)?,
        Some("deflate") => ZlibDecoder::new(&*raw.1).read_to_end(&mut body)?,
        _ => (&*raw.1).read_to_end(&mut body)?,
    };
    Ok(body)
}

const USUAL: &str = "EIO=4&transport=polling";

#[tokio::test(start_paused = true)]
async fn a_large_answer_is_compressed_as_the_poll_asks_for() {
    let text = "sockeye 🐟 ".repeat(1000);
    for (codings, used) in [("gzip, deflate, br", "gzip"), ("gzip;q=0.5, deflate", "deflate")] {
        let raw = poll(Config::new(), USUAL, text.as_str().into(), codings).await;

        assert_eq!(coding(&raw), Some(used));
        assert_eq!(read(&raw).unwrap(), format!("4{text}").as_bytes());
        assert!(raw.1.len() < 500, "{}", raw.1.len());
        assert_eq!(raw.0[header::CONTENT_TYPE], "text/plain; charset=UTF-8");
        assert_eq!(raw.0[header::CACHE_CONTROL], "no-store");
        assert_eq!(raw.0.len(), 3, "{:?}", raw.0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_leaves_as_it_is_for_those_who_ask_for_nothing_that_is_offered() {
    for codings in ["", "br", "gzip;q=0"] {
        let raw = poll(Config::new(), USUAL, "a".repeat(5000).into(), codings).await;

        assert_eq!(coding(&raw), None);
        assert_eq!(raw.1.len(), 5001);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_below_the_threshold_leave_as_they_are() {
    // The type of the packet counts.
    for (bytes, used) in [(1022, None), (1023, Some("gzip"))] {
        let raw = poll(Config::new(), USUAL, "a".repeat(bytes).into(), "gzip").await;

        assert_eq!(coding(&raw), used);
        assert_eq!(read(&raw).unwrap().len(), bytes + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_threshold_can_be_set_and_compression_turned_off() {
    let high = Config::new().http_compression(HttpCompression::new().threshold(10_000));
    let off = Config::new().http_compression(None);

    for config in [high, off] {
        let raw = poll(config, USUAL, "a".repeat(9000).into(), "gzip").await;
        assert_eq!(coding(&raw), None);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_to_go_as_it_is_does_so_unless_it_goes_together_with_others() {
    for (second, used) in [(Compression::Off, None), (Compression::Allowed, Some("gzip"))] {
        let (engine, mut connections) = engine(Config::new());
        let client = Client::open(&engine).await;
        let mut connection = connections.recv().await.unwrap();
        for compression in [Compression::Off, second] {
            let message = Prepared::with_compression("a".repeat(2000).into(), compression);
            Pin::new(&mut connection).start_send_prepared(&message).unwrap();
        }
        tokio::spawn(async move { connection.next().await });

        let raw = call(&engine, accepting("gzip", Method::GET, &client.url())).await;

        assert_eq!(coding(&raw), used);
        assert_eq!(read(&raw).unwrap().len(), 2 * 2001 + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn less_effort_gives_a_larger_answer() {
    let text = (0..2000).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    let mut lens = Vec::new();
    for level in [0, 1, 9] {
        let config = Config::new().http_compression(HttpCompression::new().level(level));
        let raw = poll(config, USUAL, text.as_str().into(), "gzip").await;
        assert_eq!(read(&raw).unwrap().len(), text.len() + 1);
        lens.push(raw.1.len());
    }

    assert!(lens[0] > text.len() && lens[0] > lens[1] && lens[1] > lens[2], "{lens:?}");
}

#[tokio::test(start_paused = true)]
async fn scripts_and_binary_payloads_are_compressed_as_well() {
    let config = Config::new().session(SessionConfig::new().allow_eio3());

    let script = poll(config.clone(), "EIO=4&transport=polling&j=7", "a".repeat(2000).into(), "gzip").await;
    let binary = poll(config, "EIO=3&transport=polling", vec![7; 2000].into(), "gzip").await;

    assert_eq!(coding(&script), Some("gzip"));
    assert_eq!(read(&script).unwrap(), format!(r#"___eio[7]("4{}");"#, "a".repeat(2000)).as_bytes());
    assert_eq!(coding(&binary), Some("gzip"));
    assert_eq!(binary.0[header::CONTENT_TYPE], "application/octet-stream");
    assert!(read(&binary).unwrap().ends_with(&[7; 2000]));
}

#[tokio::test(start_paused = true)]
async fn of_all_answers_those_with_packets_alone_are_compressed() {
    let (engine, _reasons) = echo(Config::new().http_compression(HttpCompression::new().threshold(0)));
    let client = Client::open(&engine).await;
    let unknown = "/engine.io/?EIO=4&transport=polling&sid=nobody";
    let handshake = "/engine.io/?EIO=4&transport=polling";

    let opened = call(&engine, accepting("gzip", Method::GET, handshake)).await;
    let refused = call(&engine, accepting("gzip", Method::GET, unknown)).await;
    let pushed = call(&engine, accepting("gzip", Method::POST, &client.url())).await;

    assert_eq!(coding(&opened), Some("gzip"));
    assert!(read(&opened).unwrap().starts_with(b"0{"));
    assert_eq!((coding(&refused), coding(&pushed)), (None, None));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_the_application_was_asked_about_is_compressed_before_it_sees_the_headers() {
    let config = Config::new()
        .http_compression(HttpCompression::new().threshold(0))
        .allow_request(async |_| Ok::<(), &str>(()))
        .on_headers(|headers, _| {
            let coding = headers[header::CONTENT_ENCODING].clone();
            headers.insert("x-coding", coding);
        });
    let (engine, _connections) = engine(config);

    let opened = call(&engine, accepting("gzip", Method::GET, "/engine.io/?EIO=4&transport=polling")).await;

    assert_eq!(coding(&opened), Some("gzip"));
    assert!(read(&opened).unwrap().starts_with(b"0{"));
    assert_eq!(opened.0["x-coding"], "gzip");
}

#[tokio::test(start_paused = true)]
async fn a_very_large_answer_lets_others_have_their_turn() {
    let initial = "a".repeat(200 * 1024);
    let session = SessionConfig::new().with_initial_packet(initial.as_str().into());
    let (engine, mut connections) = engine(Config::new().session(session));
    let mut answer =
        pin!(engine.service().call(accepting("gzip", Method::GET, "/engine.io/?EIO=4&transport=polling")));
    let mut connection = connections.recv().await.unwrap();
    assert!(once(connection.next()).await.is_pending());

    for _ in 0..3 {
        assert!(once(answer.as_mut()).await.is_pending());
    }

    let (head, body) = answer.await.unwrap().into_parts();
    let raw = (head.headers, body.collect().await.unwrap().to_bytes());
    assert!(read(&raw).unwrap().ends_with(initial.as_bytes()));
}
