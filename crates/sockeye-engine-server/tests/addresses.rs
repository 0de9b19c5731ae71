//! How many sessions one address may have.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::{IpAddr, SocketAddr};

use http::{Method, Request, header};
use sockeye_engine_server::{Config, Engine, http::PeerAddress};
use support::{Seen, call, engine, request};

const POLLING: &str = "/engine.io/?EIO=4&transport=polling";

async fn ask(
    engine: &Engine,
    address: &str,
    make: impl FnOnce(&mut Request<http_body_util::Full<bytes::Bytes>>),
) -> Seen {
    let mut request = request(Method::GET, POLLING, "");
    request.extensions_mut().insert(PeerAddress(SocketAddr::new(address.parse().unwrap(), 4000)));
    make(&mut request);
    call(engine, request).await
}

#[tokio::test(start_paused = true)]
async fn an_address_has_room_for_so_many_sessions() {
    let (engine, mut connections) = engine(Config::new().max_sessions_per_address(1));
    let address: IpAddr = "10.0.0.1".parse().unwrap();
    assert_eq!(ask(&engine, "10.0.0.1", |_| {}).await.brief().0, 200);
    let first = connections.recv().await.unwrap();
    assert_eq!(engine.sessions_from(address), 1);

    assert_eq!(ask(&engine, "10.0.0.1", |_| {}).await.brief(), (429, ""));
    assert_eq!(ask(&engine, "10.0.0.2", |_| {}).await.brief().0, 200);

    drop(first);
    assert_eq!(engine.sessions_from(address), 0);
    assert_eq!(ask(&engine, "10.0.0.1", |_| {}).await.brief().0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_websocket_is_told_before_it_is_one() {
    let (engine, mut connections) = engine(Config::new().max_sessions_per_address(1));
    ask(&engine, "10.0.0.1", |_| {}).await;
    let _first = connections.recv().await.unwrap();

    let refused = ask(&engine, "10.0.0.1", |request| {
        *request.uri_mut() = "/engine.io/?EIO=4&transport=websocket".parse().unwrap();
        for (name, value) in [
            (header::CONNECTION, "Upgrade"),
            (header::UPGRADE, "websocket"),
            (header::SEC_WEBSOCKET_VERSION, "13"),
            (header::SEC_WEBSOCKET_KEY, "AAAAAAAAAAAAAAAAAAAAAA=="),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
    });

    assert_eq!(refused.await.brief(), (429, ""));
}
