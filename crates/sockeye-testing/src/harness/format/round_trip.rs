//! Sentence 1: what is encoded comes back.

use sockeye_parser::{AckId, Format, Limits, NamespaceName, Packet};

use super::{args, event_with, messages, read_alone};

/// 1. What `encode` gives, fed to a decoder in order, gives an equal packet.
pub fn packets_come_back_as_they_were(format: &dyn Format) {
    for packet in packets() {
        assert_comes_back(format, packet);
    }
}

/// 1. Attachments come back where they stood, to the byte.
pub fn attachments_come_back_where_they_stood(format: &dyn Format) {
    let attachments: [&[u8]; 3] = [b"first", b"\x00\xff", b"\xce\xa3"];
    for (number, json) in (0..).zip(ARGS_WITH_ATTACHMENTS) {
        let used = json.matches("_placeholder").count();
        assert_comes_back(format, event_with(number, json, &attachments[..used]));

        let (namespace, id) = (NamespaceName::root(), AckId::new(number.into()));
        let args = args(json, &attachments[..used]);
        assert_comes_back(format, Packet::Ack { namespace, id, args });
    }
}

/// 1. It gives it with the last message, and nothing before.
pub fn a_packet_is_complete_with_its_last_message_and_not_before(format: &dyn Format) {
    let encoded = format.encode(&event_with(1, ARGS_WITH_ATTACHMENTS[2], &[b"a", b"b", b"c"]));
    let last = encoded.attachments.len();
    let mut decoder = format.decoder(Limits::default());

    for (number, message) in messages(encoded).enumerate() {
        let read = decoder.feed(message).expect("these messages are a packet");
        assert_eq!(read.is_some(), number == last, "after message {number} of 0 to {last}: {read:?}");
    }
}

fn assert_comes_back(format: &dyn Format, packet: Packet) {
    let encoded = format.encode(&packet);
    assert_eq!(read_alone(format, encoded.clone()), Ok(Some(packet)), "it was encoded as {encoded:?}");
}

/// One of each kind, and of each kind whatever may be read wrongly.
fn packets() -> Vec<Packet> {
    let root = NamespaceName::root;
    let mut packets = vec![
        Packet::Connect { namespace: root(), auth: None },
        Packet::Connect { namespace: "/a?b=c&d".into(), auth: Some(args("[{}]", &[])) },
        Packet::Connect { namespace: root(), auth: Some(args(r#"[{"list":[1],"token":"x"}]"#, &[])) },
        Packet::accept("/7".into(), &"an id".into()),
        Packet::accept_recoverable(root(), &"an id".into(), "a secret"),
        Packet::Disconnect { namespace: "/é 日本".into() },
        Packet::Disconnect { namespace: root() },
        Packet::ConnectError { namespace: "/admin".into(), error: args(r#"[{"message":"no"}]"#, &[]) },
        Packet::ConnectError {
            namespace: root(),
            error: args(r#"[{"data":{"code":[7]},"message":"\"no\""}]"#, &[]),
        },
    ];
    let places = ["/admin".into(), root()].into_iter().cycle();
    let values = places.zip(ARGS.iter().flat_map(|args| NAMES.iter().map(move |name| (*name, *args))));
    let ids = [None, Some(0), Some(7), Some(AckId::MAX), None].iter().cycle();
    for ((namespace, (name, json)), id) in values.zip(ids) {
        let (args, ack) = (args(json, &[]), id.map(AckId::new));
        if let Some(id) = ack {
            packets.push(Packet::Ack { namespace: namespace.clone(), id, args: args.clone() });
        }
        packets.push(Packet::Event { namespace, name: name.into(), args, ack });
    }
    packets
}

const NAMES: &[&str] = &["event", "", "7", "[\"quoted\"]", "\\", "line\nbreak\u{0}", "é 日本 🦀", "/a,1-"];

/// As `Args::serialize` writes them: no spaces, and keys in their order.
const ARGS: &[&str] = &[
    "[]",
    "[null]",
    "[true,false]",
    "[0,-1,255,65536,4294967296,9007199254740991,-9007199254740991]",
    "[0.5,-2.25]",
    r#"["","text","é 日本 🦀","\"\\\n\u0000"]"#,
    r#"[[],[[]],{},[{}],{"":{"a":[1,{"b":null}]}}]"#,
    r#"["1-","/a,","[]"]"#,
];

const ARGS_WITH_ATTACHMENTS: &[&str] = &[
    r#"[{"_placeholder":true,"num":0}]"#,
    r#"["before",{"_placeholder":true,"num":0},"after"]"#,
    r#"[{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}],{"a":{"b":{"_placeholder":true,"num":2}}}]"#,
];
