//! Who is woken when the stream takes bytes again: two tasks may poll one socket, each its own direction.

use sockeye_websocket::{Kind, WebSocket};

use crate::wire::{Task, Wire, Writing, frame, server};

/// A socket with a message that the stream does not take, and the task that waits for it.
fn blocked() -> (Wire, WebSocket<Wire>, Task) {
    let (wire, mut socket) = server();
    wire.state().writing = Writing::Blocked;
    socket.start_send_parts(Kind::Text, b"4", "a".into()).unwrap();
    let sender = Task::new();
    assert!(sender.flush(&mut socket).is_pending());
    (wire, socket, sender)
}

/// Whatever a reader meets meanwhile, it is the sender who is woken.
fn assert_sender_is_woken(incoming: Vec<u8>) {
    let (wire, mut socket, sender) = blocked();
    let reader = Task::new();
    wire.give(incoming);
    let _ = reader.next(&mut socket);
    let _ = reader.next(&mut socket);

    wire.unblock();

    assert_eq!((sender.wakes(), reader.wakes()), (1, 0));
}

#[test]
fn a_sender_is_woken_though_a_ping_arrived() {
    assert_sender_is_woken(frame(0x89, b"x"));
}

#[test]
fn a_sender_is_woken_though_the_peer_closed() {
    assert_sender_is_woken(frame(0x88, b""));
}

#[test]
fn a_sender_is_woken_though_the_peer_broke_the_rules() {
    assert_sender_is_woken(frame(0x83, b""));
}

#[test]
fn a_reader_is_woken_for_the_pong_that_it_owes() {
    let (wire, mut socket) = server();
    let reader = Task::new();
    wire.state().writing = Writing::Blocked;
    wire.give(frame(0x89, b"x"));
    assert!(reader.next(&mut socket).is_pending());

    wire.unblock();
    assert_eq!(reader.wakes(), 1);
    assert!(reader.next(&mut socket).is_pending());

    assert_eq!(wire.written(), b"\x8a\x01x");
}
