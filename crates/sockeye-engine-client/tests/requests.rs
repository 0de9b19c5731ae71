//! What servers see of a client's requests.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue, Request as HttpRequest};
use sockeye_engine_client::{
    Config, CookieJar, Exchange, HttpClient, SessionConfig, Timestamps, TransportName, connect,
};
use sockeye_engine_server::{Config as ServerConfig, Cookie, SessionConfig as ServerSession};
use support::{
    Server, exchange, polling,
    raw::{self, Peer, Request, open_packet},
    until, websocket,
};

const SID: &str = "AAAAAAAAAAAAAAAAAAAA";

/// Method and target of a request.
fn brief(request: &Request) -> String {
    request.line.strip_suffix(" HTTP/1.1").unwrap().to_owned()
}

/// The request for a WebSocket with this configuration.
async fn handshake(config: &Config) -> Request {
    let (url, peers) = raw::listen().await;
    let config = config.clone();
    let client = raw::beside(async move { connect(&url, &config).await });
    let request = peers.accept().await.request().await.unwrap();
    assert!(client.await.unwrap().is_err());
    request
}

#[tokio::test]
async fn a_session_asks_for_its_handshake_then_sends_and_polls() {
    let (url, mut requests) = raw::session(open_packet("[]", 60_000)).await;
    let url = format!("{url}?token=a%26b").parse().unwrap();
    let config = polling().with_timestamps(Timestamps::None);

    let mut client = connect(&url, &config).await.unwrap();
    client.send("hello".into()).await.unwrap();

    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(requests.recv().await.unwrap());
    }
    assert_eq!(brief(&seen[0]), "GET /engine.io/?token=a%26b&EIO=4&transport=polling");
    let known = format!("/engine.io/?token=a%26b&EIO=4&transport=polling&sid={SID}");
    seen[1..].sort_by_key(brief);
    assert_eq!([brief(&seen[1]), brief(&seen[2])], [format!("GET {known}"), format!("POST {known}")]);
    assert_eq!(seen[2].body, "4hello");
    assert_eq!(seen[2].header("content-type"), Some("text/plain;charset=UTF-8"));
    for request in seen {
        assert_eq!(request.header("accept"), Some("*/*"));
        assert_eq!(request.header("host"), Some(&*format!("127.0.0.1:{}", url.port())));
        assert!(request.header("user-agent").unwrap().starts_with("sockeye/"));
    }
}

