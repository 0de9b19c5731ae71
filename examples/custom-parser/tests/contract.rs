//! What the trait asks of a format: packets come back as they were, and nothing a peer sends does harm.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use custom_parser::Objects;
use sockeye::Message;
use sockeye_parser::{AckId, Args, DecodeError, Format, Limits, NamespaceName, Packet};

fn decode(text: &str) -> Result<Option<Packet>, DecodeError> {
    Objects.decoder(Limits::new().attachments(2).attachment_bytes(9)).feed(text.into())
}

fn event(name: &str, args: Args, ack: Option<AckId>) -> Packet {
    Packet::Event { namespace: NamespaceName::from("/admin"), name: name.into(), args, ack }
}

#[test]
fn packets_come_back_as_they_were() {
    let namespace = NamespaceName::from("/admin");
    let id = AckId::new(7);
    let bytes = Args::serialize(&Bytes::from_static(b"x")).unwrap();
    let args = Args::serialize(&("a", vec![1], Bytes::from_static(b"x"))).unwrap();
    let packets = [
        Packet::Connect { namespace: NamespaceName::root(), auth: None },
        Packet::Connect { namespace: namespace.clone(), auth: Some(Args::error("an object", None)) },
        Packet::Disconnect { namespace: namespace.clone() },
        event("with \"quotes\"", Args::empty(), None),
        event("photo", args.clone(), Some(id)),
        Packet::Ack { namespace: namespace.clone(), id, args },
        Packet::ConnectError { namespace, error: Args::error("no", Some(&bytes)) },
    ];
    let mut decoder = Objects.decoder(Limits::default());

    for packet in packets {
        let encoded = Objects.encode(&packet);
        assert!(encoded.attachments.is_empty());
        assert_eq!(decoder.feed(encoded.head), Ok(Some(packet)));
    }
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
fn attachments_keep_to_the_limits() {
    let with = |attachments: &str| {
        decode(&format!(r#"{{"type":2,"nsp":"/","data":["e"],"attachments":{attachments}}}"#))
    };

    assert!(with(r#"["AAAA","AAAA"]"#).is_ok());
    assert_eq!(with(r#"["","",""]"#), Err(DecodeError::TooManyAttachments));
    assert_eq!(with(r#"["AAAAAAAA","AAAAAAAA"]"#), Err(DecodeError::AttachmentsTooLarge));
    assert_eq!(with(r#"["?"]"#), Err(DecodeError::Other("an attachment is not base64")));
}
