//! One TCP connection: its requests one after the other, until it is a WebSocket or ends.

mod answer;
mod query;
mod refusal;
mod route;

use std::sync::Arc;

use sockeye_conformance::wire::http::{Request, Response, read_request_head};
use sockeye_conformance::wire::{Error, Tcp, TcpReader, TcpWriter, Watch};
use tokio::net::TcpStream;

pub(crate) use answer::with_cors;
pub(crate) use query::Query;
pub(crate) use refusal::Refusal;
pub(crate) use route::{Asks, Route, route};

use crate::engine;
use crate::figures::{HEAD_TIME, LINGER_TIME};
use crate::shared::Shared;

/// What becomes of a connection after a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It is answered, and the next may come.
    Response(Response),
    /// It is answered; its body, if it has one, was not read to its end.
    Unread(Response),
    /// It is answered, and nothing else that comes is a request.
    Last(Response),
    /// It is not answered.
    Silence,
}

/// Serves a connection to its end.
pub(crate) async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    // As long as a peer may leave us waiting for room to send.
    let mut tcp = Tcp::new(stream, "peer", &Watch::new(4.0));
    loop {
        let request = match tokio::time::timeout(HEAD_TIME, read_request_head(&mut tcp)).await {
            Ok(Ok(Some(request))) => request,
            Ok(Err(Error::Malformed(_) | Error::TooLarge { .. })) => {
                let _ = Response::new(400).header("Connection", "close").send(&mut tcp.writer).await;
                return linger(&mut tcp.reader, &mut tcp.writer).await;
            }
            _ => return,
        };
        if is_for_a_websocket(&request) {
            return engine::websocket::serve(&shared, tcp, &request).await;
        }
        let is_last = request.headers.lists("connection", "close");
        let (response, is_last) = match answer(&shared, &mut tcp, &request).await {
            Answer::Response(response) => (response, is_last),
            Answer::Unread(response) => (response, is_last || has_body(&request)),
            Answer::Last(response) => (response, true),
            Answer::Silence => return,
        };
        let mut response = answer::finish(response, &request, shared.fault);
        if is_last {
            response = response.header("Connection", "close");
        }
        if response.send(&mut tcp.writer).await.is_err() {
            return;
        }
        if is_last {
            return linger(&mut tcp.reader, &mut tcp.writer).await;
        }
    }
}

/// Ends a connection so that the peer can read what was said last: a connection that is dropped while something
/// unread has come is reset.
pub(crate) async fn linger(reader: &mut TcpReader, writer: &mut TcpWriter) {
    let _ = writer.shut_down().await;
    let draining = async {
        while let Ok(true) = reader.read_more().await {
            reader.buffer.clear();
        }
    };
    let _ = tokio::time::timeout(LINGER_TIME, draining).await;
}

async fn answer(shared: &Arc<Shared>, tcp: &mut Tcp, request: &Request) -> Answer {
    if !has_one_length(request) {
        return Answer::Last(Response::new(400));
    }
    if !request.path().starts_with(PATH) {
        return Answer::Unread(Response::new(404));
    }
    if request.method == "OPTIONS" {
        return Answer::Unread(answer::preflight(request, shared.fault));
    }
    engine::polling::answer(shared, tcp, request).await
}

/// Whoever is in doubt about a length takes one request for two.
fn has_one_length(request: &Request) -> bool {
    let lengths: Vec<&str> = request.headers.all("content-length").collect();
    let encodings: Vec<&str> = request.headers.all("transfer-encoding").collect();
    match (&lengths[..], &encodings[..]) {
        ([], []) => true,
        ([length], []) => !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit()),
        ([], [encoding]) => encoding.eq_ignore_ascii_case("chunked"),
        _ => false,
    }
}

fn has_body(request: &Request) -> bool {
    request.headers.has("transfer-encoding")
        || request.headers.find("content-length").is_some_and(|it| it != "0")
}

fn is_for_a_websocket(request: &Request) -> bool {
    request.path().starts_with(PATH)
        && request.headers.lists("connection", "upgrade")
        && request.headers.lists("upgrade", "websocket")
}

const PATH: &str = "/socket.io/";
