//! A `GET` that waits for packets.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use sockeye_engine_codec::Script;
use sockeye_message::Message;

use crate::{
    compression::Offer,
    mailbox::{Answer, Mailbox, Side},
};

/// Waits for the session's answer. Dropping it before tells the session that its client is gone.
#[derive(Debug)]
pub(super) struct PollRequest {
    mailbox: Option<Arc<Mailbox>>,
    script: Option<Script>,
    offer: Option<Offer>,
}

impl PollRequest {
    /// Of a poll that has begun at the mailbox.
    pub(super) fn begun(mailbox: Arc<Mailbox>, offer: Option<Offer>) -> Self {
        let script = mailbox.manner().script;
        Self { mailbox: Some(mailbox), script, offer }
    }

    /// How its answer may be compressed.
    pub(super) fn offer(&self) -> Option<Offer> {
        self.offer
    }
}

impl Future for PollRequest {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let this = self.get_mut();
        let Some(mailbox) = &this.mailbox else {
            return Poll::Ready(Answer::Ended);
        };
        let answer = ready!(mailbox.poll_answer(Side::Poll, cx));
        this.mailbox = None;
        Poll::Ready(match (answer, &this.script) {
            (Answer::Payload(Message::Text(payload), compression), Some(script)) => {
                Answer::Payload(Message::Text(script.wrap(&payload)), compression)
            }
            (answer, _) => answer,
        })
    }
}

impl Drop for PollRequest {
    fn drop(&mut self) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.abort(Side::Poll);
        }
    }
}
