//! Sentence 7: who is meant by a target.

use std::{sync::Arc, time::Instant};

use sockeye_adapter::{Adapter, Closing, Delivery, FetchedSocket, Reach, SocketKey, Target};
use sockeye_parser::{AckId, Format};

use super::{
    peer::Peer,
    stage::{ByHand, Stage, question, rooms, sorted},
};
use crate::harness::watched::block_on;

/// 7. A broadcast reaches the sockets that the target means, each once.
pub fn a_broadcast_reaches_each_socket_in_its_target_once<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    for (target, meant) in targets() {
        let crowd = Crowd::new(&make);

        crowd.stage.broadcast(1, &target);

        assert_eq!(crowd.ids_by(|peer| peer.deliveries().len()), meant, "{target:?}");
    }
}

/// 7. A broadcast that wants answers asks the sockets that the target means, each once.
pub fn a_broadcast_that_wants_answers_asks_each_socket_in_its_target_once<A: Adapter>(
    make: impl Fn(Arc<dyn Format>) -> A,
) {
    for (target, meant) in targets() {
        let crowd = Crowd::new(&make);
        let event = question(1, AckId::new(7));

        let deadline = Instant::now();
        let asking = crowd.stage.adapter.broadcast_with_ack(&event, &target, Delivery::Kept, deadline);
        ByHand::new(asking).poll(1);

        assert_eq!(crowd.ids_by(|peer| peer.take_asked().len()), meant, "{target:?}");
    }
}

/// 7. `members`, `sockets` and `fetch_sockets` give the sockets that the target means, each once.
pub fn the_sockets_in_a_target_are_found_once<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let crowd = Crowd::new(&make);
    let (stage, adapter) = (&crowd.stage, &*crowd.stage.adapter);
    for (target, meant) in targets() {
        let ids = block_on(adapter.sockets(&target)).expect("the sockets are found");
        let fetched = block_on(adapter.fetch_sockets(&target)).expect("the sockets are fetched");
        let fetched = fetched.iter().map(|socket| match socket {
            FetchedSocket::Local(member) => member.id().to_string(),
            FetchedSocket::Remote(details) => panic!("{} is not of this server", details.id),
        });

        assert_eq!(stage.meant(&target), meant, "members of {target:?}");
        assert_eq!(sorted(ids.iter().map(ToString::to_string)), meant, "sockets of {target:?}");
        assert_eq!(sorted(fetched), meant, "fetched sockets of {target:?}");
    }
}

/// 7. `join_all` and `leave_all` change the rooms of the sockets that the target means.
pub fn the_rooms_of_all_in_a_target_are_changed<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    for (target, meant) in targets() {
        let crowd = Crowd::new(&make);
        let adapter = &*crowd.stage.adapter;

        block_on(adapter.join_all(&target, &rooms(&["new", "newer"]))).expect("the sockets join");
        for room in ["new", "newer"] {
            assert_eq!(crowd.stage.meant(&Target::new().to(room)), meant, "{target:?}");
        }

        let everybody = rooms(&["new", "newer", "never"]);
        block_on(adapter.leave_all(&Target::new().to("new").except("ann"), &everybody))
            .expect("the sockets leave");
        let left: Vec<_> = meant.into_iter().filter(|id| *id == "ann").collect();
        assert_eq!(crowd.stage.meant(&Target::new().to("newer")), left, "{target:?}");
    }
}

/// 7. `disconnect_all` disconnects the sockets that the target means, in the way that it is told.
pub fn all_in_a_target_are_disconnected<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    for (target, meant) in targets() {
        for closing in [Closing::Namespace, Closing::Connection] {
            let crowd = Crowd::new(&make);

            block_on(crowd.stage.adapter.disconnect_all(&target, closing)).expect("the sockets are told");

            let told = crowd.ids_by(|peer| peer.closings().len());
            assert_eq!(told, meant, "{target:?}");
            let closings = crowd.sockets.iter().flat_map(|(_, peer, _)| peer.closings());
            assert!(closings.into_iter().all(|told| told == closing), "not {closing:?}");
        }
    }
}

/// Four sockets in rooms that overlap.
struct Crowd {
    stage: Stage,
    sockets: Vec<(&'static str, Arc<Peer>, SocketKey)>,
}

impl Crowd {
    fn new<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) -> Self {
        let stage = Stage::new(make);
        let sockets = PLACES.iter().map(|(id, places)| {
            let (peer, key) = stage.enter(id);
            stage.adapter.join(key, &rooms(places));
            (*id, peer, key)
        });
        Self { sockets: sockets.collect(), stage }
    }

    /// The ids of the sockets, each as often as it has something.
    fn ids_by(&self, count: impl Fn(&Peer) -> usize) -> Vec<&'static str> {
        self.sockets.iter().flat_map(|(id, peer, _)| std::iter::repeat_n(*id, count(peer))).collect()
    }
}

const PLACES: &[(&str, &[&str])] =
    &[("ann", &["x", "y"]), ("bob", &["y", "z"]), ("cleo", &["x", "y", "z"]), ("dan", &[])];

fn targets() -> Vec<(Target, Vec<&'static str>)> {
    let target = Target::new;
    vec![
        (target(), vec!["ann", "bob", "cleo", "dan"]),
        (target().reach(Reach::Local), vec!["ann", "bob", "cleo", "dan"]),
        (target().to("x"), vec!["ann", "cleo"]),
        (target().to("x").to("y").to("x"), vec!["ann", "bob", "cleo"]),
        (target().to("dan").to("x"), vec!["ann", "cleo", "dan"]),
        (target().to("nobody"), vec![]),
        (target().to("nobody").to("z"), vec!["bob", "cleo"]),
        (target().except("x").except("dan"), vec!["bob"]),
        (target().to("y").except("ann").except("nobody"), vec!["bob", "cleo"]),
        (target().to("x").except("x"), vec![]),
        (target().also_in("x").also_in("z"), vec!["cleo"]),
        (target().to("z").to("dan").also_in("y"), vec!["bob", "cleo"]),
        (target().to("y").also_in("x").except("z"), vec!["ann"]),
        (target().also_in("x").also_in("nobody"), vec![]),
    ]
}
