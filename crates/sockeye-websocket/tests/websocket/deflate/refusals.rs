//! What a server refuses of those who may compress, and how little a bomb costs.

use allocation_counter::measure;
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;
use sockeye_transport::ErrorKind::{Malformed, TooLarge};
use sockeye_websocket::{PerMessageDeflate, WebSocket};

use super::{agreement, forgetful, server};
use crate::{
    strictness::assert_refused_by,
    wire::{MAX_MESSAGE, Task, Wire, frame},
};

fn small(wire: Wire) -> WebSocket<Wire> {
    WebSocket::server(wire, &[], 1000, 16).with_deflate(Some(&agreement(&forgetful())))
}

/// Bytes compressed so that the result may be repeated.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 100);
    Compress::new(Compression::best(), false).compress_vec(bytes, &mut out, FlushCompress::Full).unwrap();
    out
}

#[test]
fn only_the_first_frame_of_a_message_is_marked() {
    let hello = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_refused_by(
        small,
        vec![
            (
                "a continuation",
                [frame(0x41, &hello[..3]), frame(0xc0, &hello[3..])].concat(),
                Malformed,
                1002,
            ),
            ("another message", [frame(0x41, &hello[..3]), frame(0xc1, hello)].concat(), Malformed, 1002),
            ("inside a plain one", [frame(0x01, b"a"), frame(0xc1, hello)].concat(), Malformed, 1002),
            ("the end of nothing", frame(0xc0, hello), Malformed, 1002),
            ("a ping", frame(0xc9, b""), Malformed, 1002),
            ("a pong", frame(0xca, b""), Malformed, 1002),
            ("a close frame", frame(0xc8, b""), Malformed, 1002),
            ("rsv2", frame(0xa1, b"a"), Malformed, 1002),
            ("rsv3", frame(0x91, b"a"), Malformed, 1002),
            ("rsv1 and rsv2", frame(0xe1, hello), Malformed, 1002),
            ("an unknown opcode", frame(0xc3, hello), Malformed, 1002),
        ],
    );
}

#[test]
fn what_is_not_compressed_as_it_should_be_is_refused() {
    let cut_character = compressed(b"\xe2\x82");
    assert_refused_by(
        small,
        vec![
            ("no such block", frame(0xc2, b"\xff\xff"), Malformed, 1007),
            ("a reference to nothing", frame(0xc2, &[0xf2, 0x00, 0x11, 0x00, 0x00]), Malformed, 1007),
            ("text that is none", frame(0xc1, &compressed(b"\xff")), Malformed, 1007),
            ("half a character", frame(0xc1, &cut_character), Malformed, 1007),
        ],
    );
}

#[test]
fn the_limit_holds_for_what_comes_out_and_for_what_goes_in() {
    let (most, more) = (compressed(&[b'a'; 1000]), compressed(&[b'a'; 1001]));
    let half = compressed(&[b'a'; 501]);
    assert_refused_by(
        small,
        vec![
            ("one byte more", frame(0xc2, &more), TooLarge, 1009),
            ("in fragments", [frame(0x42, &half), frame(0x80, &half)].concat(), TooLarge, 1009),
            ("much that says little", frame(0xc2, &[0, 0, 0, 0xff, 0xff].repeat(201)), TooLarge, 1009),
            ("without end", [frame(0x42, b""), frame(0x00, b"").repeat(16)].concat(), TooLarge, 1008),
        ],
    );
    let wire = Wire::default();
    let mut socket = small(wire.clone());
    wire.give(frame(0xc2, &most));
    assert_eq!(Task::new().read(&mut socket).0[0].len(), 1000);
}

#[test]
fn a_bomb_of_a_gibibyte_stops_at_the_limit() {
    let bomb = compressed(&vec![0; 1 << 20]).repeat(1024);
    let limit = 2 * bomb.len();
    let (whole, fragments) = (frame(0xc2, &bomb), [frame(0x42, &bomb), frame(0x80, b"")].concat());
    for bytes in [whole, fragments] {
        let wire = Wire::default();
        let mut socket = server(wire.clone(), limit, &forgetful());
        let task = Task::new();
        let mut end = None;
        wire.give(bytes);

        let cost = measure(|| end = Some(task.read(&mut socket)));

        let (messages, error) = end.unwrap();
        assert_eq!((messages.len(), error.unwrap().kind()), (0, TooLarge));
        // What has come, and what may come of it; both grow by doubling.
        let bound = u64::try_from(bomb.len() * 4 + limit * 4).unwrap();
        assert!(cost.bytes_max < bound, "{} bytes at once, {bound} were expected", cost.bytes_max);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_compressed_bytes_make_a_socket_panic(
        payload in prop::collection::vec(any::<u8>(), 0..200),
        real in ".{0,200}",
        cut in 0_usize..200,
        remembers: bool,
        step in 1_usize..50,
    ) {
        let real = compressed(real.as_bytes());
        let broken = [&real[..cut.min(real.len())], &payload].concat();
        let settings = if remembers { PerMessageDeflate::new() } else { forgetful() };
        let wire = Wire::default();
        let mut socket = server(wire.clone(), MAX_MESSAGE, &settings);
        wire.state().step = step;
        wire.state().at_end = true;
        wire.give([frame(0xc2, &real), frame(0x42, &broken), frame(0x80, &payload)].concat());
        let task = Task::new();

        let (messages, _) = task.read(&mut socket);

        prop_assert!(!messages.is_empty());
        prop_assert!(matches!(task.next(&mut socket), std::task::Poll::Ready(None)));
    }
}
