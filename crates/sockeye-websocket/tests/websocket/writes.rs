//! How few writes messages leave in, what closing writes, and how a broken stream shows.

use std::{pin::Pin, task::Poll};

use bytes::Bytes;
use futures_util::Sink;
use sockeye_transport::{ErrorKind, Message, Prepared, Transport};
use sockeye_websocket::{Kind, encode_server_frame};

use crate::wire::{Task, Writing, server};

#[test]
fn small_messages_leave_in_one_write() {
    let (wire, mut socket) = server();
    for number in 0..16 {
        socket.start_send_parts(Kind::Text, b"4", Bytes::from(format!("message {number}"))).unwrap();
    }

    assert!(Task::new().flush(&mut socket).is_ready());

    assert_eq!(wire.state().writes.len(), 1);
}

#[test]
fn a_payload_that_stays_the_callers_makes_the_same_frames() {
    for length in [0, 1, 125, 126, 4095, 4096, 70_000] {
        let payload = vec![b'x'; length];
        let (copied, mut copying) = server();
        let (shared, mut sharing) = server();
        for _ in 0..2 {
            copying.start_send_copy(Kind::Text, b"4", &payload).unwrap();
            sharing.start_send_parts(Kind::Text, b"4", Bytes::from(payload.clone())).unwrap();
        }

        assert!(Task::new().flush(&mut copying).is_ready() && Task::new().flush(&mut sharing).is_ready());

        assert!(copied.written() == shared.written(), "{length}");
    }
}

#[test]
fn prepared_and_large_messages_leave_in_one_write() {
    let (wire, mut socket) = server();
    for number in 0..8 {
        let prepared = Prepared::new(number.to_string().into());
        Pin::new(&mut socket).start_send_prepared(&prepared).unwrap();
        Pin::new(&mut socket).start_send(Message::from(vec![0; 10_000])).unwrap();
    }

    assert!(Task::new().flush(&mut socket).is_ready());

    assert_eq!(wire.state().writes.len(), 1);
}

#[test]
fn a_shared_frame_is_written_from_where_it_lies() {
    let frame = encode_server_frame(Kind::Text, b"4", b"x");
    let (wire, mut socket) = server();
    socket.start_send_frame(frame.clone()).unwrap();

    assert!(Task::new().flush(&mut socket).is_ready());

    let state = wire.state();
    assert_eq!((state.writes.len(), state.writes[0].address), (1, frame.as_ptr() as usize));
}

#[test]
fn a_close_frame_is_empty_and_last() {
    let (wire, mut socket) = server();
    let task = Task::new();
    Pin::new(&mut socket).start_send("a".into()).unwrap();

    assert!(matches!(task.close(&mut socket), Poll::Ready(Ok(()))));
    assert!(matches!(task.close(&mut socket), Poll::Ready(Ok(()))));

    assert_eq!(wire.written(), b"\x81\x01a\x88\x00");
    assert!(wire.state().is_shut);
}

#[test]
fn a_stream_that_takes_nothing_is_lost() {
    let (wire, mut socket) = server();
    wire.state().writing = Writing::Zero;
    Pin::new(&mut socket).start_send("a".into()).unwrap();

    let Poll::Ready(Err(error)) = Task::new().flush(&mut socket) else { panic!("no error") };

    assert_eq!(error.kind(), ErrorKind::Lost);
    let closed = Pin::new(&mut socket).start_send("a".into()).unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::Closed);
}

#[test]
fn a_stream_that_was_reset_is_lost() {
    let (wire, mut socket) = server();
    wire.state().is_reset = true;

    let Poll::Ready(Some(Err(error))) = Task::new().next(&mut socket) else { panic!("no error") };

    assert_eq!(error.kind(), ErrorKind::Lost);
}
