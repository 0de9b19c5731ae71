//! Packets to text.

use std::fmt::Write;

use sockeye_message::Message;

use crate::{Args, Encoded, NamespaceName, Packet};

pub(super) fn encode(packet: &Packet) -> Encoded {
    match packet {
        Packet::Connect { namespace, auth } => plain('0', namespace, auth.as_ref()),
        Packet::Disconnect { namespace } => plain('1', namespace, None),
        Packet::ConnectError { namespace, error } => plain('4', namespace, Some(error)),
        Packet::Event { namespace, name, args, ack } => {
            let mut text = head(args, ['2', '5'], namespace, name.len() + 24);
            if let Some(id) = ack {
                let _ = write!(text, "{id}");
            }
            text.push('[');
            push_string(&mut text, name);
            if !args.is_empty() {
                text.push(',');
            }
            args.push_rest(&mut text);
            encoded(text, args)
        }
        Packet::Ack { namespace, id, args } => {
            let mut text = head(args, ['3', '6'], namespace, 24);
            let _ = write!(text, "{id}[");
            args.push_rest(&mut text);
            encoded(text, args)
        }
    }
}

/// A packet whose payload, if any, is one value that is never searched for binary data.
fn plain(kind: char, namespace: &NamespaceName, payload: Option<&Args>) -> Encoded {
    let payload = payload.and_then(Args::first).unwrap_or_default();
    let mut text = String::with_capacity(2 + namespace.len() + payload.len());
    text.push(kind);
    push_namespace(&mut text, namespace);
    text.push_str(payload);
    Encoded { head: text.into(), attachments: Vec::new() }
}

/// The text up to the acknowledgement id; of the two types, the second is the one with attachments.
fn head(args: &Args, [kind, binary]: [char; 2], namespace: &NamespaceName, extra: usize) -> String {
    let mut text = String::with_capacity(args.text_len() + namespace.len() + extra);
    match args.attachments().len() {
        0 => text.push(kind),
        count => {
            let _ = write!(text, "{binary}{count}-");
        }
    }
    push_namespace(&mut text, namespace);
    text
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
    text.push('"');
    if value.bytes().all(is_plain) {
        text.push_str(value);
    } else {
        value.chars().for_each(|c| push_escaped(text, c));
    }
    text.push('"');
}

fn push_escaped(text: &mut String, c: char) {
    match c {
        '"' | '\\' => text.extend(['\\', c]),
        '\0'..='\x1f' => {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        }
        _ => text.push(c),
    }
}
