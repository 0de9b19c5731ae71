//! What an adapter that lets peers come back does besides.

use std::sync::Arc;

use sockeye_parser::{Packet, SocketId};

use crate::{
    AdapterError, BoxFuture, Delivery, Member, Offset, PrivateId, Room, Session, SharedPacket, SocketKey,
};

/// Connection state recovery: peers whose transport was lost come back as who they were, and get what they have missed.
///
/// The contract, which `recover_contract!` of `sockeye-testing` checks sentence by sentence:
///
/// 1. Every event without ack id has its offset as its last argument, unless it is volatile. A volatile one that ends with a
///    text has the offset of the event before it: peers take the last text that they were sent for where they are. Others
///    have none.
/// 2. Events reach a recipient in the order of their offsets, by whatever way they are sent, and from whichever thread.
/// 3. A session is restored once, as it was saved, by its secret; until then `knows` says that it is there.
/// 4. `position` is the offset of the last event that is kept.
/// 5. `resume` lends what was sent after the offset to one in just these rooms: each event once, in their order. What was
///    volatile, has an ack id, or could not be queued for the one that it was for, is not kept.
/// 6. It takes the socket in and puts it into the rooms, in one step with that: what is sent later reaches it.
/// 7. Where not all is kept that was sent after the offset, it gives `None`, nothing has happened and nothing was lent;
///    `keeps_all_after` says so.
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
