//! What a peer may send to hurt: it costs no more than its length, and nothing panics.

use std::thread;

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;
use sockeye_message::Message;
use sockeye_parser::{Args, DecodeError, Decoder, Format, Json, Limits, Packet};

const MEGABYTE: usize = 1 << 20;

fn decoder() -> Box<dyn Decoder> {
    Json.decoder(Limits::default())
}

fn decode(text: String) -> Result<Option<Packet>, DecodeError> {
    decoder().feed(text.into())
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + "1" + &close.repeat(depth)
}

/// As small a stack as threads of servers have.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(test).expect("a thread");
    thread.join().expect("the test passes");
}

#[test]
fn deep_nesting_is_refused_in_every_packet() {
    on_a_small_stack(|| {
        for depth in [Limits::MAX_DEPTH + 1, 10_000, 100_000] {
            for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":"#, "}]")] {
                let bomb = nested(open, close, depth);
                let object = format!(r#"{{"a":{bomb}}}"#);
                for text in [
                    format!(r#"2["a",{bomb}]"#),
                    format!(r#"51-["a",{bomb}]"#),
                    format!("30[{bomb}]"),
                    format!("61-0[{bomb}]"),
                    format!("0{object}"),
                    format!("0/admin,{object}"),
                    format!("4{object}"),
                    format!("30{}", open.repeat(depth)),
                ] {
                    assert_eq!(decode(text), Err(DecodeError::TooDeep));
                }
                assert_eq!(Args::from_json(format!("[{bomb}]"), Vec::new()), Err(DecodeError::TooDeep));
                // No event begins like this, however it goes on.
                assert_eq!(decode(format!("2{}", open.repeat(depth))), Err(DecodeError::InvalidPayload));
            }
        }
    });
}

#[test]
fn what_is_let_in_can_be_read() {
    on_a_small_stack(|| {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep = nested(open, close, Limits::MAX_DEPTH - 1);
            let Ok(Some(Packet::Event { args, .. })) = decode(format!(r#"2["a",{deep}]"#)) else { panic!() };
            assert!(args.parse::<Value>().is_ok());
            assert!(args.parse::<(Value,)>().is_ok());

            let mut decoder = decoder();
            let placeholder = deep.replace('1', r#"{"_placeholder":true,"num":0}"#);
            let placeholder = &placeholder[open.len()..placeholder.len() - close.len()];
            assert_eq!(decoder.feed(format!(r#"51-["a",{placeholder}]"#).into()), Ok(None));
            let Ok(Some(Packet::Event { args, .. })) = decoder.feed(vec![1].into()) else { panic!() };
            let error = args.parse::<(Value,)>().unwrap_err();
            assert!(error.to_string().contains("byte array"), "{error}");
        }
    });
}

#[test]
fn many_brackets_are_no_nesting() {
    let wide = format!(r#"2["a",[{}1],"{}\"["]"#, "[],{},".repeat(10_000), "[{".repeat(10_000));
    assert!(decode(wide).is_ok());

    let limited = |text: &str| Json.decoder(Limits::new().depth(3)).feed(text.into()).map(|_| ());
    assert_eq!(limited(r#"2["a",[[]],[[]]]"#), Ok(()));
    assert_eq!(limited(r#"2["a","[[[[[["]"#), Ok(()));
    assert_eq!(limited(r#"2["a","\"[[[[[[",[["\\"]]]"#), Ok(()));
    assert_eq!(limited(r#"2["a",[[[]]]]"#), Err(DecodeError::TooDeep));
    assert_eq!(limited(r#"2["a","\\",[[[]]]]"#), Err(DecodeError::TooDeep));
    assert_eq!(Limits::new().depth(1000).max_depth(), Limits::MAX_DEPTH);
}

#[test]
fn a_megabyte_of_digits_is_read_once() {
    let digits = "1".repeat(MEGABYTE);

    assert_eq!(decode(format!("5{digits}")), Err(DecodeError::IllegalAttachmentCount));
    assert_eq!(decode(format!("5{digits}-[]")), Err(DecodeError::TooManyAttachments));
    assert_eq!(decode(format!("2{digits}[]")), Err(DecodeError::InvalidAckId));
    assert_eq!(decode(format!("3{digits}")), Err(DecodeError::InvalidAckId));
    assert_eq!(decode(format!("2[{digits}")), Err(DecodeError::InvalidPayload));
    assert!(decode(format!("2[{digits}]")).is_ok());
    assert!(decode(format!(r#"2["a",{digits}]"#)).is_ok());
}

#[test]
fn a_megabyte_of_zeros_is_a_small_number() {
    let zeros = "0".repeat(MEGABYTE);

    assert_eq!(decode(format!(r#"5{zeros}1-["a"]"#)), Ok(None));
    let Ok(Some(Packet::Event { ack, .. })) = decode(format!(r#"2{zeros}1["a"]"#)) else { panic!() };
    assert_eq!(ack.map(sockeye_parser::AckId::get), Some(1));
}

#[test]
fn a_long_namespace_or_name_is_read_once() {
    let long = "a".repeat(MEGABYTE);

    let Ok(Some(Packet::Connect { namespace, .. })) = decode(format!("0/{long}")) else { panic!() };
    assert_eq!(namespace.len(), MEGABYTE + 1);
    let Ok(Some(Packet::Event { name, .. })) = decode(format!(r#"2["{long}"]"#)) else { panic!() };
    assert_eq!(name.len(), MEGABYTE);
    assert!(decode(format!(r#"2["{}"]"#, "\\\\".repeat(MEGABYTE))).is_ok());
}

#[test]
fn many_keys_and_repeated_keys_are_read_once() {
    let keys: Vec<String> = (0..100_000).map(|key| format!(r#""{key}":0"#)).collect();
    let text = format!(r#"2["a",{{{}}}]"#, keys.join(","));
    let Ok(Some(Packet::Event { args, .. })) = decode(text) else { panic!() };
    assert!(args.parse::<Value>().is_ok());

    let mut decoder = decoder();
    let repeated = r#""num":0,"#.repeat(100_000);
    decoder.feed(format!(r#"51-["a",{{{repeated}"_placeholder":true}}]"#).into()).unwrap();
    let Ok(Some(Packet::Event { args, .. })) = decoder.feed(vec![7].into()) else { panic!() };
    assert_eq!(args.parse(), Ok(bytes::Bytes::from_static(&[7])));
}

/// Something like a packet: made of what packets are made of.
fn packet_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("2"),
        Just("51-"),
        Just("/a,"),
        Just("13"),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(":"),
        Just(","),
        Just("\""),
        Just("\\"),
        Just("\"a\""),
        Just("\"_placeholder\":true"),
        Just("\"num\":0"),
        Just("é"),
        Just(" "),
        Just("-1e5"),
        Just("null"),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn survive(texts: &[String]) {
    let mut decoder = decoder();
    for text in texts {
        let mut result = decoder.feed(text.as_str().into());
        while let Ok(None) = result {
            result = decoder.feed(Message::Binary("x".into()));
        }
        if let Ok(Some(packet)) = result {
            look_at(&packet);
        }
    }
}

fn look_at(packet: &Packet) {
    let _ = Json.encode(packet);
    if let Packet::Event { args, .. } | Packet::Ack { args, .. } = packet {
        let count = args.len();
        assert_eq!(args.is_empty(), count == 0);
        // Numbers and escapes that no value of Rust can hold are JSON all the same.
        assert!(serde_json::from_str::<Vec<IgnoredAny>>(&args.to_json()).is_ok());
        let _ =
            (args.parse::<Value>(), args.parse::<(Value, Option<String>)>(), args.parse::<bytes::Bytes>());
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in ".*") {
        survive(&[text]);
    }

    #[test]
    fn no_text_like_a_packet_panics(texts in prop::collection::vec(packet_like(), 1..4)) {
        survive(&texts);
    }

    #[test]
    fn no_payload_panics(head in "[0-6](1-)?(/a,)?1?", payload in packet_like()) {
        survive(&[format!("{head}[\"a\",{payload}]"), format!("{head}{payload}")]);
    }
}
