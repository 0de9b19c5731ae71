//! Clients of revision 3, who are served where the configuration says so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Method, Request, Uri, header};
use http_body_util::Full;
use sockeye_engine_server::{
    CloseReason, Config, Connection, Engine, HandshakeInfo, Revision, SessionConfig,
};
use sockeye_transport::{Prepared, Transport};
use support::{Client, call, call_raw, echo, engine, get, once, request, settle};
use tokio::{
    io::{DuplexStream, duplex},
    time::Instant,
};
use websocket::{BINARY, CLOSE, HANDSHAKE, Socket, ask, connect};

const POLLING: &str = "EIO=3&transport=polling";
const WEBSOCKET: &str = "EIO=3&transport=websocket";
const TEXT: &str = "text/plain; charset=UTF-8";
const OCTETS: &str = "application/octet-stream";

fn allowed() -> Config {
    Config::new().session(SessionConfig::new().allow_eio3())
}

/// A connection on which an upgrade has been asked for and granted.
async fn upgraded(engine: &Engine, query: &str) -> Socket<DuplexStream> {
    let mut socket = connect(engine);
    let head = ask(&mut socket, query, HANDSHAKE).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    socket
}

/// A session on a WebSocket, and its first packet read.
async fn websocket(engine: &Engine, query: &str) -> Socket<DuplexStream> {
    let mut socket = upgraded(engine, query).await;
    socket.opened().await;
    socket
}

fn binary_post(client: &Client, body: &'static [u8]) -> Request<Full<Bytes>> {
    let request = Request::post(client.url()).header(header::CONTENT_TYPE, OCTETS);
    request.body(Full::from(body)).unwrap()
}

async fn raw_get(client: &Client) -> (u16, String, Bytes) {
    call_raw(&client.engine, request(Method::GET, &client.url(), "")).await
}

