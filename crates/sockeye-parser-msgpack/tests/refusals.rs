//! What is no packet, and why.

mod wire;

use sockeye_message::Message;
use sockeye_parser::{DecodeError, Format, Limits, Packet};
use sockeye_parser_msgpack::Msgpack;
use wire::feed;

const INVALID_TYPE: DecodeError = DecodeError::UnknownType(None);
const INVALID_NAMESPACE: DecodeError = DecodeError::Other("invalid namespace");

/// A map of so many entries.
fn map(entries: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0x80 | u8::try_from(entries.len()).expect("few entries")];
    message.extend(entries.concat());
    message
}

/// A packet of a type with this data.
fn packet(kind: u8, data: &[u8]) -> Vec<u8> {
    map(&[&[b"\xa4type", &[kind][..]].concat(), b"\xa3nsp\xa1/", &[b"\xa4data", data].concat()])
}

fn refusal(message: Vec<u8>) -> DecodeError {
    feed(message).expect_err("no packet")
}

fn with_id(kind: u8, id: &[u8]) -> Vec<u8> {
    let id = [b"\xa2id", id].concat();
    map(&[&[b"\xa4type".as_slice(), &[kind]].concat(), b"\xa3nsp\xa1/", b"\xa4data\x91\xa1a", &id])
}

#[test]
fn text_is_refused() {
    let text = Message::from("2[\"a\"]");
    let error = Msgpack.decoder(Limits::default()).feed(text).unwrap_err();
    assert_eq!(error.to_string(), "got plaintext data instead of MessagePack");
}

#[test]
fn a_packet_is_a_map() {
    assert_eq!(refusal(vec![0xc0]), INVALID_TYPE);
    assert_eq!(refusal(vec![0x90]), INVALID_TYPE);
    assert_eq!(refusal(map(&[&[1, 1]])), DecodeError::InvalidPayload);
    assert!(feed(Vec::new()).is_err());
}

#[test]
fn the_type_is_an_integer_from_0_to_4() {
    assert_eq!(refusal(map(&[b"\xa3nsp\xa1/"])), INVALID_TYPE);
    for kind in [&b"\x05"[..], b"\xff", b"\xa12", b"\xc0", b"\xd4\x00\x00", b"\x90", b"\xca\x40\x00\x00\x00"]
    {
        let kind = [b"\xa4type", kind].concat();
        assert_eq!(refusal(map(&[&kind, b"\xa3nsp\xa1/", b"\xa4data\x91\xa1a"])), INVALID_TYPE);
    }
}

#[test]
fn the_type_may_be_written_in_any_width() {
    let wide = map(&[b"\xa4type\xd3\0\0\0\0\0\0\0\x01", b"\xa3nsp\xa1/"]);
    assert!(matches!(feed(wide), Ok(Packet::Disconnect { .. })));
}

#[test]
fn the_namespace_is_text() {
    assert_eq!(refusal(map(&[b"\xa4type\x01"])), INVALID_NAMESPACE);
    assert_eq!(refusal(map(&[b"\xa4type\x01", b"\xa3nsp\xc0"])), INVALID_NAMESPACE);
    assert_eq!(refusal(map(&[b"\xa4type\x01", b"\xa3nsp\xc4\x01/"])), INVALID_NAMESPACE);
}

#[test]
fn who_asks_to_join_sends_an_object_or_nothing() {
    for data in [&b"\x80"[..], b"\xc0", b"\xd4\0\0"] {
        assert!(matches!(feed(packet(0, data)), Ok(Packet::Connect { .. })));
    }
    for data in [&b"\x90"[..], b"\xa1a", b"\x01", b"\xc3", b"\xc4\x01\x00", b"\xd7\0\0\0\0\0\0\0\0\0"] {
        assert_eq!(refusal(packet(0, data)), DecodeError::InvalidPayload, "{data:x?}");
    }
}

#[test]
fn who_leaves_sends_nothing() {
    assert!(feed(packet(1, b"\xd4\0\0")).is_ok());
    for data in [&b"\xc0"[..], b"\x90", b"\x80"] {
        assert_eq!(refusal(packet(1, data)), DecodeError::InvalidPayload);
    }
}

#[test]
fn who_refuses_says_why() {
    assert_eq!(refusal(map(&[b"\xa4type\x04", b"\xa3nsp\xa1/"])), DecodeError::InvalidPayload);
    for data in [&b"\xc0"[..], b"\x90", b"\x01", b"\xd4\0\0", b"\xc4\0", b"\xd7\0\0\0\0\0\0\0\0\0"] {
        assert_eq!(refusal(packet(4, data)), DecodeError::InvalidPayload);
    }
}

#[test]
fn events_and_acknowledgements_have_a_list() {
    for kind in [2, 3] {
        for data in [&b"\x80"[..], b"\xc0", b"\xd4\0\0", b"\xa1a", b"\xc4\0"] {
            assert_eq!(refusal(packet(kind, data)), DecodeError::InvalidPayload, "{kind} {data:x?}");
        }
    }
}

