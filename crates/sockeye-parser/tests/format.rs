//! The trait is enough for somebody else's format: a small one that puts a packet into one binary message.

use bytes::{Buf, BufMut, Bytes};
use sockeye_message::Message;
use sockeye_parser::{
    AckId, Args, DecodeError, Decoder, Encoded, EventName, Format, Limits, NamespaceName, Packet,
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
        let args = Args::from_json(json, self.attachments(&mut rest)?)?;
        Ok(Some(match kind {
            0 => Packet::Connect { namespace, auth: Some(args).filter(|auth| !auth.is_empty()) },
            1 => Packet::Disconnect { namespace },
            2 => Packet::Event { namespace, name, args, ack },
            3 => Packet::Ack { namespace, id: ack.ok_or(DecodeError::InvalidAckId)?, args },
            4 => Packet::ConnectError { namespace, error: args },
            _ => return Err(DecodeError::UnknownType(None)),
        }))
    }
}

impl LengthsDecoder {
    fn attachments(&self, rest: &mut Bytes) -> Result<Vec<Bytes>, DecodeError> {
        let mut attachments = Vec::new();
        while rest.has_remaining() {
            if attachments.len() == self.limits.max_attachments() {
                return Err(DecodeError::TooManyAttachments);
            }
            attachments.push(part(rest)?);
        }
        Ok(attachments)
    }
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

#[test]
fn packets_come_back() {
    let namespace = NamespaceName::from("/admin");
    let args = Args::serialize(&("a", Bytes::from_static(b"x"), vec![1])).unwrap();
    let packets = [
        Packet::Connect { namespace: namespace.clone(), auth: None },
        Packet::Connect { namespace: namespace.clone(), auth: Some(Args::error("not quite", None)) },
        Packet::Disconnect { namespace: NamespaceName::root() },
        Packet::Event { namespace: namespace.clone(), name: "e".into(), args: args.clone(), ack: None },
        Packet::Ack { namespace: namespace.clone(), id: AckId::new(7), args },
        Packet::ConnectError { namespace, error: Args::error("no", None) },
    ];
    let format: &dyn Format = &Lengths;
    let mut decoder = format.decoder(Limits::default());

    for packet in packets {
        assert_eq!(decoder.feed(format.encode(&packet).head), Ok(Some(packet)));
    }
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
