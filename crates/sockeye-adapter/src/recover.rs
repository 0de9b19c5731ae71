//! What an adapter that lets peers come back does besides.

use std::sync::Arc;

use sockeye_parser::{Packet, SocketId};

use crate::{
    AdapterError, BoxFuture, Delivery, Member, Offset, PrivateId, Room, Session, SharedPacket, SocketKey,
};

/// Connection state recovery: peers whose transport was lost come back as who they were, and get what they have missed.
///
/// 1. Every event without ack id has its offset as its last argument. A volatile one that ends with a text has the offset of
///    the event before it: peers take the last text that they were sent for where they are.
/// 2. Events reach a recipient in the order of their offsets, by whatever way they are sent.
/// 3. A session is restored once.
pub trait Recover: Send + Sync {
    /// Where the namespace stands.
    fn position(&self) -> Offset;

    /// Gives an event for one socket its offset. It is kept for the socket if `send` says that it was queued; `send` must not
    /// call the adapter.
    fn send_one(
        &self,
        recipient: &SocketId,
        packet: &Packet,
        delivery: Delivery,
        send: &mut dyn FnMut(&SharedPacket) -> bool,
    );

    /// Keeps a session.
    fn save(&self, session: Session);

    /// Whether there is a session with this secret.
    fn knows(&self, private_id: &PrivateId) -> bool;

    /// Gives a session out.
    fn restore<'a>(
        &'a self,
        private_id: &'a PrivateId,
    ) -> BoxFuture<'a, Result<Option<Session>, AdapterError>>;

    /// Whether all that was sent after the offset is kept.
    fn keeps_all_after(&self, offset: Offset) -> bool;

    /// Takes in a socket that comes back, and puts it into rooms, in one step with lending `replay` all that was sent to these
    /// rooms after the offset. `None` if not all of it is kept any more; then nothing has happened. `replay` must not call the
    /// adapter.
    fn resume(
        &self,
        member: Arc<dyn Member>,
        rooms: &[Room],
        after: Offset,
        replay: &mut dyn FnMut(&mut dyn Iterator<Item = &SharedPacket>),
    ) -> Option<SocketKey>;
}