#[test]
fn an_event_begins_with_its_name() {
    for data in [&b"\x90"[..], b"\x91\xc0", b"\x91\xc3", b"\x91\x90", b"\x91\x80", b"\x91\xc4\0"] {
        assert_eq!(refusal(packet(2, data)), DecodeError::InvalidPayload, "{data:x?}");
    }
}

#[test]
fn names_of_the_libraries_are_refused() {
    for name in sockeye_parser::RESERVED_EVENTS {
        let data = [&[0x91, 0xa0 | u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
        assert_eq!(refusal(packet(2, &data)), DecodeError::InvalidPayload);
    }
}

#[test]
fn an_id_is_a_number_that_javascript_can_tell_apart() {
    let max = b"\xcf\x00\x1f\xff\xff\xff\xff\xff\xff";
    for id in [&b"\x00"[..], max, b"\xc0", b"\xd4\0\0", b"\xd0\x07"] {
        assert!(feed(with_id(2, id)).is_ok(), "{id:x?}");
    }
    for id in [&b"\xff"[..], b"\xcf\x00\x20\0\0\0\0\0\0", b"\xa11", b"\xc3", b"\x91\x01", b"\xca\0\0\0\0"] {
        assert_eq!(refusal(with_id(2, id)), DecodeError::InvalidAckId, "{id:x?}");
    }
}

#[test]
fn an_acknowledgement_has_an_id() {
    assert!(feed(with_id(3, b"\x00")).is_ok());
    assert_eq!(refusal(with_id(3, b"\xc0")), DecodeError::InvalidAckId);
    assert_eq!(refusal(packet(3, b"\x90")), DecodeError::InvalidAckId);
}

#[test]
fn nothing_follows_a_packet() {
    let mut message = packet(2, b"\x91\xa1a");
    assert!(feed(message.clone()).is_ok());
    message.push(0xc0);
    assert_eq!(refusal(message).to_string(), "trailing bytes");
}

#[test]
fn unknown_keys_are_passed_over_whatever_they_hold() {
    let other = b"\xa7options\x83\xa1a\x92\x90\x80\xa1b\xc4\x02\0\0\xa1c\xd7\0\0\0\0\0\0\0\0\0";
    let message = map(&[other, b"\xa3nsp\xa1/", b"\xa4type\x01"]);
    assert!(matches!(feed(message), Ok(Packet::Disconnect { .. })));
}

#[test]
fn keys_are_text() {
    for key in [&b"\x01"[..], b"\xc0", b"\xc4\x01a", b"\xd4\0\0"] {
        let data = [b"\x92\xa1a\x81", key, b"\x01"].concat();
        assert_eq!(refusal(packet(2, &data)), DecodeError::InvalidPayload, "{key:x?}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    // Half of a surrogate pair, written as if it were a character.
    let error = refusal(packet(2, b"\x92\xa1a\xa3\xed\xa0\x80"));
    assert_eq!(error.to_string(), "text that is not UTF-8");
}

#[test]
fn extensions_of_others_are_refused() {
    for data in [
        &b"\xd4\x01\0"[..],
        b"\xd5\xff\0\0",
        b"\xd6\xfe\0\0\0\0",
        b"\xd7\xfe\0\0\0\0\0\0\0\0",
        b"\xc7\x01\x05\0",
        b"\xc1",
    ] {
        let error = refusal(packet(2, &[b"\x92\xa1a", data].concat()));
        assert_eq!(error.to_string(), "unknown MessagePack type", "{data:x?}");
    }
}

#[test]
fn a_date_beyond_the_last_one_is_null() {
    let Ok(Packet::Event { args, .. }) = feed(packet(2, b"\x92\xa1a\xd7\0\x7f\0\0\0\0\0\0\0")) else {
        panic!()
    };
    assert_eq!(args.to_json(), "[null]");
}

#[test]
fn single_precision_is_read_as_javascript_reads_it() {
    let Ok(Packet::Event { args, .. }) = feed(packet(2, b"\x92\xa1a\xca\x3d\xcc\xcc\xcd")) else { panic!() };
    assert_eq!(args.to_json(), "[0.10000000149011612]");
}

#[test]
fn of_keys_that_come_twice_the_last_counts() {
    let message =
        map(&[b"\xa4type\x02", b"\xa4data\x91\xa1a", b"\xa4type\x01", b"\xa4data\xd4\0\0", b"\xa3nsp\xa1/"]);
    assert!(matches!(feed(message), Ok(Packet::Disconnect { .. })));
}

#[test]
fn an_object_feigns_no_placeholder_beside_attachments() {
    let feigned = b"\x82\xac_placeholder\xc3\xa3num\x00";

    let alone = [b"\x92\xa1a", &feigned[..]].concat();
    let Ok(Packet::Event { args, .. }) = feed(packet(2, &alone)) else { panic!() };
    assert_eq!(args.to_json(), r#"[{"_placeholder":true,"num":0}]"#);

    let beside = [b"\x93\xa1a\xc4\x01x", &feigned[..]].concat();
    assert_eq!(refusal(packet(2, &beside)), DecodeError::IllegalPlaceholder);
}
