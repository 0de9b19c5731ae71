//! What a server refuses of the bytes that a peer can send, with which kind of error and which close code.

use std::task::Poll;

use sockeye_transport::ErrorKind::{self, Lost, Malformed, TooLarge};
use sockeye_websocket::WebSocket;

use crate::wire::{Task, Wire, frame};

/// Bytes, and what the server says of them.
pub(crate) type Case = (&'static str, Vec<u8>, ErrorKind, u16);

type Server = fn(Wire) -> WebSocket<Wire>;

/// Gives a server the bytes in reads of `step`: how many messages came of them, the error, and the last thing written.
fn feed(server: Server, bytes: Vec<u8>, step: usize) -> (usize, Option<ErrorKind>, Vec<u8>) {
    let wire = Wire::default();
    let mut socket = server(wire.clone());
    wire.state().step = step;
    wire.give(bytes);

    let (messages, error) = Task::new().read(&mut socket);
    (messages.len(), error.map(|error| error.kind()), wire.written())
}

fn assert_refused(cases: Vec<Case>) {
    assert_refused_by(|wire| WebSocket::server(wire, &[], 1000, 16), cases);
}

pub(crate) fn assert_refused_by(server: Server, cases: Vec<Case>) {
    for (name, bytes, kind, code) in cases {
        let [high, low] = code.to_be_bytes();
        let farewell = vec![0x88, 2, high, low];
        for step in [1, 3, 7, 0] {
            assert_eq!(
                feed(server, bytes.clone(), step),
                (0, Some(kind), farewell.clone()),
                "{name}, step {step}"
            );

            let behind_another = [frame(0x81, b"ok"), bytes.clone()].concat();
            assert_eq!(
                feed(server, behind_another, step),
                (1, Some(kind), farewell.clone()),
                "{name} second, step {step}"
            );
        }
    }
}

#[test]
fn frames_that_break_the_rules_are_refused() {
    assert_refused(vec![
        ("rsv1", frame(0xc1, b"a"), Malformed, 1002),
        ("rsv2", frame(0xa1, b"a"), Malformed, 1002),
        ("rsv3", frame(0x91, b"a"), Malformed, 1002),
        ("opcode 3", frame(0x83, b""), Malformed, 1002),
        ("opcode 15", frame(0x8f, b""), Malformed, 1002),
        ("no mask", b"\x81\x01a".to_vec(), Malformed, 1002),
        ("ping in fragments", frame(0x09, b""), Malformed, 1002),
        ("ping of 126 bytes", frame(0x89, &[0; 126]), Malformed, 1002),
        ("close of 126 bytes", frame(0x88, &[0; 126]), Malformed, 1002),
    ]);
}

#[test]
fn lengths_must_be_written_in_the_shortest_way() {
    assert_refused(vec![
        ("125 in 16 bits", b"\x82\xfe\x00\x7d\0\0\0\0".to_vec(), Malformed, 1002),
        ("65535 in 64 bits", b"\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0".to_vec(), Malformed, 1002),
        ("the top bit of 64", b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0".to_vec(), Malformed, 1002),
    ]);
}

#[test]
fn text_must_be_utf8() {
    let broken_by_fragments = [frame(0x01, b"\xe2\x82"), frame(0x80, b"x")].concat();

    assert_refused(vec![
        ("a byte that is never used", frame(0x81, b"\xff"), Malformed, 1007),
        ("a surrogate", frame(0x81, b"\xed\xa0\x80"), Malformed, 1007),
        ("a character cut short", frame(0x81, b"\xe2\x82"), Malformed, 1007),
        ("a character broken by fragments", broken_by_fragments, Malformed, 1007),
    ]);
}

#[test]
fn messages_are_limited_however_they_are_cut() {
    let in_fragments = [frame(0x02, &[0; 600]), frame(0x80, &[0; 401])].concat();
    let many = [frame(0x02, b""), frame(0x00, b"").repeat(16)].concat();

    assert_refused(vec![
        ("one byte too many", frame(0x82, &[0; 1001]), TooLarge, 1009),
        ("the mere promise of a gigabyte", b"\x82\xff\0\0\0\0\x40\0\0\0\0\0\0\0".to_vec(), TooLarge, 1009),
        ("one byte too many in all", in_fragments, TooLarge, 1009),
        ("one fragment too many", many, TooLarge, 1008),
    ]);
}

#[test]
fn fragments_must_come_in_order() {
    assert_refused(vec![
        ("the end of nothing", frame(0x80, b"a"), Malformed, 1002),
        ("the middle of nothing", frame(0x00, b"a"), Malformed, 1002),
        ("text inside", [frame(0x01, b"a"), frame(0x81, b"b")].concat(), Malformed, 1002),
        ("binary inside", [frame(0x01, b"a"), frame(0x02, b"b")].concat(), Malformed, 1002),
    ]);
}

#[test]
fn close_frames_must_make_sense() {
    assert_refused(vec![
        ("half a code", frame(0x88, b"\x03"), Malformed, 1002),
        ("0", frame(0x88, &0_u16.to_be_bytes()), Malformed, 1002),
        ("1005", frame(0x88, &1005_u16.to_be_bytes()), Malformed, 1002),
        ("1006", frame(0x88, &1006_u16.to_be_bytes()), Malformed, 1002),
        ("1015", frame(0x88, &1015_u16.to_be_bytes()), Malformed, 1002),
        ("2999", frame(0x88, &2999_u16.to_be_bytes()), Malformed, 1002),
        ("5000", frame(0x88, &5000_u16.to_be_bytes()), Malformed, 1002),
        ("a reason that is no text", frame(0x88, b"\x03\xe8\xff"), Malformed, 1007),
    ]);
}

#[test]
fn bytes_read_ahead_of_the_socket_are_held_to_the_same_rules() {
    let mut socket = WebSocket::server(Wire::default(), &frame(0xa1, b"a"), 1000, 16);

    let (messages, error) = Task::new().read(&mut socket);

    assert_eq!((messages.len(), error.unwrap().kind()), (0, Malformed));
}

#[test]
fn a_stream_may_end_between_messages_only() {
    let cases = [
        ("at once", vec![], 0, None),
        ("behind a message", frame(0x81, b"a"), 1, None),
        ("inside a frame", frame(0x81, b"ab")[..7].to_vec(), 0, Some(Lost)),
        ("inside a message", frame(0x01, b"a"), 0, Some(Lost)),
    ];
    for (name, bytes, messages, error) in cases {
        let wire = Wire::default();
        let mut socket = WebSocket::server(wire.clone(), &[], 1000, 16);
        wire.state().at_end = true;
        wire.give(bytes);
        let task = Task::new();

        let (seen, end) = task.read(&mut socket);

        assert_eq!((seen.len(), end.map(|error| error.kind())), (messages, error), "{name}");
        assert!(matches!(task.next(&mut socket), Poll::Ready(None)), "{name}");
    }
}
