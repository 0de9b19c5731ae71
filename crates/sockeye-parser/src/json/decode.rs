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
        let mut at = 1;
        let attachments = match kind {
            b'5' | b'6' => read_attachments(text, &mut at, &self.limits)?,
            _ => 0,
        };
        let namespace = match text.as_bytes().get(at) {
            Some(b'/') => self.namespace(read_namespace(text, &mut at)),
            _ => NamespaceName::root(),
        };
        let ack = read_ack(text.as_bytes(), &mut at)?;
        Ok((Head { kind, attachments, namespace, ack }, at))
    }

    fn namespace(&mut self, name: &str) -> NamespaceName {
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

    fn is_waiting(&self) -> bool {
        self.pending.is_some()
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

fn read_attachments(text: &str, at: &mut usize, limits: &Limits) -> Result<usize, DecodeError> {
    let (count, _) = text[*at..].split_once('-').ok_or(DecodeError::IllegalAttachmentCount)?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecodeError::IllegalAttachmentCount);
    }
    *at += count.len() + 1;
    match count.parse() {
        Ok(0) => Err(DecodeError::IllegalAttachmentCount),
        Ok(count) if count <= limits.max_attachments() => Ok(count),
        // A number too large to be one is a number all the same.
        _ => Err(DecodeError::TooManyAttachments),
    }
}

/// Reads a name and the comma after it, which the last thing in a text may lack.
fn read_namespace<'a>(text: &'a str, at: &mut usize) -> &'a str {
    let rest = &text[*at..];
    let name = rest.split_once(',').map_or(rest, |(name, _)| name);
    *at = text.len().min(*at + name.len() + 1);
    name
}

fn read_ack(text: &[u8], at: &mut usize) -> Result<Option<AckId>, DecodeError> {
    let (start, mut id) = (*at, 0_u64);
    while let Some(digit @ b'0'..=b'9') = text.get(*at) {
        // Far above all ids it is one of them that it stays too large.
        id = id.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        *at += 1;
    }
    match id {
        _ if *at == start => Ok(None),
        ..=AckId::MAX => Ok(Some(AckId::new(id))),
        _ => Err(DecodeError::InvalidAckId),
    }
}

/// Longer names are not kept for the connection's sake.
const LONGEST_REMEMBERED: usize = 128;
