//! The future of an answer, and what answers look like.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, SET_COOKIE, USER_AGENT, X_XSS_PROTECTION},
};
use http_body::Body;
use sockeye_engine_proto::request::{Refusal, RefusalCause};
use sockeye_message::Message;

use super::{ResponseBody, compressing::Compressing, poll::PollRequest, push::PushRequest, touch::Touch};
use crate::mailbox::Answer;

/// The future answer of an engine. It never fails.
pub struct Respond<B> {
    state: State<B>,
    /// Headers for browsers, which go with whatever the answer is.
    extra: Option<Box<HeaderMap>>,
    touch: Option<Box<Touch>>,
    reader: Reader,
}

enum State<B> {
    Ready(Option<Box<Response<ResponseBody>>>),
    Poll(PollRequest),
    Compress(Box<Compressing>),
    Push(Box<PushRequest<B>>),
    Later(Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>),
}

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Internet Explorer, which sees attacks where there are none.
    OldExplorer,
    /// Anybody else.
    Usual,
}

impl<B> Respond<B> {
    pub(super) fn ready(response: Response<ResponseBody>) -> Self {
        Self::new(State::Ready(Some(Box::new(response))))
    }

    /// What a server says that has nothing but sessions.
    pub(crate) fn not_implemented() -> Self {
        let mut response = typed("text/plain", Bytes::from_static(b"Not Implemented"));
        *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
        Self::ready(response)
    }

    pub(super) fn poll(request: PollRequest) -> Self {
        Self::new(State::Poll(request))
    }

    pub(super) fn push(request: PushRequest<B>) -> Self {
        Self::new(State::Push(Box::new(request)))
    }

    /// An answer that others make: the application, or whoever has the files.
    pub(super) fn later(response: impl Future<Output = Response<ResponseBody>> + Send + 'static) -> Self {
        Self::new(State::Later(Box::pin(response)))
    }

    pub(super) fn with(mut self, reader: Reader, extra: Option<HeaderMap>) -> Self {
        self.reader = reader;
        if let Some(extra) = extra {
            self.extra.get_or_insert_default().extend(extra);
        }
        self
    }

    /// Lets the application see the answer before it leaves.
    pub(super) fn with_touch(mut self, touch: Option<Box<Touch>>) -> Self {
        self.touch = touch;
        self
    }

    pub(super) fn with_cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        if let Some(cookie) = cookie {
            self.extra.get_or_insert_default().insert(SET_COOKIE, cookie);
        }
        self
    }

    fn new(state: State<B>) -> Self {
        Self { state, extra: None, touch: None, reader: Reader::Usual }
    }
}

impl Reader {
    pub(super) fn of(request: &HeaderMap) -> Self {
        let agent = request.get(USER_AGENT).map_or(&[][..], HeaderValue::as_bytes);
        let names = |name: &str| agent.windows(name.len()).any(|part| part == name.as_bytes());
        if names(";MSIE") || names("Trident/") { Self::OldExplorer } else { Self::Usual }
    }
}

impl<B: Body> Future for Respond<B> {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut response = match &mut this.state {
            // Asked again after its end, it has nothing better to say.
            State::Ready(response) => *response.take().unwrap_or_default(),
            State::Poll(request) => {
                let said = ready!(Pin::new(&mut *request).poll(cx));
                let offer = request.offer().filter(|offer| offer.suits(&said));
                let response = answer(said, this.reader);
                match offer {
                    None => response,
                    Some(offer) => {
                        this.state = State::Compress(Box::new(Compressing::new(offer, response)));
                        return Pin::new(this).poll(cx);
                    }
                }
            }
            State::Compress(compressing) => ready!(Pin::new(&mut **compressing).poll(cx)),
            State::Push(request) => match ready!(Pin::new(&mut **request).poll(cx)) {
                Ok(taken) => answer(taken, this.reader),
                Err(status) => empty(status),
            },
            State::Later(response) => ready!(response.as_mut().poll(cx)),
        };
        for (name, value) in this.extra.iter().flat_map(|extra| extra.iter()) {
            response.headers_mut().append(name, value.clone());
        }
        if let Some(touch) = &this.touch {
            touch.touch(&mut response);
        }
        Poll::Ready(Ok(response))
    }
}

impl<B> fmt::Debug for Respond<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Ready(_) => "Respond(ready)",
            State::Poll(_) => "Respond(poll)",
            State::Compress(_) => "Respond(compress)",
            State::Push(_) => "Respond(push)",
            State::Later(_) => "Respond(later)",
        })
    }
}

/// What a session says to a request of its own.
fn answer(answer: Answer, reader: Reader) -> Response<ResponseBody> {
    let mut response = match answer {
        Answer::Payload(Message::Text(body), _) => typed("text/plain; charset=UTF-8", body.into_bytes()),
        Answer::Payload(Message::Binary(body), _) => typed("application/octet-stream", body),
        // With this type no browser offers to save the answer as a file.
        Answer::Taken => typed("text/html", Bytes::from_static(b"ok")),
        Answer::Ended => return session_unknown(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if reader == Reader::OldExplorer {
        headers.insert(X_XSS_PROTECTION, HeaderValue::from_static("0"));
    }
    response
}

/// What the sender of a refused request reads.
pub(super) fn refusal(refusal: &Refusal) -> Response<ResponseBody> {
    let mut response = typed("application/json", refusal.body().into());
    *response.status_mut() = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    response
}

/// What the sender of a refused upgrade reads.
pub(super) fn upgrade_refusal(message: &str) -> Response<ResponseBody> {
    let mut response = typed("text/html", Bytes::copy_from_slice(message.as_bytes()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The session that a request named went away while the request was on its way.
pub(super) fn session_unknown() -> Response<ResponseBody> {
    refusal(&Refusal::new(RefusalCause::SessionUnknown { sid: String::new() }))
}

/// A status, and nothing else.
pub(super) fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = status;
    response
}

fn typed(content_type: &'static str, body: Bytes) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
