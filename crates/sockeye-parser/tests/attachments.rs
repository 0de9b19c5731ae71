//! Bytes anywhere in a value become attachments, and attachments become bytes again.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sockeye_parser::{AckId, Args, Encoded, Format, Json, Limits, NamespaceName, Packet};

const A: Bytes = Bytes::from_static(b"a");
const B: Bytes = Bytes::from_static(b"b");

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct File {
    name: String,
    content: Bytes,
    preview: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Bytes);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Change {
    Nothing,
    Set(Bytes),
    Splice { at: u32, with: Bytes },
    Both(Bytes, Option<Bytes>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    File { content: Bytes },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Bytes(Bytes),
    File(File),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: HashMap<String, Bytes>,
}

/// Sends the arguments over the wire.
fn over_the_wire(args: Args) -> Args {
    let event = Packet::Event { namespace: NamespaceName::root(), name: "e".into(), args, ack: None };
    let Encoded { head, attachments } = Json.encode(&event);
    let mut decoder = Json.decoder(Limits::default());
    let mut packet = decoder.feed(head).expect("a legal head");
    for bytes in attachments {
        assert_eq!(packet, None);
        packet = decoder.feed(bytes.into()).expect("a legal attachment");
    }
    match packet {
        Some(Packet::Event { args, .. }) => args,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(attachments: usize, value: &T) {
    let args = Args::serialize(value).expect("the value has a form");
    assert_eq!(args.attachments().len(), attachments);
    assert_eq!(over_the_wire(args).parse::<T>().as_ref(), Ok(value));
}

/// Received arguments whose text is given, with two attachments.
fn received(json: &str) -> Args {
    Args::from_json(json, vec![A, B]).expect("legal JSON")
}

#[test]
fn bytes_come_back_from_wherever_they_stood() {
    let file = File { name: "n".into(), content: A, preview: Some(B) };

    comes_back(1, &A);
    comes_back(1, &(A,));
    comes_back(2, &(A, "between".to_owned(), B));
    comes_back(2, &[A, B]);
    comes_back(2, &vec![vec![A], vec![], vec![B]]);
    comes_back(1, &Some(A));
    comes_back(0, &None::<Bytes>);
    comes_back(1, &Wrapped(A));
    comes_back(2, &file);
    comes_back(1, &File { preview: None, ..file.clone() });
    comes_back(2, &vec![(1, BTreeMap::from([("k".to_owned(), file.clone())]))]);
    comes_back(1, &Tagged::File { content: A });
    comes_back(1, &vec![Untagged::Number(1), Untagged::Bytes(A)]);
    comes_back(2, &Untagged::File(file));
    comes_back(2, &Flat { id: 1, rest: HashMap::from([("x".into(), A), ("num".into(), B)]) });
}

#[test]
fn bytes_come_back_from_enums() {
    comes_back(0, &Change::Nothing);
    comes_back(1, &(Change::Nothing, A));
    comes_back(1, &Change::Set(A));
    comes_back(1, &Change::Splice { at: 3, with: A });
    comes_back(2, &Change::Both(A, Some(B)));
    comes_back(1, &vec![Change::Both(A, None)]);
}

#[test]
fn bytes_come_back_from_maps_of_any_key() {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    enum Size {
        Small,
        Large,
    }
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Id(i64);

    comes_back(2, &BTreeMap::from([(1_u8, A), (2, B)]));
    comes_back(2, &BTreeMap::from([(-1_i128, A), (2, B)]));
    comes_back(2, &BTreeMap::from([(false, A), (true, B)]));
    comes_back(2, &BTreeMap::from([('x', A), ('y', B)]));
    comes_back(2, &BTreeMap::from([(Size::Small, A), (Size::Large, B)]));
    comes_back(2, &BTreeMap::from([(Id(1), A), (Id(2), B)]));
    comes_back(1, &BTreeMap::from([(String::new(), A)]));
    comes_back(1, &(BTreeMap::<u8, u8>::new(), A));
}

#[test]
fn an_attachment_is_found_by_its_number() {
    let both =
        r#"[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    assert_eq!(received(both).parse(), Ok((B, A, B)));
}

#[test]
fn a_placeholder_may_be_written_in_any_order() {
    // Clients in languages whose maps have no order write it so.
    assert_eq!(received(r#"[{"num":1,"_placeholder":true}]"#).parse(), Ok(B));
    assert_eq!(received(r#"[[{"num":0,"_placeholder":true}]]"#).parse(), Ok(vec![A]));
    assert_eq!(received(r#"[ { "_placeholder" : true , "num" : 1 , "more" : [] } ]"#).parse(), Ok(B));
    assert_eq!(received(r#"[{"\u005fplaceholder":true,"num":1}]"#).parse(), Ok(B));
}

#[test]
fn objects_that_only_begin_like_a_placeholder_are_data() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Page {
        num: Vec<u8>,
        content: Bytes,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flag {
        #[serde(rename = "_placeholder")]
        flag: Option<bool>,
        num: Option<Wrapped>,
    }
    let placeholder = r#"{"_placeholder":true,"num":1}"#;

    let page = received(&format!(r#"[{{"num":[1,2],"content":{placeholder}}}]"#));
    assert_eq!(page.parse(), Ok(Page { num: vec![1, 2], content: B }));
    let flag = received(&format!(r#"[{{"_placeholder":false,"num":{placeholder}}}]"#));
    assert_eq!(flag.parse(), Ok(Flag { flag: Some(false), num: Some(Wrapped(B)) }));
    let number = received(r#"[{"num":7}]"#);
    assert_eq!(number.parse(), Ok(HashMap::from([("num".to_owned(), 7)])));
}

#[test]
fn raw_json_is_read_among_attachments() {
    let args = received(r#"[{"raw":[1, 2],"content":{"_placeholder":true,"num":0}}]"#);

    let mut fields: HashMap<String, Box<RawValue>> = args.parse().unwrap();
    assert_eq!(fields.remove("raw").unwrap().get(), "[1, 2]");
}

#[test]
fn an_attachment_is_nothing_but_bytes() {
    let args = received(r#"[{"_placeholder":true,"num":0}]"#);

    assert!(args.parse::<String>().is_err());
    assert!(args.parse::<File>().is_err());
    assert_eq!(
        args.parse::<serde_json::Value>().unwrap_err().to_string(),
        "argument 1: invalid type: byte array, expected any valid JSON value"
    );
}

#[test]
fn what_looks_like_a_placeholder_is_data_without_attachments() {
    let value = serde_json::json!([{"_placeholder": true, "num": 0}, {"_placeholder": "x"}, {"num": [1]}]);
    comes_back(0, &value);
}

#[test]
fn a_list_of_numbers_stays_one_beside_attachments() {
    comes_back(1, &(vec![1_u8, 2], A));
}

#[test]
fn attachments_are_passed_on_with_their_arguments() {
    let args = received(r#"[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#);

    let answer = Packet::Ack { namespace: NamespaceName::root(), id: AckId::new(1), args: args.clone() };
    let Encoded { head, attachments } = Json.encode(&answer);
    assert_eq!(head.as_text(), Some(r#"62-1[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#));
    assert_eq!(attachments, [A, B]);
    assert_eq!(over_the_wire(args).parse(), Ok((B, A)));
}

#[test]
fn a_refusal_keeps_the_attachments_of_its_data() {
    let error = Args::error("no", Some(&Args::serialize(&Wrapped(A)).unwrap()));

    assert_eq!(error.to_json(), r#"[{"message":"no","data":{"_placeholder":true,"num":0}}]"#);
    assert_eq!(error.attachments(), [A]);
}
