//! Files beside sessions, in the stacks that people use.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::Router;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use sockeye_engine_server::{
    Config,
    http::{FileAnswer, Files},
};
use support::{call, engine, get, request};
use tower_service::Service as _;

/// A single file, in which is its name.
#[derive(Debug)]
struct Single(&'static str);

impl Files for Single {
    fn answer(&self, name: &str, _: &HeaderMap) -> Option<FileAnswer> {
        let content = Response::new(Bytes::from_static(self.0.as_bytes()));
        (name == self.0).then(|| -> FileAnswer { Box::pin(async { content }) })
    }
}

const UNKNOWN: (u16, &str) = (400, r#"{"code":0,"message":"Transport unknown"}"#);

#[tokio::test]
async fn a_file_is_served_below_the_path_and_the_rest_is_for_sessions() {
    let (engine, _connections) = engine(Config::new().files(Single("a.js")));

    assert_eq!(get(&engine, "/engine.io/a.js?EIO=4&transport=polling").await.brief(), (200, "a.js"));
    assert_eq!(get(&engine, "/engine.io/b.js").await.brief(), UNKNOWN);
    assert_eq!(get(&engine, "/engine.io/b/a.js").await.brief(), UNKNOWN);
    assert_eq!(get(&engine, "/engine.io/").await.brief(), UNKNOWN);
    assert!(get(&engine, "/engine.io/?EIO=4&transport=polling").await.body.starts_with("0{"));
}

#[tokio::test]
async fn an_upgrade_is_for_sessions_whatever_it_names() {
    let (engine, _connections) = engine(Config::new().files(Single("a.js")));
    let mut request = request(Method::GET, "/engine.io/a.js", "");
    request.headers_mut().insert(header::CONNECTION, "upgrade".parse().unwrap());
    request.headers_mut().insert(header::UPGRADE, "websocket".parse().unwrap());

    assert_eq!(call(&engine, request).await.status, 400);
}

#[tokio::test]
async fn hooks_for_headers_see_no_file() {
    let config = Config::new().files(Single("a.js")).on_headers(|headers, _| {
        headers.insert("x-each", HeaderValue::from_static("later"));
    });
    let (engine, _connections) = engine(config);

    assert!(!get(&engine, "/engine.io/a.js").await.headers.contains_key("x-each"));
    assert!(get(&engine, "/engine.io/?EIO=4&transport=polling").await.headers.contains_key("x-each"));
}

#[tokio::test]
async fn routers_bring_files_by_a_route_or_by_the_layer() {
    let (engine, _connections) = engine(Config::new().files(Single("a.js")));
    let routed = Router::new()
        .route_service("/chat/", engine.service())
        .route_service("/chat/{file}", engine.service());
    let nested = Router::new().nest_service("/chat", engine.service());
    let layered = Router::new().fallback(|| async { "?" }).layer(engine.layer());

    for (mut router, path) in [(routed, "/chat/"), (nested, "/chat/"), (layered, "/engine.io/")] {
        for (url, body) in [("a.js", "a.js"), ("b.js", UNKNOWN.1)] {
            let request = Request::get(format!("{path}{url}")).body(Full::<Bytes>::default()).unwrap();
            let response = router.call(request).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), body);
        }
    }
}
