//! The engine in the stacks that people use, over real sockets of this machine: axum, and its own listener.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, routing};
use http::{HeaderValue, Request, Response, StatusCode};
use sockeye_engine_server::{CloseReason, Config, Engine, HandshakeInfo, SessionConfig, http::ResponseBody};
use support::{echo, engine};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use websocket::{HANDSHAKE, Socket};

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Serves the engine by itself.
async fn serve(engine: &Engine) -> SocketAddr {
    let (listener, address) = listener().await;
    let engine = engine.clone();
    tokio::spawn(async move { engine.serve(listener).await });
    address
}

async fn serve_router(router: Router) -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Sends a request and reads until the peer closes.
async fn exchange(address: SocketAddr, request: &str) -> String {
    String::from_utf8(exchange_bytes(address, request.as_bytes()).await).unwrap()
}

async fn exchange_bytes(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

async fn get(address: SocketAddr, path: &str) -> String {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await
}

/// Opens a session on a WebSocket and has something echoed.
async fn echo_over_websocket(address: SocketAddr, path: &str) -> Socket<TcpStream> {
    let mut socket = Socket(TcpStream::connect(address).await.unwrap());
    let request = format!("GET {path}?EIO=4&transport=websocket HTTP/1.1\r\n{HANDSHAKE}");
    socket.0.write_all(request.as_bytes()).await.unwrap();
    let head = socket.head().await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    socket.opened().await;
    socket.send("4hello").await;
    assert_eq!(socket.text().await, "4hello");
    socket
}

#[tokio::test]
async fn the_own_listener_serves_its_path_and_nothing_else() {
    let (engine, _reasons) = echo(Config::new());
    let address = serve(&engine).await;

    echo_over_websocket(address, "/engine.io/").await;
    assert!(get(address, "/engine.io/?EIO=4&transport=polling").await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(get(address, "/engine.io/more?EIO=4&transport=polling").await.starts_with("HTTP/1.1 200 OK\r\n"));
    for path in ["/", "/engine.io", "/other/"] {
        let answer = get(address, path).await;
        assert!(answer.starts_with("HTTP/1.1 501 Not Implemented\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nNot Implemented"), "{answer}");
    }
}

#[tokio::test]
async fn the_slash_at_the_end_of_the_path_can_be_left_out() {
    let (engine, _reasons) = echo(Config::new().without_trailing_slash());
    let address = serve(&engine).await;

    echo_over_websocket(address, "/engine.io").await;
    for path in ["/engine.io", "/engine.io/", "/engine.io-two"] {
        let answer = get(address, &format!("{path}?EIO=4&transport=polling")).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    assert!(get(address, "/engine").await.starts_with("HTTP/1.1 501 "));
}

#[tokio::test]
async fn the_own_listener_carries_binary_payloads_of_revision_3() {
    let (engine, _reasons) = echo(Config::new().session(SessionConfig::new().allow_eio3()));
    let address = serve(&engine).await;
    let opened = get(address, "/engine.io/?EIO=3&transport=polling").await;
    let sid = opened.split_once(r#""sid":""#).unwrap().1.split('"').next().unwrap();
    let path = format!("/engine.io/?EIO=3&transport=polling&sid={sid}");
    let rest = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

    let head = "Content-Type: application/octet-stream\r\nContent-Length: 6\r\n\r\n";
    let mut push = format!("POST {path} {rest}{head}").into_bytes();
    push.extend_from_slice(b"\x01\x03\xff\x04\x00\xfe");
    let pushed = exchange_bytes(address, &push).await;
    let polled = exchange_bytes(address, format!("GET {path} {rest}\r\n").as_bytes()).await;

    assert!(pushed.ends_with(b"\r\n\r\nok"));
    assert!(polled.ends_with(b"\r\n\r\n\x01\x03\xff\x04\x00\xfe"), "{}", polled.escape_ascii());
}

#[tokio::test]
async fn the_own_listener_knows_addresses() {
    let (engine, mut connections) = engine(Config::new());
    let address = serve(&engine).await;

    get(address, "/engine.io/?EIO=4&transport=polling").await;

    let connection = connections.recv().await.unwrap();
    assert!(connection.handshake().address().unwrap().ip().is_loopback());
}

#[tokio::test]
async fn closing_the_engine_ends_its_listener_and_its_connections() {
    let (engine, mut reasons) = echo(Config::new());
    let (listener, address) = listener().await;
    let serving = tokio::spawn({
        let engine = engine.clone();
        async move { engine.serve(listener).await }
    });
    let mut socket = echo_over_websocket(address, "/engine.io/").await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    idle.read_u8().await.unwrap();

    engine.close();

    serving.await.unwrap();
    assert_eq!(reasons.recv().await, Some(CloseReason::ForcedClose));
    assert_eq!(socket.rest().await.len(), 1);
    idle.read_to_end(&mut Vec::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_given_up() {
    let (engine, _reasons) = echo(Config::new().header_timeout(Duration::from_secs(5)));
    let address = serve(&engine).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /engine.io/?EIO=4 HTTP/1.1\r\nHost: loc").await.unwrap();

    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused() {
    let (engine, _reasons) = echo(Config::new());
    let address = serve(&engine).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(20 * 1024));

    stream.write_all(request.as_bytes()).await.unwrap();

    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 431");
}

#[tokio::test]
async fn axum_routes_to_the_service() {
    let (engine, _reasons) = echo(Config::new());
    let router = Router::new()
        .route_service("/chat/", engine.service())
        .route("/", routing::get(|| async { "front page" }));
    let address = serve_router(router).await;

    echo_over_websocket(address, "/chat/").await;
    assert!(get(address, "/chat/?EIO=4&transport=polling").await.contains(r#"0{"sid":""#));
    assert!(get(address, "/").await.ends_with("front page"));
}

#[tokio::test]
async fn axum_takes_the_layer() {
    let (engine, mut connections) = engine(Config::new().path("/chat"));
    let router = Router::new().route("/", routing::get(|| async { "front page" })).fallback(|| async { "?" });
    let address = serve_router(router.layer(engine.layer())).await;

    assert!(get(address, "/chat/?EIO=4&transport=polling").await.contains(r#"0{"sid":""#));
    assert!(get(address, "/").await.ends_with("front page"));
    assert!(get(address, "/chat").await.ends_with('?'));
    assert!(connections.recv().await.is_some());
}

#[tokio::test]
async fn a_websocket_knows_the_address_of_its_peer_in_any_stack() {
    let (engine, mut connections) = engine(Config::new());
    let address = serve_router(Router::new().route_service("/", engine.service())).await;
    let mut socket = Socket(TcpStream::connect(address).await.unwrap());
    let request = format!("GET /?EIO=4&transport=websocket HTTP/1.1\r\n{HANDSHAKE}");
    socket.0.write_all(request.as_bytes()).await.unwrap();

    let connection = connections.recv().await.unwrap();

    assert_eq!(connection.handshake().address(), Some(socket.0.local_addr().unwrap()));
}

/// Lets in who has a key, and signs what comes back.
#[derive(Clone)]
struct Guard<S>(S);

fn guard<S>() -> impl tower_layer::Layer<S, Service = Guard<S>> {
    tower_layer::layer_fn(Guard)
}

impl<B, S> tower_service::Service<Request<B>> for Guard<S>
where
    S: tower_service::Service<Request<B>, Response = Response<ResponseBody>>,
    S::Future: Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let passed = request.headers().contains_key("x-key").then(|| self.0.call(request));
        Box::pin(async move {
            let Some(passed) = passed else {
                let mut response = Response::new(ResponseBody::default());
                *response.status_mut() = StatusCode::UNAUTHORIZED;
                return Ok(response);
            };
            let mut response = passed.await?;
            response.headers_mut().insert("x-signed", HeaderValue::from_static("yes"));
            Ok(response)
        })
    }
}

async fn is_guarded(address: SocketAddr) {
    let path = "/engine.io/?EIO=4&transport";
    assert!(get(address, &format!("{path}=polling")).await.starts_with("HTTP/1.1 401 "));
    let polling = format!("GET {path}=polling HTTP/1.1\r\nx-key: 1\r\nConnection: close\r\n\r\n");
    let answer = exchange(address, &polling).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("x-signed: yes\r\n"), "{answer}");

    for (key, status, is_signed) in [("", "401", false), ("x-key: 1\r\n", "101", true)] {
        let mut socket = Socket(TcpStream::connect(address).await.unwrap());
        let upgrade = format!("GET {path}=websocket HTTP/1.1\r\n{key}{HANDSHAKE}");
        socket.0.write_all(upgrade.as_bytes()).await.unwrap();
        let head = socket.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert_eq!(head.contains("x-signed: yes\r\n"), is_signed, "{head}");
        if is_signed {
            socket.opened().await;
            socket.send("4hello").await;
            assert_eq!(socket.text().await, "4hello");
        }
    }
}

#[tokio::test]
async fn the_own_listener_takes_a_layer_around_requests_and_upgrades() {
    let config = Config::new().on_headers(|headers, request: &HandshakeInfo| {
        assert!(request.address().is_some_and(|address| address.ip().is_loopback()));
        headers.insert("x-touched", HeaderValue::from_static("yes"));
    });
    let (engine, _reasons) = echo(config);
    let (listener, address) = listener().await;
    let serving = tokio::spawn({
        let engine = engine.clone();
        async move { engine.serve_layered(listener, guard()).await }
    });

    is_guarded(address).await;
    let elsewhere = get(address, "/other").await;
    assert!(elsewhere.starts_with("HTTP/1.1 501 "), "other paths are nobody's: {elsewhere}");

    engine.close();
    serving.await.unwrap();
}

#[tokio::test]
async fn a_layer_around_the_service_guards_requests_and_upgrades() {
    let (engine, _reasons) = echo(Config::new());
    let service = tower_layer::Layer::layer(&guard(), engine.service());
    let address = serve_router(Router::new().route_service("/engine.io/", service)).await;

    is_guarded(address).await;
}
