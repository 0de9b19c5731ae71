//! Who sends the requests of long-polling: one request in, one answer out.

mod pooled;

use std::{error::Error, fmt, future::Future, pin::Pin};

use bytes::Bytes;
use http::{Request, Response};

use crate::DialError;

pub(crate) use pooled::Pooled;

/// A request on its way, and the answer that it will have.
pub type Exchange = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send>>;

/// Sends requests over HTTP, for [`Config::with_http_client`](crate::Config::with_http_client). The one that is used
/// otherwise speaks HTTP/1.1 and keeps its connections open from request to request.
///
/// 1. A session has up to two requests on their way at once, of which one may wait for its answer as long as the server
///    has nothing to say.
/// 2. An answer comes with its whole body. One that has more than `max_body` bytes is an error, of which no more is read
///    and kept than that.
/// 3. Redirects are answers like others: nobody follows them.
/// 4. A body that comes compressed may be left so, with its header `Content-Encoding`; or it is inflated, and then the
///    header is taken away and the limit holds for what comes out.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use sockeye_engine_client::{Exchange, HttpClient};
///
/// /// Answers by itself that there is nobody.
/// struct Offline;
///
/// impl HttpClient for Offline {
///     fn send(&self, _: Request<Bytes>, _: usize) -> Exchange {
///         let mut answer = Response::new(Bytes::new());
///         *answer.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
///         Box::pin(async { Ok(answer) })
///     }
/// }
/// ```
pub trait HttpClient: Send + Sync + 'static {
    /// Sends a request, whose URI is absolute.
    ///
    /// # Errors
    /// If there is no whole answer, or one whose body is over the limit. Any status is an answer.
    ///
    /// # Cancel safety
    /// Dropping the future gives the request up.
    fn send(&self, request: Request<Bytes>, max_body: usize) -> Exchange;
}

/// Why there is no answer to a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum HttpError {
    /// The server could not be reached.
    Dial(DialError),
    /// The connection broke, or what came on it is no HTTP.
    Failed(Box<dyn Error + Send + Sync>),
    /// The body of the answer is over the limit.
    BodyTooLarge,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dial(_) => "the server cannot be reached",
            Self::Failed(_) => "the request failed",
            Self::BodyTooLarge => "the body of the answer is over the limit",
        })
    }
}

impl Error for HttpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Dial(error) => Some(error),
            Self::Failed(source) => Some(&**source),
            Self::BodyTooLarge => None,
        }
    }
}
