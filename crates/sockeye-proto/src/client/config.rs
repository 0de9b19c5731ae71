//! What a client's connection allows, and how it delivers.

use std::time::Duration;

use sockeye_parser::Limits;

use crate::bounds::Bounds;

/// The limits and times of a client's connection.
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) outbox: Bounds,
    pub(super) buffer: Bounds,
    pub(super) held: Bounds,
    pub(super) overflow: Overflow,
    pub(super) max_pending_acks: usize,
    pub(super) retries: u32,
    pub(super) ack_timeout: Option<Duration>,
    pub(super) parser: Limits,
}

/// What becomes of an event that is emitted while not connected, if no more may wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// It is not taken, and whoever emits it learns so.
    #[default]
    Refuse,
    /// It is taken in place of those that have waited longest; whoever waits for their acknowledgements learns so.
    DropOldest,
}

impl Config {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            outbox: Bounds::new(4096, 4 << 20),
            buffer: Bounds::new(4096, 4 << 20),
            held: Bounds::new(16_384, 16 << 20),
            overflow: Overflow::Refuse,
            max_pending_acks: 4096,
            retries: 0,
            ack_timeout: None,
            parser: Limits::default(),
        }
    }

    /// How many messages may wait for the transport; 4,096. As many again are kept for answers to the server.
    #[must_use]
    pub fn max_queued_packets(mut self, packets: usize) -> Self {
        self.outbox = self.outbox.with_packets(packets);
        self
    }

    /// How many bytes may wait for the transport; 4 MiB. As many again are kept for answers to the server.
    #[must_use]
    pub fn max_queued_bytes(mut self, bytes: usize) -> Self {
        self.outbox = self.outbox.with_bytes(bytes);
        self
    }

    /// How many events of a namespace may wait until it is connected, and how many in its queue of [`retries`](Self::retries);
    /// 4,096 each. The reference has no such limit.
    #[must_use]
    pub fn max_buffered_packets(mut self, packets: usize) -> Self {
        self.buffer = self.buffer.with_packets(packets);
        self
    }

    /// How many bytes these events may have; 4 MiB each.
    #[must_use]
    pub fn max_buffered_bytes(mut self, bytes: usize) -> Self {
        self.buffer = self.buffer.with_bytes(bytes);
        self
    }

    /// What becomes of an event that finds no room among those that wait until the namespace is connected;
    /// [`Overflow::Refuse`]. The queue of [`retries`](Self::retries) always refuses.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// How many events may come in a namespace before the answer that lets the client in: what it has missed, as a rule;
    /// 16,384. The reference has no such limit.
    #[must_use]
    pub fn max_held_events(mut self, events: usize) -> Self {
        self.held = self.held.with_packets(events);
        self
    }

    /// How many bytes these events may have; 16 MiB.
    #[must_use]
    pub fn max_held_bytes(mut self, bytes: usize) -> Self {
        self.held = self.held.with_bytes(bytes);
        self
    }

    /// How many acknowledgements may be awaited in one namespace; 4,096.
    #[must_use]
    pub fn max_pending_acks(mut self, acks: usize) -> Self {
        self.max_pending_acks = acks;
        self
    }

    /// How often an event is sent again that the server does not acknowledge in time; 0. With more than that, events go one
    /// by one, each when the one before has been acknowledged or given up: every event comes at least once and in order,
    /// if the server acknowledges all. To be given with [`ack_timeout`](Self::ack_timeout), without which events are sent
    /// again after a disconnection only. The reference's `retries`.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// How long to wait for an acknowledgement where an event does not say; for ever. The reference's `ackTimeout`.
    #[must_use]
    pub fn ack_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.ack_timeout = timeout;
        self
    }

    /// What the parser allows in one packet.
    #[must_use]
    pub fn parser(mut self, limits: Limits) -> Self {
        self.parser = limits;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