#[tokio::test(start_paused = true)]
async fn without_leave_it_is_refused() {
    let (engine, _connections) = engine(Config::new());

    for query in [POLLING, "transport=polling", "EIO=5&transport=polling"] {
        let seen = get(&engine, &format!("/engine.io/?{query}")).await;
        assert_eq!(seen.brief(), (400, r#"{"code":5,"message":"Unsupported protocol version"}"#), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_has_a_length_before_the_open_packet() {
    let (engine, mut connections) = engine(allowed());

    let seen = get(&engine, "/engine.io/?EIO=3&transport=polling").await;

    let connection = connections.recv().await.unwrap();
    let sid = connection.sid().as_str();
    assert_eq!(
        seen.brief(),
        (
            200,
            &*format!(
                r#"118:0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#
            )
        )
    );
    assert_eq!(seen.headers[header::CONTENT_TYPE], TEXT);
    assert_eq!(connection.revision(), Revision::V3);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_4_is_3() {
    let (engine, _reasons) = echo(allowed());

    for query in ["transport=polling", "EIO=5&transport=polling", "EIO=&transport=polling"] {
        let client = Client::open_with(&engine, query).await;
        client.post("2:4a").await;
        settle().await;
        assert_eq!(client.get().await.brief(), (200, "2:4a"), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn revision_4_is_served_beside_it() {
    let (engine, _reasons) = echo(allowed());
    let client = Client::open(&engine).await;

    client.post("4a\u{1e}bAQID").await;
    settle().await;

    assert_eq!(client.get().await.brief(), (200, "4a\u{1e}bAQID"));
}

#[tokio::test(start_paused = true)]
async fn a_session_keeps_its_revision() {
    let (engine, _reasons) = echo(allowed());
    let client = Client::open_with(&engine, POLLING).await;

    let seen = get(&engine, &client.url().replace("EIO=3", "EIO=4")).await;

    assert_eq!(seen.brief(), (400, r#"{"code":3,"message":"Bad request"}"#));
}

#[tokio::test(start_paused = true)]
async fn text_comes_back_in_a_payload_of_text() {
    let (engine, _reasons) = echo(allowed());
    let client = Client::open_with(&engine, POLLING).await;

    let pushed = client.post("2:4€3:4😀1:4").await;
    settle().await;

    assert_eq!(pushed.brief(), (200, "ok"));
    let (status, kind, body) = raw_get(&client).await;
    assert_eq!((status, &*kind, &*body), (200, TEXT, "2:4€3:4😀1:4".as_bytes()));
}

#[tokio::test(start_paused = true)]
async fn binary_content_makes_a_binary_payload() {
    let (engine, _reasons) = echo(allowed());
    let client = Client::open_with(&engine, POLLING).await;

    let pushed =
        call(&engine, binary_post(&client, b"\x00\x04\xff4\xe2\x82\xac\x01\x04\xff\x04\x01\x02\x03")).await;
    settle().await;

    assert_eq!(pushed.brief(), (200, "ok"));
    let (status, kind, body) = raw_get(&client).await;
    assert_eq!((status, &*kind), (200, OCTETS));
    assert_eq!(body, b"\x00\x04\xff4\xe2\x82\xac\x01\x04\xff\x04\x01\x02\x03"[..]);
}

#[tokio::test(start_paused = true)]
async fn binary_content_for_many_makes_a_binary_payload() {
    let (engine, mut connections) = engine(allowed());
    let client = Client::open_with(&engine, POLLING).await;
    let mut connection = connections.recv().await.unwrap();

    Pin::new(&mut connection).start_send_prepared(&Prepared::new(vec![7].into())).unwrap();
    let waiting = tokio::spawn(async move { connection.next().await });

    assert_eq!(raw_get(&client).await, (200, OCTETS.into(), Bytes::from_static(b"\x01\x02\xff\x04\x07")));
    waiting.abort();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_asks_for_base64_gets_text() {
    let (engine, _reasons) = echo(allowed());
    let client = Client::open_with(&engine, "EIO=3&transport=polling&b64=1").await;

    client.post("10:b4AQIDBA==").await;
    call(&engine, binary_post(&client, b"\x01\x02\xff\x04\x07")).await;
    settle().await;

    let (_, kind, body) = raw_get(&client).await;
    assert_eq!((&*kind, &*body), (TEXT, &b"10:b4AQIDBA==6:b4Bw=="[..]));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_payload_is_a_parse_error() {
    for body in ["", "4a", "2:4", "x:4a", "2:4a1", "2:7a", "4a\u{1e}4b"] {
        let (engine, mut reasons) = echo(allowed());
        let client = Client::open_with(&engine, POLLING).await;

        assert_eq!(client.post(body).await.brief(), (200, "ok"), "{body:?}");

        assert_eq!(reasons.recv().await, Some(CloseReason::ParseError), "{body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_binary_payload_is_a_parse_error() {
    for body in [&b"\x00\x02\xff4"[..], b"\x004", b"2:4a", b"\x00\x02\xff4\xff"] {
        let (engine, mut reasons) = echo(allowed());
        let client = Client::open_with(&engine, POLLING).await;

        assert_eq!(call(&engine, binary_post(&client, body)).await.brief(), (200, "ok"), "{body:?}");

        assert_eq!(reasons.recv().await, Some(CloseReason::ParseError), "{body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_that_of_revision_4() {
    let session = SessionConfig::new().allow_eio3().with_max_payload(10);
    let (engine, _reasons) = echo(Config::new().session(session));
    let client = Client::open_with(&engine, POLLING).await;

    assert_eq!(client.post("8:40123456").await.brief(), (200, "ok"));
    assert_eq!(client.post("9:401234567").await.brief(), (413, ""));
    assert_eq!(call(&engine, binary_post(&client, &[0; 11])).await.brief(), (413, ""));

    settle().await;
    assert_eq!(client.get().await.brief(), (200, "8:40123456"));
}

#[tokio::test(start_paused = true)]
async fn the_client_asks_and_the_server_answers() {
    let (engine, mut reasons) = echo(allowed());
    let client = Client::open_with(&engine, POLLING).await;
    let opened = Instant::now();

    client.post("1:2").await;
    assert_eq!(client.get().await.brief(), (200, "1:3"));

    assert_eq!(client.get().await.brief(), (200, "1:1"));
    assert_eq!(reasons.recv().await, Some(CloseReason::PingTimeout));
    assert_eq!(opened.elapsed().as_secs(), 45);
}

#[tokio::test(start_paused = true)]
async fn a_pong_from_the_client_goes_the_wrong_way() {
    let (engine, mut reasons) = echo(allowed());
    let client = Client::open_with(&engine, POLLING).await;

    client.post("1:3").await;

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn closing_without_a_poll_waits_for_the_next() {
    let (engine, mut connections) = engine(allowed());
    let client = Client::open_with(&engine, POLLING).await;
    let mut connection = connections.recv().await.unwrap();
    let closing = tokio::spawn(async move { connection.close().await });
    settle().await;

    assert_eq!(client.get().await.brief(), (200, "1:61:1"));
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn on_a_websocket_binary_frames_have_a_type() {
    let (engine, _reasons) = echo(allowed());
    let mut socket = websocket(&engine, WEBSOCKET).await;

    socket.send("4é€😀").await;
    socket.send_frame(BINARY, &[4, 1, 2, 3]).await;
    socket.send("b4AQIDBA==").await;
    socket.send_frame(BINARY, &[9, 1]).await;
    socket.send("2").await;

    assert_eq!(socket.text().await, "4é€😀");
    assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![4, 1, 2, 3]));
    assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![4, 1, 2, 3, 4]));
    assert_eq!(socket.text().await, "3");
}

#[tokio::test(start_paused = true)]
async fn on_a_websocket_base64_is_for_those_who_ask() {
    let (engine, _reasons) = echo(allowed());
    let mut socket = websocket(&engine, "EIO=3&transport=websocket&b64=1").await;

    socket.send_frame(BINARY, &[4, 1, 2, 3]).await;

    assert_eq!(socket.text().await, "b4AQID");
}

#[tokio::test(start_paused = true)]
async fn on_a_websocket_silence_ends_the_session() {
    let (engine, mut reasons) = echo(allowed());
    let mut socket = websocket(&engine, WEBSOCKET).await;
    let opened = Instant::now();

    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);

    assert_eq!(opened.elapsed().as_secs(), 45);
    assert_eq!(reasons.recv().await, Some(CloseReason::PingTimeout));
}

#[tokio::test(start_paused = true)]
async fn a_prepared_message_reaches_clients_of_both_revisions() {
    let (engine, mut connections) = engine(allowed());
    let mut old = bring(&engine, WEBSOCKET).await;
    let mut new = bring(&engine, "EIO=4&transport=websocket").await;
    let (text, binary) = (Prepared::new("to all".into()), Prepared::new(vec![7; 3].into()));
    let mut all = [connections.recv().await.unwrap(), connections.recv().await.unwrap()];

    // Each twice, so that the frame that one revision has left there is met by the other.
    for _ in 0..2 {
        for connection in &mut all {
            send_prepared(connection, &text).await;
            send_prepared(connection, &binary).await;
        }
    }

    for (socket, content) in [(&mut old, vec![4, 7, 7, 7]), (&mut new, vec![7, 7, 7])] {
        socket.opened().await;
        for _ in 0..2 {
            assert_eq!(socket.text().await, "4to all");
            assert_eq!(socket.frame().await.unwrap(), (BINARY, content.clone()));
        }
    }
}

/// Brings a stream to the engine as if a request with this query had been upgraded.
async fn bring(engine: &Engine, query: &str) -> Socket<DuplexStream> {
    let (ours, theirs) = duplex(64 * 1024);
    let url = format!("/engine.io/?{query}").parse::<Uri>().unwrap();
    engine.accept_upgraded(theirs, HandshakeInfo::of_request(&url, &HeaderMap::new())).await.unwrap();
    Socket(ours)
}

async fn send_prepared(connection: &mut Connection, message: &Prepared) {
    assert!(once(connection.next()).await.is_pending());
    Pin::new(&mut *connection).start_send_prepared(message).unwrap();
    connection.flush().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_session_changes_to_a_websocket() {
    let (engine, _reasons) = echo(allowed());
    let client = Client::open_with(&engine, POLLING).await;
    let poll = client.waiting_get().await;
    let mut socket = upgraded(&engine, &format!("{WEBSOCKET}&sid={}", client.sid)).await;

    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    assert_eq!(poll.await.unwrap().brief(), (200, "1:6"));
    socket.send("5").await;
    socket.send_frame(BINARY, &[4, 1, 2, 3]).await;

    assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![4, 1, 2, 3]));
}

#[tokio::test(start_paused = true)]
async fn a_websocket_without_leave_is_refused() {
    let (engine, _connections) = engine(Config::new());

    let mut request = request(Method::GET, "/engine.io/?EIO=3&transport=websocket", "");
    request.headers_mut().extend([
        (header::CONNECTION, "Upgrade".parse().unwrap()),
        (header::UPGRADE, "websocket".parse().unwrap()),
    ]);

    assert_eq!(call(&engine, request).await.brief(), (400, "Unsupported protocol version"));
}
