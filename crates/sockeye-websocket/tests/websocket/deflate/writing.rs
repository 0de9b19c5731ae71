//! What a server writes where compressing was agreed upon.

use std::pin::Pin;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress};
use futures_util::Sink;
use sockeye_message::Compression;
use sockeye_transport::{Message, Prepared, Transport};
use sockeye_websocket::{Kind, PerMessageDeflate, WebSocket, WindowBits};

use super::{forgetful, server, text};
use crate::wire::{MAX_MESSAGE, Task, Wire, frame};

/// A socket with the settings, and its stream.
fn socket(settings: &PerMessageDeflate) -> (Wire, WebSocket<Wire>) {
    let wire = Wire::default();
    (wire.clone(), server(wire, MAX_MESSAGE, settings))
}

/// What was written since this was asked last: the first byte of a lone frame, and its payload.
fn written(wire: &Wire, socket: &mut WebSocket<Wire>) -> (u8, Vec<u8>) {
    assert!(Task::new().flush(socket).is_ready());
    let bytes = wire.written();
    wire.state().writes.clear();
    let header = match bytes[1] {
        ..=125 => 2,
        126 => 4,
        _ => 10,
    };
    (bytes[0], bytes[header..].to_vec())
}

fn send(wire: &Wire, socket: &mut WebSocket<Wire>, message: impl Into<Message>) -> (u8, Vec<u8>) {
    Pin::new(&mut *socket).start_send(message.into()).unwrap();
    written(wire, socket)
}

/// A client's inflater.
struct Inflater(Decompress);

impl Inflater {
    fn new() -> Self {
        Self(Decompress::new(false))
    }

    fn inflate(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(MAX_MESSAGE);
        let whole = [payload, &[0, 0, 0xff, 0xff]].concat();
        self.0.decompress_vec(&whole, &mut out, FlushDecompress::Sync).unwrap();
        out
    }
}

#[test]
fn messages_from_the_threshold_on_are_compressed() {
    let (wire, mut socket) = socket(&PerMessageDeflate::new());
    let mut client = Inflater::new();

    assert_eq!(send(&wire, &mut socket, text(1023)), (0x81, text(1023).into_bytes()));

    let (first, payload) = send(&wire, &mut socket, text(1024));
    assert_eq!(first, 0xc1);
    assert!(payload.len() < 1000, "{} bytes", payload.len());
    assert_eq!(client.inflate(&payload), text(1024).into_bytes());

    socket.start_send_parts(Kind::Binary, b"4", text(1023).into()).unwrap();
    let (first, payload) = written(&wire, &mut socket);
    assert_eq!(first, 0xc2);
    assert_eq!(client.inflate(&payload), [b"4", text(1023).as_bytes()].concat());
}

#[test]
fn a_message_refers_to_those_before_if_that_was_agreed() {
    let sizes = |settings: &PerMessageDeflate| {
        let (wire, mut socket) = socket(settings);
        let mut client = Inflater::new();
        [0; 3].map(|_| {
            let (_, payload) = send(&wire, &mut socket, text(3000));
            assert_eq!(client.inflate(&payload), text(3000).into_bytes());
            payload.len()
        })
    };

    let [first, second, _] = sizes(&PerMessageDeflate::new());
    assert!(second * 10 < first, "{second} of {first} bytes");
    let [first, second, third] = sizes(&forgetful());
    assert_eq!([first, first], [second, third]);
}

#[test]
fn nothing_refers_further_back_than_agreed() {
    let length = |bits, message: String| {
        let settings = PerMessageDeflate::new().server_max_window_bits(WindowBits::new(bits).unwrap());
        let (wire, mut socket) = socket(&settings);
        let (first, payload) = send(&wire, &mut socket, message.clone());
        assert_eq!((first, Inflater::new().inflate(&payload)), (0xc1, message.into_bytes()));
        payload.len()
    };
    for bits in 9..15 {
        let once = text(2 << bits);
        let twice = once.repeat(2);

        assert!(length(bits, twice.clone()) * 10 > length(bits, once.clone()) * 19, "{bits} bits");
        if bits < 13 {
            assert!(length(15, twice) * 10 < length(15, once) * 13, "{bits} bits");
        }
    }
}

