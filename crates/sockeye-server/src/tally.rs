//! What one connection has moved, added up until it is told to the recorder.
//!
//! There is none without a recorder. With one, a message costs an addition, and a turn of the connection's task the calls.

use std::{mem, sync::Arc};

use sockeye_transport::TransportName;

use crate::meters::{FlowMeters, Meters, Via, change};

/// The sums of one connection. It counts as open until this is dropped.
#[derive(Debug)]
pub(crate) struct Tally {
    meters: Arc<Meters>,
    via: Via,
    pub(crate) received: Flow,
    pub(crate) sent: Flow,
    /// Packets of broadcasts that were queued.
    pub(crate) deliveries: u64,
    /// What the gauge has of this connection.
    queued: usize,
}

/// Messages in one direction.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    messages: u64,
    bytes: u64,
}

impl Tally {
    /// Of a connection that begins on this transport.
    pub(crate) fn new(meters: Arc<Meters>, transport: &TransportName) -> Self {
        let via = Via::of(transport);
        meters.of(via).opened.increment(1);
        meters.of(via).connections.increment(1);
        let (received, sent) = (Flow::default(), Flow::default());
        Self { meters, via, received, sent, deliveries: 0, queued: 0 }
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Tells what has come together, as of a connection on this transport with so many messages in its queue.
    pub(crate) fn hand_over(&mut self, transport: &TransportName, queued: usize) {
        self.change_transport(Via::of(transport));
        self.tell(queued);
    }

    fn change_transport(&mut self, via: Via) {
        if via != self.via {
            self.meters.of(self.via).connections.decrement(1);
            self.meters.of(via).connections.increment(1);
            self.via = via;
        }
    }

    fn tell(&mut self, queued: usize) {
        let meters = self.meters.of(self.via);
        self.received.tell(&meters.received);
        self.sent.tell(&meters.sent);
        if self.deliveries > 0 {
            self.meters.deliveries.increment(mem::take(&mut self.deliveries));
        }
        change(&self.meters.queued, mem::replace(&mut self.queued, queued), queued);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.tell(0);
        self.meters.of(self.via).connections.decrement(1);
    }
}

impl Flow {
    /// One more message of so many bytes.
    pub(crate) fn note(&mut self, len: usize) {
        self.messages += 1;
        self.bytes += u64::try_from(len).unwrap_or(u64::MAX);
    }

    fn tell(&mut self, meters: &FlowMeters) {
        if self.messages > 0 {
            let Self { messages, bytes } = mem::take(self);
            meters.messages.increment(messages);
            meters.bytes.increment(bytes);
        }
    }
}
