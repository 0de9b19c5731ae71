//! The object that stands for a packet, and how it is held against the limits of a server.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sockeye_parser::{AckId, Args, DecodeError, Limits, Packet};

/// A packet as an object. Fields that are not known, such as the `options` of the JavaScript client, are passed over.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Object {
    #[serde(rename = "type")]
    kind: u8,
    nsp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    /// What placeholders in the data stand for, in base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<String>,
}

impl Object {
    pub(crate) fn of(packet: &Packet) -> Self {
        match packet {
            Packet::Connect { namespace, auth } => Self::new(CONNECT, namespace).with_value(auth.as_ref()),
            Packet::Disconnect { namespace } => Self::new(DISCONNECT, namespace),
            Packet::Event { namespace, name, args, ack } => {
                Self::new(EVENT, namespace).with_list(Some(name), args).with_id(*ack)
            }
            Packet::Ack { namespace, id, args } => {
                Self::new(ACK, namespace).with_list(None, args).with_id(Some(*id))
            }
            Packet::ConnectError { namespace, error } => {
                Self::new(CONNECT_ERROR, namespace).with_value(Some(error))
            }
        }
    }

    /// Everything here comes from a peer, and none of it may be believed.
    pub(crate) fn into_packet(self, limits: &Limits) -> Result<Packet, DecodeError> {
        let attachments = self.attachments()?;
        let (namespace, data) = (self.nsp.as_str().into(), self.data.as_deref().map(RawValue::get));
        let id = match self.id {
            Some(id) if id > AckId::MAX => return Err(DecodeError::InvalidAckId),
            id => id.map(AckId::new),
        };
        let checked = |args: Args| args.check_limits(limits).map(|()| args);
        match (self.kind, data) {
            (CONNECT, data) => {
                let auth = data.map(|data| object(data, attachments).and_then(checked)).transpose()?;
                Ok(Packet::Connect { namespace, auth })
            }
            (DISCONNECT, None) => Ok(Packet::Disconnect { namespace }),
            (EVENT, Some(data)) => {
                // Names that the libraries keep for themselves are refused here as well.
                let (name, args) = Args::event_from_json(data, attachments)?;
                Ok(Packet::Event { namespace, name, args: checked(args)?, ack: id })
            }
            (ACK, Some(data)) => {
                let args = checked(Args::from_json(data, attachments)?)?;
                Ok(Packet::Ack { namespace, id: id.ok_or(DecodeError::InvalidAckId)?, args })
            }
            (CONNECT_ERROR, Some(data)) => {
                let error = checked(object(data, attachments)?)?;
                Ok(Packet::ConnectError { namespace, error })
            }
            (DISCONNECT..=CONNECT_ERROR, _) => Err(DecodeError::InvalidPayload),
            _ => Err(DecodeError::UnknownType(None)),
        }
    }

    fn new(kind: u8, namespace: &str) -> Self {
        Self { kind, nsp: namespace.to_owned(), data: None, id: None, attachments: Vec::new() }
    }

    fn with_id(self, id: Option<AckId>) -> Self {
        Self { id: id.map(AckId::get), ..self }
    }

    /// The only argument, if there is one.
    fn with_value(self, args: Option<&Args>) -> Self {
        let list = args.map(Args::to_json).unwrap_or_default();
        let value = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or_default();
        let data = RawValue::from_string(value.trim().to_owned()).ok();
        Self { data, ..self }.with_attachments(args.map_or(&[], Args::attachments))
    }

    /// The arguments as a list, the name of an event in front.
    fn with_list(self, name: Option<&str>, args: &Args) -> Self {
        let mut list = args.to_json();
        if let Some(name) = name {
            let comma = if args.is_empty() { "" } else { "," };
            let name = serde_json::Value::from(name);
            list.replace_range(..1, &format!("[{name}{comma}"));
        }
        Self { data: RawValue::from_string(list).ok(), ..self }.with_attachments(args.attachments())
    }

    fn with_attachments(self, attachments: &[Bytes]) -> Self {
        Self { attachments: attachments.iter().map(|bytes| BASE64.encode(bytes)).collect(), ..self }
    }

    fn attachments(&self) -> Result<Vec<Bytes>, DecodeError> {
        let decode = |text| BASE64.decode(text).map(Bytes::from).map_err(|_| NO_BASE64);
        self.attachments.iter().map(decode).collect()
    }
}

/// An object as the only argument.
fn object(data: &str, attachments: Vec<Bytes>) -> Result<Args, DecodeError> {
    if !data.starts_with('{') {
        return Err(DecodeError::InvalidPayload);
    }
    Args::from_json(format!("[{data}]"), attachments)
}

const NO_BASE64: DecodeError = DecodeError::Other("an attachment is not base64");

const CONNECT: u8 = 0;
const DISCONNECT: u8 = 1;
const EVENT: u8 = 2;
const ACK: u8 = 3;
const CONNECT_ERROR: u8 = 4;
