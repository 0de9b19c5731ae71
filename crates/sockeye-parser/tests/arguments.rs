//! How values become arguments, and arguments values.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sockeye_message::Message;
use sockeye_parser::{Args, ArgsError, DecodeError, Format, Json, Limits, NamespaceName, Packet};

fn written<T: Serialize + ?Sized>(value: &T) -> String {
    Args::serialize(value).expect("the value has a form").to_json()
}

fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).expect("legal JSON")
}

/// The arguments of an event that came over the wire.
fn received(message: &str) -> Args {
    match Json.decoder(Limits::default()).feed(message.into()) {
        Ok(Some(Packet::Event { args, .. } | Packet::Ack { args, .. })) => args,
        Ok(Some(Packet::Connect { auth, .. })) => auth.unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i32, i32);

#[test]
fn tuples_are_several_arguments_and_all_else_is_one() {
    assert_eq!(written(&()), "[]");
    assert_eq!(written("a"), r#"["a"]"#);
    assert_eq!(written(&1), "[1]");
    assert_eq!(written(&(1,)), "[1]");
    assert_eq!(written(&(1, "a")), r#"[1,"a"]"#);
    assert_eq!(written(&[1, 2]), "[1,2]");
    assert_eq!(written(&vec![1, 2]), "[[1,2]]");
    assert_eq!(written(&[1, 2][..]), "[[1,2]]");
    assert_eq!(written(&((1, 2),)), "[[1,2]]");
    assert_eq!(written(&Some((1, 2))), "[[1,2]]");
    assert_eq!(written(&Pair(1, 2)), "[[1,2]]");
    assert_eq!(written(&Point { x: 1, y: 2 }), r#"[{"x":1,"y":2}]"#);
    assert_eq!(written(&json!([1, 2])), "[[1,2]]");
    assert_eq!(written(&Box::new((1, 2))), "[1,2]");
    assert_eq!(written(&format_args!("a{}", 1)), r#"["a1"]"#);
}

#[test]
fn a_null_is_an_argument() {
    assert_eq!(written(&None::<i32>), "[null]");
    assert_eq!(written(&Value::Null), "[null]");
    assert_eq!(written(&((), Value::Null)), "[null,null]");
}

#[test]
fn a_list_of_small_numbers_stays_one() {
    assert_eq!(written(&vec![1_u8, 2]), "[[1,2]]");
    assert_eq!(args("[[1,2]]").parse(), Ok(vec![1_u8, 2]));
}

#[test]
fn what_has_no_form_is_an_error() {
    assert!(Args::serialize(&HashMap::from([((1, 2), 3)])).is_err());
    assert_eq!(written(&f64::NAN), "[null]");
}

#[test]
fn values_come_back() {
    assert_eq!(args("[1]").parse(), Ok(1));
    assert_eq!(args("[1]").parse(), Ok((1,)));
    assert_eq!(args(r#"[1,"a"]"#).parse(), Ok((1, "a".to_owned())));
    assert_eq!(args("[1,2]").parse(), Ok([1, 2]));
    assert_eq!(args("[[1,2]]").parse(), Ok(vec![1, 2]));
    assert_eq!(args("[[1,2]]").parse(), Ok(Pair(1, 2)));
    assert_eq!(args("[[1,2]]").parse(), Ok(((1, 2),)));
    assert_eq!(args(r#"[{"x":1,"y":2}]"#).parse(), Ok(Point { x: 1, y: 2 }));
    assert_eq!(args(r#"[{"x":1,"y":2},3]"#).parse(), Ok((Point { x: 1, y: 2 }, 3)));
    assert_eq!(args("[null]").parse(), Ok(Value::Null));
    assert_eq!(args("[]").parse(), Ok(()));
    assert_eq!(args("[[{}]]").parse(), Ok(json!([{}])));
}

#[test]
fn the_name_of_the_event_is_no_argument() {
    let args = received(r#"2["a,\"]",1,"b"]"#);

    assert_eq!(args.len(), 2);
    assert_eq!(args.parse(), Ok(1));
    assert_eq!(args.parse(), Ok((1, "b".to_owned())));
    assert_eq!(received(r#"2["a"]"#).len(), 0);
    assert_eq!(received(r#"2[7,"b"]"#).parse(), Ok(("b".to_owned(),)));
    assert_eq!(received(r#"30["b"]"#).parse(), Ok(("b".to_owned(),)));
    assert_eq!(received(r#"0{"x":1,"y":2}"#).parse(), Ok((Point { x: 1, y: 2 },)));
}

#[test]
fn more_arguments_than_wanted_are_left_alone() {
    assert_eq!(args(r#"[1,"a",[]]"#).parse(), Ok(1));
    assert_eq!(args(r#"[1,"a",[]]"#).parse(), Ok((1, "a".to_owned())));
    assert_eq!(args("[1]").parse(), Ok(()));
}

#[test]
fn a_missing_argument_is_none_or_an_error() {
    assert_eq!(args("[1]").parse(), Ok((1, None::<String>, ())));
    assert_eq!(args("[]").parse(), Ok(None::<i32>));
    assert_eq!(args("[]").parse(), Ok((None::<i32>, None::<i32>)));

    let missing = |result: Result<(i32, String, i32), ArgsError>| result.unwrap_err();
    let error = missing(args(r#"[1,"a"]"#).parse());
    assert_eq!((error.position(), error.is_missing()), (3, true));
    assert_eq!(error.to_string(), "argument 3 is missing");
    assert_eq!(args("[]").parse::<i32>().unwrap_err().to_string(), "argument 1 is missing");
    assert_eq!(received(r#"2["a"]"#).parse::<(i32,)>().unwrap_err().to_string(), "argument 1 is missing");
}

#[test]
fn a_wrong_argument_is_named() {
    let error = args(r#"[1,"a"]"#).parse::<(i32, i32)>().unwrap_err();
    assert_eq!((error.position(), error.is_missing()), (2, false));
    assert_eq!(error.to_string(), r#"argument 2: invalid type: string "a", expected i32"#);

    let error = args(r#"[{"x":1}]"#).parse::<Point>().unwrap_err();
    assert_eq!(error.to_string(), "argument 1: missing field `y`");
}

#[test]
fn a_lone_surrogate_fails_only_whoever_reads_it() {
    let args = received(r#"2["a",1,"\ud800"]"#);

    assert_eq!(args.parse(), Ok(1));
    assert_eq!(args.parse::<(i32, String)>().unwrap_err().position(), 2);
}

#[test]
fn numbers_of_any_size_are_kept() {
    let number = "[123456789012345678901234567890,1e999,-0.0]";
    assert_eq!(args(number).to_json(), number);
    assert_eq!(args("[18446744073709551615]").parse(), Ok(u64::MAX));
    assert_eq!(args(&format!("[{}]", i128::MIN)).parse(), Ok(i128::MIN));
}

#[test]
fn arguments_are_passed_on_unread() {
    let args = received(r#"25["question",{"b":1,"a":[ 1 ]},1.0]"#);
    let event = Packet::Event { namespace: "/x".into(), name: "q".into(), args: args.clone(), ack: None };
    let answer = Packet::Ack { namespace: NamespaceName::root(), id: sockeye_parser::AckId::new(5), args };

    assert_eq!(Json.encode(&event).head, Message::from(r#"2/x,["q",{"b":1,"a":[ 1 ]},1.0]"#));
    assert_eq!(Json.encode(&answer).head, Message::from(r#"35[{"b":1,"a":[ 1 ]},1.0]"#));
}

#[test]
fn arguments_are_equal_wherever_they_come_from() {
    assert_eq!(received(r#"2["a",1,2]"#), Args::serialize(&(1, 2)).unwrap());
    assert_eq!(received(r#"2["a"] "#), Args::empty());
    assert_eq!(received(r#"0{"a":1}"#), args(r#"[{"a":1}]"#));
    assert_ne!(received(r#"2["a",1]"#), Args::empty());
    assert_ne!(args("[[1]]"), args("[1]"));
}

#[test]
fn raw_arguments_are_checked() {
    let from = |json: &str| Args::from_json(json, Vec::new());

    assert_eq!(from(" [1] ").unwrap().to_json().trim(), "[1]");
    assert_eq!(from(""), Err(DecodeError::InvalidPayload));
    assert_eq!(from("{}"), Err(DecodeError::InvalidPayload));
    assert_eq!(from("[1"), Err(DecodeError::InvalidPayload));
    assert_eq!(Args::from_json("[1]", vec!["a".into()]).unwrap().attachments(), ["a"]);
    assert_eq!(
        Args::from_json(r#"[{"_placeholder":true,"num":1}]"#, vec!["a".into()]),
        Err(DecodeError::IllegalPlaceholder)
    );
}

#[test]
fn raw_arguments_of_an_event_begin_with_its_name() {
    let from = |json: &str| Args::event_from_json(json, Vec::new());

    assert_eq!(from(r#"["a",1]"#), Ok(("a".into(), args("[1]"))));
    assert_eq!(from("[1e3]"), Ok(("1000".into(), Args::empty())));
    assert_eq!(from(""), Err(DecodeError::InvalidPayload));
    assert_eq!(from("[]"), Err(DecodeError::InvalidPayload));
    assert_eq!(from(r#"["disconnect"]"#), Err(DecodeError::InvalidPayload));
    assert_eq!(
        Args::event_from_json(r#"["a",{"_placeholder":true,"num":1}]"#, vec!["a".into()]),
        Err(DecodeError::IllegalPlaceholder)
    );
}

#[test]
fn maps_and_enums_come_back() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Dot,
        Circle(f64),
        Box { w: i32, h: i32 },
        Line(i32, i32),
    }
    for shape in [Shape::Dot, Shape::Circle(0.5), Shape::Box { w: 1, h: 2 }, Shape::Line(3, 4)] {
        let map = BTreeMap::from([(7_u8, shape)]);
        assert_eq!(Args::serialize(&map).unwrap().parse(), Ok(map));
    }
}

#[test]
fn arguments_are_small() {
    assert!(size_of::<Args>() <= 64);
    assert!(size_of::<Packet>() <= 128, "{}", size_of::<Packet>());
}

#[test]
fn the_last_argument_is_read_where_it_is_a_text() {
    for (json, last) in [
        (r#"["a"]"#, Some("a")),
        (r#"[1,"a b" ]"#, Some("a b")),
        (r#"["",""]"#, Some("")),
        (r#"["\\"]"#, Some("\\")),
        (r#"["x\\","\"\u0041"]"#, Some("\"A")),
        ("[]", None),
        (r#"["a",1]"#, None),
        (r#"[{"a":"b"}]"#, None),
        (r#"[["a"]]"#, None),
        (r#"["\ud800"]"#, None),
    ] {
        let args = args(json);
        assert_eq!(args.last_text().as_deref(), last, "{json}");
    }
    assert_eq!(received(r#"2["event"]"#).last_text(), None);
    assert_eq!(received(r#"2["event", "offset"]"#).last_text().as_deref(), Some("offset"));
    assert_eq!(Args::serialize("one").unwrap().last_text().as_deref(), Some("one"));
}

#[test]
fn the_size_is_that_of_the_text_and_of_what_is_attached() {
    let args = Args::serialize(&("four", Bytes::from_static(b"attached"))).unwrap();

    assert!((8 + 6..100).contains(&args.size()), "{}", args.size());
    assert!(Args::empty().size() < 3);
}
