//! What a server needs of whatever knows its rooms.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
    time::Instant,
};

use sockeye_parser::{Args, EventName, Packet, SocketId};

use crate::{
    Acks, AdapterError, Closing, Delivery, FetchedSocket, Host, Member, Recover, Room, SocketKey, Target,
};

/// A boxed future, for what may cross servers.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The rooms of one namespace, and the way to everybody in them.
///
/// The contract, which `adapter_contract!` of `sockeye-testing` checks sentence by sentence, as far as one server goes:
///
/// 1. A socket is in the room of its own id from `add` to `remove`, unless it leaves it.
/// 2. `join` and `leave` take effect on this server before they return. To join twice is to join once, and to leave a room
///    that the socket is not in is harmless.
/// 3. When the future of `broadcast` has been polled once, the packet is queued for every local recipient: a later
///    packet to one of them, by whatever way, arrives later.
/// 4. A recipient that does not read costs the others nothing.
/// 5. Dropping a future of this trait does not undo what it has begun: what is queued is sent. Whoever has answered
///    [`Queued`](crate::Delivered::Queued) is flushed before the future is ready, or while it is dropped.
/// 6. An event between servers is handed to the host of each server but the one that sent it; those of one server in the
///    order in which it sent them.
/// 7. A target means the sockets that [`Target`] describes, each once, whichever method is given it.
/// 8. A packet is delivered in the format that the adapter was made with, compressed only if the target says so, and as
///    volatile as it was sent.
/// 9. `broadcast_with_ack` asks each recipient for an acknowledgement of the packet's id until the deadline, which the
///    recipient keeps. It is ready when each has answered or will not any more, at once if there is none, and has the
///    answers in the order in which they came, and the number of those who did not answer or could not be asked.
/// 10. After `remove` a socket is nowhere, and its key means nobody, whoever comes later.
/// 11. A member is let go with nothing locked: what goes with it may call the adapter.
/// 12. `len`, `joined_count` and, if it is known, `room_count` count what there is.
pub trait Adapter: Send + Sync + 'static {
    /// Learns where events of other servers go. Called once, before anything else.
    fn attach(&self, host: Weak<dyn Host>);

    /// Takes in a socket of this server.
    fn add(&self, member: Arc<dyn Member>) -> SocketKey;

    /// Forgets a socket of this server.
    fn remove(&self, key: SocketKey);

    /// Puts a socket of this server into rooms.
    fn join(&self, key: SocketKey, rooms: &[Room]);

    /// Takes a socket of this server out of a room.
    fn leave(&self, key: SocketKey, room: &Room);

    /// The rooms that a socket of this server is in.
    fn rooms(&self, key: SocketKey) -> Vec<Room>;

    /// How many rooms that are.
    fn joined_count(&self, key: SocketKey) -> usize {
        self.rooms(key).len()
    }

    /// The sockets of this server that the target means.
    fn members(&self, target: &Target) -> Vec<Arc<dyn Member>>;

    /// How many sockets of this server there are.
    fn len(&self) -> usize;

    /// Whether this server has no sockets.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rooms sockets of this server are in, for those who look after it; not known unless the adapter says so.
    fn room_count(&self) -> Option<usize> {
        None
    }

    /// Sends an event to everybody in the target.
    fn broadcast<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
    ) -> BoxFuture<'a, Result<(), AdapterError>>;

    /// Sends an event that carries an ack id to everybody in the target, and waits for the answers until the deadline.
    /// Whoever a volatile one was dropped for is missing, and not waited for.
    fn broadcast_with_ack<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>>;

    /// The ids of the sockets in the target.
    fn sockets<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Vec<SocketId>, AdapterError>>;

    /// The sockets in the target, and what is known of those of other servers.
    fn fetch_sockets<'a>(
        &'a self,
        target: &'a Target,
    ) -> BoxFuture<'a, Result<Vec<FetchedSocket>, AdapterError>>;

    /// Puts all sockets in the target into rooms.
    fn join_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>>;

    /// Takes all sockets in the target out of rooms.
    fn leave_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>>;

    /// Disconnects all sockets in the target.
    fn disconnect_all<'a>(
        &'a self,
        target: &'a Target,
        closing: Closing,
    ) -> BoxFuture<'a, Result<(), AdapterError>>;

    /// Connection state recovery, if the adapter is up to it and it is wanted.
    fn recovery(&self) -> Option<&dyn Recover> {
        None
    }

    /// Sends an event to the other servers.
    fn server_side_emit<'a>(
        &'a self,
        name: &'a EventName,
        args: &'a Args,
    ) -> BoxFuture<'a, Result<(), AdapterError>>;

    /// Sends an event to the other servers, and waits for one answer of each until the deadline.
    fn server_side_emit_with_ack<'a>(
        &'a self,
        name: &'a EventName,
        args: &'a Args,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>>;

    /// Ends the adapter's own connections, if it has any.
    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>>;
}
