//! One peer in one namespace, as handlers know it.

use std::{
    any::Any,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use sockeye_adapter::{
    AckRequest, Closing, Delivered, Delivery, Flush, Member, Room, SharedPacket, SocketDetails,
};
use sockeye_event::{Acknowledge, Event, FromEvent, Handler, Handlers, Rejection};
use sockeye_parser::{AckId, Args, Encoded, EventName, NamespaceName, Packet, SocketId, is_reserved};
use sockeye_transport::TransportName;

use crate::{
    Broadcast, DisconnectDetails, DisconnectReason, Emit, EmitError, Handshake, SocketData, TooManyRooms,
    active::Active, comeback::Recoverable, emit::Outgoing, link::Link, recorded,
};

mod stay;

use stay::Membership;
pub(crate) use stay::Standing;

/// A peer in a namespace. Cloning gives another handle of the same.
///
/// It may be kept: after the peer has gone, what is sent fails with [`EmitError::Disconnected`], and the rest does nothing.
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

pub(crate) struct Inner {
    id: SocketId,
    namespace: Arc<Active>,
    link: Arc<Link>,
    handshake: Handshake,
    /// Only if its peer may come back.
    recoverable: Option<Box<Recoverable>>,
    membership: Mutex<Membership>,
    reason: OnceLock<DisconnectReason>,
    /// Whether outgoing listeners were ever added here.
    listens: AtomicBool,
    own: OnceLock<Box<Own>>,
}

/// What few sockets have of their own.
#[derive(Default)]
struct Own {
    /// That of the socket before it, if its peer has come back.
    data: Arc<SocketData>,
    handlers: Mutex<Handlers<Socket>>,
    filters: Mutex<Vec<Handlers<Socket>>>,
    /// Those of going, which no catch-all hears of.
    life: Mutex<Handlers<Socket>>,
    /// What is known of its end. Not among the data, which are those of another socket once the peer has come back.
    ended: OnceLock<DisconnectDetails>,
}

impl Socket {
    pub(crate) fn new(
        id: SocketId,
        recoverable: Option<Recoverable>,
        namespace: Arc<Active>,
        link: Arc<Link>,
        handshake: Handshake,
    ) -> Self {
        let socket = Self(Arc::new(Inner {
            id,
            namespace,
            link,
            handshake,
            recoverable: recoverable.map(Box::new),
            membership: Mutex::new(Membership::Waiting { rooms: Vec::new(), after: None }),
            reason: OnceLock::new(),
            listens: AtomicBool::new(false),
            own: OnceLock::new(),
        }));
        if let Some(recoverable) = &socket.0.recoverable {
            let present = &socket.0.namespace.present;
            present.insert(recoverable.private_id.clone(), Arc::downgrade(&socket.0));
        }
        socket
    }

    /// The public id: others may know it, and it is the name of a room that only this socket is in.
    pub fn id(&self) -> &SocketId {
        &self.0.id
    }

    /// The name of the namespace.
    pub fn namespace(&self) -> &NamespaceName {
        &self.0.namespace.name
    }

    /// What the peer said when it connected.
    pub fn handshake(&self) -> &Handshake {
        &self.0.handshake
    }

    /// What the application keeps with the socket.
    pub fn data(&self) -> &SocketData {
        &self.own().data
    }

    /// Whether the peer is in the namespace: let in, and not gone.
    pub fn is_connected(&self) -> bool {
        self.0.reason.get().is_none() && matches!(*self.membership(), Membership::In(_))
    }

    /// Whether the peer has come back after its transport was lost: id, rooms and data are those of before, and what it has
    /// missed is sent again. See [`Recovery`](crate::Recovery).
    pub fn recovered(&self) -> bool {
        self.0.recoverable.as_ref().is_some_and(|recoverable| recoverable.has_come_back)
    }

    /// Why the peer went, once it has.
    pub fn disconnect_reason(&self) -> Option<DisconnectReason> {
        self.0.reason.get().copied()
    }

    /// What is known of the end besides the reason; nothing as long as the peer is there, and often nothing at all.
    pub fn disconnect_details(&self) -> DisconnectDetails {
        self.0.own.get().and_then(|own| own.ended.get()).cloned().unwrap_or_default()
    }

    /// What the peer's connection speaks on now, which an upgrade changes: the reference's `conn.transport.name`. Nothing once
    /// it has ended.
    pub fn transport(&self) -> Option<TransportName> {
        self.0.link.transport()
    }

    // Sending.

    /// Sends an event: a tuple is several arguments, `()` none, anything else one. Await it.
    pub fn emit(&self, name: impl Into<EventName>, data: &(impl Serialize + ?Sized)) -> Emit {
        Emit::new(self.clone(), Outgoing::new(name.into(), Args::serialize(data)))
    }

    /// Sends an event whose arguments are raw already, such as those of another event.
    pub fn emit_raw(&self, name: impl Into<EventName>, args: Args) -> Emit {
        Emit::new(self.clone(), Outgoing::new(name.into(), Ok(args)))
    }

    /// Sends an event without waiting for room in the peer's queue.
    ///
    /// # Errors
    /// [`EmitError::Full`] if there is no room; then nothing is sent.
    pub fn try_emit(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> Result<(), EmitError> {
        self.send_now(Outgoing::new(name.into(), Args::serialize(data))?)
    }

    /// As [`try_emit`](Self::try_emit), with arguments that are raw already.
    ///
    /// # Errors
    /// As [`try_emit`](Self::try_emit).
    pub fn try_emit_raw(&self, name: impl Into<EventName>, args: Args) -> Result<(), EmitError> {
        self.send_now(Outgoing::new(name.into(), Ok(args))?)
    }

    /// Everybody in the namespace, this socket as well.
    pub fn everybody(&self) -> Broadcast {
        Broadcast::new(self.0.namespace.clone())
    }

    /// Everybody else in the namespace.
    pub fn broadcast(&self) -> Broadcast {
        self.everybody().except(self.id())
    }

    /// Everybody else in a room.
    pub fn to(&self, room: impl Into<Room>) -> Broadcast {
        self.broadcast().to(room)
    }

    /// The same as [`to`](Self::to); the reference's `in`, which is a keyword here.
    pub fn within(&self, room: impl Into<Room>) -> Broadcast {
        self.to(room)
    }

    /// Everybody else who is not in a room.
    pub fn except(&self, room: impl Into<Room>) -> Broadcast {
        self.broadcast().except(room)
    }

    /// Everybody else on this server.
    pub fn local(&self) -> Broadcast {
        self.broadcast().local()
    }

    // Rooms.

    /// Joins a room. In a guard, it takes effect when the peer is let in. A socket that is in too many rooms already joins no
    /// more; [`try_join`](Self::try_join) tells.
    pub fn join(&self, room: impl Into<Room>) {
        if let Err(error) = self.try_join(room) {
            tracing::warn!(sid = %self.id(), namespace = %self.namespace(), %error, "room was not joined");
        }
    }

    /// The same for rooms that the peer may choose. A socket that has gone joins nothing, and that is no error.
    ///
    /// # Errors
    /// [`TooManyRooms`] if the socket is in as many rooms as [`max_rooms`](crate::Config::max_rooms) allows.
    pub fn try_join(&self, room: impl Into<Room>) -> Result<(), TooManyRooms> {
        let Active { adapter, max_rooms, .. } = &*self.0.namespace;
        let key = match &mut *self.membership() {
            Membership::Waiting { rooms, .. } if rooms.len() >= *max_rooms => return Err(TooManyRooms),
            Membership::Waiting { rooms, .. } => {
                rooms.push(room.into());
                return Ok(());
            }
            Membership::In(key) => *key,
            Membership::Gone => return Ok(()),
        };
        if adapter.joined_count(key) >= *max_rooms {
            return Err(TooManyRooms);
        }
        adapter.join(key, &[room.into()]);
        self.0.namespace.measure();
        Ok(())
    }

    /// Leaves a room.
    pub fn leave(&self, room: impl Into<Room>) {
        let room = room.into();
        let key = match &mut *self.membership() {
            Membership::Waiting { rooms, .. } => return rooms.retain(|other| *other != room),
            Membership::In(key) => *key,
            Membership::Gone => return,
        };
        self.0.namespace.adapter.leave(key, &room);
        self.0.namespace.measure();
    }

    /// The rooms that the socket is in, the one of its own id among them.
    pub fn rooms(&self) -> Vec<Room> {
        let key = match &*self.membership() {
            Membership::Waiting { rooms, .. } => return rooms.clone(),
            Membership::In(key) => *key,
            Membership::Gone => return Vec::new(),
        };
        self.0.namespace.adapter.rooms(key)
    }

    // Listening.

    /// Handles an event of this socket, after the handlers of the namespace.
    pub fn on<M>(&self, name: impl Into<EventName>, handler: impl Handler<Self, M>) {
        let name = name.into();
        self.table(&name).add(name, handler);
    }

    /// Handles the next event of that name only.
    pub fn once<M>(&self, name: impl Into<EventName>, handler: impl Handler<Self, M>) {
        let name = name.into();
        self.table(&name).add_once(name, handler);
    }

    /// Asks a filter about every event of this socket, after those of the namespace, see
    /// [`Namespace::filter`](crate::Namespace::filter).
    pub fn filter<M>(&self, filter: impl Handler<Self, M>) {
        let mut filters = Handlers::new();
        filters.add_any(filter);
        lock(&self.own().filters).push(filters);
    }

    /// Handles every event of this socket, before the handlers of its name.
    pub fn on_any<M>(&self, handler: impl Handler<Self, M>) {
        self.handlers().add_any(handler);
    }

    /// Removes this socket's own handlers of an event; those of the namespace stay.
    pub fn off(&self, name: &str) {
        self.table(name).remove(name);
    }

    /// Removes this socket's own handlers of every event.
    pub fn off_any(&self) {
        self.handlers().remove_any();
    }

    /// Hears of every event that is sent to this socket, by a broadcast as well.
    pub fn on_any_outgoing(&self, listener: impl Fn(&str, &Args) + Send + Sync + 'static) {
        self.handlers().add_any_outgoing(listener);
        self.0.listens.store(true, Ordering::Release);
    }

    /// Removes the outgoing listeners.
    pub fn off_any_outgoing(&self) {
        self.handlers().remove_any_outgoing();
        self.0.listens.store(false, Ordering::Release);
    }

    // Leaving.

    /// Takes the peer out of the namespace, or ends its connection with all namespaces.
    pub fn disconnect(&self, closing: Closing) {
        if self.is_connected() {
            Member::disconnect(&*self.0, closing);
        }
    }

    /// The same, and tells the handlers of the end why, as [`DisconnectDetails`].
    ///
    /// Peers do not learn it: the packet that they get has no room for it, and clients of the reference take one with
    /// anything in it for an error. An event that was emitted before arrives before:
    ///
    /// ```
    /// # use sockeye_server::{Closing, DisconnectDetails, EmitError, Socket};
    /// async fn ban(socket: Socket, why: String) -> Result<(), EmitError> {
    ///     socket.emit("banned", &why).await?;
    ///     socket.disconnect_with(Closing::Connection, DisconnectDetails::new(why));
    ///     Ok(())
    /// }
    /// ```
    ///
    /// With [`Closing::Connection`], the sockets of the peer's other namespaces go without these details.
    pub fn disconnect_with(&self, closing: Closing, details: DisconnectDetails) {
        if self.is_connected() {
            self.0.end(closing, Some(details));
        }
    }

    // For the crate.

    /// The socket that an adapter knows, unless it was given another kind of member.
    pub(crate) fn of_member(member: Arc<dyn Member>) -> Option<Self> {
        let member: Arc<dyn Any + Send + Sync> = member;
        member.downcast().ok().map(Self)
    }

    pub(crate) fn of_inner(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    /// What the application lets others know of the socket.
    pub(crate) fn published(&self) -> Args {
        self.0.published()
    }

    pub(crate) fn active(&self) -> &Arc<Active> {
        &self.0.namespace
    }

    pub(crate) fn link(&self) -> &Link {
        &self.0.link
    }

    pub(crate) fn next_ack_id(&self) -> AckId {
        self.0.namespace.next_ack_id()
    }

    pub(crate) fn encode(&self, event: Outgoing, ack: Option<AckId>) -> Encoded {
        self.0.namespace.format.encode(&self.packet(event, ack))
    }

    pub(crate) fn packet(&self, event: Outgoing, ack: Option<AckId>) -> Packet {
        let Outgoing { name, args } = event;
        Packet::Event { namespace: self.namespace().clone(), name, args, ack }
    }

    /// Tells whoever listens what is about to be sent.
    pub(crate) fn tell_outgoing(&self, name: &str, args: &Args) {
        if !self.0.listens.load(Ordering::Acquire) {
            return;
        }
        for failure in self.own_handlers().iter().flat_map(|handlers| handlers.watch_outgoing(name, args)) {
            tracing::warn!(sid = %self.id(), %failure, "outgoing listener failed");
        }
    }

    /// The handlers that were added to this socket alone. They are shared, not lent: a handler may add others.
    pub(crate) fn own_handlers(&self) -> Option<Handlers<Self>> {
        self.0.own.get().map(|own| lock(&own.handlers).clone())
    }

    /// Whether events have to pass filters.
    #[inline]
    pub(crate) fn has_filters(&self) -> bool {
        let own = || self.0.own.get().is_some_and(|own| !lock(&own.filters).is_empty());
        !self.0.namespace.definition.filters.is_empty() || own()
    }

    /// The filters of the namespace, then those of this socket.
    pub(crate) fn filters(&self) -> Vec<Handlers<Self>> {
        let mut filters = self.0.namespace.definition.filters.clone();
        if let Some(own) = self.0.own.get() {
            filters.extend_from_slice(&lock(&own.filters));
        }
        filters
    }

    /// Whether it may send. The peer may have come back to the namespace over the same connection: that is another stay,
    /// and another socket.
    pub(crate) fn check_stay(&self) -> Result<(), EmitError> {
        if self.0.reason.get().is_some() { Err(EmitError::Disconnected) } else { Ok(()) }
    }

    fn send_now(&self, event: Outgoing) -> Result<(), EmitError> {
        if let Some(recover) = self.recorder() {
            return recorded::send_now(self, recover, event);
        }
        self.check_stay()?;
        self.tell_outgoing(&event.name, &event.args);
        let packet = self.encode(event, None);
        Ok(self.0.link.try_emit(self.namespace(), packet, None)?)
    }

    pub(crate) fn own_life(&self) -> Option<Handlers<Self>> {
        self.0.own.get().map(|own| lock(&own.life).clone())
    }

    fn own(&self) -> &Own {
        self.0.own()
    }

    fn handlers(&self) -> MutexGuard<'_, Handlers<Self>> {
        lock(&self.own().handlers)
    }

    /// Where the handlers of an event stand.
    fn table(&self, name: &str) -> MutexGuard<'_, Handlers<Self>> {
        if is_reserved(name) { lock(&self.own().life) } else { self.handlers() }
    }

    fn membership(&self) -> MutexGuard<'_, Membership> {
        lock(&self.0.membership)
    }
}

