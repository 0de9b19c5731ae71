//! What a peer may send to hurt: it costs no more than its length, and nothing panics.

mod wire;

use std::thread;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;
use sockeye_parser::{DecodeError, Format, Limits, Packet};
use sockeye_parser_msgpack::Msgpack;
use wire::feed;

const CUT: DecodeError = DecodeError::Other("the message ends too early");

/// An event `a` with more in its list.
fn event(argument: &[u8]) -> Vec<u8> {
    [b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a", argument].concat()
}

fn limited(limits: Limits, argument: &[u8]) -> Result<(), DecodeError> {
    Msgpack.decoder(limits).feed(event(argument).into()).map(|_| ())
}

/// As small a stack as threads of servers have.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(test).expect("a thread");
    thread.join().expect("the test passes");
}

#[test]
fn deep_nesting_is_refused() {
    on_a_small_stack(|| {
        for depth in [Limits::MAX_DEPTH, 10_000, 100_000] {
            for layer in [&b"\x91"[..], b"\x81\xa1a", b"\xdc\x00\x01", b"\xdf\x00\x00\x00\x01\xa0"] {
                let bomb = [&layer.repeat(depth), &b"\x01"[..]].concat();
                assert_eq!(feed(event(&bomb)), Err(DecodeError::TooDeep));
            }
        }
    });
}

#[test]
fn deep_nesting_outside_of_data_is_passed_over() {
    on_a_small_stack(|| {
        let bomb = [&b"\x83\xa4more"[..], &b"\x91".repeat(100_000), b"\x01\xa4type\x01\xa3nsp\xa1/"].concat();
        assert!(matches!(feed(bomb), Ok(Packet::Disconnect { .. })));
        for key in [&b"\xa4type"[..], b"\xa3nsp", b"\xa2id"] {
            assert!(feed([b"\x81", key, &b"\x91".repeat(100_000)].concat()).is_err());
        }
        assert!(feed(b"\x81".repeat(100_000)).is_err());
    });
}

#[test]
fn what_is_let_in_can_be_read_and_passed_on() {
    on_a_small_stack(|| {
        let deep = [&b"\x91".repeat(Limits::MAX_DEPTH - 1), &b"\x01"[..]].concat();

        let packet = feed(event(&deep)).unwrap();

        let Packet::Event { args, .. } = &packet else { panic!() };
        assert!(args.parse::<(Value,)>().is_ok());
        assert_eq!(feed(Msgpack.encode(&packet).head.into_bytes()), Ok(packet));
    });
}

#[test]
fn the_limit_of_depth_counts_the_list_of_arguments() {
    let limits = Limits::new().depth(2);

    assert_eq!(limited(limits.clone(), b"\x92\x01\x02"), Ok(()));
    assert_eq!(limited(limits.clone(), b"\x91\x90"), Err(DecodeError::TooDeep));
    assert_eq!(limited(limits, b"\x81\xa1a\x80"), Err(DecodeError::TooDeep));
}

#[test]
fn attachments_are_limited_in_number_and_size() {
    let limits = Limits::new().attachments(2).attachment_bytes(3);

    assert_eq!(limited(limits.clone(), b"\x92\xc4\x01a\xc4\x02bc"), Ok(()));
    assert_eq!(limited(limits.clone(), b"\x92\xc4\x01a\xc7\x03\0bcd"), Err(DecodeError::AttachmentsTooLarge));
    assert_eq!(limited(limits, b"\x93\xc4\0\xc4\0\xc4\0"), Err(DecodeError::TooManyAttachments));
}

#[test]
fn lengths_that_lie_are_found_out_before_memory_is_taken() {
    for lie in [
        &b"\xdd\xff\xff\xff\xff"[..],
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x00",
        b"\xdf\x00\x00\x00\x01\xa0",
        b"\x9f\x01",
        b"\x81",
        b"\xa1",
        b"\xc4\x01",
        b"\xc7\x01\x00",
        b"\xd7\x00\x00",
    ] {
        assert_eq!(feed(event(lie)), Err(CUT), "{lie:x?}");
        assert_eq!(feed([b"\x82\xa4more", lie].concat()), Err(CUT), "{lie:x?}");
        assert!(feed(lie.to_vec()).is_err(), "{lie:x?}");
    }
}

