//! Long-polling, request by request, as clients see it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{Method, Request, header};
use http_body::Frame;
use sockeye_engine_server::{CloseReason, Config, Cookie, Cors, Origin, SessionConfig, Shutdown};
use sockeye_transport::{ErrorKind, Message, Prepared, Transport, TransportName};
use support::{Client, Seen, call, echo, engine, get, once, request, settle};
use tokio::time::advance;
use tower_service::Service as _;

const OVER: (u16, &str) = (400, r#"{"code":1,"message":"Session ID unknown"}"#);

#[tokio::test(start_paused = true)]
async fn the_first_answer_is_the_open_packet_alone() {
    let (engine, mut connections) = engine(Config::new());

    let seen = get(&engine, "/engine.io/?EIO=4&transport=polling").await;

    let sid = connections.recv().await.unwrap().sid().as_str().to_owned();
    assert_eq!(
        seen.brief(),
        (
            200,
            &*format!(
                r#"0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#
            )
        )
    );
    assert_eq!(seen.headers[header::CONTENT_TYPE], "text/plain; charset=UTF-8");
    assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(seen.headers.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_initial_packet_comes_with_the_handshake() {
    let session = SessionConfig::new().with_initial_packet("hello".into());
    let (engine, _connections) = engine(Config::new().session(session));

    let seen = get(&engine, "/engine.io/?EIO=4&transport=polling").await;

    assert!(seen.body.ends_with("}\u{1e}4hello"), "{}", seen.body);
}

#[tokio::test(start_paused = true)]
async fn a_push_is_answered_ok_and_a_poll_fetches_the_echo() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    let pushed = client.post("4one\u{1e}4two\u{1e}bAQID").await;
    settle().await;
    let polled = client.get().await;

    assert_eq!(pushed.brief(), (200, "ok"));
    assert_eq!(pushed.headers[header::CONTENT_TYPE], "text/html");
    assert_eq!(pushed.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(polled.brief(), (200, "4one\u{1e}4two\u{1e}bAQID"));
}

#[tokio::test(start_paused = true)]
async fn a_poll_waits_until_there_is_something() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let waiting = client.waiting_get().await;
    assert!(!waiting.is_finished());

    let driven = tokio::spawn(async move {
        connection.feed("a".into()).await.unwrap();
        connection.feed(Message::from(vec![1, 2, 3])).await.unwrap();
        Pin::new(&mut connection).start_send_prepared(&Prepared::new("b".into())).unwrap();
        connection.next().await
    });

    assert_eq!(waiting.await.unwrap().brief(), (200, "4a\u{1e}bAQID\u{1e}4b"));
    driven.abort();
}

#[tokio::test(start_paused = true)]
async fn a_push_is_answered_when_the_last_packet_was_taken() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let this = client.clone();
    let push = tokio::spawn(async move { this.post("4a\u{1e}4b").await });
    settle().await;

    assert_eq!(connection.next().await.unwrap().unwrap(), "a".into());
    assert_eq!(connection.next().await.unwrap().unwrap(), "b".into());
    settle().await;
    assert!(!push.is_finished());
    assert!(once(connection.next()).await.is_pending());

    assert_eq!(push.await.unwrap().brief(), (200, "ok"));
}

#[tokio::test(start_paused = true)]
async fn a_second_poll_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let first = client.waiting_get().await;

    let second = client.get().await;

    assert_eq!(second.brief(), (400, ""));
    assert_eq!(first.await.unwrap().brief(), (200, "1"));
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
    assert_eq!(client.get().await.brief(), OVER);
    assert_eq!(engine.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_push_ends_the_session_and_the_first() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let first = push_body(&client, Endless::default());
    settle().await;

    let second = client.post("4a").await;

    assert_eq!(second.brief(), (400, ""));
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
    assert_eq!(first.await.unwrap().brief(), OVER);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_a_poll_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    client.waiting_get().await.abort();

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_before_it_reads_its_answer_ends_the_session() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let mut poll = Box::pin(engine.service().call(request(Method::GET, &client.url(), "")));
    assert!(once(&mut poll).await.is_pending());
    assert!(once(connection.next()).await.is_pending());
    connection.send("lost".into()).await.unwrap();

    drop(poll);

    assert_eq!(connection.next().await.unwrap().unwrap_err().kind(), ErrorKind::Lost);
    assert_eq!(connection.close_reason(), Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_a_push_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let push = push_body(&client, Endless::default());
    settle().await;

    push.abort();

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    let seen = push_body(&client, Broken).await.unwrap();

    assert_eq!(seen.status, 400);
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_large_body_is_refused_and_the_session_lives_on() {
    let session = SessionConfig::new().with_max_payload(10);
    let (engine, _reasons) = echo(Config::new().session(session));
    let client = Client::open(&engine).await;

    assert_eq!(client.post("4012345678").await.brief(), (200, "ok"));
    assert_eq!(client.post("40123456789").await.brief(), (413, ""));
    assert_eq!(push_body(&client, Endless::of(b"4aaaa")).await.unwrap().brief(), (413, ""));

    settle().await;
    assert_eq!(client.get().await.brief(), (200, "4012345678"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up_and_the_session_lives_on() {
    let (engine, _reasons) = echo(Config::new().body_timeout(Duration::from_secs(3)));
    let client = Client::open(&engine).await;
    let push = push_body(&client, Endless::default());
    settle().await;

    advance(Duration::from_secs(3)).await;

    assert_eq!(push.await.unwrap().brief(), (408, ""));
    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
    settle().await;
    assert_eq!(client.get().await.brief(), (200, "4a"));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_packet_is_a_parse_error() {
    for body in ["", "abc", "4a\u{1e}", "\u{1e}4a", "7", "4a\u{1e}\u{1e}4b"] {
        let (engine, mut reasons) = echo(Config::new());
        let client = Client::open(&engine).await;
        let poll = client.waiting_get().await;

        assert_eq!(client.post(body).await.brief(), (200, "ok"), "{body:?}");

        assert_eq!(reasons.recv().await, Some(CloseReason::ParseError), "{body:?}");
        let polled = poll.await.unwrap();
        assert!(polled.brief() == (200, "1") || polled.body == "4a", "{body:?}: {polled:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn packets_before_a_bad_one_are_delivered() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    tokio::spawn(async move { client.post("4a\u{1e}x\u{1e}4b").await });

    assert_eq!(connection.next().await.unwrap().unwrap(), "a".into());
    assert_eq!(connection.next().await.unwrap().unwrap_err().kind(), ErrorKind::Malformed);
    assert!(connection.next().await.is_none());
    assert_eq!(connection.close_reason(), Some(CloseReason::ParseError));
}

#[tokio::test(start_paused = true)]
async fn invalid_text_is_a_parse_error() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    let body = http_body_util::Full::new(Bytes::from_static(b"4\xff"));
    let request = Request::post(client.url()).body(body).unwrap();

    assert_eq!(call(&engine, request).await.brief(), (200, "ok"));
    assert_eq!(reasons.recv().await, Some(CloseReason::ParseError));
}

#[tokio::test(start_paused = true)]
async fn a_binary_body_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut request = request(Method::POST, &client.url(), "4a");
    request.headers_mut().insert(header::CONTENT_TYPE, "application/octet-stream".parse().unwrap());

    assert_eq!(call(&engine, request).await.brief(), (400, ""));
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_compressed_body_is_refused_and_the_session_lives_on() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut request = request(Method::POST, &client.url(), "4a");
    request.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());

    assert_eq!(call(&engine, request).await.brief(), (415, ""));
    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
}

#[tokio::test(start_paused = true)]
async fn the_clients_close_packet_sends_the_poll_home() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let poll = client.waiting_get().await;

    assert_eq!(client.post("1").await.brief(), (200, "ok"));

    assert_eq!(poll.await.unwrap().brief(), (200, "6"));
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportClose));
}

#[tokio::test(start_paused = true)]
async fn closing_tells_the_poll_that_waits() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let poll = client.waiting_get().await;

    connection.close().await.unwrap();

    assert_eq!(poll.await.unwrap().brief(), (200, "1"));
    assert_eq!(connection.close_reason(), Some(CloseReason::ForcedClose));
    assert!(connection.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn closing_without_a_poll_waits_for_the_next() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let closing = tokio::spawn(async move { connection.close().await });
    settle().await;

    assert_eq!(client.get().await.brief(), (200, "6\u{1e}1"));
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn closing_delivers_what_waits_before_it_closes() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    connection.feed("last".into()).await.unwrap();
    let closing = tokio::spawn(async move { connection.close().await });
    settle().await;

    assert_eq!(client.get().await.brief(), (200, "4last"));
    assert_eq!(client.get().await.brief(), (200, "6\u{1e}1"));
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn closing_gives_up_after_thirty_seconds() {
    let (engine, mut connections) = engine(Config::new());
    let _client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let before = tokio::time::Instant::now();

    connection.close().await.unwrap();

    let waited = before.elapsed();
    assert!(waited >= Duration::from_secs(30) && waited < Duration::from_secs(31), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn discarding_drops_what_waits() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    connection.feed("lost".into()).await.unwrap();

    connection.shut_down(Shutdown::Discard);

    assert!(connection.next().await.is_none());
    assert_eq!(client.get().await.brief(), OVER);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_dropped_ends_its_session() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let poll = client.waiting_get().await;
    assert!(once(connection.next()).await.is_pending());

    drop(connection);

    assert_eq!(poll.await.unwrap().brief(), (200, "1"));
    assert_eq!(client.get().await.brief(), OVER);
    assert_eq!(engine.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn closing_the_engine_ends_every_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let _other = Client::open(&engine).await;
    let poll = client.waiting_get().await;

    engine.close();

    assert_eq!(poll.await.unwrap().brief(), (200, "1"));
    assert_eq!(reasons.recv().await, Some(CloseReason::ForcedClose));
    assert_eq!(reasons.recv().await, Some(CloseReason::ForcedClose));
    assert_eq!(engine.sessions(), 0);
    engine.closed().await;
    assert_eq!(get(&engine, "/engine.io/?EIO=4&transport=polling").await.brief(), (503, ""));
}

#[tokio::test(start_paused = true)]
async fn pings_come_after_the_interval_and_silence_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let opened = tokio::time::Instant::now();

    let polled = client.get().await;
    assert_eq!(polled.brief(), (200, "2"));
    assert_eq!(opened.elapsed().as_secs(), 25);
    client.post("3").await;
    assert_eq!(client.get().await.brief(), (200, "2"));
    assert_eq!(opened.elapsed().as_secs(), 50);

    assert_eq!(reasons.recv().await, Some(CloseReason::PingTimeout));
    assert_eq!(opened.elapsed().as_secs(), 70);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_polls_is_found_out() {
    let (engine, mut reasons) = echo(Config::new());
    let _client = Client::open(&engine).await;
    let opened = tokio::time::Instant::now();

    assert_eq!(reasons.recv().await, Some(CloseReason::PingTimeout));

    assert_eq!(opened.elapsed().as_secs(), 45);
    assert_eq!(engine.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_ping_from_the_client_goes_the_wrong_way() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    client.post("2").await;

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn other_methods_are_an_error_of_the_server() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;

    for method in [Method::PUT, Method::OPTIONS, Method::DELETE, Method::HEAD] {
        let seen = call(&engine, request(method, &client.url(), "")).await;
        assert_eq!(seen.brief(), (500, ""));
        assert!(seen.headers.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn old_explorers_are_told_not_to_worry() {
    let (engine, _connections) = engine(Config::new());
    let mut request = request(Method::GET, "/engine.io/?EIO=4&transport=polling", "");
    request.headers_mut().insert(header::USER_AGENT, "Mozilla (Trident/7.0)".parse().unwrap());

    assert_eq!(call(&engine, request).await.headers[header::X_XSS_PROTECTION], "0");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_refuses_sessions_goes_on_with_those_it_has() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let poll = client.waiting_get().await;

    engine.refuse_sessions();

    assert_eq!(get(&engine, "/engine.io/?EIO=4&transport=polling").await.brief(), (503, ""));
    assert_eq!(client.post("4still here").await.brief(), (200, "ok"));
    assert_eq!(poll.await.unwrap().brief(), (200, "4still here"));
}

#[tokio::test(start_paused = true)]
async fn a_cookie_comes_with_the_first_answer_and_no_other() {
    let (engine, _reasons) = echo(Config::new().cookie(Cookie::new("io")).cors(Cors::new(Origin::Any)));
    let first = get(&engine, "/engine.io/?EIO=4&transport=polling").await;
    let (_, rest) = first.body.split_once(r#""sid":""#).unwrap();
    let sid = rest.split('"').next().unwrap();

    let expected = format!("io={sid}; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(first.headers[header::SET_COOKIE], expected);
    assert_eq!(first.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let client = Client::open(&engine).await;
    assert!(!client.post("4x").await.headers.contains_key(header::SET_COOKIE));
    assert!(!client.get().await.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test(start_paused = true)]
async fn sessions_are_bounded() {
    let (engine, mut connections) = engine(Config::new().max_sessions(1));
    let _client = Client::open(&engine).await;
    let first = connections.recv().await.unwrap();

    assert_eq!(get(&engine, "/engine.io/?EIO=4&transport=polling").await.brief(), (503, ""));

    drop(first);
    Client::open(&engine).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_outbox_holds_the_sender_back() {
    let session = SessionConfig::new().with_outbox_packets(2);
    let (engine, mut connections) = engine(Config::new().session(session));
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    connection.feed("a".into()).await.unwrap();
    connection.feed("b".into()).await.unwrap();
    assert!(once(connection.feed("c".into())).await.is_pending());
    let error = connection.start_send_unpin("c".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);

    let poll = client.waiting_get().await;
    assert!(once(connection.next()).await.is_pending());
    assert_eq!(poll.await.unwrap().body, "4a\u{1e}4b");

    connection.feed("c".into()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_connection_knows_its_handshake() {
    let (engine, mut connections) = engine(Config::new());
    let mut request = request(Method::GET, "/engine.io/?EIO=4&transport=polling&token=a%20b", "");
    request.headers_mut().insert(header::COOKIE, "id=1".parse().unwrap());
    let address = "10.0.0.1:80".parse().unwrap();
    request.extensions_mut().insert(sockeye_engine_server::http::PeerAddress(address));

    call(&engine, request).await;

    let connection = connections.recv().await.unwrap();
    let info = connection.handshake();
    assert_eq!(info.query_value("token").as_deref(), Some("a b"));
    assert_eq!(info.header("cookie"), Some(&b"id=1"[..]));
    assert_eq!(info.address(), Some(address));
    assert_eq!(connection.name(), TransportName::POLLING);
    assert_eq!(connection.revision().number(), 4);
    assert!(!connection.is_upgraded());
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_writable_while_a_poll_waits() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    assert!(!connection.is_writable());

    let poll = client.waiting_get().await;
    assert!(once(connection.next()).await.is_pending());
    assert!(connection.is_writable());

    connection.send("a".into()).await.unwrap();
    assert!(!connection.is_writable());
    assert_eq!(poll.await.unwrap().body, "4a");
}

fn push_body<B>(client: &Client, body: B) -> tokio::task::JoinHandle<Seen>
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
{
    let request = Request::post(client.url()).body(body).unwrap();
    let mut service = client.engine.service();
    tokio::spawn(async move {
        let Ok(response) = service.call(request).await;
        Seen::of(response).await
    })
}

/// A body that sends the same piece for ever, or nothing and never ends.
#[derive(Default)]
struct Endless(Option<&'static [u8]>);

impl Endless {
    fn of(piece: &'static [u8]) -> Self {
        Self(Some(piece))
    }
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0 {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece))))),
            None => Poll::Pending,
        }
    }
}

/// A body whose connection is reset.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_can_be_read_at_the_end() {
    let (engine, mut connections) = engine(Config::new().session(SessionConfig::new().keep_unsent()));
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    for text in ["a", "b"] {
        connection.feed(text.into()).await.unwrap();
    }
    assert!(connection.take_unsent().is_empty(), "it may still be sent");

    let push = tokio::spawn(async move { client.post("1").await });
    assert!(connection.next().await.is_none());

    assert_eq!(push.await.unwrap().brief(), (200, "ok"));
    assert_eq!(connection.take_unsent(), [Message::from("a"), Message::from("b")]);
    assert!(connection.take_unsent().is_empty(), "it was given away");
}
