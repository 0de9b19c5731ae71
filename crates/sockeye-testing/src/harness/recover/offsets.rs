//! Sentences 1, 2 and 4: which event has which offset.

use std::{sync::Arc, thread, time::Instant};

use sockeye_adapter::{Adapter, Delivery, Offset, Target};
use sockeye_parser::{AckId, Format};

use super::theatre::{Theatre, ends_with_its_offset, offsets};
use crate::harness::adapter::stage::{ByHand, event, event_with, question};

/// 1. An event for many has its offset as its last argument.
pub fn events_for_many_have_their_offset_last<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");

    theatre.broadcast(1, &Target::new());

    let [received] = &ann.deliveries()[..] else { panic!("one event was sent") };
    assert!(ends_with_its_offset(&received.packet), "{:?}", received.packet);
}

/// 1. An event for one socket has its offset as its last argument.
pub fn events_for_one_have_their_offset_last<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");

    theatre.send_one(&ann, 1);

    let [received] = &ann.deliveries()[..] else { panic!("one event was sent") };
    assert!(ends_with_its_offset(&received.packet), "{:?}", received.packet);
}

/// 1. A volatile event that ends with a text has the offset of the event before it behind it.
pub fn a_volatile_event_that_ends_with_text_repeats_the_offset_before_it<A: Adapter>(
    make: impl Fn(Arc<dyn Format>) -> A,
) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");
    theatre.broadcast(1, &Target::new());
    let (text, everybody) = (event_with(r#"2,"text""#, None), Target::new());

    ByHand::new(theatre.adapter.broadcast(&text, &everybody, Delivery::Volatile)).poll(1);
    theatre.send_one_as(&ann, &text, Delivery::Volatile);

    let received = ann.deliveries();
    assert_eq!(received.len(), 3);
    let before = received[0].packet.offset();
    for volatile in &received[1..] {
        assert_eq!(volatile.packet.offset(), before);
        assert!(ends_with_its_offset(&volatile.packet), "{:?}", volatile.packet);
    }
}

/// 1. Events that are to be acknowledged, and other volatile ones, have no offset.
pub fn other_events_have_no_offset<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");
    let (question, everybody) = (question(1, AckId::new(7)), Target::new());

    let deadline = Instant::now();
    ByHand::new(theatre.adapter.broadcast_with_ack(&question, &everybody, Delivery::Kept, deadline)).poll(1);
    theatre.broadcast_as(2, &everybody, Delivery::Volatile);
    theatre.send_one_as(&ann, &event(3), Delivery::Volatile);

    assert_eq!(ann.numbers(), [1, 2, 3]);
    assert_eq!(offsets(&ann), [None, None, None]);
}

/// 2. Events reach a recipient in the order of their offsets, by whatever way they are sent.
pub fn events_reach_a_recipient_in_the_order_of_their_offsets<A: Adapter>(
    make: impl Fn(Arc<dyn Format>) -> A,
) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");

    for number in 0..10 {
        theatre.broadcast(number, &Target::new().to("ann"));
        theatre.send_one(&ann, 10 + number);
        theatre.broadcast(20 + number, &Target::new().to("nobody"));
    }

    assert_eq!(ann.numbers().len(), 20);
    assert_ascending(&offsets(&ann));
}

/// 2. That holds for what several threads send at once.
pub fn events_of_several_threads_arrive_in_the_order_of_their_offsets<A: Adapter>(
    make: impl Fn(Arc<dyn Format>) -> A,
) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");

    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..EVENTS).for_each(|number| theatre.send_one(&ann, number)));
            scope.spawn(|| (0..EVENTS).for_each(|number| theatre.broadcast(number, &Target::new())));
        }
    });

    let offsets = offsets(&ann);
    assert_eq!(offsets.len(), 4 * EVENTS as usize);
    assert_ascending(&offsets);
}

/// 4. `position` is the offset of the last event that is kept.
pub fn the_position_is_that_of_the_last_event_that_is_kept<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (ann, _) = theatre.enter("ann");
    let position = || Some(theatre.recover().position());

    theatre.broadcast(1, &Target::new());
    assert_eq!(position(), offsets(&ann)[0]);

    theatre.broadcast_as(2, &Target::new(), Delivery::Volatile);
    assert_eq!(position(), offsets(&ann)[0]);

    theatre.send_one(&ann, 3);
    assert!(position() > offsets(&ann)[0]);
}

fn assert_ascending(offsets: &[Option<Offset>]) {
    let known: Vec<_> = offsets.iter().flatten().collect();
    let wrong = known.windows(2).find(|pair| pair[0] >= pair[1]);
    assert_eq!(wrong, None, "an event came before one with a smaller offset");
}

const EVENTS: u32 = 100;
