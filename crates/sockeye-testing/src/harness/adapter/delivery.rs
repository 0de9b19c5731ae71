//! Sentences 3 to 6 and 8: how packets reach those whom they are for.

use std::{sync::Arc, time::Instant};

use sockeye_adapter::{Adapter, Delivery, Target};
use sockeye_message::Compression;
use sockeye_parser::{AckId, Args, EventName, Format, Json, Limits};

use super::{
    peer::{Manner, Peer, number},
    stage::{ByHand, Stage, event, question},
};
use crate::harness::watched::block_on;

/// 3. When the future of `broadcast` has been polled once, the packet is queued for every recipient of this server.
pub fn a_broadcast_that_was_polled_once_is_queued<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let peers = NAMES.map(|id| stage.enter(id).0);
    let (event, everybody) = (event(1), Target::new());

    let mut sending = ByHand::new(stage.adapter.broadcast(&event, &everybody, Delivery::Kept));
    sending.poll(1);

    assert_eq!(peers.each_ref().map(|peer| peer.numbers()), [[1], [1], [1]]);
}

/// 3. A later packet arrives later, whichever future is seen to its end first.
pub fn broadcasts_arrive_in_the_order_in_which_they_were_begun<A: Adapter>(
    make: impl Fn(Arc<dyn Format>) -> A,
) {
    let stage = Stage::new(make);
    let peers = NAMES.map(|id| stage.enter(id).0);
    let (everybody, events) = (Target::new(), [event(1), event(2), event(3)]);

    let begun = events.each_ref().map(|event| {
        let mut sending = ByHand::new(stage.adapter.broadcast(event, &everybody, Delivery::Kept));
        sending.poll(1);
        sending
    });
    for sending in begun.into_iter().rev() {
        sending.finish().expect("a broadcast succeeds");
    }

    assert_eq!(peers.each_ref().map(|peer| peer.numbers()), [[1, 2, 3], [1, 2, 3], [1, 2, 3]]);
}

/// 4. A recipient that does not read costs the others nothing.
pub fn a_recipient_without_room_costs_the_others_nothing<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (first, _) = stage.enter("first");
    let (full, _) = stage.enter_as("full", Manner::IsFull);
    let (last, _) = stage.enter("last");

    stage.broadcast(1, &Target::new());
    stage.broadcast(2, &Target::new());

    assert_eq!([first.numbers(), last.numbers()], [[1, 2], [1, 2]]);
    assert!(full.numbers().is_empty());
}

/// 5. Who has said `Queued` is flushed before the future is ready.
pub fn recipients_are_flushed_when_a_broadcast_is_done<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let peers = many(&stage);

    stage.broadcast(1, &Target::new());

    assert!(peers.iter().all(|peer| !peer.numbers().is_empty() && !peer.has_to_be_flushed()));
}

/// 5. Who has said `Queued` is flushed when the future is dropped: what is queued is sent.
pub fn recipients_are_flushed_when_a_broadcast_is_dropped<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let everybody = Target::new();
    for polls in 1..=3 {
        let stage = Stage::new(&make);
        let peers = many(&stage);

        let event = event(1);
        ByHand::new(stage.adapter.broadcast(&event, &everybody, Delivery::Kept)).poll(polls);
        assert!(peers.iter().all(|peer| peer.numbers() == [1]), "polled {polls} times");
        assert!(peers.iter().all(|peer| !peer.has_to_be_flushed()), "polled {polls} times");

        let (question, deadline) = (question(2, AckId::new(7)), Instant::now());
        let asking = stage.adapter.broadcast_with_ack(&question, &everybody, Delivery::Kept, deadline);
        ByHand::new(asking).poll(polls);
        assert!(peers.iter().all(|peer| peer.numbers() == [1, 2]), "polled {polls} times");
        assert!(peers.iter().all(|peer| !peer.has_to_be_flushed()), "polled {polls} times");
    }
}

/// 6. An event between servers does not come back to the one that sent it, and asks nothing of it.
pub fn an_event_between_servers_does_not_come_back<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (name, args) = (EventName::from("event"), Args::empty());

    block_on(stage.adapter.server_side_emit(&name, &args)).expect("the event is sent");
    let acks = block_on(stage.adapter.server_side_emit_with_ack(&name, &args, Instant::now()));

    assert!(stage.heard().is_empty());
    let acks = acks.expect("the event is sent");
    assert_eq!((acks.answers.len(), acks.missing), (0, 0), "there are no other servers");
}

/// 8. A packet is delivered as it was given, in the format that the adapter was made with.
pub fn a_packet_is_delivered_in_the_format_that_was_given<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (ann, _) = stage.enter("ann");

    stage.broadcast(5, &Target::new());

    let [received] = &ann.deliveries()[..] else { panic!("one packet was sent") };
    let [head] = received.packet.messages() else { panic!("the packet has no attachments") };
    let read = Json.decoder(Limits::default()).feed(head.message().clone());
    assert_eq!(read.ok().flatten().as_ref().map(number), Some(5), "{head:?}");
}

/// 8. Recipients are told whether the packet may be dropped.
pub fn a_packet_is_delivered_as_volatile_as_it_was_sent<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (ann, _) = stage.enter("ann");

    for delivery in [Delivery::Kept, Delivery::Volatile] {
        stage.broadcast_as(1, &Target::new(), delivery);
    }

    let deliveries: Vec<_> = ann.deliveries().iter().map(|received| received.delivery).collect();
    assert_eq!(deliveries, [Delivery::Kept, Delivery::Volatile]);
}

/// 8. Transports may compress what the target says that they may.
pub fn a_packet_is_compressed_only_if_its_target_says_so<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (ann, _) = stage.enter("ann");

    for compression in [Compression::Allowed, Compression::Off] {
        stage.broadcast(1, &Target::new().with_compression(compression));
    }

    let compressions: Vec<_> =
        ann.deliveries().iter().map(|received| received.packet.messages()[0].compression()).collect();
    assert_eq!(compressions, [Compression::Allowed, Compression::Off]);
}

/// More than an adapter flushes at once.
fn many(stage: &Stage) -> Vec<Arc<Peer>> {
    (0..300).map(|number| stage.enter(&format!("socket {number}")).0).collect()
}

const NAMES: [&str; 3] = ["ann", "bob", "cleo"];
