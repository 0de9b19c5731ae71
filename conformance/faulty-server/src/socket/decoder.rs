//! Packets of Socket.IO from messages, as strict as the reference.

use serde_json::Value;
use sockeye_conformance::wire::Message;
use sockeye_conformance::wire::packet::{Kind, Packet, bytes};

use crate::fault::{Fault, Switch};
use crate::figures::MAX_ATTACHMENTS;

/// Puts packets together from the messages of a session.
#[derive(Debug)]
pub(super) struct Decoder {
    fault: Switch,
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    packet: Packet,
    missing: usize,
    attachments: Vec<Value>,
}

/// What no peer should send.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong;

impl Decoder {
    pub(super) fn new(fault: Switch) -> Self {
        Self { fault, begun: None }
    }

    /// Takes the next message; gives the packet that it completes.
    pub(super) fn take(&mut self, message: &Message) -> Result<Option<Packet>, Wrong> {
        match (self.begun.take(), message) {
            (None, Message::Text(text)) => self.begin(text),
            (begun @ Some(_), Message::Text(_)) if self.fault.is(Fault::TextAmongAttachmentsTaken) => {
                self.begun = begun;
                Ok(None)
            }
            (Some(mut begun), Message::Binary(data)) => {
                begun.attachments.push(bytes(data));
                begun.missing -= 1;
                self.complete(begun)
            }
            (None, Message::Binary(_)) if self.fault.is(Fault::UnannouncedBytesTaken) => Ok(None),
            _ => Err(Wrong),
        }
    }

    fn begin(&mut self, text: &str) -> Result<Option<Packet>, Wrong> {
        let (packet, missing) = self.parse(text.strip_prefix('4').ok_or(Wrong)?)?;
        self.complete(Begun { packet, missing, attachments: Vec::new() })
    }

    fn complete(&mut self, mut begun: Begun) -> Result<Option<Packet>, Wrong> {
        if begun.missing > 0 {
            self.begun = Some(begun);
            return Ok(None);
        }
        if !begun.attachments.is_empty()
            && let Some(data) = begun.packet.data.take()
        {
            begun.packet.data = Some(self.put_together(data, &begun.attachments, 0)?);
        }
        Ok(Some(begun.packet))
    }

    fn parse(&self, text: &str) -> Result<(Packet, usize), Wrong> {
        let digit = text.chars().next().ok_or(Wrong)?;
        let mut rest = &text[digit.len_utf8()..];
        let (kind, is_binary) = match digit {
            '0' => (Kind::Connect, false),
            '1' => (Kind::Disconnect, false),
            '2' => (Kind::Event, false),
            '3' => (Kind::Ack, false),
            '4' => (Kind::ConnectError, false),
            '5' => (Kind::Event, true),
            '6' => (Kind::Ack, true),
            _ => return Err(Wrong),
        };
        let mut missing = 0;
        if is_binary {
            let (count, after) = rest.split_once('-').ok_or(Wrong)?;
            missing = self.attachments(count)?;
            rest = after;
        }
        let mut packet = Packet::new(kind, "/");
        if rest.starts_with('/') {
            let (namespace, after) = rest.split_once(',').unwrap_or((rest, ""));
            namespace.clone_into(&mut packet.namespace);
            rest = after;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            packet.ack = Some(self.number(&rest[..digits])?);
        }
        let rest = &rest[digits..];
        if !rest.is_empty() {
            packet.data = Some(serde_json::from_str(rest).map_err(|_| Wrong)?);
        }
        if self.is_valid(&packet) { Ok((packet, missing)) } else { Err(Wrong) }
    }

    fn attachments(&self, count: &str) -> Result<usize, Wrong> {
        if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Wrong);
        }
        let count: usize = count.parse().map_err(|_| Wrong)?;
        let is_few = count <= MAX_ATTACHMENTS || self.fault.is(Fault::AnyNumberOfAttachmentsTaken);
        let is_some = count > 0 || self.fault.is(Fault::NoAttachmentTaken);
        if is_few && is_some { Ok(count) } else { Err(Wrong) }
    }

    /// What JavaScript cannot hold exactly is refused rather than changed.
    fn number(&self, digits: &str) -> Result<u64, Wrong> {
        let number: u64 = digits.parse().map_err(|_| Wrong)?;
        if self.fault.is(Fault::NumbersOf32Bits) {
            return Ok(number & 0xffff_ffff);
        }
        if number > MAX_SAFE_INTEGER { Err(Wrong) } else { Ok(number) }
    }

    fn is_valid(&self, packet: &Packet) -> bool {
        match (packet.kind, &packet.data) {
            (Kind::Connect, data) => data.as_ref().is_none_or(Value::is_object),
            (Kind::Disconnect, data) => data.is_none(),
            (Kind::ConnectError, data) => {
                data.as_ref().is_none_or(|data| data.is_string() || data.is_object())
            }
            (Kind::Ack, data) => {
                data.as_ref().is_none_or(Value::is_array) || self.fault.is(Fault::AckWithoutArrayTaken)
            }
            (Kind::Event, Some(Value::Array(args))) => self.is_event(args.first()),
            (Kind::Event, Some(_)) => self.fault.is(Fault::EventWithoutArrayTaken),
            (Kind::Event, None) => self.fault.is(Fault::EventWithoutPayloadTaken),
        }
    }

    fn is_event(&self, name: Option<&Value>) -> bool {
        match name {
            Some(Value::String(name)) => {
                !RESERVED.contains(&name.as_str()) || self.fault.is(Fault::ReservedEventTaken)
            }
            Some(Value::Number(_)) => true,
            Some(_) => self.fault.is(Fault::AnyEventNameTaken),
            None => self.fault.is(Fault::EventWithoutPayloadTaken),
        }
    }

    fn put_together(&self, value: Value, attachments: &[Value], depth: usize) -> Result<Value, Wrong> {
        // The arguments are one level below, what is within them two.
        if depth > 1 && self.fault.is(Fault::OnlyOuterPlaceholdersReplaced) {
            return Ok(value);
        }
        match value {
            Value::Object(object) if object.get("_placeholder") == Some(&Value::Bool(true)) => {
                let number = object.get("num").unwrap_or(&Value::Null);
                let index = match number {
                    Value::String(text) if self.fault.is(Fault::PlaceholderOfTextTaken) => text.parse().ok(),
                    number => number.as_u64(),
                };
                let found = index.and_then(|index| attachments.get(usize::try_from(index).ok()?));
                match found {
                    Some(found) => Ok(found.clone()),
                    None if self.fault.is(Fault::PlaceholderOutOfRangeTaken) => Ok(Value::Null),
                    None => Err(Wrong),
                }
            }
            Value::Object(object) => object
                .into_iter()
                .map(|(key, value)| Ok((key, self.put_together(value, attachments, depth + 1)?)))
                .collect(),
            Value::Array(values) => {
                values.into_iter().map(|value| self.put_together(value, attachments, depth + 1)).collect()
            }
            other => Ok(other),
        }
    }
}

const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
