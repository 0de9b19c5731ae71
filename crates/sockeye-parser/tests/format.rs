//! The trait is enough for somebody else's format: a small one that puts a packet into one binary message.

use bytes::{Buf, BufMut, Bytes};
use sockeye_message::Message;
use sockeye_parser::{
    AckId, Args, DecodeError, Decoder, Encoded, EventName, Format, Limits, NamespaceName, Packet, is_reserved,
};

/// Every part with its length before it: the type, the namespace, the name, the id, the arguments, the attachments.
#[derive(Clone, Copy, Debug)]
struct Lengths;

#[derive(Debug)]
struct LengthsDecoder {
    limits: Limits,
}

impl Format for Lengths {
    fn encode(&self, packet: &Packet) -> Encoded {
        let none = Args::empty();
        let (kind, namespace, name, id, args) = match packet {
            Packet::Connect { namespace, auth } => (0, namespace, "", None, auth.as_ref().unwrap_or(&none)),
            Packet::Disconnect { namespace } => (1, namespace, "", None, &none),
            Packet::Event { namespace, name, args, ack } => (2, namespace, name.as_str(), *ack, args),
            Packet::Ack { namespace, id, args } => (3, namespace, "", Some(*id), args),
            Packet::ConnectError { namespace, error } => (4, namespace, "", None, error),
        };
        let mut out = vec![kind];
        put(&mut out, namespace.as_bytes());
        put(&mut out, name.as_bytes());
        out.put_u64(id.map_or(u64::MAX, AckId::get));
        put(&mut out, args.to_json().as_bytes());
        args.attachments().iter().for_each(|bytes| put(&mut out, bytes));
        Encoded { head: out.into(), attachments: Vec::new() }
    }

    fn decoder(&self, limits: Limits) -> Box<dyn Decoder> {
        Box::new(LengthsDecoder { limits })
    }
}

impl Decoder for LengthsDecoder {
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        let Message::Binary(mut rest) = message else { return Err(DecodeError::UnexpectedText) };
        let kind = rest.try_get_u8().map_err(|_| CUT)?;
        let namespace = NamespaceName::from(text(&mut rest)?);
        let name = EventName::from(text(&mut rest)?);
        let ack = Some(rest.try_get_u64().map_err(|_| CUT)?).filter(|id| *id <= AckId::MAX).map(AckId::new);
        let json = text(&mut rest)?;
        let args = Args::from_json(json, attachments(&mut rest)?)?;
        args.check_limits(&self.limits)?;
        Ok(Some(match kind {
            0 => Packet::Connect { namespace, auth: Some(args).filter(|auth| !auth.is_empty()) },
            1 => Packet::Disconnect { namespace },
            2 if is_reserved(&name) => return Err(DecodeError::InvalidPayload),
            2 => Packet::Event { namespace, name, args, ack },
            3 => Packet::Ack { namespace, id: ack.ok_or(DecodeError::InvalidAckId)?, args },
            4 => Packet::ConnectError { namespace, error: args },
            _ => return Err(DecodeError::UnknownType(None)),
        }))
    }
}

fn attachments(rest: &mut Bytes) -> Result<Vec<Bytes>, DecodeError> {
    let mut attachments = Vec::new();
    while rest.has_remaining() {
        attachments.push(part(rest)?);
    }
    Ok(attachments)
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.put_u32(part.len().try_into().expect("a short part"));
    out.put_slice(part);
}

fn part(rest: &mut Bytes) -> Result<Bytes, DecodeError> {
    let len = rest.try_get_u32().map_err(|_| CUT)? as usize;
    if len > rest.len() { Err(CUT) } else { Ok(rest.split_to(len)) }
}

fn text(rest: &mut Bytes) -> Result<String, DecodeError> {
    String::from_utf8(part(rest)?.into()).map_err(|_| DecodeError::InvalidPayload)
}

const CUT: DecodeError = DecodeError::Other("the message ends too early");

mod contract {
    sockeye_testing::format_contract!(super::Lengths);
}

#[test]
fn events_pass_from_one_format_to_another() {
    let mut json = sockeye_parser::Json.decoder(Limits::default());
    json.feed(r#"51-["e",{"_placeholder":true,"num":0},"b"]"#.into()).unwrap();
    let packet = json.feed(vec![1].into()).unwrap().unwrap();

    let passed = Lengths.decoder(Limits::default()).feed(Lengths.encode(&packet).head).unwrap();

    let Some(Packet::Event { args, .. }) = passed else { panic!() };
    assert_eq!(args.parse(), Ok((Bytes::from_static(&[1]), "b".to_owned())));
}

#[test]
fn its_errors_speak_for_themselves() {
    let error = Lengths.decoder(Limits::default()).feed(vec![2, 0].into()).unwrap_err();
    assert_eq!(error.to_string(), "the message ends too early");
}
