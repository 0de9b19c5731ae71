//! Sentence 9: answers to broadcasts.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_adapter::{Acks, Adapter, Delivery, Target};
use sockeye_parser::{AckId, Args, Format};

use super::{
    peer::{Asked, Manner},
    stage::{ByHand, Stage, question},
};

/// 9. `broadcast_with_ack` asks each recipient for an acknowledgement of the packet's id, until the deadline.
pub fn recipients_are_asked_by_the_id_until_the_deadline<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let peers = NAMES.map(|id| stage.enter(id).0);
    let deadline = Instant::now() + Duration::from_secs(100);

    ask(&stage, Delivery::Kept, deadline, || {
        for peer in &peers {
            let asked = peer.take_asked();
            let asked: Vec<_> = asked.iter().map(|asked| (asked.id, asked.deadline)).collect();
            assert_eq!(asked, [(ID, deadline)]);
        }
    });
}

/// 9. It gives the answers in the order in which they came.
pub fn answers_are_given_in_the_order_in_which_they_came<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let peers = NAMES.map(|id| stage.enter(id).0);

    let acks = ask(&stage, Delivery::Kept, Instant::now(), || {
        for (peer, answer) in peers.iter().zip(0..3).rev() {
            peer.take_asked().into_iter().for_each(|asked| give(asked, answer));
        }
    });

    assert_eq!(numbers(&acks), [2, 1, 0]);
}

/// 9. It waits until each recipient has answered, or will not any more.
pub fn answers_are_waited_for<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let peers = NAMES.map(|id| stage.enter(id).0);
    let (event, everybody) = (question(1, ID), Target::new());
    let asking = stage.adapter.broadcast_with_ack(&event, &everybody, Delivery::Kept, Instant::now());
    let mut asking = ByHand::new(asking);
    let mut is_ready = || asking.poll(POLLS).is_ready();

    assert!(!is_ready(), "nobody has answered");
    for peer in &peers[1..] {
        peer.take_asked().into_iter().for_each(|asked| give(asked, 1));
    }
    assert!(!is_ready(), "one has not answered");
    peers[0].take_asked().into_iter().for_each(|asked| give(asked, 1));
    assert!(is_ready(), "all have answered");
}

/// 9. Whoever will not answer any more is counted as missing, and so is whoever the packet could not be queued for.
pub fn whoever_does_not_answer_is_missing<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);
    let (ann, _) = stage.enter("ann");
    let (bob, _) = stage.enter("bob");
    let _full = stage.enter_as("full", Manner::IsFull);

    let acks = ask(&stage, Delivery::Volatile, Instant::now(), || {
        ann.take_asked().into_iter().for_each(|asked| give(asked, 1));
        drop(bob.take_asked());
    });

    assert_eq!((numbers(&acks), acks.missing), (vec![1], 2));
}

/// 9. Without recipients there is nothing to wait for.
pub fn nobody_is_not_waited_for<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let stage = Stage::new(make);

    let acks = ask(&stage, Delivery::Kept, Instant::now(), || {});

    assert_eq!((acks.answers.len(), acks.missing), (0, 0));
}

/// Asks everybody, and sees it through once `answer` has been called.
fn ask(stage: &Stage, delivery: Delivery, deadline: Instant, answer: impl FnOnce()) -> Acks {
    let (event, everybody) = (question(1, ID), Target::new());
    let mut asking = ByHand::new(stage.adapter.broadcast_with_ack(&event, &everybody, delivery, deadline));
    asking.poll(1);
    answer();
    asking.finish().expect("everybody can be asked")
}

fn give(asked: Asked, answer: u32) {
    asked.answer.give(Args::from_json(format!("[{answer}]"), Vec::new()).expect("these are arguments"));
}

fn numbers(acks: &Acks) -> Vec<u32> {
    acks.answers.iter().map(|answer| answer.parse().expect("a number was answered")).collect()
}

const ID: AckId = AckId::new(7);
const NAMES: [&str; 3] = ["ann", "bob", "cleo"];

/// So often a future is polled that may have to give way.
const POLLS: usize = 10;
