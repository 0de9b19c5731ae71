//! Sentences 7 to 9: what peers send to do harm, and what they send that is passed on.

use sockeye_parser::{Args, Format, Limits, NamespaceName, Packet, RESERVED_EVENTS};
use sockeye_transport::Message;

use super::{args, event_with, messages, read_alone};

/// 7. Whatever it is fed, a decoder gives a packet, waits or fails, and does not panic.
pub fn nothing_that_is_fed_panics(format: &dyn Format) {
    let packets = [
        Packet::Connect { namespace: "/a".into(), auth: Some(args(r#"[{"token":"é"}]"#, &[])) },
        event_with(1, r#"["é",{"_placeholder":true,"num":0},-1.5e3,[true,null]]"#, &[b"\x00\xff\xc3"]),
        Packet::ConnectError { namespace: NamespaceName::root(), error: args(r#"[{"message":""}]"#, &[]) },
    ];
    for packet in packets {
        let valid: Vec<Message> = messages(format.encode(&packet)).collect();
        for at in 0..valid.len() {
            for damaged in damaged(&valid[at]) {
                feed(format, valid[..at].iter().cloned().chain([damaged]).chain(valid[at..].to_vec()));
            }
        }
    }
    for text in ["é", "\u{0}", "\"", "[", "{", "9", "-1", "🦀"] {
        feed(format, [Message::from(text)]);
        feed(format, [Message::from(text.as_bytes().to_vec())]);
    }
}

/// 7. An empty message is no packet.
pub fn an_empty_message_is_no_packet(format: &dyn Format) {
    for message in [Message::from(""), Message::from(Vec::new())] {
        let read = format.decoder(Limits::default()).feed(message);
        assert!(read.is_err(), "an empty message was taken: {read:?}");
    }
}

/// 8. `encode` takes whatever arguments there are, those of peers who mean harm among them, and a decoder reads what
///    becomes of them, as many as they were.
pub fn whatever_a_peer_has_sent_can_be_passed_on(format: &dyn Format) {
    let deep = |open: &str, close: &str| {
        let levels = Limits::MAX_DEPTH - 1;
        format!("[{}1{}]", open.repeat(levels), close.repeat(levels))
    };
    let odd = ODD_ARGS.iter().map(|json| (*json).to_owned());
    for (number, json) in (0..).zip(odd.chain([deep("[", "]"), deep(r#"{"a":"#, "}")])) {
        assert_passes(format, &event_with(number, &json, &[]));
    }
    let twice = r#"[{"_placeholder":true,"num":0},{"num":0,"_placeholder":true,"more":1}]"#;
    assert_passes(format, &event_with(100, twice, &[b"x"]));
    assert_passes(format, &event_with(101, r#"["unused"]"#, &[b"x"]));
}

/// 9. An event with a reserved name is an error.
pub fn events_with_reserved_names_are_refused(format: &dyn Format) {
    for name in RESERVED_EVENTS {
        let args = Args::empty();
        let event = Packet::Event { namespace: NamespaceName::root(), name: name.into(), args, ack: None };
        let read = read_alone(format, format.encode(&event));
        assert!(read.is_err(), "a peer may send {name:?}: {read:?}");
    }
}

/// Feeds a decoder as far as it goes.
fn feed(format: &dyn Format, messages: impl IntoIterator<Item = Message>) {
    let mut decoder = format.decoder(Limits::default());
    for message in messages {
        match decoder.feed(message) {
            Ok(Some(packet)) => drop(format.encode(&packet)),
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

/// A message that was cut at any place, or in which some bytes are others; and as what it is not.
fn damaged(message: &Message) -> Vec<Message> {
    let bytes = message.as_bytes();
    let cut = (0..bytes.len()).map(|end| bytes[..end].to_vec());
    let changed = (0..bytes.len()).flat_map(|at| [0, b'[', b'9', 0x7f, 0x80, 0xff].map(|byte| (at, byte)));
    let changed = changed.map(|(at, byte)| {
        let mut bytes = bytes.to_vec();
        bytes[at] = byte;
        bytes
    });
    let repeated = [bytes.repeat(2), [bytes, &[0xc1]].concat()];
    let damaged = cut.chain(changed).chain(repeated).chain([bytes.to_vec()]);
    damaged.flat_map(|bytes| [as_text(&bytes), Some(Message::from(bytes))]).flatten().collect()
}

fn as_text(bytes: &[u8]) -> Option<Message> {
    std::str::from_utf8(bytes).ok().map(Message::from)
}

fn assert_passes(format: &dyn Format, event: &Packet) {
    let Packet::Event { name, args, .. } = event else { unreachable!("only events are passed on here") };
    let read = read_alone(format, format.encode(event));
    let Ok(Some(Packet::Event { name: read_name, args: read_args, .. })) = &read else {
        panic!("{event:?} became {read:?}")
    };
    assert_eq!((read_name, read_args.len()), (name, args.len()), "{event:?} became {read:?}");
}

/// JSON, and all that no value of Rust or JavaScript holds as it is.
const ODD_ARGS: &[&str] = &[
    "[1e999,-1e999]",
    "[123456789012345678901234567890,-0,1E+2,0.1e-400]",
    r#"["\ud800","\udc00\ud800"]"#,
    r#"[{"a":1,"a":[2]},{"":"","\u0000":0}]"#,
    " [ 1 ,\t{ \"a\" : [ ] } , \"b\"\n] ",
    r#"[{"_placeholder":true,"num":0},{"_placeholder":true},{"_placeholder":1,"num":"x"}]"#,
];
