//! The carriers of a session: the one that it speaks on, and the one that it may change to.

use std::{
    task::{Context, Poll, ready},
    time::Instant,
};

use sockeye_engine_proto::server::{Detach, LinkId, Session};
use sockeye_message::{Message, TransportName};
use sockeye_transport::{ErrorKind, TransportError};

use super::{Connection, Rare};
use crate::{Occurrence, alarm, carrier::Carrier};

impl Connection {
    pub(super) fn handle_candidate(&mut self, cx: &mut Context<'_>) {
        let Some(mut carrier) = self.mailbox.take_candidate() else { return };
        if let Ok(link) = self.session.handle_attach(carrier.name(), self.now) {
            self.rare.get_or_insert_default().candidate = Some((link, *carrier));
        } else {
            self.engine.tell_of_occurrence(Occurrence::UpgradeFailed);
            // Accepted and closed again, as in the reference; a peer that does not take the farewell goes without.
            let _ = carrier.poll_close(cx);
        }
    }

    /// The next packet from wherever one may come: ready without a message if it was for the session alone.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        if let Poll::Ready(message) = self.poll_pushed() {
            return Poll::Ready(message);
        }
        if let Some(carrier) = &mut self.carrier
            && let Poll::Ready(item) = carrier.poll_next(cx)
        {
            return Poll::Ready(handle_item(&mut self.session, self.link, item, self.now));
        }
        let Some(Rare { candidate: Some((link, carrier)), .. }) = self.rare.as_deref_mut() else {
            return Poll::Pending;
        };
        let item = ready!(carrier.poll_next(cx));
        let is_gone = !matches!(item, Some(Ok(_)));
        let link = *link;
        let message = handle_item(&mut self.session, link, item, self.now);
        if is_gone {
            self.close_candidate(link, cx);
        }
        Poll::Ready(message)
    }

    pub(super) fn change_carrier(&mut self, name: TransportName) {
        let Some((link, carrier)) = self.rare.as_mut().and_then(|rare| rare.candidate.take()) else {
            return;
        };
        self.link = link;
        self.carrier = Some(carrier);
        self.is_clear = false;
        self.is_stuck = false;
        self.is_upgraded = true;
        self.engine.tell_of_occurrence(Occurrence::Upgraded);
        self.mailbox.change_transport(name);
        self.tidy();
    }

    pub(super) fn close_candidate(&mut self, link: LinkId, cx: &mut Context<'_>) {
        let Some(rare) = &mut self.rare else { return };
        if let Some((_, mut carrier)) = rare.candidate.take_if(|(candidate, _)| *candidate == link) {
            self.engine.tell_of_occurrence(Occurrence::UpgradeFailed);
            let _ = flush_link(&mut self.session, link, &mut carrier, cx);
            // A peer that does not take the farewell goes without.
            let _ = carrier.poll_close(cx);
            self.tidy();
        }
    }

    /// Closes the carrier of a session that has ended; gives up on a peer that does not take the farewell in time.
    pub(super) fn poll_close_carrier(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(carrier) = &mut self.carrier else {
            return Poll::Ready(());
        };
        // Whether the peer could be told makes no difference any more.
        if carrier.poll_close(cx).is_pending() {
            let patience = self.session.config().close_timeout();
            let give_up_at = self.now.checked_add(patience);
            let now = alarm::now();
            if give_up_at.is_none_or(|give_up_at| now < give_up_at) {
                self.alarm.set(give_up_at, |at| at, now, cx);
                return Poll::Pending;
            }
        }
        self.alarm.clear();
        self.carrier = None;
        Poll::Ready(())
    }

    /// Hands over what waits, as far as the carrier takes it.
    pub(super) fn poll_transmit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(carrier) = &mut self.carrier else {
            self.answer_poll();
            return Poll::Ready(());
        };
        let transmitted = transmit_link(&mut self.session, self.link, carrier, cx);
        self.is_clear = matches!(transmitted, Poll::Ready(Ok(())));
        transmitted.map(|result| self.detach_if_failed(&result))
    }

    /// As much of it as goes without asking the carrier whether it is ready: it was, and one message does no harm.
    pub(super) fn transmit_if_clear(&mut self) -> Result<(), TransportError> {
        let Some(carrier) = self.carrier.as_mut().filter(|_| self.is_clear) else {
            return Ok(());
        };
        while let Some(transmit) = self.session.poll_transmit(self.link) {
            if let Err(error) = carrier.send(transmit, self.session.revision()) {
                self.carrier_failed();
                return Err(error);
            }
        }
        Ok(())
    }

    /// The carrier has refused what it had said to be ready for.
    pub(super) fn carrier_failed(&mut self) {
        self.session.handle_detach(self.link, Detach::Failed);
        self.wake();
    }

    pub(super) fn poll_flush_carrier(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.nothing_waits() {
            ready!(self.poll_transmit(cx));
        }
        let Some(carrier) = &mut self.carrier else {
            return Poll::Ready(());
        };
        let flushed = carrier.poll_flush(cx);
        self.is_stuck = flushed.is_pending();
        flushed.map(|result| self.detach_if_failed(&result))
    }

    pub(super) fn flush_candidate(&mut self, cx: &mut Context<'_>) {
        if let Some(Rare { candidate: Some((link, carrier)), .. }) = self.rare.as_deref_mut()
            && let Poll::Ready(Err(_)) = flush_link(&mut self.session, *link, carrier, cx)
        {
            let link = *link;
            self.session.handle_detach(link, Detach::Failed);
            self.close_candidate(link, cx);
        }
    }

    fn detach_if_failed(&mut self, result: &Result<(), TransportError>) {
        if result.is_err() {
            self.session.handle_detach(self.link, Detach::Failed);
        }
    }
}

/// What a carrier gave: ready without a message if it was for the session alone.
fn handle_item(
    session: &mut Session,
    link: LinkId,
    item: Option<Result<Message, TransportError>>,
    now: Instant,
) -> Option<Message> {
    match item {
        Some(Ok(message)) => match session.revision().decode(message) {
            Ok(packet) => return session.handle_packet(link, packet, now),
            Err(_) => session.handle_malformed(link),
        },
        Some(Err(error)) => session.handle_detach(link, detach(error.kind())),
        None => session.handle_detach(link, Detach::Closed),
    }
    None
}

/// A peer that vanishes counts as one that closes, as in the reference: only what it does wrong is an error.
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
        carrier.send(transmit, session.revision())?;
    }
}

fn flush_link(
    session: &mut Session,
    link: LinkId,
    carrier: &mut Carrier,
    cx: &mut Context<'_>,
) -> Poll<Result<(), TransportError>> {
    ready!(transmit_link(session, link, carrier, cx))?;
    carrier.poll_flush(cx)
}