impl Inner {
    fn note_sent(&self, packet: &SharedPacket) {
        if let (Some(recoverable), Some(offset)) = (&self.recoverable, packet.offset()) {
            recoverable.note_sent(offset);
        }
    }

    fn replay(&self, packet: &SharedPacket) {
        self.note_sent(packet);
        self.link.replay(&self.namespace.name, packet);
    }

    fn own(&self) -> &Own {
        self.own.get_or_init(Box::default)
    }

    fn published(&self) -> Args {
        let published = self.own.get().map_or_else(|| Ok(Args::empty()), |own| own.data.published());
        published.unwrap_or_else(|error| {
            tracing::warn!(sid = %self.id, %error, "published data cannot be serialized");
            Args::empty()
        })
    }

    fn end(&self, closing: Closing, details: Option<DisconnectDetails>) {
        // From now on nothing is sent. Whoever comes second has lost against another end of the same socket.
        let is_first = || {
            let is_first = self.reason.set(DisconnectReason::ServerNamespaceDisconnect).is_ok();
            if is_first && let Some(details) = details {
                let _ = self.own().ended.set(details);
            }
            is_first
        };
        self.link.leave(&self.namespace.name, closing, is_first);
    }
}

impl Member for Inner {
    fn id(&self) -> &SocketId {
        &self.id
    }

