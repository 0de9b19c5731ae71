//! What an adapter may ask of a socket.

use std::{any::Any, sync::Arc, time::Instant};

use sockeye_message::{Compression, Message, Prepared};
use sockeye_parser::{AckId, Encoded, Format, Packet, SocketId};

use crate::{Answers, Offset, Room, SocketDetails};

/// A socket as an adapter sees it.
///
/// 1. None of the methods waits, and none but `details` calls the adapter: they are called while the adapter's index is
///    locked. `details` is not, for it runs code of the application.
/// 2. `deliver` keeps the order of its calls.
/// 3. After `deliver` has answered [`Delivered::Queued`] for the first time, nothing leaves until `flush` is called.
pub trait Member: Any + Send + Sync {
    /// The public id of the socket.
    fn id(&self) -> &SocketId;

    /// Takes a packet for the peer.
    fn deliver(&self, packet: &SharedPacket, delivery: Delivery, ack: Option<&AckRequest>) -> Delivered;

    /// Lets what was queued leave.
    fn flush(&self, flush: Flush);

    /// Takes the socket out of the namespace.
    fn disconnect(&self, closing: Closing);

    /// What other servers may know of the socket, which is in these rooms.
    fn details(&self, rooms: Vec<Room>) -> SocketDetails;
}

/// An event for many, encoded once: the head, and its attachments.
#[derive(Clone, Debug)]
pub struct SharedPacket(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    packet: Packet,
    messages: Vec<Prepared>,
    offset: Option<Offset>,
}

impl SharedPacket {
    /// Encodes a packet, and says whether transports may compress it.
    pub fn new(packet: Packet, format: &dyn Format, compression: Compression) -> Self {
        Self::encode(packet, format, compression, None)
    }

    /// The same for an event, with its offset behind its arguments.
    pub fn at(offset: Offset, packet: &Packet, format: &dyn Format, compression: Compression) -> Self {
        let mut packet = packet.clone();
        if let Packet::Event { args, .. } = &mut packet {
            *args = args.and_text(&offset.to_string());
        }
        Self::encode(packet, format, compression, Some(offset))
    }

    fn encode(packet: Packet, format: &dyn Format, compression: Compression, offset: Option<Offset>) -> Self {
        let Encoded { head, attachments } = format.encode(&packet);
        let messages = std::iter::once(head).chain(attachments.into_iter().map(Message::Binary));
        let messages = messages.map(|message| Prepared::with_compression(message, compression));
        Self(Arc::new(Shared { messages: messages.collect(), packet, offset }))
    }

    /// The offset that it was given.
    pub fn offset(&self) -> Option<Offset> {
        self.0.offset
    }

    /// The messages in their order.
    pub fn messages(&self) -> &[Prepared] {
        &self.0.messages
    }

    /// What was encoded.
    pub fn packet(&self) -> &Packet {
        &self.0.packet
    }
}

/// Whether a packet may be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is queued until the transport takes it.
    Kept,
    /// It is dropped unless the transport takes it at this instant.
    Volatile,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivered {
    /// It is queued, and somebody has to call `flush`.
    Queued,
    /// It is queued, and somebody is about to flush already.
    Joined,
    /// It will not be sent: volatile and not writable, over a limit, or the socket is gone.
    Dropped,
}

/// When what was queued leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// Within the call, as far as the transport takes it.
    Now,
    /// As soon as the connection's own task runs.
    Later,
}

/// What goes when a socket is disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The socket alone; the other namespaces of its connection stay.
    Namespace,
    /// The whole connection.
    Connection,
}

/// The acknowledgement that a broadcast asks of each recipient.
#[derive(Debug)]
pub struct AckRequest {
    /// The id that the packet carries, the same for all.
    pub id: AckId,
    /// When to stop waiting.
    pub deadline: Instant,
    /// Whom to tell that one more answer is due.
    pub answers: Answers,
}
