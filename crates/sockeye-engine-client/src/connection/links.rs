//! What carries the session: packets from it, and what is to be sent to it.

use std::{
    task::{Context, Poll, ready},
    time::Instant,
};

use sockeye_engine_codec::Revision;
use sockeye_engine_proto::client::{Detach, LinkId, Session};
use sockeye_message::Message;
use sockeye_transport::{ErrorKind, TransportError};

use super::{Connection, Link};
use crate::{
    Failure, HttpError, RequestError, alarm,
    carrier::Carrier,
    polling::{Polled, Polling},
};

impl Connection {
    /// The next packet from wherever one may come: ready without a message if it was for the session alone.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        // Before all else, lest a session that has much to read never comes to change its transport.
        if self.rare.is_some() && self.poll_candidates(cx).is_ready() {
            return Poll::Ready(None);
        }
        let item = match &mut self.carrier {
            Link::Stream(carrier) => ready!(carrier.poll_next(cx)),
            Link::Polling(_) => return self.poll_polling(cx),
            Link::Gone => return Poll::Pending,
        };
        let handled = handle_item(&mut self.session, self.link, item, self.now);
        Poll::Ready(handled.unwrap_or_else(|error| {
            self.keep(Failure::Transport(error));
            None
        }))
    }

    /// Sends the requests that are due, and takes what comes back.
    fn poll_polling(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.start_requests();
        let Link::Polling(polling) = &mut self.carrier else {
            return Poll::Pending;
        };
        if let Poll::Ready(pushed) = polling.poll_push(cx) {
            self.handle_pushed(pushed);
            return Poll::Ready(None);
        }
        let message = match ready!(polling.poll_packet(cx)) {
            Ok(Polled::Packet(packet)) => self.session.handle_packet(self.link, packet, self.now),
            Ok(Polled::Last(packet)) => {
                let message = self.session.handle_packet(self.link, packet, self.now);
                self.session.handle_poll_answered();
                // The session may have moved by that: what is sent next must not wait for another poll.
                self.handle_events(cx);
                self.poll_anew(cx);
                message
            }
            Ok(Polled::Malformed) => {
                self.session.handle_malformed(self.link);
                None
            }
            Err(error) => {
                self.request_failed(error, Failure::Poll);
                None
            }
        };
        Poll::Ready(message)
    }

    /// The next poll is on its way before the application has done anything with what the last one brought.
    fn poll_anew(&mut self, cx: &mut Context<'_>) {
        self.start_requests();
        if let Link::Polling(polling) = &mut self.carrier
            && let Poll::Ready(Err(error)) = polling.poll_answer(cx)
        {
            self.request_failed(error, Failure::Poll);
        }
    }

    /// Sends the requests that are due.
    fn start_requests(&mut self) {
        let Link::Polling(polling) = &mut self.carrier else { return };
        while let Some(request) = self.session.poll_request() {
            polling.start(request, self.session.sid());
        }
    }

    fn handle_pushed(&mut self, pushed: Result<(), RequestError>) {
        match pushed {
            Ok(()) => self.session.handle_push_answered(),
            Err(error) => self.request_failed(error, Failure::Push),
        }
    }

    fn request_failed(&mut self, error: RequestError, failure: impl FnOnce(RequestError) -> Failure) {
        let how = match error {
            RequestError::Http(HttpError::BodyTooLarge) => Detach::TooLarge,
            _ => Detach::Failed,
        };
        self.session.handle_detach(self.link, how);
        self.keep(failure(error));
    }

    /// Keeps how the session's link failed, unless it had failed before.
    fn keep(&mut self, failure: Failure) {
        self.rare.get_or_insert_default().failure.get_or_insert(failure);
    }

    /// Hands over what waits, as far as the carrier takes it.
    pub(super) fn poll_transmit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let transmitted = match &mut self.carrier {
            Link::Stream(carrier) => transmit_link(&mut self.session, self.link, carrier, cx),
            Link::Polling(_) => {
                // What is sent in a row goes in one request, once it is flushed or there is no room for more.
                if self.is_full() {
                    let _ = self.poll_pushes(cx);
                }
                return Poll::Ready(());
            }
            Link::Gone => return Poll::Ready(()),
        };
        self.is_clear = matches!(transmitted, Poll::Ready(Ok(())));
        transmitted.map(|result| self.detach_if_failed(result))
    }

    pub(super) fn poll_flush_carrier(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Link::Polling(_) = &self.carrier {
            return self.poll_pushes(cx);
        }
        if !self.nothing_waits() {
            ready!(self.poll_transmit(cx));
        }
        let Link::Stream(carrier) = &mut self.carrier else {
            return Poll::Ready(());
        };
        let flushed = carrier.poll_flush(cx);
        self.is_stuck = flushed.is_pending();
        flushed.map(|result| self.detach_if_failed(result))
    }

    /// Ready when no request with packets is on its way, and none is due.
    fn poll_pushes(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.start_requests();
            let Link::Polling(polling) = &mut self.carrier else {
                return Poll::Ready(());
            };
            if !polling.is_pushing() {
                return Poll::Ready(());
            }
            // A server may read no more before its answer to the poll was taken off it.
            if let Poll::Ready(Err(error)) = polling.poll_answer(cx) {
                self.request_failed(error, Failure::Poll);
                return Poll::Ready(());
            }
            let pushed = ready!(polling.poll_push(cx));
            self.handle_pushed(pushed);
        }
    }

    /// Closes the carrier of a session that has ended; gives up on a server that does not take the farewell in time.
    pub(super) fn poll_close_carrier(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let closed = match &mut self.carrier {
            // Whether the server could be told makes no difference any more.
            Link::Stream(carrier) => carrier.poll_close(cx).map(drop),
            Link::Polling(polling) => poll_farewell(&mut self.session, polling, cx),
            Link::Gone => return Poll::Ready(()),
        };
        if closed.is_pending() {
            let give_up_at = self.now.checked_add(self.session.config().close_timeout());
            if give_up_at.is_none_or(|give_up_at| alarm::now() < give_up_at) {
                self.alarm.set(give_up_at, cx);
                return Poll::Pending;
            }
        }
        self.alarm.clear();
        self.carrier = Link::Gone;
        Poll::Ready(())
    }

    /// The carrier has refused what it had said to be ready for.
    pub(super) fn carrier_failed(&mut self, error: TransportError) -> TransportError {
        let kind = error.kind();
        self.detach_if_failed(Err(error));
        self.wake();
        TransportError::new(kind)
    }

    fn detach_if_failed(&mut self, result: Result<(), TransportError>) {
        if let Err(error) = result {
            self.session.handle_detach(self.link, Detach::Failed);
            self.keep(Failure::Transport(error));
        }
    }
}

