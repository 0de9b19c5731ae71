//! Long-polling: at most one GET is out that waits for packets, at most one POST that brings some.

use sockeye_engine_codec::{Packet, Revision, payload};
use sockeye_message::Message;

use super::{
    Fault, Session, Transmit,
    close::{Farewell, Phase},
    session::Carrier,
};

/// A request of long-polling that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A GET. The first one of a session asks for its handshake and names no session id.
    Poll,
    /// A POST with this body, which is text.
    Push(Message),
}

/// The requests that are out, and whether a last one is due.
#[derive(Debug, Default)]
pub(super) struct Polling {
    poll: Exchange,
    push: Exchange,
    farewell: Farewell,
}

/// Whether a request of one kind is out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Exchange {
    #[default]
    Idle,
    Out,
}

impl Polling {
    /// Whether a GET is out.
    pub(super) fn is_waiting(&self) -> bool {
        self.poll == Exchange::Out
    }

    /// Whether a POST is out.
    pub(super) fn is_pushing(&self) -> bool {
        self.push == Exchange::Out
    }

    pub(super) fn is_at_rest(&self) -> bool {
        !self.is_waiting() && !self.is_pushing()
    }

    pub(super) fn owe(&mut self, farewell: Farewell) {
        self.farewell = farewell;
    }

    /// The last POST of a session that has ended, once.
    fn take_farewell(&mut self) -> Option<Request> {
        if self.is_pushing() || std::mem::take(&mut self.farewell) == Farewell::None {
            return None;
        }
        self.push = Exchange::Out;
        Some(Request::Push(Revision::V4.encode(&Packet::Close)))
    }
}

impl Session {
    /// What is to be sent next by long-polling; nothing on other transports. Ask until there is nothing more: a POST and a
    /// GET may be out at the same time.
    ///
    /// What is returned counts as sent. A POST carries as much of what waits as the server takes in one body by its
    /// handshake, and a packet that is larger than that by itself. While the session is about to move to another transport
    /// there is nothing.
    pub fn poll_request(&mut self) -> Option<Request> {
        let Carrier::Polling(polling) = &mut self.carrier else {
            return None;
        };
        if let Phase::Closed { .. } = self.phase {
            return polling.take_farewell();
        }
        if self.is_upgrading() {
            return None;
        }
        self.next_push().or_else(|| self.next_poll())
    }

    /// The GET was answered, and each packet in the answer was [handed in](Self::handle_packet).
    ///
    /// Any other answer than one of status 200, or none, is the [loss](Self::handle_detach) of the link.
    pub fn handle_poll_answered(&mut self) {
        let Carrier::Polling(polling) = &mut self.carrier else {
            return;
        };
        polling.poll = Exchange::Idle;
        if !self.opening.is_done() {
            self.fail(Fault::HandshakeMissing);
        }
        self.switch_if_at_rest();
    }

    /// The POST was answered.
    ///
    /// Any other answer than one of status 200, or none, is the [loss](Self::handle_detach) of the link.
    pub fn handle_push_answered(&mut self) {
        let Carrier::Polling(polling) = &mut self.carrier else {
            return;
        };
        polling.push = Exchange::Idle;
        self.switch_if_at_rest();
        self.end_if_drained();
    }

    fn next_poll(&mut self) -> Option<Request> {
        let Carrier::Polling(polling) = &mut self.carrier else {
            return None;
        };
        if polling.is_waiting() {
            return None;
        }
        polling.poll = Exchange::Out;
        Some(Request::Poll)
    }

    fn next_push(&mut self) -> Option<Request> {
        let (Carrier::Polling(polling), Some(terms)) = (&mut self.carrier, self.opening.terms()) else {
            return None;
        };
        if polling.is_pushing() {
            return None;
        }
        let mut body = payload::Joiner::new(Revision::V4);
        let fits = |body: &payload::Joiner, next: &Transmit| {
            body.is_empty() || body.len_with(&next.to_packet()) <= terms.max_payload
        };
        while let Some(next) = self.outbox.pop_if(|next| fits(&body, next)) {
            body.push(&next.to_packet());
        }
        if body.is_empty() {
            return None;
        }
        polling.push = Exchange::Out;
        Some(Request::Push(body.finish()))
    }
}
