//! What waits for the transport, and how much of it may wait.

use sockeye_message::{Message, Prepared};
use sockeye_parser::Encoded;

use crate::{SendError, bounds::Bounds, queue::Queue};

/// A message on its way out: for one recipient, or shared by many.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// A message of this connection alone.
    Message(Message),
    /// A message that other connections send as well.
    Prepared(Prepared),
}

impl Outgoing {
    /// The length of the content in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Message(message) => message.len(),
            Self::Prepared(prepared) => prepared.message().len(),
        }
    }

    /// Whether there is no content at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which share of the outbox a packet may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// What applications send of their own accord: up to the limits.
    Events,
    /// What answers the peer: the reserve above the limits too, so that a full outbox still acknowledges and closes.
    Answers,
}

/// The queue of outgoing messages.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    messages: Queue<Outgoing>,
    bytes: usize,
}

impl Outbox {
    pub(crate) fn push(&mut self, packet: Encoded, share: Share, bounds: &Bounds) -> Result<(), SendError> {
        let (packets, bytes) = extent(&packet);
        self.admit(packets, bytes, share, bounds)?;
        self.append(packet);
        Ok(())
    }

    /// Takes a packet whatever the limits are.
    pub(crate) fn push_unbounded(&mut self, packet: Encoded) {
        self.bytes += extent(&packet).1;
        self.append(packet);
    }

    pub(crate) fn push_prepared(&mut self, packet: &[Prepared], bounds: &Bounds) -> Result<(), SendError> {
        if !self.has_room_for_prepared(packet, bounds) {
            return Err(SendError::Full);
        }
        self.push_missed(packet);
        Ok(())
    }

    /// Takes a packet whatever the limits are.
    pub(crate) fn push_missed(&mut self, packet: &[Prepared]) {
        self.bytes += packet.iter().map(|part| part.message().len()).sum::<usize>();
        packet.iter().cloned().map(Outgoing::Prepared).for_each(|message| self.messages.push(message));
    }

    /// The next message.
    pub(crate) fn pop(&mut self) -> Option<Outgoing> {
        let next = self.messages.pop()?;
        self.bytes -= next.len();
        Some(next)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether the limits for events are reached.
    pub(crate) fn is_full(&self, bounds: &Bounds) -> bool {
        self.len() >= bounds.packets || self.bytes >= bounds.bytes
    }

    /// Whether an event would be taken.
    pub(crate) fn has_room_for(&self, packet: &Encoded, bounds: &Bounds) -> bool {
        let (packets, bytes) = extent(packet);
        self.fits(packets, bytes, Share::Events, bounds)
    }

    /// Whether an event that goes to many would be taken.
    pub(crate) fn has_room_for_prepared(&self, packet: &[Prepared], bounds: &Bounds) -> bool {
        let bytes = packet.iter().map(|part| part.message().len()).sum();
        self.fits(packet.len(), bytes, Share::Events, bounds)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many messages wait.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    fn append(&mut self, packet: Encoded) {
        self.messages.push(Outgoing::Message(packet.head));
        for bytes in packet.attachments {
            self.messages.push(Outgoing::Message(Message::Binary(bytes)));
        }
    }

    /// A packet is taken whole or not at all.
    fn admit(
        &mut self,
        packets: usize,
        bytes: usize,
        share: Share,
        bounds: &Bounds,
    ) -> Result<(), SendError> {
        if !self.fits(packets, bytes, share, bounds) {
            return Err(SendError::Full);
        }
        self.bytes += bytes;
        Ok(())
    }

    /// An empty queue takes any packet: none is too large to be ever sent.
    fn fits(&self, packets: usize, bytes: usize, share: Share, bounds: &Bounds) -> bool {
        let times = match share {
            Share::Events => 1,
            Share::Answers => 2,
        };
        let fits = self.len() + packets <= bounds.packets.saturating_mul(times)
            && self.bytes + bytes <= bounds.bytes.saturating_mul(times);
        fits || self.is_empty()
    }
}

/// How many messages a packet is, and how many bytes.
fn extent(packet: &Encoded) -> (usize, usize) {
    let Encoded { head, attachments } = packet;
    (1 + attachments.len(), head.len() + attachments.iter().map(length).sum::<usize>())
}

fn length(bytes: &impl AsRef<[u8]>) -> usize {
    bytes.as_ref().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(length: usize) -> Encoded {
        Encoded { head: Message::from("x".repeat(length)), attachments: Vec::new() }
    }

    fn small() -> Bounds {
        Bounds::new(2, 100)
    }

    #[test]
    fn events_are_refused_at_either_limit() {
        let mut by_count = Outbox::default();
        let mut by_bytes = Outbox::default();

        for _ in 0..2 {
            by_count.push(packet(1), Share::Events, &small()).unwrap();
        }
        by_bytes.push(packet(60), Share::Events, &small()).unwrap();

        assert_eq!(by_count.push(packet(1), Share::Events, &small()), Err(SendError::Full));
        assert_eq!(by_bytes.push(packet(60), Share::Events, &small()), Err(SendError::Full));
    }

    #[test]
    fn answers_find_room_above_the_limit_and_that_room_ends_too() {
        let mut outbox = Outbox::default();
        for _ in 0..2 {
            outbox.push(packet(1), Share::Events, &small()).unwrap();
        }

        for _ in 0..2 {
            outbox.push(packet(1), Share::Answers, &small()).unwrap();
        }

        assert_eq!(outbox.push(packet(1), Share::Answers, &small()), Err(SendError::Full));
    }

    #[test]
    fn an_empty_outbox_takes_a_packet_over_the_limit() {
        let mut outbox = Outbox::default();

        outbox.push(packet(1000), Share::Events, &small()).unwrap();

        assert!(outbox.is_full(&small()));
        assert_eq!(outbox.pop().unwrap().len(), 1000);
        assert!(!outbox.is_full(&small()));
    }

    #[test]
    fn attachments_follow_their_head() {
        let mut outbox = Outbox::default();
        let attachments = vec![b"1".to_vec().into(), b"2".to_vec().into()];

        let bounds = Bounds::new(3, 6);
        outbox.push(Encoded { head: Message::from("head"), attachments }, Share::Events, &bounds).unwrap();

        let lengths: Vec<_> = std::iter::from_fn(|| outbox.pop()).map(|part| part.len()).collect();
        assert_eq!(lengths, [4, 1, 1]);
        assert!(outbox.is_empty());
    }
}
