//! Values to the JSON and the attachments that arguments are made of.

use bytes::Bytes;
use serde::Serialize;
use sockeye_message::Utf8Bytes;
use sockeye_parser::{Args, DecodeError, EventName, Limits};

use crate::{
    date,
    item::{Item, Items},
};

/// The value of a packet's `data`: JSON, and what placeholders in it stand for.
#[derive(Debug)]
pub(super) struct Payload {
    kind: Kind,
    json: Vec<u8>,
    attachments: Vec<Bytes>,
}

/// What the value is, as far as packets differ in what they allow. Its JSON does not tell: bytes are an object there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Object,
    Text,
    Other,
}

impl Payload {
    /// Reads the next value; `None` is `undefined`.
    pub(super) fn read(items: &mut Items<'_>, limits: &Limits) -> Result<Option<Self>, DecodeError> {
        let mut reader = Reader::new(items, limits);
        let item = reader.items.next()?;
        let kind = match item {
            Item::Undefined => return Ok(None),
            Item::Nil => Kind::Null,
            Item::Map(_) => Kind::Object,
            Item::Text(_) => Kind::Text,
            _ => Kind::Other,
        };
        reader.value(item, 0)?;
        // Without attachments it is an object like any other.
        if reader.feigns && !reader.attachments.is_empty() {
            return Err(DecodeError::IllegalPlaceholder);
        }
        Ok(Some(Self { kind, json: reader.json, attachments: reader.attachments }))
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The value as the only argument.
    pub(super) fn single(mut self) -> Result<Args, DecodeError> {
        self.json.insert(0, b'[');
        self.json.push(b']');
        self.list()
    }

    /// The value as a list of arguments.
    pub(super) fn list(self) -> Result<Args, DecodeError> {
        Args::from_json(utf8(self.json)?, self.attachments)
    }

    /// The value as the name of an event and its arguments.
    pub(super) fn event(self) -> Result<(EventName, Args), DecodeError> {
        Args::event_from_json(utf8(self.json)?, self.attachments)
    }
}

/// A value that is being read. Its JSON takes at most six times the room of the value, but for placeholders, which are
/// few.
struct Reader<'r, 'm> {
    items: &'r mut Items<'m>,
    limits: &'r Limits,
    json: Vec<u8>,
    attachments: Vec<Bytes>,
    /// How many bytes the attachments to come may have.
    room: usize,
    /// Whether some object looks like a placeholder.
    feigns: bool,
}

impl<'r, 'm> Reader<'r, 'm> {
    fn new(items: &'r mut Items<'m>, limits: &'r Limits) -> Self {
        let room = limits.max_attachment_bytes();
        Self { items, limits, json: Vec::new(), attachments: Vec::new(), room, feigns: false }
    }

    fn value(&mut self, item: Item<'m>, depth: usize) -> Result<(), DecodeError> {
        match item {
            Item::Nil | Item::Undefined => self.push(&()),
            Item::Bool(value) => self.push(&value),
            Item::Uint(number) => self.push(&number),
            Item::Int(number) => self.push(&number),
            Item::Float(number) => self.push(&number),
            Item::Text(text) => self.push(text),
            Item::Date(milliseconds) => self.push(&date::to_iso(milliseconds)),
            Item::Binary(bytes) => return self.attachment(bytes),
            Item::List(len) => return self.list(len, self.deeper(depth)?),
            Item::Map(len) => return self.map(len, self.deeper(depth)?),
        }
        Ok(())
    }

    fn list(&mut self, len: usize, depth: usize) -> Result<(), DecodeError> {
        self.json.push(b'[');
        for position in 0..len {
            if position > 0 {
                self.json.push(b',');
            }
            let item = self.items.next()?;
            self.value(item, depth)?;
        }
        self.json.push(b']');
        Ok(())
    }

    fn map(&mut self, len: usize, depth: usize) -> Result<(), DecodeError> {
        self.json.push(b'{');
        for _ in 0..len {
            let Item::Text(key) = self.items.next()? else { return Err(DecodeError::InvalidPayload) };
            let item = self.items.next()?;
            if item == Item::Undefined {
                continue;
            }
            self.feigns |= key == "_placeholder" && item == Item::Bool(true);
            if self.json.last() != Some(&b'{') {
                self.json.push(b',');
            }
            self.push(key);
            self.json.push(b':');
            self.value(item, depth)?;
        }
        self.json.push(b'}');
        Ok(())
    }

    fn attachment(&mut self, bytes: &'m [u8]) -> Result<(), DecodeError> {
        let num = self.attachments.len();
        if num == self.limits.max_attachments() {
            return Err(DecodeError::TooManyAttachments);
        }
        self.room = self.room.checked_sub(bytes.len()).ok_or(DecodeError::AttachmentsTooLarge)?;
        self.attachments.push(self.items.share(bytes));
        self.json.extend_from_slice(b"{\"_placeholder\":true,\"num\":");
        self.push(&num);
        self.json.push(b'}');
        Ok(())
    }

    fn deeper(&self, depth: usize) -> Result<usize, DecodeError> {
        if depth < self.limits.max_depth() { Ok(depth + 1) } else { Err(DecodeError::TooDeep) }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) {
        // Neither memory nor values as plain as these refuse.
        let _ = serde_json::to_writer(&mut self.json, value);
    }
}

fn utf8(json: Vec<u8>) -> Result<Utf8Bytes, DecodeError> {
    Utf8Bytes::try_from(Bytes::from(json)).map_err(|_| DecodeError::InvalidPayload)
}
