//! Long-polling: at most one GET waits for packets, at most one POST brings some.

use sockeye_engine_codec::Packet;

use super::{CloseReason, Fault, RequestRefused, Session, close::Phase, session::Carrier};

/// The requests that are open, and what a waiting poll must be told besides what waits in the outbox.
#[derive(Debug, Default)]
pub(super) struct Polling {
    poll: Exchange,
    push: Exchange,
    owed: Owed,
}

/// Whether a request of one kind is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Exchange {
    #[default]
    Idle,
    Open,
}

/// Packets that belong to one poll, not to the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Owed {
    #[default]
    Nothing,
    Noop,
    Close,
    NoopThenClose,
}

impl Polling {
    pub(super) fn is_waiting(&self) -> bool {
        self.poll == Exchange::Open
    }

    /// Only a poll that waits can be owed anything.
    pub(super) fn owe(&mut self, owed: Owed) {
        if self.is_waiting() {
            self.owed = owed;
        }
    }

    pub(super) fn take_owed(&mut self) -> Option<Packet> {
        let (packet, rest) = match self.owed {
            Owed::Nothing => return None,
            Owed::Noop => (Packet::Noop, Owed::Nothing),
            Owed::Close => (Packet::Close, Owed::Nothing),
            Owed::NoopThenClose => (Packet::Noop, Owed::Close),
        };
        self.owed = rest;
        Some(packet)
    }

    fn end_poll(&mut self) {
        self.poll = Exchange::Idle;
        self.owed = Owed::Nothing;
    }
}

impl Session {
    /// A GET came and waits from now on: ask [`poll_transmit`](Self::poll_transmit) what it can be answered with.
    ///
    /// # Errors
    /// If it cannot wait: answer it with status 400. When another GET was waiting, the session has ended over it.
    pub fn handle_poll(&mut self) -> Result<(), RequestRefused> {
        let polling = self.open_polling()?;
        if polling.is_waiting() {
            self.fail(Fault::PollOverlap);
            return Err(RequestRefused::Overlap);
        }
        polling.poll = Exchange::Open;
        if matches!(self.phase, Phase::Closing { .. }) && self.outbox.is_empty() {
            self.end(CloseReason::ForcedClose, Owed::NoopThenClose);
        }
        Ok(())
    }

    /// The waiting GET was answered with what [`poll_transmit`](Self::poll_transmit) gave.
    pub fn handle_poll_answered(&mut self) {
        if let Carrier::Polling(polling) = &mut self.carrier {
            polling.end_poll();
        }
    }

    /// The client gave up the GET before it was answered.
    pub fn handle_poll_aborted(&mut self) {
        match &mut self.carrier {
            Carrier::Polling(polling) if polling.is_waiting() => {
                polling.end_poll();
                self.fail(Fault::PollAborted);
            }
            Carrier::Polling(_) => {}
            Carrier::Stream(_) => self.left_behind = None,
        }
    }

    /// A POST came; its packets follow by [`handle_packet`](Self::handle_packet).
    ///
    /// # Errors
    /// If it cannot be read: answer it with status 400. When another POST was open, the session has ended over it.
    pub fn handle_push(&mut self) -> Result<(), RequestRefused> {
        let polling = self.open_polling()?;
        if polling.push == Exchange::Open {
            self.fail(Fault::PushOverlap);
            return Err(RequestRefused::Overlap);
        }
        polling.push = Exchange::Open;
        Ok(())
    }

    /// The POST was read to its end, or refused without harm to the session, as one that is too large is.
    pub fn handle_push_done(&mut self) {
        if let Carrier::Polling(polling) = &mut self.carrier {
            polling.push = Exchange::Idle;
        }
    }

    /// The client gave up the POST in the middle.
    pub fn handle_push_aborted(&mut self) {
        match &mut self.carrier {
            Carrier::Polling(polling) if polling.push == Exchange::Open => {
                polling.push = Exchange::Idle;
                self.fail(Fault::PushAborted);
            }
            Carrier::Polling(_) | Carrier::Stream(_) => {}
        }
    }

    fn open_polling(&mut self) -> Result<&mut Polling, RequestRefused> {
        if let Phase::Closed { .. } = self.phase {
            return Err(RequestRefused::Closed);
        }
        match &mut self.carrier {
            Carrier::Polling(polling) => Ok(polling),
            Carrier::Stream(_) => Err(RequestRefused::NotPolling),
        }
    }
}
