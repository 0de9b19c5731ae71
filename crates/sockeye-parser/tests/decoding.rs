//! Which texts are packets, and what is wrong with the others.

use bytes::Bytes;
use sockeye_parser::{
    AckId, Args, DecodeError, Format, Json, Limits, NamespaceName, Packet, RESERVED_EVENTS,
};

fn decode(text: &str) -> Result<Packet, DecodeError> {
    let packet = Json.decoder(Limits::default()).feed(text.into())?;
    Ok(packet.expect("a packet without attachments is complete"))
}

fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).expect("legal JSON")
}

fn event(namespace: &str, name: &str, json: &str, ack: Option<u64>) -> Packet {
    let ack = ack.map(AckId::new);
    Packet::Event { namespace: namespace.into(), name: name.into(), args: args(json), ack }
}

fn ack(namespace: &str, id: u64, json: &str) -> Packet {
    Packet::Ack { namespace: namespace.into(), id: AckId::new(id), args: args(json) }
}

fn connect(namespace: &str, auth: Option<&str>) -> Packet {
    Packet::Connect { namespace: namespace.into(), auth: auth.map(|auth| args(&format!("[{auth}]"))) }
}

fn name_of(text: &str) -> String {
    match decode(text) {
        Ok(Packet::Event { name, .. }) => name.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn every_type_of_packet_is_read() {
    let packets = [
        ("0", connect("/", None)),
        ("0/admin", connect("/admin", None)),
        ("0/admin,", connect("/admin", None)),
        (r#"0/admin,{"token":"a,b"}"#, connect("/admin", Some(r#"{"token":"a,b"}"#))),
        (r#"0{"sid":"x"}"#, connect("/", Some(r#"{"sid":"x"}"#))),
        ("1", Packet::Disconnect { namespace: NamespaceName::root() }),
        ("1/admin,", Packet::Disconnect { namespace: "/admin".into() }),
        (r#"2["a"]"#, event("/", "a", "[]", None)),
        (r#"2/admin,["a",1,"b"]"#, event("/admin", "a", r#"[1,"b"]"#, None)),
        (r#"212["a",{}]"#, event("/", "a", "[{}]", Some(12))),
        (r#"2/a?b=c,0["a"]"#, event("/a?b=c", "a", "[]", Some(0))),
        ("30[]", ack("/", 0, "[]")),
        (r#"3/admin,456["a",null]"#, ack("/admin", 456, r#"["a",null]"#)),
        ("313", ack("/", 13, "[]")),
    ];
    for (text, packet) in packets {
        assert_eq!(decode(text), Ok(packet), "{text}");
    }
}

#[test]
fn a_refusal_is_a_text_or_an_object() {
    for error in [r#"{"message":"no"}"#, r#""no""#] {
        let packet = Packet::ConnectError { namespace: "/a".into(), error: args(&format!("[{error}]")) };
        assert_eq!(decode(&format!("4/a,{error}")), Ok(packet));
    }
}

#[test]
fn white_space_of_json_is_tolerated() {
    let packet = decode("27 [ \"a\" , 1 , [ 2 ] ] \n").unwrap();

    let Packet::Event { name, args, ack, .. } = packet else { panic!() };
    assert_eq!((&*name, ack), ("a", Some(AckId::new(7))));
    assert_eq!(args.len(), 2);
    assert_eq!(args.parse::<(i32, [i32; 1])>(), Ok((1, [2])));
}

#[test]
fn an_event_without_payload_is_refused() {
    for text in ["2", "2/admin,", "2/admin", "25", "51-"] {
        assert_eq!(decode(text), Err(DecodeError::InvalidPayload), "{text}");
    }
}

#[test]
fn names_are_unescaped() {
    assert_eq!(name_of(r#"2["a\"b\\",1]"#), "a\"b\\");
    assert_eq!(name_of(r#"2["\\"]"#), "\\");
    assert_eq!(name_of(r#"2["\u00e9\ud83d\ude00"]"#), "é😀");
    assert_eq!(name_of(r#"2["a,]",1]"#), "a,]");
    assert_eq!(name_of(r#"2[""]"#), "");
    assert_eq!(name_of(r#"2["__proto__"]"#), "__proto__");
}

#[test]
fn numbers_are_names_as_javascript_writes_them() {
    assert_eq!(name_of("2[1]"), "1");
    assert_eq!(name_of("2[1 ,2]"), "1");
    assert_eq!(name_of("2[-0]"), "0");
    assert_eq!(name_of("2[1.50]"), "1.5");
    assert_eq!(decode(r#"2[12,"a"]"#), Ok(event("/", "12", r#"["a"]"#, None)));
}

#[test]
fn other_texts_are_refused_in_the_words_of_the_reference() {
    let texts = [
        ("", "unknown packet type"),
        ("7", "unknown packet type 7"),
        ("x", "unknown packet type x"),
        ("é", "unknown packet type é"),
        ("\n", "unknown packet type \\n"),
        ("0[]", "invalid payload"),
        ("0null", "invalid payload"),
        ("0\"a\"", "invalid payload"),
        ("0{", "invalid payload"),
        ("0{}{}", "invalid payload"),
        ("0 ", "invalid payload"),
        ("1{}", "invalid payload"),
        ("1[]", "invalid payload"),
        ("2[]", "invalid payload"),
        ("2{}", "invalid payload"),
        ("2\"a\"", "invalid payload"),
        ("2null", "invalid payload"),
        ("2[null]", "invalid payload"),
        ("2[true]", "invalid payload"),
        ("2[[\"a\"]]", "invalid payload"),
        ("2[{\"toString\":\"a\"}]", "invalid payload"),
        ("2[\"a\",]", "invalid payload"),
        ("2[\"a\"", "invalid payload"),
        ("2[\"a\"]]", "invalid payload"),
        ("2[\"a\u{1}\"]", "invalid payload"),
        ("2[\"\\ud800\"]", "invalid payload"),
        ("2[01]", "invalid payload"),
        ("2[-]", "invalid payload"),
        // Everything up to a comma is the namespace, so that there is no payload at all.
        ("2/admin[\"a\"]", "invalid payload"),
        ("30{}", "invalid payload"),
        ("30\"a\"", "invalid payload"),
        ("3[]", "invalid acknowledgement id"),
        ("4", "invalid payload"),
        ("4[]", "invalid payload"),
        ("4/a,true", "invalid payload"),
        ("29007199254740992[\"a\"]", "invalid acknowledgement id"),
        ("5", "Illegal attachments"),
        ("5[\"a\"]", "Illegal attachments"),
        ("51[\"a\"]", "Illegal attachments"),
        ("5-[\"a\"]", "Illegal attachments"),
        ("50-[\"a\"]", "Illegal attachments"),
        ("5a-[\"a\"]", "Illegal attachments"),
        ("51.5-[\"a\"]", "Illegal attachments"),
        ("5-1-[\"a\"]", "Illegal attachments"),
        ("5+1-[\"a\"]", "Illegal attachments"),
        ("511-[\"a\"]", "too many attachments"),
        ("60-0[]", "Illegal attachments"),
        ("61-[]", "invalid acknowledgement id"),
        ("61-0{}", "invalid payload"),
    ];
    for (text, problem) in texts {
        assert_eq!(decode(text).map_err(|error| error.to_string()), Err(problem.into()), "{text}");
    }
}

#[test]
fn reserved_names_are_refused_however_they_are_written() {
    for name in RESERVED_EVENTS {
        assert_eq!(decode(&format!(r#"2["{name}"]"#)), Err(DecodeError::InvalidPayload), "{name}");
    }
    assert_eq!(decode(r#"2["\u0063onnect"]"#), Err(DecodeError::InvalidPayload));
    assert_eq!(name_of(r#"2["Connect"]"#), "Connect");
}

#[test]
fn the_largest_ack_id_is_the_largest_safe_integer() {
    assert_eq!(decode(r#"29007199254740991["a"]"#), Ok(event("/", "a", "[]", Some(AckId::MAX))));
    assert_eq!(decode("3000[]"), Ok(ack("/", 0, "[]")));
}

#[test]
fn attachments_complete_a_packet() {
    let mut decoder = Json.decoder(Limits::default());
    let text = r#"52-/a,13["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;

    assert_eq!(decoder.feed(text.into()), Ok(None));
    assert_eq!(decoder.feed(vec![1].into()), Ok(None));
    let packet = decoder.feed(vec![2, 3].into()).unwrap().unwrap();

    let Packet::Event { namespace, name, args, ack } = packet else { panic!() };
    assert_eq!((&*namespace, &*name, ack), ("/a", "x", Some(AckId::new(13))));
    assert_eq!(args.parse(), Ok((Bytes::from_static(&[2, 3]), Bytes::from_static(&[1]))));
    assert_eq!(decoder.feed("1".into()), Ok(Some(Packet::Disconnect { namespace: NamespaceName::root() })));
}

#[test]
fn acknowledgements_have_attachments_too() {
    let mut decoder = Json.decoder(Limits::default());

    assert_eq!(decoder.feed(r#"61-/a,7[{"_placeholder":true,"num":0}]"#.into()), Ok(None));
    let packet = decoder.feed(vec![1].into()).unwrap().unwrap();

    let Packet::Ack { id, args, .. } = packet else { panic!() };
    assert_eq!((id, args.parse()), (AckId::new(7), Ok(Bytes::from_static(&[1]))));
}

#[test]
fn acknowledgements_of_revision_3_with_attachments_are_refused() {
    // They had no type of their own then.
    assert_eq!(decode(r#"31-1[{"_placeholder":true,"num":0}]"#), Err(DecodeError::InvalidPayload));
}

#[test]
fn text_among_attachments_is_refused() {
    let mut decoder = Json.decoder(Limits::default());
    decoder.feed(r#"51-["a",{"_placeholder":true,"num":0}]"#.into()).unwrap();

    let error = decoder.feed(r#"2["b"]"#.into()).unwrap_err();
    assert_eq!(error.to_string(), "got plaintext data when reconstructing a packet");
}

#[test]
fn an_attachment_that_nobody_announced_is_refused() {
    let error = Json.decoder(Limits::default()).feed(vec![0].into()).unwrap_err();
    assert_eq!(error.to_string(), "got binary data when not reconstructing a packet");
}

#[test]
fn a_placeholder_has_to_name_an_attachment() {
    let illegal = [
        r#"{"_placeholder":true,"num":1}"#,
        r#"{"_placeholder":true,"num":-1}"#,
        r#"{"_placeholder":true,"num":0.5}"#,
        r#"{"_placeholder":true,"num":"0"}"#,
        r#"{"_placeholder":true,"num":"splice"}"#,
        r#"{"_placeholder":true,"num":null}"#,
        r#"{"_placeholder":true}"#,
        r#"{"num":9,"_placeholder":true}"#,
        r#"{"a":[{"b":{"_placeholder":true,"num":7}}]}"#,
        r#"{"_placeholder":false,"_placeholder":true}"#,
    ];
    for placeholder in illegal {
        let mut decoder = Json.decoder(Limits::default());
        decoder.feed(format!(r#"51-["a",{placeholder}]"#).into()).unwrap();

        let error = decoder.feed(vec![0].into()).unwrap_err();
        assert_eq!(error.to_string(), "illegal attachments", "{placeholder}");
    }
}

#[test]
fn the_limits_hold_for_attachments() {
    let mut decoder = Json.decoder(Limits::new().attachments(2).attachment_bytes(10));

    assert_eq!(decoder.feed(r#"53-["a"]"#.into()), Err(DecodeError::TooManyAttachments));
    assert_eq!(decoder.feed(r#"52-["a"]"#.into()), Ok(None));
    assert_eq!(decoder.feed(vec![0; 6].into()), Ok(None));
    assert_eq!(decoder.feed(vec![0; 5].into()), Err(DecodeError::AttachmentsTooLarge));
}

#[test]
fn the_name_of_a_namespace_is_kept_for_the_next_packet() {
    let mut decoder = Json.decoder(Limits::default());
    let mut pointer = |text: &str| match decoder.feed(text.into()) {
        Ok(Some(Packet::Event { namespace, .. })) => namespace.as_ptr(),
        other => panic!("{other:?}"),
    };

    assert_eq!(pointer(r#"2/a,["x"]"#), pointer(r#"2/a,["y"]"#));
}
