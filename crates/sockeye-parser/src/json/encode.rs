//! Packets to text.

use std::fmt::Write;

use sockeye_message::Message;

use crate::{AckId, Args, Encoded, EventName, NamespaceName, Packet};

pub(super) fn encode(packet: &Packet) -> Encoded {
    match packet {
        Packet::Connect { namespace, auth } => plain('0', namespace, auth.as_ref()),
        Packet::Disconnect { namespace } => plain('1', namespace, None),
        Packet::ConnectError { namespace, error } => plain('4', namespace, Some(error)),
        Packet::Event { namespace, name, args, ack } => event(namespace, name, args, *ack),
        Packet::Ack { namespace, id, args } => {
            let mut text = String::with_capacity(head_len(args, namespace, Some(*id)) + args.rest_len());
            push_ack(&mut text, namespace, *id, args);
            encoded(text, args)
        }
    }
}

/// An acknowledgement behind what `text` holds, unless it has attachments.
pub(super) fn write_ack(namespace: &NamespaceName, id: AckId, args: &Args, text: &mut String) -> bool {
    let is_text = args.attachments().is_empty();
    if is_text {
        push_ack(text, namespace, id, args);
    }
    is_text
}

#[inline]
fn push_ack(text: &mut String, namespace: &NamespaceName, id: AckId, args: &Args) {
    push_head(text, args, ['3', '6'], namespace, Some(id));
    text.push('[');
    args.push_rest(text);
}

/// A packet whose payload, if any, is one value that is never searched for binary data.
fn plain(kind: char, namespace: &NamespaceName, payload: Option<&Args>) -> Encoded {
    let payload = payload.and_then(Args::first).unwrap_or_default();
    let mut text = String::with_capacity(1 + namespace_len(namespace) + payload.len());
    text.push(kind);
    push_namespace(&mut text, namespace);
    text.push_str(payload);
    Encoded { head: text.into(), attachments: Vec::new() }
}

fn event(namespace: &NamespaceName, name: &EventName, args: &Args, ack: Option<AckId>) -> Encoded {
    let comma = if args.is_empty() { "" } else { "," };
    let name_len = name.len() + 2 + comma.len();
    let mut text = String::with_capacity(head_len(args, namespace, ack) + name_len + args.rest_len());
    push_head(&mut text, args, ['2', '5'], namespace, ack);
    text.push('[');
    push_string(&mut text, name);
    text.push_str(comma);
    args.push_rest(&mut text);
    encoded(text, args)
}

/// How long the text up to the arguments is, their bracket included: text of the exact size is shared without an
/// allocation.
fn head_len(args: &Args, namespace: &NamespaceName, ack: Option<AckId>) -> usize {
    let attachments = args.attachments().len();
    let count = if attachments == 0 { 0 } else { digits(attachments as u64) + 1 };
    1 + count + namespace_len(namespace) + ack.map_or(0, |id| digits(id.get())) + 1
}

/// Writes the text up to the arguments. Of the two types, the second is the one with attachments.
#[inline]
fn push_head(
    text: &mut String,
    args: &Args,
    [kind, binary]: [char; 2],
    namespace: &NamespaceName,
    ack: Option<AckId>,
) {
    let attachments = args.attachments().len();
    if attachments == 0 {
        text.push(kind);
    } else {
        let _ = write!(text, "{binary}{attachments}-");
    }
    push_namespace(text, namespace);
    if let Some(id) = ack {
        text.push_str(itoa::Buffer::new().format(id.get()));
    }
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

fn namespace_len(namespace: &NamespaceName) -> usize {
    if namespace.is_root() { 0 } else { namespace.len() + 1 }
}

fn push_namespace(text: &mut String, namespace: &NamespaceName) {
    if !namespace.is_root() {
        text.push_str(namespace);
        text.push(',');
    }
}

fn encoded(text: String, args: &Args) -> Encoded {
    Encoded { head: Message::from(text), attachments: args.attachments().to_vec() }
}

/// Writes a JSON string.
pub(crate) fn push_string(text: &mut String, value: &str) {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if value.bytes().all(is_plain) {
        text.extend(["\"", value, "\""]);
    } else {
        text.push_str(&serde_json::Value::from(value).to_string());
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn the_room_is_exactly_what_is_needed() {
        let none = Args::empty();
        let binary = Args::serialize(&vec![Bytes::from_static(b"x"); 10]).unwrap();
        for (args, namespace, ack) in [
            (&none, "/", None),
            (&none, "/admin", Some(0)),
            (&binary, "/", Some(10)),
            (&binary, "/chat", Some(AckId::MAX)),
        ] {
            let (namespace, ack) = (NamespaceName::from(namespace), ack.map(AckId::new));
            let mut head = String::new();
            push_head(&mut head, args, ['2', '5'], &namespace, ack);
            assert_eq!(head_len(args, &namespace, ack), head.len() + 1, "{head}");
        }
    }

    #[test]
    fn names_are_escaped() {
        let mut text = String::new();
        push_string(&mut text, "a\"\\\n\u{1}é");
        assert_eq!(text, r#""a\"\\\n\u0001é""#);
    }
}
