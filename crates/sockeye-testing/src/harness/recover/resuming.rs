//! Sentences 5 to 7: what those get who come back.

use std::{sync::Arc, time::Instant};

use sockeye_adapter::{Adapter, Delivery, Offset, Target};
use sockeye_parser::{AckId, Format};

use super::theatre::Theatre;
use crate::harness::adapter::{
    peer::{Manner, Peer},
    stage::{ByHand, event, question, rooms},
};

/// 5. `resume` lends what was sent after the offset to one in these rooms, each event once, in their order.
pub fn who_comes_back_is_lent_what_it_has_missed_in_order<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (ann, key) = theatre.enter("ann");
    theatre.adapter.join(key, &rooms(&["x"]));
    theatre.broadcast(1, &Target::new());
    let after = theatre.recover().position();
    theatre.broadcast(2, &Target::new());
    theatre.send_one(&ann, 3);
    theatre.adapter.remove(key);
    theatre.broadcast(4, &Target::new().to("x").to("ann"));
    theatre.broadcast(5, &Target::new().to("ann"));

    let (_, lent) = theatre.resume("ann", &["x"], after).expect("all is kept");

    assert_eq!(lent, [2, 3, 4, 5]);
}

/// 5. What was not for one in these rooms is not lent.
pub fn who_comes_back_is_lent_nothing_that_was_for_others<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (bob, _) = theatre.enter("bob");
    let after = theatre.recover().position();
    theatre.send_one(&bob, 1);
    for (number, target) in (2..).zip([
        Target::new().to("others"),
        Target::new().except("x"),
        Target::new().to("x").except("ann"),
        Target::new().to("x").also_in("others"),
    ]) {
        theatre.broadcast(number, &target);
    }

    let (_, lent) = theatre.resume("ann", &["x"], after).expect("all is kept");

    assert!(lent.is_empty(), "{lent:?}");
}

/// 5. What was volatile, was to be acknowledged or could not be queued is not kept.
pub fn who_comes_back_is_lent_nothing_that_is_not_kept<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let (ann, key) = theatre.enter("ann");
    let (question, everybody) = (question(2, AckId::new(7)), Target::new());
    let after = theatre.recover().position();

    theatre.broadcast_as(1, &everybody, Delivery::Volatile);
    let deadline = Instant::now();
    ByHand::new(theatre.adapter.broadcast_with_ack(&question, &everybody, Delivery::Kept, deadline)).poll(1);
    theatre.send_one_as(&ann, &event(3), Delivery::Volatile);
    theatre.send_one(&Peer::new("ann", Manner::IsFull), 4);
    theatre.adapter.remove(key);

    let (_, lent) = theatre.resume("ann", &[], after).expect("all is kept");

    assert!(lent.is_empty(), "{lent:?}");
}

/// 6. `resume` takes the socket in, and puts it into the rooms.
pub fn who_comes_back_is_in_its_rooms_again<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let after = theatre.recover().position();

    let (key, _) = theatre.resume("ann", &["x", "y"], after).expect("all is kept");

    assert_eq!(theatre.rooms(key), rooms(&["ann", "x", "y"]));
    assert_eq!(theatre.meant(&Target::new().to("y")), ["ann"]);
}

/// 7. Where not all is kept that was sent after the offset, `keeps_all_after` says so, and `resume` does nothing.
pub fn nothing_happens_where_not_all_is_kept<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    theatre.broadcast(1, &Target::new());
    let position = theatre.recover().position();
    // Nobody can have got it yet: what came before it may be anything.
    let unknown = Offset::new(position.number() + 1000);

    assert!(theatre.recover().keeps_all_after(position));
    assert!(!theatre.recover().keeps_all_after(unknown));
    assert!(theatre.resume("ann", &["x"], unknown).is_none());

    assert!(theatre.adapter.is_empty(), "nobody was taken in");
    assert!(theatre.meant(&Target::new().to("x").to("ann")).is_empty());
}