#[test]
fn a_list_of_lists_that_lie_is_read_no_further_than_it_goes() {
    let lies = b"\xdd\x00\x00\x10\x00".repeat(10_000);

    assert_eq!(feed(event(&lies)), Err(DecodeError::TooDeep));
    assert_eq!(feed([b"\x81\xa4more", &lies[..]].concat()), Err(CUT));
}

#[test]
fn every_message_that_is_cut_short_is_refused() {
    let whole = event(b"\x97\xcd\x01\x00\xcb\0\0\0\0\0\0\0\0\xd9\x02ab\xc4\x01x\xd7\0\0\0\0\0\0\0\0\0\xd4\0\0\x81\xa1k\xd0\x80");
    assert!(feed(whole.clone()).is_ok());

    for len in 0..whole.len() {
        assert_eq!(feed(whole[..len].to_vec()), Err(CUT), "{len}");
    }
}

#[test]
fn a_megabyte_takes_no_more_than_six() {
    for item in [&b"\xa1\x01"[..], b"\xc2", b"\xc0", b"\x90", b"\xd7\0\0\0\0\0\0\0\0\0", b"\xd4\0\0", b"\xe0"]
    {
        let count = (1 << 20) / u32::try_from(item.len()).unwrap();
        let list = [&b"\xdd"[..], &count.to_be_bytes(), &item.repeat(count as usize)].concat();

        let Ok(Packet::Event { args, .. }) = feed(event(&list)) else { panic!() };

        assert!(args.to_json().len() <= 6 * list.len(), "{item:x?}");
    }
}

#[test]
fn many_repeated_keys_are_read_once() {
    let entries = b"\xa1k\x01".repeat(100_000);
    let map = [&b"\xdf"[..], &100_000_u32.to_be_bytes(), &entries].concat();
    assert!(feed(event(&map)).is_ok());

    let data = b"\xa4data\x91\xa1a".repeat(100_000);
    let packet = [&b"\xdf"[..], &100_002_u32.to_be_bytes(), b"\xa4type\x02\xa3nsp\xa1/", &data].concat();
    assert!(feed(packet).is_ok());
}

/// Something like a packet: made of what packets are made of.
fn packet_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 32] = [
        b"\xa4type",
        b"\xa3nsp",
        b"\xa4data",
        b"\xa2id",
        b"\xa1/",
        b"\xa1a",
        b"\x00",
        b"\x02",
        b"\x03",
        b"\x83",
        b"\x84",
        b"\x80",
        b"\x90",
        b"\x91",
        b"\x92",
        b"\xdc\x00\x02",
        b"\xde\x00\x01",
        b"\xc0",
        b"\xc3",
        b"\xc4\x01x",
        b"\xc7\x02\x00xy",
        b"\xd4\x00\x00",
        b"\xd7\x00\x00\x00\x01\x70\x93\x64\x74\x93",
        b"\xca\x7f\xc0\x00\x00",
        b"\xd0\x80",
        b"\xcf",
        b"\xd3\x80",
        b"\xff",
        b"\xd9\x01z",
        b"\xac_placeholder",
        b"\xa3num",
        b"\xc1",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..16).prop_map(|pieces| pieces.concat())
}

fn survive(message: Vec<u8>) {
    let Ok(packet) = feed(message) else { return };
    let again = feed(Msgpack.encode(&packet).head.into_bytes());
    assert!(again.is_ok(), "{packet:?}: {again:?}");
    if let Packet::Event { args, .. } | Packet::Ack { args, .. } = packet {
        assert!(serde_json::from_str::<Vec<Value>>(&args.to_json()).is_ok());
        let _ = (args.parse::<Value>(), args.parse::<(Value, Option<String>)>(), args.parse::<Bytes>());
    }
}

proptest! {
    #[test]
    fn no_message_panics(message in prop::collection::vec(any::<u8>(), 0..64)) {
        survive(event(&message));
        survive(message);
    }

    #[test]
    fn no_message_like_a_packet_panics(message in packet_like()) {
        survive(event(&message));
        survive([&b"\x83\xa4type\x03\xa3nsp\xa1/\xa2id\x01\xa4data"[..], &message].concat());
        survive(message);
    }
}
