//! What a peer may have done for it without end, and what it may not.

use std::task::Poll;

use sockeye_transport::ErrorKind;

use crate::wire::{Task, Writing, frame, server};

/// More than a socket reads before others have their turn.
const FLOOD: usize = 1000;

#[test]
fn a_flood_of_pings_gives_others_their_turn() {
    let (wire, mut socket) = server();
    let pings = frame(0x89, &[7; 125]).repeat(10);
    wire.state().step = pings.len();
    wire.give(pings.repeat(FLOOD));
    let task = Task::new();

    assert!(task.next(&mut socket).is_pending());

    assert!(wire.state().reads <= 64, "{} reads in one poll", wire.state().reads);
    assert_eq!(task.wakes(), 1, "it goes on by itself");
}

#[test]
fn a_flood_of_pings_is_owed_one_pong() {
    let (wire, mut socket) = server();
    wire.state().writing = Writing::Blocked;
    wire.give([frame(0x89, b"early").repeat(FLOOD), frame(0x89, b"last")].concat());
    let task = Task::new();

    let (messages, error) = task.read(&mut socket);
    wire.unblock();
    assert!(task.next(&mut socket).is_pending());

    assert!(messages.is_empty() && error.is_none());
    // The first was a frame already when the stream blocked.
    assert_eq!(wire.written(), b"\x8a\x05early\x8a\x04last");
}

#[test]
fn a_flood_of_fragments_is_refused() {
    let (wire, mut socket) = server();
    wire.give([frame(0x01, b""), frame(0x00, b"").repeat(FLOOD)].concat());

    let Poll::Ready(Some(Err(error))) = Task::new().next(&mut socket) else { panic!("no error") };

    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(wire.written(), b"\x88\x02\x03\xf0");
}
