//! The engine in the stacks that people use, over real sockets of this machine: axum, and its own listener.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing};
use sockeye_engine_server::{CloseReason, Config, Engine, SessionConfig};
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