    fn deliver(&self, packet: &SharedPacket, delivery: Delivery, ack: Option<&AckRequest>) -> Delivered {
        if delivery == Delivery::Kept {
            self.note_sent(packet);
        }
        if self.reason.get().is_some() {
            return Delivered::Dropped;
        }
        let hears = self.listens.load(Ordering::Acquire);
        self.link.deliver(&self.namespace.name, packet, delivery, ack, hears)
    }

    fn flush(&self, flush: Flush) {
        self.link.flush(flush);
    }

    fn disconnect(&self, closing: Closing) {
        self.end(closing, None);
    }

    fn details(&self, rooms: Vec<Room>) -> SocketDetails {
        SocketDetails {
            id: self.id.clone(),
            handshake: self.handshake.details(),
            rooms,
            data: self.published(),
        }
    }
}

/// A handler that wants the socket names it as an argument.
impl FromEvent<Self> for Socket {
    fn from_event(event: &mut Event<'_, Self>) -> Result<Self, Rejection> {
        Ok(event.socket().clone())
    }
}

/// In a handler of the end, why the socket went.
impl FromEvent<Socket> for DisconnectReason {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        event.socket().disconnect_reason().ok_or_else(|| Rejection::new("the socket is connected"))
    }
}

impl Acknowledge for Socket {
    fn acknowledge(&self, id: AckId, answer: Args) {
        let sent =
            self.check_stay().and_then(|()| Ok(self.0.link.acknowledge(self.namespace(), id, answer)?));
        if let Err(error) = sent {
            tracing::debug!(sid = %self.id(), %error, "acknowledgement was not sent");
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("id", &self.0.id)
            .field("namespace", &self.0.namespace.name)
            .finish_non_exhaustive()
    }
}

/// What is locked is whole between any two statements, so a panic elsewhere leaves it usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