#[tokio::test]
async fn each_request_of_long_polling_has_a_stamp_of_its_own() {
    let (url, mut requests) = raw::session(open_packet("[]", 60_000)).await;
    let mut client = connect(&url, &polling()).await.unwrap();
    client.send("hello".into()).await.unwrap();

    let mut stamps = Vec::new();
    for _ in 0..3 {
        let request = requests.recv().await.unwrap();
        let (_, stamp) = request.line.split_once("transport=polling&t=").unwrap();
        stamps.push(stamp[..8].to_owned());
    }

    assert!(stamps.iter().all(|stamp| stamp.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    stamps.sort();
    stamps.dedup();
    assert_eq!(stamps.len(), 3);
}

#[tokio::test]
async fn messages_sent_together_are_one_request() {
    let (url, mut requests) = raw::session(open_packet("[]", 60_000)).await;
    let mut client = connect(&url, &polling()).await.unwrap();

    client.feed("a".into()).await.unwrap();
    client.feed(vec![1, 2, 3].into()).await.unwrap();
    client.flush().await.unwrap();

    let mut bodies = Vec::new();
    while let Ok(request) = requests.try_recv() {
        bodies.extend(request.line.starts_with("POST").then_some(request.body));
    }
    assert_eq!(bodies, ["4a\u{1e}bAQID"]);
}

#[tokio::test]
async fn a_websocket_is_asked_for_as_the_protocol_wants_it() {
    let config = websocket()
        .with_path("/chat")
        .with_query("a", "b")
        .with_protocols(["one", "two"])
        .with_origin(HeaderValue::from_static("https://example.com"))
        .with_header(HeaderName::from_static("authorization"), HeaderValue::from_static("Bearer x"));

    let request = handshake(&config).await;

    assert_eq!(brief(&request), "GET /chat/?a=b&EIO=4&transport=websocket");
    for (name, value) in [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "one, two"),
        ("origin", "https://example.com"),
        ("authorization", "Bearer x"),
    ] {
        assert_eq!(request.header(name), Some(value));
    }
    assert_eq!(request.header("sec-websocket-key").map(str::len), Some(24));
    assert_eq!(request.header("sec-websocket-extensions"), None);
}

#[tokio::test]
async fn base64_is_asked_for_on_each_transport() {
    let request = handshake(&websocket().force_base64()).await;
    assert!(request.line.contains("transport=websocket&b64=1"), "{}", request.line);

    let (url, mut requests) = raw::session(open_packet("[]", 60_000)).await;
    connect(&url, &polling().force_base64()).await.unwrap();
    assert!(requests.recv().await.unwrap().line.contains("&b64=1"));
}

#[tokio::test]
async fn a_subprotocol_that_was_offered_may_be_chosen() {
    let url = raw::server(async |mut peer: Peer| {
        let request = peer.request().await.unwrap();
        peer.switch_with(&request, "Sec-WebSocket-Protocol: two\r\n").await;
        peer.frame(&open_packet("[]", 60_000)).await;
        peer.closed().await;
    })
    .await;

    assert!(connect(&url, &websocket().with_protocols(["one", "two"])).await.is_ok());
}

#[tokio::test]
async fn cookies_are_passed_over_unless_they_are_wanted() {
    for (config, cookie) in [(polling(), None), (polling().with_cookies(), Some("a=1; b=2"))] {
        let (url, peers) = raw::listen().await;
        let server = raw::beside(async move {
            let mut peer = peers.accept().await;
            peer.request().await;
            let cookies =
                "Set-Cookie: a=1; Path=/x\r\nSet-Cookie: b=\"2\"; HttpOnly\r\nSet-Cookie: c=3; Max-Age=0\r\n";
            peer.answer_with("200 OK", cookies, &open_packet("[]", 60_000)).await;
            peer.request().await.unwrap()
        });

        let mut client = connect(&url, &config).await.unwrap();
        assert!(client.next().await.unwrap().is_err());

        assert_eq!(server.await.unwrap().header("cookie"), cookie);
    }
}

#[tokio::test]
async fn the_cookie_of_a_session_goes_with_its_websocket() {
    let (sender, mut cookies) = tokio::sync::mpsc::channel(1);
    let url = raw::server(move |mut peer: Peer| {
        let sender = sender.clone();
        async move {
            while let Some(request) = peer.request().await {
                if request.line.contains("transport=websocket") {
                    return sender.send(request.header("cookie").map(str::to_owned)).await.unwrap();
                } else if request.line.contains("sid=") {
                    return peer.closed().await;
                }
                let open = open_packet(r#"["websocket"]"#, 60_000);
                peer.answer_with("200 OK", "Set-Cookie: io=abc; Path=/; HttpOnly\r\n", &open).await;
            }
        }
    })
    .await;
    let mut client = connect(&url, &Config::new().with_cookies()).await.unwrap();

    let mut cookie = None;
    until(&mut client, |_| {
        cookie = cookies.try_recv().ok();
        cookie.is_some()
    })
    .await;

    assert_eq!(cookie.flatten().as_deref(), Some("io=abc"));
}

#[tokio::test]
async fn the_cookies_of_a_jar_outlive_a_session() {
    let server = Server::echo(ServerConfig::new().cookie(Cookie::new("io"))).await;
    let jar = CookieJar::new();
    let config = polling().with_cookie_jar(jar.clone());

    let first = server.connect(&config).await.sid().clone();
    assert_eq!(jar.get("io").as_deref(), Some(first.as_str()));
    let second = server.connect(&config).await.sid().clone();

    assert_eq!(jar.get("io").as_deref(), Some(second.as_str()));
}

/// Sends requests as the usual one would, but counts them.
struct Counting {
    count: Arc<Mutex<u32>>,
    answer: fn(&HttpRequest<Bytes>) -> String,
}

impl HttpClient for Counting {
    fn send(&self, request: HttpRequest<Bytes>, max_body: usize) -> Exchange {
        assert_eq!(max_body, 1234);
        *self.count.lock().unwrap() += 1;
        let answer = http::Response::new(Bytes::from((self.answer)(&request)));
        let waits = request.uri().query().unwrap().contains("sid=") && request.method() == "GET";
        Box::pin(async move {
            if waits {
                std::future::pending::<()>().await;
            }
            Ok(answer)
        })
    }
}

#[tokio::test]
async fn an_application_may_send_the_requests_itself() {
    let count = Arc::default();
    let client = Counting { count: Arc::clone(&count), answer: |_| open_packet("[]", 60_000) };
    let config = polling().with_http_client(client).with_max_answer(1234);

    let mut client = connect(&"http://nobody.invalid".parse().unwrap(), &config).await.unwrap();
    client.send("hello".into()).await.unwrap();

    assert!(*count.lock().unwrap() >= 2);
}

#[tokio::test]
async fn requests_share_their_connections() {
    let (url, peers) = raw::listen().await;
    let server = raw::beside(async move {
        // One connection answers everything that comes on it, and the other nothing.
        let mut peer = peers.accept().await;
        let mut count = 0;
        while let Some(request) = peer.request().await {
            count += 1;
            let is_handshake = !request.line.contains("sid=");
            let open = open_packet("[]", 60_000);
            peer.answer(if is_handshake { &open } else { "4next" }).await;
        }
        count
    });
    let mut client = connect(&url, &polling()).await.unwrap();

    for _ in 0..5 {
        assert_eq!(client.next().await.unwrap().unwrap(), "next".into());
    }

    drop(client);
    assert!(server.await.unwrap() >= 6);
}

#[tokio::test]
async fn a_session_is_found_below_any_path() {
    let server = Server::echo(ServerConfig::new().path("/socket.io").without_trailing_slash()).await;
    for config in [
        Config::new().with_path("/socket.io"),
        Config::new().with_path("/socket.io/").without_trailing_slash(),
        websocket().with_path("socket.io"),
    ] {
        let mut client = server.connect(&config).await;
        exchange(&mut client, "hello").await;
    }
}

#[tokio::test]
async fn limits_of_the_session_are_those_configured() {
    let session = ServerSession::new().with_transports([TransportName::POLLING]);
    let server = Server::echo(ServerConfig::new().session(session)).await;
    let config = Config::new().with_session(SessionConfig::new().with_outbox_packets(2));
    let mut client = server.connect(&config).await;

    // The third waits until the first two are gone.
    for text in ["a", "b", "c", "d"] {
        client.feed(text.into()).await.unwrap();
    }
    client.flush().await.unwrap();

    for text in ["a", "b", "c", "d"] {
        assert_eq!(client.next().await.unwrap().unwrap(), text.into());
    }
}
