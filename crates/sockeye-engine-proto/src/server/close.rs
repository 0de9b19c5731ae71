//! The ways in which a session ends, and what its client hears of it.

use std::time::Instant;

use super::{Event, Session, Shutdown, polling::Owed, session::Carrier};
use crate::{CloseReason, Fault, time::after};

/// Where a session stands between its beginning and its end.
#[derive(Debug)]
pub(super) enum Phase {
    /// Messages go both ways.
    Open,
    /// This side wants to end, and waits until the peer has what was sent before.
    Closing { give_up_at: Instant },
    /// It is over.
    Closed { reason: CloseReason, fault: Option<Fault> },
}

impl Session {
    /// Closes the session; [`Event::Closed`] tells when that is done.
    ///
    /// On a stream a graceful close is done when the last message has been taken by
    /// [`poll_transmit`](Self::poll_transmit). On long-polling it waits for a poll that can be told; it gives up when the
    /// configured time is over. A second call can only make a graceful close a discarding one.
    pub fn close(&mut self, how: Shutdown, now: Instant) {
        match (how, &self.phase) {
            (_, Phase::Closed { .. }) | (Shutdown::Graceful, Phase::Closing { .. }) => {}
            (Shutdown::Discard, _) => self.end(CloseReason::ForcedClose, Owed::Close),
            (Shutdown::Graceful, Phase::Open) => {
                self.phase = Phase::Closing { give_up_at: after(now, self.config.close_timeout()) };
                self.end_if_drained();
            }
        }
    }

    /// A closing session has nothing left to send, perhaps.
    pub(super) fn end_if_drained(&mut self) {
        let told = match &self.carrier {
            Carrier::Stream(_) => true,
            Carrier::Polling(polling) => polling.is_waiting(),
        };
        if told && self.outbox.is_empty() {
            self.end(CloseReason::ForcedClose, Owed::Close);
        }
    }

    /// A closing session handed something out: on a stream, perhaps the last. A poll tells its client of the end only
    /// when the next one comes.
    pub(super) fn end_if_sent(&mut self) {
        if let Carrier::Stream(_) = self.carrier {
            self.end_if_drained();
        }
    }

    /// The peer said that it is over; a poll of its own that still waits just comes back.
    pub(super) fn end_by_peer(&mut self) {
        self.end(CloseReason::TransportClose, Owed::Noop);
    }

    /// The peer broke a rule, or its carrier broke.
    pub(super) fn fail(&mut self, fault: Fault) {
        self.finish(CloseReason::TransportError, Some(fault), Owed::Close);
    }

    /// The end. A poll that waits is answered with what it is owed.
    pub(super) fn end(&mut self, reason: CloseReason, owed: Owed) {
        self.finish(reason, None, owed);
    }

    fn finish(&mut self, reason: CloseReason, fault: Option<Fault>, owed: Owed) {
        if let Phase::Closed { .. } = self.phase {
            return;
        }
        self.phase = Phase::Closed { reason, fault };
        let unsent = std::mem::take(&mut self.outbox);
        if let Carrier::Polling(polling) = &mut self.carrier {
            polling.owe(owed);
        }
        if let Some(upgrade) = self.upgrade.take() {
            self.events.push_back(Event::CloseLink(upgrade.candidate()));
        }
        if self.config.keeps_unsent() && unsent.messages() > 0 {
            self.events.push_back(Event::Unsent(unsent.into_messages()));
        }
        self.events.push_back(Event::Closed(reason));
    }
}
