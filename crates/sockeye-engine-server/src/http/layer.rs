//! The engine in front of another service.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;

use super::{LayeredBody, Respond, route};
use crate::Engine;

/// Puts the engine in front of a service: requests to the configured path are the engine's. Made by [`Engine::layer`].
#[derive(Clone, Debug)]
pub struct Layer {
    engine: Engine,
}

/// A service with the engine in front of it.
#[derive(Clone, Debug)]
pub struct Layered<S> {
    engine: Engine,
    inner: S,
}

/// The answer of a [`Layered`] service.
pub enum LayeredFuture<B, F> {
    /// The engine's.
    Engine(Respond<B>),
    /// The inner service's.
    Inner(Pin<Box<F>>),
}

impl Layer {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl<S> tower_layer::Layer<S> for Layer {
    type Service = Layered<S>;

    fn layer(&self, inner: S) -> Layered<S> {
        Layered { engine: self.engine.clone(), inner }
    }
}

impl<B, S, R> tower_service::Service<Request<B>> for Layered<S>
where
    B: Body + Send + 'static,
    S: tower_service::Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<LayeredBody<R>>;
    type Error = S::Error;
    type Future = LayeredFuture<B, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.uri().path().starts_with(&*self.engine.config().path) {
            LayeredFuture::Engine(route(&self.engine, request))
        } else {
            LayeredFuture::Inner(Box::pin(self.inner.call(request)))
        }
    }
}

impl<B, F, R, E> Future for LayeredFuture<B, F>
where
    B: Body,
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<LayeredBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Engine(respond) => Pin::new(respond).poll(cx).map(|result| {
                result.map(|response| response.map(LayeredBody::Engine)).map_err(|never| match never {})
            }),
            Self::Inner(future) => {
                future.as_mut().poll(cx).map(|result| result.map(|response| response.map(LayeredBody::Inner)))
            }
        }
    }
}

impl<B, F> fmt::Debug for LayeredFuture<B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engine(_) => "Engine(..)",
            Self::Inner(_) => "Inner(..)",
        })
    }
}
