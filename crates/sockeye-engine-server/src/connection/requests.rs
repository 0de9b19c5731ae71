//! What requests of long-polling bring to a session, and what they are answered with.

use std::{
    iter,
    sync::Arc,
    task::{Context, Poll},
};

use sockeye_engine_codec::{Revision, payload};
use sockeye_engine_proto::server::{Detach, Shutdown, Transmit};
use sockeye_message::{Compression, Message, Utf8Bytes};

use super::Connection;
use crate::{
    mailbox::{Answer, Body, Mail, Mailbox, Side},
    manner::Payloads,
};

impl Connection {
    /// Lets the request that opened the session be its first poll, and answers it with the `open` packet alone.
    pub(crate) fn answer_handshake(&mut self) -> Arc<Mailbox> {
        // The mailbox is new and the session open, so neither refuses.
        let _ = self.mailbox.begin(Side::Poll);
        let _ = self.mailbox.take_mail();
        let _ = self.session.handle_poll();
        self.answer_poll();
        Arc::clone(&self.mailbox)
    }

    pub(super) fn handle_mail(&mut self, mail: Mail, cx: &mut Context<'_>) {
        if mail.contains(Mail::SHUT_DOWN) {
            self.session.close(Shutdown::Discard, self.now);
        }
        // A refusal ends the session, which the events will tell.
        if mail.contains(Mail::POLL) {
            let _ = self.session.handle_poll();
        }
        if mail.contains(Mail::POLL_OVERLAP) {
            let _ = self.session.handle_poll();
        }
        if mail.contains(Mail::POLL_ABORTED) {
            self.session.handle_poll_aborted();
        }
        if mail.contains(Mail::PUSH) {
            self.handle_push();
        }
        if mail.contains(Mail::PUSH_OVERLAP) && self.session.handle_push().is_ok() {
            // The session had not heard of the first one, whose body was still on its way.
            let _ = self.session.handle_push();
        }
        if mail.contains(Mail::PUSH_ABORTED) && self.session.handle_push().is_ok() {
            self.session.handle_push_aborted();
        }
        if mail.contains(Mail::BROKEN) {
            self.session.handle_detach(self.link, Detach::Failed);
        }
        if mail.contains(Mail::CANDIDATE) {
            self.handle_candidate(cx);
        }
        self.handle_events(cx);
    }

    fn handle_push(&mut self) {
        let Some(body) = self.mailbox.take_body() else { return };
        if self.session.handle_push().is_err() {
            return;
        }
        let body = match body {
            Body::Text(text) => Utf8Bytes::try_from(text).map(Message::Text),
            Body::Binary(data) => Ok(Message::Binary(data)),
        };
        if let Ok(body) = body {
            let pushed = payload::Splitter::new(self.session.revision(), body);
            self.rare.get_or_insert_default().pushed = Some(pushed);
        } else {
            self.session.handle_malformed(self.link);
            self.finish_push();
        }
    }

    /// The next packet of a push: ready without a message if it was for the session alone, pending if there is no push.
    pub(super) fn poll_pushed(&mut self) -> Poll<Option<Message>> {
        let Some(pushed) = self.rare.as_mut().and_then(|rare| rare.pushed.as_mut()) else {
            return Poll::Pending;
        };
        match pushed.next() {
            Some(Ok(packet)) => return Poll::Ready(self.session.handle_packet(self.link, packet, self.now)),
            Some(Err(_)) => self.session.handle_malformed(self.link),
            None => {
                self.session.handle_push_done();
                self.finish_push();
            }
        }
        Poll::Ready(None)
    }

    /// The reference answers a push in the same way whether its packets made sense or not.
    pub(super) fn finish_push(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.pushed = None;
        }
        self.mailbox.answer(Side::Push, Answer::Taken);
        self.tidy();
    }

    /// Gives the poll that waits everything that waits for it, in one payload.
    pub(super) fn answer_poll(&mut self) {
        if self.carrier.is_some() {
            return;
        }
        let Some(first) = self.session.poll_transmit(self.link) else { return };
        let rest = iter::from_fn(|| self.session.poll_transmit(self.link));
        let mut compression = Compression::Off;
        let all = iter::once(first).chain(rest).inspect(|transmit| {
            // One body holds them all, and as in the reference it is compressed if any of them may be.
            if transmit.compression() == Compression::Allowed {
                compression = Compression::Allowed;
            }
        });
        let body = match self.mailbox.revision() {
            Revision::V3 if self.mailbox.manner().payloads == Payloads::Binary => join_either(all.collect()),
            revision => join(payload::Joiner::new(revision), all),
        };
        self.session.handle_poll_answered();
        self.mailbox.answer(Side::Poll, Answer::Payload(body, compression));
    }
}

fn join(mut body: payload::Joiner, all: impl IntoIterator<Item = Transmit>) -> Message {
    for transmit in all {
        match transmit {
            Transmit::Packet(packet) => body.push(&packet),
            Transmit::Prepared(prepared) => body.push_message(prepared.message()),
        }
    }
    body.finish()
}

/// For a client of revision 3 that reads both: as in the reference, it gets text as long as text does.
fn join_either(all: Vec<Transmit>) -> Message {
    let is_binary = |transmit: &Transmit| matches!(transmit.message(), Some(Message::Binary(_)));
    if all.iter().any(is_binary) {
        join(payload::Joiner::binary(), all)
    } else {
        join(payload::Joiner::new(Revision::V3), all)
    }
}
