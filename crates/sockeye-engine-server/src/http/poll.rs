//! A `GET` that waits for packets.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::mailbox::{Answer, Mailbox, Side};

/// Waits for the session's answer. Dropping it before tells the session that its client is gone.
#[derive(Debug)]
pub(super) struct PollRequest {
    mailbox: Option<Arc<Mailbox>>,
}

impl PollRequest {
    /// Of a poll that has begun at the mailbox.
    pub(super) fn begun(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox: Some(mailbox) }
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
        Poll::Ready(answer)
    }
}

impl Drop for PollRequest {
    fn drop(&mut self) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.abort(Side::Poll);
        }
    }
}
