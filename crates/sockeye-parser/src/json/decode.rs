//! Text to packets, with every check of the reference.

use bytes::Bytes;
use serde::de::IgnoredAny;
use sockeye_message::{Message, Utf8Bytes};

use super::check;
use crate::{AckId, Args, DecodeError, Decoder, EventName, Limits, NamespaceName, Packet, is_reserved};

/// Reads the packets of one connection.
#[derive(Debug)]
pub(super) struct JsonDecoder {
    limits: Limits,
    pending: Option<Box<Pending>>,
}

/// A packet whose attachments have not all come.
#[derive(Debug)]
struct Pending {
    packet: Packet,
    missing: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
}

impl JsonDecoder {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, pending: None }
    }

    fn feed_text(&mut self, text: &Utf8Bytes) -> Result<Option<Packet>, DecodeError> {
        if self.pending.is_some() {
            return Err(DecodeError::UnexpectedText);
        }
        let (head, payload) = Head::read(text, &self.limits)?;
        let missing = head.attachments;
        let packet = head.packet(payload, &self.limits)?;
        if missing == 0 {
            return Ok(Some(packet));
        }
        self.pending = Some(Box::new(Pending { packet, missing, attachments: Vec::new(), bytes: 0 }));
        Ok(None)
    }

    fn feed_binary(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        let pending = self.pending.as_mut().ok_or(DecodeError::UnexpectedBinary)?;
        pending.bytes += bytes.len();
        if pending.bytes > self.limits.attachment_bytes {
            return Err(DecodeError::AttachmentsTooLarge);
        }
        pending.attachments.push(bytes);
        pending.missing -= 1;
        if pending.missing > 0 {
            return Ok(None);
        }
        let Some(pending) = self.pending.take() else {
            return Ok(None);
        };
        pending.complete().map(Some)
    }
}

impl Decoder for JsonDecoder {
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        match message {
            Message::Text(text) => self.feed_text(&text),
            Message::Binary(bytes) => self.feed_binary(bytes),
        }
    }
}

impl Pending {
    fn complete(self) -> Result<Packet, DecodeError> {
        let Self { mut packet, attachments, .. } = self;
        if let Packet::Event { args, .. } | Packet::Ack { args, .. } = &mut packet {
            check::placeholders(args.text(), attachments.len())?;
            args.attach(attachments);
        }
        Ok(packet)
    }
}

/// What stands before the payload.
#[derive(Debug)]
struct Head {
    kind: u8,
    attachments: usize,
    namespace: NamespaceName,
    ack: Option<AckId>,
}

impl Head {
    /// Reads the head; gives the rest of the text with it.
    fn read(text: &Utf8Bytes, limits: &Limits) -> Result<(Self, Utf8Bytes), DecodeError> {
        let kind = match text.as_bytes().first() {
            Some(kind @ b'0'..=b'6') => *kind,
            _ => return Err(DecodeError::UnknownType(text.chars().next())),
        };
        let rest = &text[1..];
        let (attachments, rest) = match kind {
            b'5' | b'6' => read_attachments(rest, limits)?,
            _ => (0, rest),
        };
        let (namespace, rest) = read_namespace(rest);
        let (ack, rest) = read_ack(rest)?;
        Ok((Self { kind, attachments, namespace, ack }, text.slice_ref(rest)))
    }

    fn packet(self, payload: Utf8Bytes, limits: &Limits) -> Result<Packet, DecodeError> {
        if !payload.is_empty() {
            check::nesting(&payload, limits.depth)?;
            serde_json::from_str::<IgnoredAny>(&payload).map_err(|_| DecodeError::InvalidPayload)?;
        }
        let namespace = self.namespace;
        match self.kind {
            b'0' => Ok(Packet::Connect { namespace, auth: single(payload, b"{")? }),
            b'1' if payload.is_empty() => Ok(Packet::Disconnect { namespace }),
            b'1' => Err(DecodeError::InvalidPayload),
            b'4' => {
                let error = single(payload, b"{\"")?.ok_or(DecodeError::InvalidPayload)?;
                Ok(Packet::ConnectError { namespace, error })
            }
            b'2' | b'5' => {
                let (name, args) = event(&payload)?;
                Ok(Packet::Event { namespace, name, args, ack: self.ack })
            }
            _ => {
                let id = self.ack.ok_or(DecodeError::InvalidAckId)?;
                Ok(Packet::Ack { namespace, id, args: list(payload)? })
            }
        }
    }
}

