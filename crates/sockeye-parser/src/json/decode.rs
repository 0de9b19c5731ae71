//! Text to packets, with every check of the reference.

use bytes::Bytes;
use sockeye_message::{Message, Utf8Bytes};

use super::payload;
use crate::{AckId, DecodeError, Decoder, Limits, NamespaceName, Packet};

/// Reads the packets of one connection.
#[derive(Debug)]
pub(super) struct JsonDecoder {
    limits: Limits,
    /// The namespace of the last packet that named one: as a rule the next packet's as well.
    namespace: NamespaceName,
    pending: Option<Box<Pending>>,
}

/// A packet whose attachments have not all come.
#[derive(Debug)]
struct Pending {
    packet: Packet,
    announced: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
}

impl JsonDecoder {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, namespace: NamespaceName::root(), pending: None }
    }

    fn feed_text(&mut self, mut text: Utf8Bytes) -> Result<Option<Packet>, DecodeError> {
        if self.pending.is_some() {
            return Err(DecodeError::UnexpectedText);
        }
        let (head, length) = self.read_head(&text)?;
        let announced = head.attachments;
        text.advance(length);
        let packet = head.packet(text, &self.limits)?;
        if announced == 0 {
            return Ok(Some(packet));
        }
        self.pending = Some(Box::new(Pending { packet, announced, attachments: Vec::new(), bytes: 0 }));
        Ok(None)
    }

    /// Reads what stands before the payload; gives its length with it.
    fn read_head(&mut self, text: &str) -> Result<(Head, usize), DecodeError> {
        let kind = match text.as_bytes().first() {
            Some(kind @ b'0'..=b'6') => *kind,
            _ => return Err(DecodeError::UnknownType(text.chars().next())),
        };
        let rest = &text[1..];
        let (attachments, rest) = match kind {
            b'5' | b'6' => read_attachments(rest, &self.limits)?,
            _ => (0, rest),
        };
        let (name, rest) = read_namespace(rest);
        let (ack, rest) = read_ack(rest)?;
        let head = Head { kind, attachments, namespace: self.namespace(name), ack };
        Ok((head, text.len() - rest.len()))
    }

    fn namespace(&mut self, name: &str) -> NamespaceName {
        if name == "/" {
            return NamespaceName::root();
        }
        if *name == *self.namespace {
            return self.namespace.clone();
        }
        let namespace = NamespaceName::from(name);
        if name.len() <= LONGEST_REMEMBERED {
            self.namespace = namespace.clone();
        }
        namespace
    }

    fn feed_binary(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        let pending = self.pending.as_mut().ok_or(DecodeError::UnexpectedBinary)?;
        pending.bytes += bytes.len();
        if pending.bytes > self.limits.max_attachment_bytes() {
            return Err(DecodeError::AttachmentsTooLarge);
        }
        pending.attachments.push(bytes);
        if pending.attachments.len() < pending.announced {
            return Ok(None);
        }
        self.pending.take().map(|pending| pending.complete()).transpose()
    }
}

impl Decoder for JsonDecoder {
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        match message {
            Message::Text(text) => self.feed_text(text),
            Message::Binary(bytes) => self.feed_binary(bytes),
        }
    }
}

impl Pending {
    fn complete(self) -> Result<Packet, DecodeError> {
        let Self { mut packet, attachments, .. } = self;
        if let Packet::Event { args, .. } | Packet::Ack { args, .. } = &mut packet {
            args.attach(attachments)?;
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
    fn packet(self, text: Utf8Bytes, limits: &Limits) -> Result<Packet, DecodeError> {
        let depth = limits.max_depth();
        let namespace = self.namespace;
        match self.kind {
            b'0' => Ok(Packet::Connect { namespace, auth: payload::single(text, b"{", depth)? }),
            b'1' if text.is_empty() => Ok(Packet::Disconnect { namespace }),
            b'1' => Err(DecodeError::InvalidPayload),
            b'4' => {
                let error = payload::single(text, b"{\"", depth)?.ok_or(DecodeError::InvalidPayload)?;
                Ok(Packet::ConnectError { namespace, error })
            }
            b'2' | b'5' => {
                let (name, args) = payload::event(text, depth)?;
                Ok(Packet::Event { namespace, name, args, ack: self.ack })
            }
            _ => {
                let id = self.ack.ok_or(DecodeError::InvalidAckId)?;
                Ok(Packet::Ack { namespace, id, args: payload::list(text, depth)? })
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
        Ok(count) if count <= limits.max_attachments() => Ok((count, rest)),
        // A number too large to be one is a number all the same.
        _ => Err(DecodeError::TooManyAttachments),
    }
}

fn read_namespace(rest: &str) -> (&str, &str) {
    if !rest.starts_with('/') {
        return ("/", rest);
    }
    rest.split_once(',').unwrap_or((rest, ""))
}

fn read_ack(rest: &str) -> Result<(Option<AckId>, &str), DecodeError> {
    let (mut id, mut digits) = (0_u64, 0);
    for byte in rest.bytes().take_while(u8::is_ascii_digit) {
        // Far above all ids it is one of them that it stays too large.
        id = id.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
        digits += 1;
    }
    match id {
        _ if digits == 0 => Ok((None, rest)),
        ..=AckId::MAX => Ok((Some(AckId::new(id)), &rest[digits..])),
        _ => Err(DecodeError::InvalidAckId),
    }
}

/// Longer names are not kept for the connection's sake.
const LONGEST_REMEMBERED: usize = 128;
