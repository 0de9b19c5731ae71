//! The format keeps the contract, for which one line makes the tests; and what it makes of its own notation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use custom_parser::Objects;
use sockeye::Message;
use sockeye_parser::{AckId, Args, DecodeError, Format, Limits, NamespaceName, Packet};

sockeye_testing::format_contract!(Objects);

fn decode(text: &str) -> Result<Option<Packet>, DecodeError> {
    Objects.decoder(Limits::default()).feed(text.into())
}

fn event(name: &str, args: Args, ack: Option<AckId>) -> Packet {
    Packet::Event { namespace: NamespaceName::from("/admin"), name: name.into(), args, ack }
}

#[test]
fn a_packet_is_an_object() {
    let args = Args::serialize(&("sunset", Bytes::from_static(b"\x89PNG"))).unwrap();

    let encoded = Objects.encode(&event("photo", args, Some(AckId::new(7))));

    let object = r#"{"type":2,"nsp":"/admin","data":["photo","sunset",{"_placeholder":true,"num":0}],"id":7,"attachments":["iVBORw=="]}"#;
    assert_eq!(encoded.head.as_text(), Some(object));
}

#[test]
fn what_is_no_packet_is_refused() {
    let invalid = Err(DecodeError::InvalidPayload);
    assert_eq!(decode("{"), invalid);
    assert_eq!(decode(r#"{"type":2}"#), invalid);
    assert_eq!(decode(r#"{"type":2,"nsp":"/"}"#), invalid);
    assert_eq!(decode(r#"{"type":0,"nsp":"/","data":[1]}"#), invalid);
    assert_eq!(decode(r#"{"type":5,"nsp":"/"}"#), Err(DecodeError::UnknownType(None)));
    assert_eq!(decode(r#"{"type":3,"nsp":"/","data":[]}"#), Err(DecodeError::InvalidAckId));
    assert_eq!(
        decode(r#"{"type":3,"nsp":"/","data":[],"id":9007199254740992}"#),
        Err(DecodeError::InvalidAckId)
    );
    assert!(decode(r#"{"type":2,"nsp":"/","data":["disconnect"]}"#).is_err());

    let binary = Objects.decoder(Limits::default()).feed(Message::from(vec![1]));
    assert_eq!(binary, Err(DecodeError::UnexpectedBinary));
}

#[test]
fn attachments_are_base64() {
    let text = r#"{"type":2,"nsp":"/","data":["e"],"attachments":["?"]}"#;
    assert_eq!(decode(text), Err(DecodeError::Other("an attachment is not base64")));
}
