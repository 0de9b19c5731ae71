//! An engine and clients that speak to it without a network.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use sockeye_engine_server::{CloseReason, Config, Connection, Engine, http::ResponseBody};
use tokio::{sync::mpsc, task::JoinHandle};
use tower_service::Service as _;

/// An engine whose connections come out of a channel.
pub(crate) fn engine(config: Config) -> (Engine, mpsc::Receiver<Connection>) {
    let (sender, connections) = mpsc::channel(64);
    let engine = Engine::new(config, move |connection| {
        sender.try_send(connection).expect("the test takes what it opens");
    });
    (engine, connections)
}

/// An engine that sends everything back, and the reasons for which its sessions end.
pub(crate) fn echo(config: Config) -> (Engine, mpsc::Receiver<CloseReason>) {
    let (sender, reasons) = mpsc::channel(64);
    let engine = Engine::new(config, move |mut connection| {
        let sender = sender.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = connection.next().await {
                connection.send(message).await.ok();
            }
            connection.close().await.ok();
            sender.send(connection.close_reason().unwrap()).await.ok();
        });
    });
    (engine, reasons)
}

/// What a client sees of an answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) async fn of(response: Response<ResponseBody>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: head.status, headers: head.headers, body: String::from_utf8(body.into()).unwrap() }
    }

    /// Status and body.
    pub(crate) fn brief(&self) -> (u16, &str) {
        (self.status.as_u16(), &self.body)
    }
}

/// Sends a request straight into the service.
pub(crate) async fn call(engine: &Engine, request: Request<Full<Bytes>>) -> Seen {
    let Ok(response) = engine.service().call(request).await;
    Seen::of(response).await
}

/// The same, for answers that need not be text: status, content type and body.
pub(crate) async fn call_raw(engine: &Engine, request: Request<Full<Bytes>>) -> (u16, String, Bytes) {
    let Ok(response) = engine.service().call(request).await;
    let (head, body) = response.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    (head.status.as_u16(), kind.unwrap_or_default(), body.collect().await.unwrap().to_bytes())
}

pub(crate) fn request(method: Method, url: &str, body: &'static str) -> Request<Full<Bytes>> {
    Request::builder().method(method).uri(url).body(Full::from(body)).unwrap()
}

pub(crate) async fn get(engine: &Engine, url: &str) -> Seen {
    call(engine, request(Method::GET, url, "")).await
}

/// A client on long-polling.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) engine: Engine,
    pub(crate) sid: String,
    query: &'static str,
}

impl Client {
    /// Opens a session.
    pub(crate) async fn open(engine: &Engine) -> Self {
        Self::open_with(engine, USUAL).await
    }

    /// Of a session that was opened elsewhere.
    pub(crate) fn known(engine: &Engine, sid: String) -> Self {
        Self { engine: engine.clone(), sid, query: USUAL }
    }

    /// Opens a session by this query, which then stands in all its requests.
    pub(crate) async fn open_with(engine: &Engine, query: &'static str) -> Self {
        let seen = get(engine, &format!("/engine.io/?{query}")).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        let open = seen.body.replace('\\', "");
        let (_, rest) = open.split_once(r#""sid":""#).unwrap();
        let sid = rest.split('"').next().unwrap().to_owned();
        Self { engine: engine.clone(), sid, query }
    }

    pub(crate) fn url(&self) -> String {
        format!("/engine.io/?{}&sid={}", self.query, self.sid)
    }

    pub(crate) async fn get(&self) -> Seen {
        get(&self.engine, &self.url()).await
    }

    pub(crate) async fn post(&self, body: &'static str) -> Seen {
        call(&self.engine, request(Method::POST, &self.url(), body)).await
    }

    /// A poll that waits in a task of its own.
    pub(crate) async fn waiting_get(&self) -> JoinHandle<Seen> {
        let this = self.clone();
        let waiting = tokio::spawn(async move { this.get().await });
        settle().await;
        waiting
    }
}

const USUAL: &str = "EIO=4&transport=polling";

/// Lets every other task run until it waits.
pub(crate) async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}

/// Polls a future a single time, with this task's waker.
pub(crate) async fn once<F: Future>(future: F) -> Poll<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}
