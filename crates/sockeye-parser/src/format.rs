//! What a form of packets must do.

use std::fmt::Debug;

use bytes::Bytes;
use sockeye_message::Message;

use crate::{AckId, Args, DecodeError, Limits, NamespaceName, Packet};

/// A way to write packets as messages. Both peers have to use the same one.
///
/// The arguments of a packet are JSON with attachments whatever the format, see [`Args`](crate::Args): a format with a
/// notation of its own translates. So whoever handles an event, keeps it or passes it on never has to know the format.
///
/// The contract, each sentence of which `format_contract!` of `sockeye-testing` checks:
///
/// 1. What `encode` gives, fed to a decoder in order, gives an equal packet with the last message, and nothing before.
/// 2. A decoder keeps no more than its limits allow, whatever it is fed: a packet with more attachments, with larger ones in
///    all, or with arguments nested deeper is an error. The list of the arguments is the first level.
/// 3. A decoder that has given a packet is ready for the next. One that has failed is of no further use.
/// 4. Every packet stands for itself: what was encoded before or after it need not be read, and not in that order. An event
///    for many is encoded once, and its recipients have heard different things.
/// 5. Decoders of one format know nothing of each other, for they belong to different peers.
/// 6. `is_waiting` says whether a packet has begun whose attachments are missing: they have to arrive in time.
/// 7. Whatever it is fed, a decoder gives a packet, waits or fails, and does not panic. An empty message is no packet.
/// 8. `encode` takes whatever arguments there are: those that a peer has sent are passed on without being read. What no
///    notation but JSON can express becomes something else, in as many arguments.
/// 9. An event with a [reserved](crate::is_reserved) name is an error: no peer may feign what the libraries say themselves.
/// 10. What `write_ack` writes is what `encode` gives for the same acknowledgement, behind what was there; when it says that
///     it has not, nothing was written.
pub trait Format: Debug + Send + Sync + 'static {
    /// Writes a packet.
    fn encode(&self, packet: &Packet) -> Encoded;

    /// Writes an acknowledgement that is one text behind what `text` holds, for whoever sends it at once and would drop the
    /// message right after. False, with nothing written, if it is not one text, or if the format has no such shortcut.
    fn write_ack(&self, _namespace: &NamespaceName, _id: AckId, _args: &Args, _text: &mut String) -> bool {
        false
    }

    /// Reads the packets of one connection.
    fn decoder(&self, limits: Limits) -> Box<dyn Decoder>;
}

/// A packet as messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a packet on the wire is these two and nothing else")]
pub struct Encoded {
    /// The first message, as a rule the only one.
    pub head: Message,
    /// The binary messages that follow it.
    pub attachments: Vec<Bytes>,
}

/// Reads packets out of messages.
pub trait Decoder: Debug + Send {
    /// Takes the next message. `None` means that attachments are still missing.
    ///
    /// # Errors
    /// If the messages make no packet. The decoder is of no further use then.
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError>;

    /// Whether a packet has begun whose attachments are still missing; never, for formats without attachments.
    fn is_waiting(&self) -> bool {
        false
    }
}