fn read_attachments<'a>(rest: &'a str, limits: &Limits) -> Result<(usize, &'a str), DecodeError> {
    let (count, rest) = rest.split_once('-').ok_or(DecodeError::IllegalAttachmentCount)?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecodeError::IllegalAttachmentCount);
    }
    match count.parse() {
        Ok(0) => Err(DecodeError::IllegalAttachmentCount),
        Ok(count) if count <= limits.attachments => Ok((count, rest)),
        // A number too large to be one is a number all the same.
        _ => Err(DecodeError::TooManyAttachments),
    }
}

fn read_namespace(rest: &str) -> (NamespaceName, &str) {
    if !rest.starts_with('/') {
        return (NamespaceName::root(), rest);
    }
    let (name, rest) = rest.split_once(',').unwrap_or((rest, ""));
    (NamespaceName::from(name), rest)
}

fn read_ack(rest: &str) -> Result<(Option<AckId>, &str), DecodeError> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((None, rest));
    }
    match rest[..digits].parse() {
        Ok(id) if id <= AckId::MAX => Ok((Some(AckId::new(id)), &rest[digits..])),
        _ => Err(DecodeError::InvalidAckId),
    }
}

/// A payload that is one value, which has to begin with one of the given characters.
fn single(payload: Utf8Bytes, allowed: &[u8]) -> Result<Option<Args>, DecodeError> {
    match payload.trim_start().as_bytes().first() {
        None if payload.is_empty() => Ok(None),
        Some(first) if allowed.contains(first) => Ok(Some(Args::single(payload))),
        _ => Err(DecodeError::InvalidPayload),
    }
}

/// A payload that is a list of arguments. The reference takes a missing one for an empty one.
fn list(payload: Utf8Bytes) -> Result<Args, DecodeError> {
    if payload.is_empty() {
        return Ok(Args::empty());
    }
    let start = payload.len() - payload.trim_start().len();
    if payload.as_bytes()[start] != b'[' {
        return Err(DecodeError::InvalidPayload);
    }
    Ok(Args::list(payload, start + 1))
}

/// A payload that is a list whose first item is the name of the event.
fn event(payload: &Utf8Bytes) -> Result<(EventName, Args), DecodeError> {
    let items = payload.trim_start().strip_prefix('[').ok_or(DecodeError::InvalidPayload)?.trim_start();
    let length = match items.as_bytes().first() {
        Some(b'"') => string_length(items),
        Some(b'0'..=b'9' | b'-') => items.find([',', ']', ' ', '\t', '\r', '\n']),
        _ => None,
    };
    let (literal, rest) = items.split_at(length.ok_or(DecodeError::InvalidPayload)?);
    let name = event_name(payload, literal)?;
    if is_reserved(&name) {
        return Err(DecodeError::InvalidPayload);
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    Ok((name, Args::list(payload.clone(), payload.len() - rest.len())))
}

fn event_name(payload: &Utf8Bytes, literal: &str) -> Result<EventName, DecodeError> {
    let Some(inner) = literal.strip_prefix('"').and_then(|literal| literal.strip_suffix('"')) else {
        return Ok(payload.slice_ref(literal).into());
    };
    if !inner.contains('\\') {
        return Ok(payload.slice_ref(inner).into());
    }
    serde_json::from_str::<String>(literal).map(EventName::from).map_err(|_| DecodeError::InvalidPayload)
}

/// The length of the JSON string that the text begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes()
        .skip(1)
        .position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
        .map(|position| position + 2)
}
