//! The engine as a `tower` service.

use std::{
    convert::Infallible,
    net::SocketAddr,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;

use super::{Respond, ResponseBody, route};
use crate::Engine;

/// Answers every request that it is given, whatever its path. Made by [`Engine::service`].
///
/// ```
/// use sockeye_engine_server::{Config, Engine};
///
/// let engine = Engine::new(Config::new(), |connection| { /* spawn its task */ });
/// let app: axum::Router = axum::Router::new().route_service("/engine.io/", engine.service());
/// ```
#[derive(Clone, Debug)]
pub struct Service {
    engine: Engine,
}

/// A request extension: the address that the request came from.
///
/// [`Engine::serve`] knows it by itself. Behind another server, insert it to find it again in
/// [`HandshakeInfo::address`](crate::HandshakeInfo::address).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

impl Service {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl<B> tower_service::Service<Request<B>> for Service
where
    B: Body + Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Respond<B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Respond<B> {
        route(&self.engine, request)
    }
}
