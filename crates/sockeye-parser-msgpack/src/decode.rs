//! Messages to packets, with every check of the npm package.

use bytes::Bytes;
use sockeye_message::Message;
use sockeye_parser::{AckId, DecodeError, Decoder, Limits, NamespaceName, Packet};

use crate::{
    item::{Item, Items},
    read::{Kind, Payload},
};

/// Reads the packets of one connection.
#[derive(Debug)]
pub(super) struct MsgpackDecoder {
    limits: Limits,
}

impl MsgpackDecoder {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits }
    }
}

impl Decoder for MsgpackDecoder {
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        match message {
            Message::Binary(bytes) => Fields::read(&bytes, &self.limits)?.packet().map(Some),
            Message::Text(_) => Err(DecodeError::Other("got plaintext data instead of MessagePack")),
        }
    }
}

/// What a packet is made of. Of keys that come twice the last counts, as in JavaScript.
#[derive(Debug, Default)]
struct Fields {
    kind: Option<u64>,
    namespace: Option<NamespaceName>,
    data: Option<Payload>,
    id: Option<AckId>,
}

impl Fields {
    fn read(message: &Bytes, limits: &Limits) -> Result<Self, DecodeError> {
        let mut items = Items::new(message);
        let Item::Map(len) = items.next()? else { return Err(DecodeError::UnknownType(None)) };
        let mut fields = Self::default();
        for _ in 0..len {
            match items.next()? {
                Item::Text("type") => fields.kind = Some(kind(items.next()?)?),
                Item::Text("nsp") => fields.namespace = Some(namespace(items.next()?)?),
                Item::Text("data") => fields.data = Payload::read(&mut items, limits)?,
                Item::Text("id") => fields.id = id(items.next()?)?,
                // The JavaScript client adds its `options`.
                Item::Text(_) => items.skip()?,
                _ => return Err(DecodeError::InvalidPayload),
            }
        }
        items.end()?;
        Ok(fields)
    }

    fn packet(self) -> Result<Packet, DecodeError> {
        let kind = self.kind.ok_or(DecodeError::UnknownType(None))?;
        let namespace = self.namespace.ok_or(INVALID_NAMESPACE)?;
        match (kind, self.data) {
            (CONNECT, None) => Ok(Packet::Connect { namespace, auth: None }),
            (CONNECT, Some(data)) => match data.kind() {
                Kind::Null => Ok(Packet::Connect { namespace, auth: None }),
                Kind::Object => Ok(Packet::Connect { namespace, auth: Some(data.single()?) }),
                _ => Err(DecodeError::InvalidPayload),
            },
            (DISCONNECT, None) => Ok(Packet::Disconnect { namespace }),
            (CONNECT_ERROR, Some(data)) if matches!(data.kind(), Kind::Object | Kind::Text) => {
                Ok(Packet::ConnectError { namespace, error: data.single()? })
            }
            (EVENT, Some(data)) => {
                let (name, args) = data.event()?;
                Ok(Packet::Event { namespace, name, args, ack: self.id })
            }
            (ACK, Some(data)) => {
                let args = data.list()?;
                Ok(Packet::Ack { namespace, id: self.id.ok_or(DecodeError::InvalidAckId)?, args })
            }
            _ => Err(DecodeError::InvalidPayload),
        }
    }
}

fn kind(item: Item<'_>) -> Result<u64, DecodeError> {
    match item {
        Item::Uint(kind @ CONNECT..=CONNECT_ERROR) => Ok(kind),
        _ => Err(DecodeError::UnknownType(None)),
    }
}

fn namespace(item: Item<'_>) -> Result<NamespaceName, DecodeError> {
    match item {
        Item::Text(name) => Ok(name.into()),
        _ => Err(INVALID_NAMESPACE),
    }
}

fn id(item: Item<'_>) -> Result<Option<AckId>, DecodeError> {
    match item {
        Item::Uint(id @ ..=AckId::MAX) => Ok(Some(AckId::new(id))),
        Item::Undefined | Item::Nil => Ok(None),
        _ => Err(DecodeError::InvalidAckId),
    }
}

const INVALID_NAMESPACE: DecodeError = DecodeError::Other("invalid namespace");

pub(super) const CONNECT: u64 = 0;
pub(super) const DISCONNECT: u64 = 1;
pub(super) const EVENT: u64 = 2;
pub(super) const ACK: u64 = 3;
pub(super) const CONNECT_ERROR: u64 = 4;
