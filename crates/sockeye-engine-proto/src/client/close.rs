//! The ways in which a session ends, and whether its server is told.

use std::time::Instant;

use super::{CloseReason, Event, Fault, Session, Shutdown, session::Carrier};
use crate::{outbox::Outbox, time::after};

/// Where a session stands between its beginning and its end.
#[derive(Debug)]
pub(super) enum Phase {
    /// Messages are taken.
    Running,
    /// This side wants to end, and waits until the server has what was sent before.
    Closing { give_up_at: Instant },
    /// It is over.
    Closed { reason: CloseReason, fault: Option<Fault> },
}

/// What the server of a session on long-polling hears of its end. On a stream it sees that it is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Farewell {
    /// It cannot hear, or knows.
    #[default]
    None,
    /// A close packet in a POST of its own: a server of the reference throws away messages that stand in one with it.
    Due,
}

impl Session {
    /// Closes the session; [`Event::Closed`] tells when that is done.
    ///
    /// A graceful close sends what waits first. On long-polling it waits until the server has answered the last POST, on a
    /// stream until the last message has been taken by [`poll_transmit`](Self::poll_transmit); a transport that has
    /// answered its probe is moved to first. A session that is still opening on long-polling waits for its handshake, for
    /// only then the server can be told that nobody stays. After the configured time it is over in any case. A second call
    /// can only make a graceful close a discarding one.
    pub fn close(&mut self, how: Shutdown, now: Instant) {
        match (how, &self.phase) {
            (_, Phase::Closed { .. }) | (Shutdown::Graceful, Phase::Closing { .. }) => {}
            (Shutdown::Discard, _) => self.end(CloseReason::ForcedClose, Farewell::Due),
            (Shutdown::Graceful, Phase::Running) => {
                self.phase = Phase::Closing { give_up_at: after(now, self.config.close_timeout()) };
                self.stop_trying();
                self.end_if_drained();
            }
        }
    }

    /// A closing session has nothing left to send, perhaps.
    pub(super) fn end_if_drained(&mut self) {
        let Phase::Closing { .. } = self.phase else {
            return;
        };
        let is_at_rest = match &self.carrier {
            Carrier::Stream(_) => true,
            Carrier::Polling(polling) if self.opening.is_done() => {
                !polling.is_pushing() && !self.is_upgrading()
            }
            Carrier::Polling(polling) => !polling.is_waiting(),
        };
        if is_at_rest && self.outbox.is_empty() {
            self.end(CloseReason::ForcedClose, Farewell::Due);
        }
    }

    /// The server broke a rule.
    pub(super) fn fail(&mut self, fault: Fault) {
        self.finish(CloseReason::TransportError, Some(fault), Farewell::Due);
    }

    /// The link broke, or carried too much.
    pub(super) fn lose(&mut self, fault: Fault) {
        self.finish(CloseReason::TransportError, Some(fault), Farewell::None);
    }

    /// The end.
    pub(super) fn end(&mut self, reason: CloseReason, farewell: Farewell) {
        self.finish(reason, None, farewell);
    }

    fn finish(&mut self, reason: CloseReason, fault: Option<Fault>, farewell: Farewell) {
        if let Phase::Closed { .. } = self.phase {
            return;
        }
        self.phase = Phase::Closed { reason, fault };
        self.outbox = Outbox::default();
        match &mut self.carrier {
            Carrier::Polling(polling) if self.opening.is_done() => polling.owe(farewell),
            Carrier::Polling(_) | Carrier::Stream(_) => {}
        }
        self.stop_upgrading();
        self.events.push_back(Event::Closed(reason));
    }
}
