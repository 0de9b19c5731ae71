//! The HTTP client that is used unless the application brings its own.

use std::{
    error::Error,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::Connected, connect::Connection},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tower_service::Service;

use super::{Exchange, HttpClient, HttpError};
use crate::dial::{DialError, Dialer, Stream};

/// HTTP/1.1 over connections that are kept for the next request. They end when it is dropped.
#[derive(Debug)]
pub(crate) struct Pooled {
    client: Client<Dialing, Full<Bytes>>,
}

impl Pooled {
    /// Must be called, and used, within a tokio runtime.
    pub(crate) fn new(dialer: Dialer) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(CONNECTIONS)
            .http1_max_buf_size(MAX_HEAD)
            .build(Dialing(dialer));
        Self { client }
    }
}

impl HttpClient for Pooled {
    fn send(&self, request: Request<Bytes>, max_body: usize) -> Exchange {
        let answer = self.client.request(request.map(Full::new));
        Box::pin(async move {
            let (head, body) = answer.await.map_err(failed)?.into_parts();
            Ok(Response::from_parts(head, collect(body, max_body).await?))
        })
    }
}

/// The whole body. One that comes in one piece is not copied.
async fn collect(mut body: Incoming, max: usize) -> Result<Bytes, HttpError> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|error| HttpError::Failed(error.into()))?.into_data() else { continue };
        if first.len() + whole.len() + data.len() > max {
            return Err(HttpError::BodyTooLarge);
        }
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// What the dialer found stands somewhere below what the client says of it.
fn failed(error: hyper_util::client::legacy::Error) -> HttpError {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<DialError>() {
            return HttpError::Dial(error.clone());
        }
        cause = error.source();
    }
    HttpError::Failed(error.into())
}

/// The dialer, as the client wants it.
#[derive(Clone, Debug)]
struct Dialing(Dialer);

impl Service<Uri> for Dialing {
    type Response = TokioIo<Stream>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let dialer = self.0.clone();
        Box::pin(async move { dialer.dial(to).await.map(TokioIo::new) })
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// One for polls and one for pushes.
const CONNECTIONS: usize = 2;
/// Node's servers close a connection that has waited for five seconds; a request that meets that would be lost, and the
/// session with it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// How many bytes the head of an answer may have.
const MAX_HEAD: usize = 64 * 1024;
