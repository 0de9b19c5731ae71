//! Packets to messages.

use sockeye_message::Message;
use sockeye_parser::{AckId, Args, Encoded, EventName, NamespaceName, Packet};

use crate::{
    decode::{ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT},
    write::{Kind, Writer},
};

pub(super) fn encode(packet: &Packet) -> Encoded {
    match packet {
        Packet::Connect { namespace, auth } => plain(CONNECT, namespace, auth.as_ref()),
        Packet::Disconnect { namespace } => plain(DISCONNECT, namespace, None),
        Packet::ConnectError { namespace, error } => plain(CONNECT_ERROR, namespace, Some(error)),
        Packet::Event { namespace, name, args, ack } => list(EVENT, namespace, Some(name), args, *ack),
        Packet::Ack { namespace, id, args } => list(ACK, namespace, None, args, Some(*id)),
    }
}

/// A packet whose data, if any, is one value.
fn plain(kind: u64, namespace: &NamespaceName, data: Option<&Args>) -> Encoded {
    let data = data.filter(|data| !data.is_empty());
    let json = data.map(Args::to_json).unwrap_or_default();
    let mut writer = Writer::new(json.len(), data.map_or(&[], Args::attachments));
    start(&mut writer, kind, namespace);
    if data.is_some() {
        writer.text("data");
        writer.json(&json[1..]);
    }
    writer.close();
    encoded(writer)
}

/// A packet whose data is a list, perhaps with the name of an event before the arguments.
fn list(
    kind: u64,
    namespace: &NamespaceName,
    name: Option<&EventName>,
    args: &Args,
    id: Option<AckId>,
) -> Encoded {
    let json = args.to_json();
    let mut writer = Writer::new(json.len(), args.attachments());
    start(&mut writer, kind, namespace);
    writer.text("data");
    writer.open(Kind::List);
    if let Some(name) = name {
        writer.text(name);
    }
    // Its closing bracket closes the list.
    writer.json(&json[1..]);
    if let Some(id) = id {
        writer.text("id");
        writer.number(id.get());
    }
    writer.close();
    encoded(writer)
}

fn start(writer: &mut Writer<'_>, kind: u64, namespace: &NamespaceName) {
    writer.open(Kind::Map);
    writer.text("type");
    writer.number(kind);
    writer.text("nsp");
    writer.text(namespace);
}

fn encoded(writer: Writer<'_>) -> Encoded {
    Encoded { head: Message::from(writer.into_bytes()), attachments: Vec::new() }
}
