//! A stage whose adapter lets peers come back.

use std::{ops::Deref, sync::Arc};

use sockeye_adapter::{
    Adapter, Delivered, Delivery, Flush, Member, Offset, Recover, SharedPacket, SocketKey,
};
use sockeye_parser::{Format, Packet};

use crate::harness::adapter::{
    peer::{Manner, Peer, number},
    stage::{Stage, event, rooms},
};

/// A namespace with recovery.
pub(super) struct Theatre(Stage);

impl Deref for Theatre {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.0
    }
}

impl Theatre {
    pub(super) fn new<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) -> Self {
        Self(Stage::new(make))
    }

    pub(super) fn recover(&self) -> &dyn Recover {
        self.adapter.recovery().expect("the adapter lets peers come back")
    }

    /// Sends an event to one socket, as the server does.
    pub(super) fn send_one(&self, peer: &Peer, number: u32) {
        self.send_one_as(peer, &event(number), Delivery::Kept);
    }

    pub(super) fn send_one_as(&self, peer: &Peer, event: &Packet, delivery: Delivery) {
        self.recover().send_one(peer.id(), event, delivery, &mut |packet| {
            let is_sent = peer.deliver(packet, delivery, None) != Delivered::Dropped;
            peer.flush(Flush::Later);
            is_sent
        });
    }

    /// Lets a socket come back to its own room and these; gives its key and the numbers of what it was lent.
    pub(super) fn resume(&self, id: &str, places: &[&str], after: Offset) -> Option<(SocketKey, Vec<u32>)> {
        let mut lent = None;
        let places = rooms(&[&[id], places].concat());
        let peer = Arc::new(Peer::new(id, Manner::Takes));
        let key = self.recover().resume(peer, &places, after, &mut |missed| {
            assert!(lent.is_none(), "what was missed is lent once");
            lent = Some(missed.map(|packet| number(packet.packet())).collect());
        });
        assert_eq!(key.is_some(), lent.is_some(), "what was missed is lent to those who are taken in");
        key.zip(lent)
    }
}

/// The offsets of the events that a peer got, in the order in which it got them.
pub(super) fn offsets(peer: &Peer) -> Vec<Option<Offset>> {
    peer.deliveries().iter().map(|received| received.packet.offset()).collect()
}

/// Whether an event ends with its offset.
pub(super) fn ends_with_its_offset(packet: &SharedPacket) -> bool {
    let (Packet::Event { args, .. }, Some(offset)) = (packet.packet(), packet.offset()) else { return false };
    args.last_text().is_some_and(|last| last == offset.to_string())
}
