//! Long-polling: up to two requests on their way, and the packets of an answer that are still to be taken.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use sockeye_engine_codec::{DecodeError, Packet, Revision, Sid, payload::Splitter};
use sockeye_engine_proto::client::Request;
use sockeye_message::{Message, Utf8Bytes};
use tokio::time::{Sleep, sleep};

use crate::{Exchange, HttpClient, HttpError, RequestError, requests::Requests};

/// What carries a session that is polled for.
pub(crate) struct Polling {
    requests: Arc<Requests>,
    client: Arc<dyn HttpClient>,
    poll: Option<Flight>,
    push: Option<Flight>,
    answer: Option<Answer>,
}

/// A request on its way.
struct Flight {
    exchange: Exchange,
    time_limit: Option<Pin<Box<Sleep>>>,
}

/// The answer to a poll: the next packet, and what stands behind it.
struct Answer {
    next: Result<Packet, DecodeError>,
    rest: Splitter,
}

/// What stands in the answer to a poll.
pub(crate) enum Polled {
    Packet(Packet),
    /// Nothing stands behind this one.
    Last(Packet),
    /// Something that is no packet; the rest of the answer is worth nothing.
    Malformed,
}

impl Polling {
    pub(crate) fn new(requests: Arc<Requests>) -> Self {
        let client = requests.config.http_client();
        Self { requests, client, poll: None, push: None, answer: None }
    }

    pub(crate) fn requests(&self) -> &Arc<Requests> {
        &self.requests
    }

    /// Sends a request, for the session with this id if it has one already.
    pub(crate) fn start(&mut self, request: Request, sid: Option<&Sid>) {
        match request {
            Request::Poll => self.poll = Some(self.flight(self.requests.poll(sid))),
            Request::Push(body) => self.push = Some(self.flight(self.requests.push(sid, body.into_bytes()))),
        }
    }

    /// Whether a request with packets is on its way.
    pub(crate) fn is_pushing(&self) -> bool {
        self.push.is_some()
    }

    /// Ready when the request that carries packets has been answered. It is pending without one.
    pub(crate) fn poll_push(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestError>> {
        let Some(flight) = &mut self.push else { return Poll::Pending };
        let answer = ready!(flight.poll(cx));
        self.push = None;
        Poll::Ready(answer.and_then(|answer| self.requests.read(answer)).map(drop))
    }

    /// The next packet of what the server says.
    pub(crate) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Polled, RequestError>> {
        ready!(self.poll_answer(cx))?;
        let Some(Answer { next, mut rest }) = self.answer.take() else { return Poll::Pending };
        Poll::Ready(Ok(match next {
            Err(_) => Polled::Malformed,
            Ok(packet) => match rest.next() {
                Some(next) => {
                    self.answer = Some(Answer { next, rest });
                    Polled::Packet(packet)
                }
                None => Polled::Last(packet),
            },
        }))
    }

    /// Ready when there is an answer whose packets can be taken. It is pending without a poll.
    pub(crate) fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestError>> {
        if self.answer.is_some() {
            return Poll::Ready(Ok(()));
        }
        let Some(flight) = &mut self.poll else { return Poll::Pending };
        let answer = ready!(flight.poll(cx));
        self.poll = None;
        let body = answer.and_then(|answer| self.requests.read(answer))?;
        // What is no text is no payload: handed over as binary content it is found to be none.
        let body = Utf8Bytes::try_from(body.clone()).map_or(Message::Binary(body), Message::Text);
        let mut rest = Splitter::new(Revision::V4, body);
        let next = rest.next().unwrap_or(Err(DecodeError::EmptyPacket));
        self.answer = Some(Answer { next, rest });
        Poll::Ready(Ok(()))
    }

    fn flight(&self, request: http::Request<Bytes>) -> Flight {
        let config = &self.requests.config;
        Flight {
            exchange: self.client.send(request, config.max_answer()),
            time_limit: config.request_timeout().map(|timeout| Box::pin(sleep(timeout))),
        }
    }
}

impl fmt::Debug for Polling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling")
            .field("is_polling", &self.poll.is_some())
            .field("is_pushing", &self.is_pushing())
            .finish_non_exhaustive()
    }
}

impl Flight {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Bytes>, RequestError>> {
        if let Poll::Ready(answer) = self.exchange.as_mut().poll(cx) {
            return Poll::Ready(answer.map_err(|error: HttpError| error.into()));
        }
        let Some(limit) = &mut self.time_limit else { return Poll::Pending };
        limit.as_mut().poll(cx).map(|()| Err(RequestError::TimedOut))
    }
}
