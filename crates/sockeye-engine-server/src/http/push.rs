//! A `POST` that brings packets: its body is read here, within its bounds of size and time.

use std::{
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use http_body::Body;
use tokio::time::{Sleep, sleep};

use super::form;
use crate::mailbox::{self, Answer, Mailbox, Side};

/// Reads a body, gives it to the session and waits until its packets are taken.
pub(super) struct PushRequest<B> {
    mailbox: Arc<Mailbox>,
    stage: Stage<B>,
}

enum Stage<B> {
    Reading(Reading<B>),
    Waiting,
    Done,
}

struct Reading<B> {
    body: Pin<Box<B>>,
    kind: BodyKind,
    received: Received,
    max: usize,
    patience: Duration,
    /// Set when the body did not come together with its head.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// A payload of text.
    Text,
    /// A binary payload.
    Binary,
    /// A form with a payload of text in it.
    Form,
}

/// The bytes so far: most bodies come in one piece, which is not copied then.
#[derive(Default)]
struct Received {
    first: Bytes,
    rest: BytesMut,
}

impl<B: Body> PushRequest<B> {
    /// Of a push that has begun at the mailbox, whose body may have `max` bytes and take as long as `patience`.
    pub(super) fn begun(
        mailbox: Arc<Mailbox>,
        body: B,
        kind: BodyKind,
        max: usize,
        patience: Duration,
    ) -> Self {
        let reading = Reading {
            body: Box::pin(body),
            kind,
            received: Received::default(),
            max,
            patience,
            deadline: None,
        };
        Self { mailbox, stage: Stage::Reading(reading) }
    }

    /// Ends without harm to the session.
    fn give_up(&mut self, status: StatusCode) -> Poll<Result<Answer, StatusCode>> {
        self.stage = Stage::Done;
        self.mailbox.forget(Side::Push);
        Poll::Ready(Err(status))
    }
}

impl<B: Body> Future for PushRequest<B> {
    type Output = Result<Answer, StatusCode>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Stage::Reading(reading) = &mut this.stage {
            // The session may end meanwhile, and then nobody wants the rest of the body.
            if let Poll::Ready(answer) = this.mailbox.poll_answer(Side::Push, cx) {
                this.stage = Stage::Done;
                return Poll::Ready(Ok(answer));
            }
            match ready!(reading.poll(cx)) {
                Ok(body) => {
                    this.stage = Stage::Waiting;
                    this.mailbox.push_body(body);
                }
                Err(Unread::Cut) => {
                    // Dropping this tells the session.
                    return Poll::Ready(Err(StatusCode::BAD_REQUEST));
                }
                Err(Unread::Nothing) => {
                    this.stage = Stage::Done;
                    this.mailbox.forget(Side::Push);
                    return Poll::Ready(Ok(Answer::Taken));
                }
                Err(Unread::TooLarge) => return this.give_up(StatusCode::PAYLOAD_TOO_LARGE),
                Err(Unread::TooSlow) => return this.give_up(StatusCode::REQUEST_TIMEOUT),
            }
        }
        let answer = ready!(this.mailbox.poll_answer(Side::Push, cx));
        this.stage = Stage::Done;
        Poll::Ready(Ok(answer))
    }
}

impl<B> Drop for PushRequest<B> {
    fn drop(&mut self) {
        match self.stage {
            Stage::Reading(_) => self.mailbox.abort(Side::Push),
            // The session has the packets; nobody is left to hear so.
            Stage::Waiting => self.mailbox.forget(Side::Push),
            Stage::Done => {}
        }
    }
}

/// Why there is no body for the session.
enum Unread {
    Cut,
    /// A form without a payload, over which the reference does not stumble.
    Nothing,
    TooLarge,
    TooSlow,
}

impl<B: Body> Reading<B> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<mailbox::Body, Unread>> {
        let max = self.kind.most_bytes(self.max);
        if self.body.size_hint().lower() > max as u64 {
            return Poll::Ready(Err(Unread::TooLarge));
        }
        loop {
            let Poll::Ready(frame) = self.body.as_mut().poll_frame(cx) else {
                return self.poll_deadline(cx);
            };
            let data = match frame {
                None => return Poll::Ready(self.kind.read(self.received.take(), self.max)),
                Some(Err(_)) => return Poll::Ready(Err(Unread::Cut)),
                Some(Ok(frame)) => frame.into_data(),
            };
            // Trailers say nothing here.
            let Ok(mut data) = data else { continue };
            if self.received.len() + data.remaining() > max {
                return Poll::Ready(Err(Unread::TooLarge));
            }
            let len = data.remaining();
            self.received.push(data.copy_to_bytes(len));
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Result<mailbox::Body, Unread>> {
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(self.patience)));
        deadline.as_mut().poll(cx).map(|()| Err(Unread::TooSlow))
    }
}

impl BodyKind {
    /// How many bytes may come for a payload that may have `max`.
    fn most_bytes(self, max: usize) -> usize {
        match self {
            Self::Text | Self::Binary => max,
            Self::Form => form::most_bytes(max),
        }
    }

    fn read(self, bytes: Bytes, max: usize) -> Result<mailbox::Body, Unread> {
        match self {
            Self::Text => Ok(mailbox::Body::Text(bytes)),
            Self::Binary => Ok(mailbox::Body::Binary(bytes)),
            Self::Form => match form::payload(&bytes) {
                Some(payload) if payload.len() > max => Err(Unread::TooLarge),
                Some(payload) => Ok(mailbox::Body::Text(payload.into())),
                None => Err(Unread::Nothing),
            },
        }
    }
}

impl Received {
    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if !self.first.is_empty() {
            self.rest.extend_from_slice(&mem::take(&mut self.first));
        }
        self.rest.extend_from_slice(&data);
    }

    fn take(&mut self) -> Bytes {
        if self.rest.is_empty() { mem::take(&mut self.first) } else { mem::take(&mut self.rest).freeze() }
    }
}