/// What a carrier gave: nothing if it was for the session alone. An error has ended the link.
pub(super) fn handle_item(
    session: &mut Session,
    link: LinkId,
    item: Option<Result<Message, TransportError>>,
    now: Instant,
) -> Result<Option<Message>, TransportError> {
    match item {
        Some(Ok(message)) => match Revision::V4.decode(message) {
            Ok(packet) => return Ok(session.handle_packet(link, packet, now)),
            Err(_) => session.handle_malformed(link),
        },
        Some(Err(error)) => {
            session.handle_detach(link, detach(error.kind()));
            return Err(error);
        }
        None => session.handle_detach(link, Detach::Closed),
    }
    Ok(None)
}

/// A server that vanishes counts as one that closes, as in the reference: only what it does wrong is an error.
fn detach(kind: ErrorKind) -> Detach {
    match kind {
        ErrorKind::Lost | ErrorKind::Closed => Detach::Closed,
        ErrorKind::TooLarge => Detach::TooLarge,
        _ => Detach::Failed,
    }
}

/// Hands over what waits for a link until the carrier takes no more.
fn transmit_link(
    session: &mut Session,
    link: LinkId,
    carrier: &mut Carrier,
    cx: &mut Context<'_>,
) -> Poll<Result<(), TransportError>> {
    loop {
        ready!(carrier.poll_ready(cx))?;
        let Some(transmit) = session.poll_transmit(link) else {
            return Poll::Ready(Ok(()));
        };
        carrier.send(transmit)?;
    }
}

pub(super) fn flush_link(
    session: &mut Session,
    link: LinkId,
    carrier: &mut Carrier,
    cx: &mut Context<'_>,
) -> Poll<Result<(), TransportError>> {
    ready!(transmit_link(session, link, carrier, cx))?;
    carrier.poll_flush(cx)
}

/// Tells the server that the session is over. The poll that waits is left alone until the server has taken that, for one
/// that is given up before is an error to it; afterwards there is no telling whether it will ever be answered.
fn poll_farewell(session: &mut Session, polling: &mut Polling, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        if !polling.is_pushing() {
            let Some(request) = session.poll_request() else { return Poll::Ready(()) };
            polling.start(request, session.sid());
        }
        if ready!(polling.poll_push(cx)).is_err() {
            return Poll::Ready(());
        }
        session.handle_push_answered();
    }
}
