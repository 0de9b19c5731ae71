//! The engine's own listener: HTTP/1.1 over TCP, with the application's layers around the engine if it has any.

use std::{
    convert::Infallible,
    error::Error,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::{body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    Engine,
    head_timer::HeadTimer,
    http::{LayeredBody, PeerAddress, Respond, ResponseBody, route},
};

/// Serves the engine and nothing else until it is closed.
pub(crate) async fn serve(engine: &Engine, listener: TcpListener) {
    accept(engine, listener, |stream, address| {
        serve_connection(engine.clone(), stream, Front { engine: engine.clone(), address })
    })
    .await;
}

/// Serves the engine behind a service of the application's, which passes requests on to it.
pub(crate) async fn serve_layered<S, R>(engine: &Engine, listener: TcpListener, service: S)
where
    S: tower_service::Service<Request<Incoming>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body<Data = Bytes> + Unpin + Send + 'static,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    accept(engine, listener, |stream, address| {
        let front = Front { engine: engine.clone(), address };
        serve_connection(engine.clone(), stream, LayeredFront { front, service: service.clone() })
    })
    .await;
}

/// Accepts connections until the engine is closed.
async fn accept<F: Future<Output = ()> + Send + 'static>(
    engine: &Engine,
    listener: TcpListener,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) {
    let mut closed = pin!(engine.closed());
    loop {
        let accepted = poll_fn(|cx| match closed.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(cx).map(Some),
        });
        match accepted.await {
            Some(Ok((stream, address))) => {
                tokio::spawn(serve(stream, address));
            }
            Some(Err(error)) => wait_after(&error).await,
            None => return,
        }
    }
}

async fn serve_connection<S, R>(engine: Engine, stream: TcpStream, front: S)
where
    S: Service<Request<Incoming>, Response = Response<R>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // Without it small messages would wait for acknowledgements of TCP; where it fails nothing worse happens.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(HeadTimer::default())
        .header_read_timeout(engine.config().header_timeout)
        .max_buf_size(engine.config().max_head.max(LEAST_BUFFER))
        .serve_connection(TokioIo::new(stream), front)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut closed = pin!(engine.closed());
    let (mut is_listening, mut is_closing) = (false, false);
    poll_fn(|cx| {
        // Its task is the same all along, which the engine's end wakes once it has been asked about.
        if !is_closing && (!is_listening || engine.is_closed()) && closed.as_mut().poll(cx).is_ready() {
            is_closing = true;
            connection.as_mut().graceful_shutdown();
        }
        is_listening = true;
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

impl Front {
    fn takes(&self, request: &Request<Incoming>) -> bool {
        request.uri().path().starts_with(&*self.engine.config().path)
    }
}

impl Service<Request<Incoming>> for Front {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Respond<Incoming>;

    fn call(&self, mut request: Request<Incoming>) -> Respond<Incoming> {
        if !self.takes(&request) {
            return Respond::not_implemented();
        }
        request.extensions_mut().insert(PeerAddress(self.address));
        route(&self.engine, request)
    }
}

/// The service of one connection, with the application's in front of the engine's.
struct LayeredFront<S> {
    front: Front,
    service: S,
}

impl<S, R> Service<Request<Incoming>> for LayeredFront<S>
where
    S: tower_service::Service<Request<Incoming>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<LayeredBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if !self.front.takes(&request) {
            let not_implemented = Respond::<Incoming>::not_implemented();
            return Box::pin(async move {
                let Ok(response) = not_implemented.await;
                Ok(response.map(LayeredBody::Engine))
            });
        }
        request.extensions_mut().insert(PeerAddress(self.front.address));
        let mut service = self.service.clone();
        Box::pin(async move {
            poll_fn(|cx| service.poll_ready(cx)).await?;
            Ok(service.call(request).await?.map(LayeredBody::Inner))
        })
    }
}

/// With less hyper does not work.
const LEAST_BUFFER: usize = 8 * 1024;

const RETRY_AFTER: Duration = Duration::from_millis(100);
