//! What packets look like on the wire.

use bytes::Bytes;
use serde_json::json;
use sockeye_parser::{AckId, Args, Encoded, Format, Json, NamespaceName, Packet, SocketId};

fn text(packet: &Packet) -> String {
    let Encoded { head, attachments } = Json.encode(packet);
    assert!(attachments.is_empty());
    head.as_text().expect("heads are text").to_owned()
}

fn event(namespace: &str, name: &str, args: Args, ack: Option<u64>) -> Packet {
    Packet::Event { namespace: namespace.into(), name: name.into(), args, ack: ack.map(AckId::new) }
}

#[test]
fn every_type_of_packet_is_written() {
    let args = |json| Args::from_json(json, Vec::new()).unwrap();
    let root = NamespaceName::root();
    let admin = NamespaceName::from("admin");

    let packets = [
        ("0", Packet::Connect { namespace: root.clone(), auth: None }),
        (
            r#"0/admin,{"a":1}"#,
            Packet::Connect { namespace: admin.clone(), auth: Some(args(r#"[{"a":1}]"#)) },
        ),
        ("1", Packet::Disconnect { namespace: root.clone() }),
        ("1/admin,", Packet::Disconnect { namespace: admin.clone() }),
        (r#"2["foo"]"#, event("/", "foo", Args::empty(), None)),
        (r#"2/admin,["bar",1,[2]]"#, event("/admin", "bar", args("[1,[2]]"), None)),
        (r#"20["foo"]"#, event("/", "foo", Args::empty(), Some(0))),
        (r#"212["foo","a"]"#, event("/", "foo", args(r#"["a"]"#), Some(12))),
        ("3/admin,13[]", Packet::Ack { namespace: admin, id: AckId::new(13), args: Args::empty() }),
        ("30[1]", Packet::Ack { namespace: root.clone(), id: AckId::new(0), args: args("[1]") }),
        (
            r#"4{"message":"no"}"#,
            Packet::ConnectError { namespace: root, error: args(r#"[{"message":"no"}]"#) },
        ),
    ];
    for (expected, packet) in packets {
        assert_eq!(text(&packet), expected);
    }
}

#[test]
fn an_acknowledgement_is_written_behind_other_text_as_it_is_encoded() {
    let json = Args::from_json(r#"["a",{"b":[1]}]"#, Vec::new()).unwrap();
    for (args, namespace) in [(Args::empty(), "/"), (json.clone(), "/"), (json.and_text("last"), "/admin")] {
        let (namespace, id, mut written) =
            (NamespaceName::from(namespace), AckId::new(70), "before".to_owned());
        assert!(Json.write_ack(&namespace, id, &args, &mut written));

        let encoded = text(&Packet::Ack { namespace, id, args });
        assert_eq!(written, format!("before{encoded}"));
    }
}

#[test]
fn an_acknowledgement_with_attachments_is_no_text() {
    let args = Args::serialize(&[Bytes::from_static(b"1")]).unwrap();
    let mut written = String::new();

    assert!(!Json.write_ack(&NamespaceName::root(), AckId::new(0), &args, &mut written));
    assert_eq!(written, "");
}

#[test]
fn letting_in_tells_the_id() {
    assert_eq!(text(&Packet::accept("/a".into(), &SocketId::from("x\"y"))), r#"0/a,{"sid":"x\"y"}"#);
}

#[test]
fn bytes_travel_behind_the_text() {
    let args = Args::serialize(&("a", Bytes::from_static(b"1"), [Bytes::from_static(b"2")])).unwrap();
    let Encoded { head, attachments } = Json.encode(&event("/admin", "b", args.clone(), Some(3)));

    let places = r#"{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]"#;
    assert_eq!(head.as_text(), Some(&*format!(r#"52-/admin,3["b","a",{places}]"#)));
    assert_eq!(attachments, ["1", "2"]);

    let answer = Packet::Ack { namespace: NamespaceName::root(), id: AckId::new(3), args };
    assert_eq!(Json.encode(&answer).head.as_text(), Some(&*format!(r#"62-3["a",{places}]"#)));
}

#[test]
fn what_looks_like_a_placeholder_is_data_without_attachments() {
    let args = Args::serialize(&json!({"_placeholder": true, "num": 0})).unwrap();
    assert_eq!(text(&event("/", "a", args, None)), r#"2["a",{"_placeholder":true,"num":0}]"#);
}

#[test]
fn names_are_escaped() {
    assert_eq!(text(&event("/", "a\"\\\n", Args::empty(), None)), r#"2["a\"\\\n"]"#);
}
