//! What a socket holds while it is idle, and what messages cost in allocations.

use std::{hint::black_box, pin::Pin, task::Poll};

use allocation_counter::{AllocationInfo, measure};
use bytes::Bytes;
use futures_util::Sink;
use sockeye_transport::Message;
use sockeye_websocket::{Kind, WebSocket, encode_server_frame};
use tokio::net::TcpStream;

use crate::wire::{MAX_FRAGMENTS, MAX_MESSAGE, Task, Wire, Writing, frame, server};

/// A thread reads into memory of its own, and joins small frames in such; it is there once both have been done.
fn warm_up() {
    let (wire, mut socket) = server();
    wire.give(frame(0x81, b"warm"));
    assert!(Task::new().next(&mut socket).is_ready());
}

#[test]
fn a_socket_is_small() {
    let size = size_of::<WebSocket<TcpStream>>();

    // A TCP stream is a word larger where the runtime has several threads.
    assert!(size <= 208, "{size} bytes");
}

#[test]
fn an_idle_socket_holds_no_heap() {
    let task = Task::new();
    let wire = Wire::default();
    wire.state().writes.reserve(100);
    use_all(&task, &wire, &mut WebSocket::server(wire.clone(), &[], MAX_MESSAGE, MAX_FRAGMENTS));
    let mut idle = None;

    let cost = measure(|| {
        let mut socket = WebSocket::server(wire.clone(), &[], MAX_MESSAGE, MAX_FRAGMENTS);
        for _ in 0..3 {
            use_all(&task, &wire, &mut socket);
        }
        idle = Some(socket);
    });

    assert!(idle.unwrap().is_idle());
    assert_eq!(cost.bytes_current, 0);
}

/// Fragments, pings, small reads, and all of it echoed.
fn use_all(task: &Task, wire: &Wire, socket: &mut WebSocket<Wire>) {
    let frames =
        [frame(0x81, b"a"), frame(0x01, b"b"), frame(0x89, b"p"), frame(0x80, b"c"), frame(0x82, &[0; 100])];
    wire.state().step = 9;
    wire.give(frames.concat());
    while let Poll::Ready(Some(Ok(message))) = task.next(socket) {
        Pin::new(&mut *socket).start_send(message).unwrap();
    }
    assert!(task.flush(socket).is_ready());
    assert!(task.next(socket).is_pending());
    wire.state().writes.clear();
}

#[test]
fn a_shared_frame_costs_no_allocation() {
    let frame = encode_server_frame(Kind::Text, b"4", b"x");
    let (wire, mut socket) = server();
    wire.state().writing = Writing::Blocked;
    let task = Task::new();

    let cost = measure(|| {
        socket.start_send_frame(frame.clone()).unwrap();
        assert!(task.flush(&mut socket).is_pending());
    });

    assert_eq!(cost.count_total, 0);
}

#[test]
fn a_small_message_costs_no_allocation() {
    let task = Task::new();
    let wire = Wire::default();
    wire.state().writes.reserve(100);
    let mut socket = WebSocket::server(wire.clone(), &[], MAX_MESSAGE, MAX_FRAGMENTS);
    use_all(&task, &wire, &mut socket);

    let cost = measure(|| {
        for _ in 0..10 {
            socket.start_send_parts(Kind::Text, b"4", Bytes::from_static(b"small")).unwrap();
        }
        assert!(task.flush(&mut socket).is_ready());
    });

    // The wire of the test copies what is written.
    assert_eq!(cost.count_total, wire.state().writes.len() as u64);
}

/// What it costs to read so many messages that come at once.
fn cost_of_reading(count: usize) -> AllocationInfo {
    let (wire, mut socket) = server();
    let task = Task::new();
    wire.give(frame(0x81, &[b'a'; 64]).repeat(count));
    measure(|| {
        for _ in 0..count {
            let Poll::Ready(Some(Ok(message))) = task.next(&mut socket) else { panic!("no message") };
            black_box(message);
        }
    })
}

#[test]
fn messages_of_one_read_share_their_memory() {
    warm_up();

    let [one, many] = [cost_of_reading(1).count_total, cost_of_reading(16).count_total];

    assert!(one <= 2, "{one} allocations for one message");
    assert!(many <= one + 2, "{many} allocations for sixteen messages");
}

#[test]
fn a_large_message_in_tiny_reads_is_not_copied_over_and_over() {
    warm_up();
    let length = 900_000_u64;
    for step in [50, 1000, 0] {
        let (wire, mut socket) = server();
        let task = Task::new();
        wire.state().step = step;
        wire.give(frame(0x82, &vec![1; 900_000]));

        let cost = measure(|| {
            let (messages, _) = task.read(&mut socket);
            assert_eq!(messages.first().map(Message::len), Some(900_000));
        });

        assert!(cost.bytes_total < 6 * length, "{} bytes allocated in reads of {step}", cost.bytes_total);
    }
}

#[test]
fn a_flood_of_pings_makes_nothing_grow() {
    warm_up();
    let (wire, mut socket) = server();
    let task = Task::new();
    wire.state().writing = Writing::Blocked;
    wire.give(frame(0x89, &[7; 125]).repeat(10_000));

    let cost = measure(|| {
        let _ = task.read(&mut socket);
    });

    assert!(cost.bytes_current < 1000, "{} bytes held", cost.bytes_current);
    assert!(cost.bytes_max < 300_000, "{} bytes held at once", cost.bytes_max);
}
