//! Sentences 1, 2 and 10 to 12: who is there, and in which rooms.

use std::{
    sync::{Arc, OnceLock, Weak, mpsc},
    thread,
};

use sockeye_adapter::{Adapter, Target};
use sockeye_parser::Format;

use super::{
    peer::{Parting, Peer},
    stage::{Stage, rooms},
};
use crate::harness::watched::patience;

/// 1. A socket is in the room of its own id from `add` on.
pub fn a_socket_is_in_the_room_of_its_own_id<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (_ann, ann) = stage.enter("ann");

    assert_eq!(stage.rooms(ann), rooms(&["ann"]));
    assert_eq!(stage.meant(&Target::new().to("ann")), ["ann"]);
}

/// 1. It may leave the room of its own id, as any other.
pub fn a_socket_may_leave_the_room_of_its_own_id<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (_ann, ann) = stage.enter("ann");
    stage.adapter.join(ann, &rooms(&["x"]));

    stage.adapter.leave(ann, &"ann".into());

    assert_eq!(stage.rooms(ann), rooms(&["x"]));
    assert!(stage.meant(&Target::new().to("ann")).is_empty());
}

/// 2. `join` and `leave` take effect on this server before they return.
pub fn joining_and_leaving_take_effect_at_once<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (_ann, ann) = stage.enter("ann");

    stage.adapter.join(ann, &rooms(&["x", "y"]));
    assert_eq!(stage.rooms(ann), rooms(&["ann", "x", "y"]));
    assert_eq!(stage.meant(&Target::new().to("y")), ["ann"]);

    stage.adapter.leave(ann, &"y".into());
    assert_eq!(stage.rooms(ann), rooms(&["ann", "x"]));
    assert!(stage.meant(&Target::new().to("y")).is_empty());
}

/// 2. To join a room twice is to join it once, and to leave one that it is not in is harmless.
pub fn joining_twice_is_joining_once<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (_ann, ann) = stage.enter("ann");

    stage.adapter.join(ann, &rooms(&["x", "x"]));
    stage.adapter.join(ann, &rooms(&["x", "ann"]));
    stage.adapter.leave(ann, &"never".into());
    assert_eq!(stage.rooms(ann), rooms(&["ann", "x"]));

    stage.adapter.leave(ann, &"x".into());
    assert_eq!(stage.rooms(ann), rooms(&["ann"]));
}

/// 10. After `remove` a socket is nowhere, and its key means nobody, whoever comes later.
pub fn a_key_of_a_removed_socket_means_nobody<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (_ann, ann) = stage.enter("ann");
    stage.adapter.join(ann, &rooms(&["x"]));

    stage.adapter.remove(ann);
    let newcomers = ["bob", "cleo"].map(|id| stage.enter(id));
    stage.adapter.join(ann, &rooms(&["y"]));
    stage.adapter.leave(ann, &"bob".into());
    stage.adapter.remove(ann);

    assert_eq!(stage.meant(&Target::new()), ["bob", "cleo"]);
    assert!(stage.meant(&Target::new().to("ann").to("x").to("y")).is_empty());
    assert!(stage.rooms(ann).is_empty());
    for ((peer, key), id) in newcomers.iter().zip(["bob", "cleo"]) {
        stage.broadcast(1, &Target::new().to(id));
        assert_eq!((stage.rooms(*key), peer.numbers()), (rooms(&[id]), vec![1]));
    }
}

/// 11. A member is let go with nothing locked: what goes with it may call the adapter, on whichever thread.
pub fn a_member_may_call_the_adapter_when_it_is_let_go<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let seen = Arc::new(OnceLock::new());
    let parting = count(Arc::downgrade(&stage.adapter), seen.clone());
    let key = stage.adapter.add(Arc::new(Peer::parting("ann", parting)));

    stage.adapter.remove(key);

    let seen = seen.get().expect("the adapter lets a socket go that was removed");
    assert_eq!(*seen, Some(0), "the adapter was locked while it let a socket go");
}

/// 12. `len`, `is_empty`, `joined_count` and, if it is known, `room_count` count what there is.
pub fn the_counts_are_of_what_there_is<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let adapter = &*stage.adapter;
    let counts = || (adapter.len(), adapter.is_empty(), adapter.room_count());
    let known = |rooms: usize| adapter.room_count().map(|_| rooms);
    assert_eq!(counts(), (0, true, known(0)));

    let keys = ["ann", "bob"].map(|id| stage.enter(id).1);
    for key in keys {
        adapter.join(key, &rooms(&["x", "y"]));
    }
    assert_eq!(counts(), (2, false, known(4)));
    assert_eq!(adapter.joined_count(keys[0]), 3);

    adapter.leave(keys[0], &"y".into());
    assert_eq!(adapter.joined_count(keys[0]), 2);
    adapter.remove(keys[1]);
    assert_eq!(counts(), (1, false, known(2)));
    assert_eq!(adapter.joined_count(keys[1]), 0);
}

/// Asks another thread, for one that asks itself what it has locked may wait for ever.
fn count(adapter: Weak<dyn Adapter>, seen: Arc<OnceLock<Option<usize>>>) -> Parting {
    let patience = patience();
    Box::new(move || {
        let (sender, count) = mpsc::channel();
        let adapter = adapter.upgrade().expect("it lets the socket go");
        thread::spawn(move || sender.send(adapter.len()));
        let _ = seen.set(count.recv_timeout(patience).ok());
    })
}