#[test]
fn nothing_is_compressed_for_a_window_of_8_bits() {
    let (wire, mut socket) =
        socket(&PerMessageDeflate::new().server_max_window_bits(WindowBits::new(8).unwrap()));

    assert_eq!(send(&wire, &mut socket, text(5000)).0, 0x81);
}

#[test]
fn what_cannot_be_compressed_goes_as_it_is() {
    let (wire, mut socket) = socket(&PerMessageDeflate::new().threshold(0));
    wire.give(frame(0x89, b"ping"));

    assert!(Task::new().next(&mut socket).is_pending());
    assert_eq!(written(&wire, &mut socket), (0x8a, b"ping".to_vec()));
    assert_eq!(send(&wire, &mut socket, ""), (0x81, Vec::new()));
    assert_eq!(send(&wire, &mut socket, "x").0, 0xc1);
    assert!(Task::new().close(&mut socket).is_ready());
    assert_eq!(wire.written(), b"\x88\x00");
}

#[test]
fn small_compressed_messages_leave_in_one_piece() {
    let (wire, mut socket) = socket(&forgetful());
    for _ in 0..5 {
        Pin::new(&mut socket).start_send(text(2000).into()).unwrap();
    }

    assert!(Task::new().flush(&mut socket).is_ready());

    assert_eq!(wire.state().writes.len(), 1);
}

#[test]
fn a_message_for_many_is_compressed_once() {
    let prepared = Prepared::new(text(5000).into());
    let addresses = [PerMessageDeflate::new(), forgetful(), PerMessageDeflate::new()].map(|settings| {
        let (wire, mut socket) = socket(&settings);
        // One of them has a context by now, and the other has not.
        send(&wire, &mut socket, text(2000));

        Pin::new(&mut socket).start_send_prepared(&prepared).unwrap();

        assert!(Task::new().flush(&mut socket).is_ready());
        let state = wire.state();
        assert_eq!(state.writes[0].bytes[0], 0xc1);
        state.writes[0].address
    });

    assert_eq!([addresses[0]; 2], addresses[1..]);
}

#[test]
fn what_goes_to_many_and_to_one_is_read_by_one_inflater() {
    let (wire, mut socket) = socket(&PerMessageDeflate::new());
    let mut client = Inflater::new();
    for round in 0..3 {
        let own = format!("{round} {}", text(3000));
        let (_, payload) = send(&wire, &mut socket, own.clone());
        assert_eq!(client.inflate(&payload), own.into_bytes());

        let shared = text(2000 + round);
        Pin::new(&mut socket).start_send_prepared(&Prepared::new(shared.clone().into())).unwrap();
        let (first, payload) = written(&wire, &mut socket);
        assert_eq!((first, client.inflate(&payload)), (0xc1, shared.into_bytes()));
    }
}

#[test]
fn a_message_that_shall_not_be_compressed_is_not() {
    let (wire, mut socket) = socket(&PerMessageDeflate::new());

    Pin::new(&mut socket)
        .start_send_prepared(&Prepared::with_compression(text(5000).into(), Compression::Off))
        .unwrap();

    assert_eq!(written(&wire, &mut socket), (0x81, text(5000).into_bytes()));
}

#[test]
fn small_messages_for_many_share_their_plain_frame() {
    let prepared = Prepared::new("small".into());
    let address = |mut socket: WebSocket<Wire>, wire: Wire| {
        Pin::new(&mut socket).start_send_prepared(&prepared).unwrap();
        assert!(Task::new().flush(&mut socket).is_ready());
        wire.state().writes[0].address
    };
    let (plain_wire, plain) = crate::wire::server();
    let (wire, socket) = socket(&PerMessageDeflate::new());

    assert_eq!(address(plain, plain_wire), address(socket, wire));
}

#[test]
fn a_large_frame_is_not_copied_again() {
    let (wire, mut socket) = socket(&PerMessageDeflate::new().level(0));
    Pin::new(&mut socket).start_send(Message::Binary(Bytes::from(vec![7; 100_000]))).unwrap();

    let (first, payload) = written(&wire, &mut socket);

    assert_eq!((first, Inflater::new().inflate(&payload)), (0xc2, vec![7; 100_000]));
}
