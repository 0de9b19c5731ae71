//! The engine's own listener: HTTP/1.1 over TCP.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::pin,
    task::Poll,
    time::Duration,
};

use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    Engine,
    http::{PeerAddress, Respond, ResponseBody, route},
};

/// Accepts connections until the engine is closed.
pub(crate) async fn serve(engine: &Engine, listener: TcpListener) {
    let mut closed = pin!(engine.closed());
    loop {
        let accepted = poll_fn(|cx| match closed.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(cx).map(Some),
        });
        match accepted.await {
            Some(Ok((stream, address))) => {
                tokio::spawn(serve_connection(engine.clone(), stream, address));
            }
            Some(Err(error)) => wait_after(&error).await,
            None => return,
        }
    }
}

async fn serve_connection(engine: Engine, stream: TcpStream, address: SocketAddr) {
    // Without it small messages would wait for acknowledgements of TCP; where it fails nothing worse happens.
    let _ = stream.set_nodelay(true);
    let front = Front { engine: engine.clone(), address };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(engine.config().header_timeout)
        .max_buf_size(engine.config().max_head.max(LEAST_BUFFER))
        .serve_connection(TokioIo::new(stream), front)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut closed = pin!(engine.closed());
    let mut is_closing = false;
    poll_fn(|cx| {
        if !is_closing && closed.as_mut().poll(cx).is_ready() {
            is_closing = true;
            connection.as_mut().graceful_shutdown();
        }
        // How a client's connection breaks is its own affair; sessions learn of it from their requests.
        connection.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// A peer that went away is no reason to wait; without file descriptors, trying at once would only burn time.
async fn wait_after(error: &io::Error) {
    let is_peers = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_peers {
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

/// The service of one connection.
struct Front {
    engine: Engine,
    address: SocketAddr,
}

impl hyper::service::Service<Request<Incoming>> for Front {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Respond<Incoming>;

    fn call(&self, mut request: Request<Incoming>) -> Respond<Incoming> {
        if !request.uri().path().starts_with(&*self.engine.config().path) {
            return Respond::not_implemented();
        }
        request.extensions_mut().insert(PeerAddress(self.address));
        route(&self.engine, request)
    }
}

/// With less hyper does not work.
const LEAST_BUFFER: usize = 8 * 1024;

const RETRY_AFTER: Duration = Duration::from_millis(100);
