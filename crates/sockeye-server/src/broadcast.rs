//! An event on its way to many sockets.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_adapter::{Acks, Adapter, AdapterError, Closing, Delivery, Reach, Room, Target};
use sockeye_message::Compression;
use sockeye_parser::{AckId, Args, EventName, NamespaceName, Packet, SocketId};

use crate::{
    BroadcastAckError, EmitError, RemoteSocket, ServerSideEmit, Socket,
    active::Active,
    emit::{Outgoing, after},
};

/// Sockets of a namespace: all of them, or those that its methods have narrowed it down to.
///
/// Each method gives a new value, so one may be kept and used again.
///
/// ```no_run
/// # async fn example(server: sockeye_server::Server) -> Result<(), sockeye_server::EmitError> {
/// server.to("lobby").except("muted").emit("news", "We begin.").await
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a broadcast does nothing until something is emitted"]
pub struct Broadcast {
    namespace: Arc<Active>,
    target: Target,
    delivery: Delivery,
    timeout: Option<Duration>,
}

impl Broadcast {
    pub(crate) fn new(namespace: Arc<Active>) -> Self {
        Self { namespace, target: Target::new(), delivery: Delivery::Kept, timeout: None }
    }

    /// The name of the namespace.
    pub fn namespace(&self) -> &NamespaceName {
        &self.namespace.name
    }

    /// Also those in a room; the first room narrows "everybody" down to it.
    pub fn to(mut self, room: impl Into<Room>) -> Self {
        self.target = self.target.to(room);
        self
    }

    /// The same as [`to`](Self::to); the reference's `in`, which is a keyword here.
    pub fn within(self, room: impl Into<Room>) -> Self {
        self.to(room)
    }

    /// Only those who are in each of the rooms.
    ///
    /// ```no_run
    /// # async fn example(server: sockeye_server::Server) -> Result<(), sockeye_server::EmitError> {
    /// server.everybody().in_all(["premium", "lobby"]).emit("offer", &1).await
    /// # }
    /// ```
    pub fn in_all<R: Into<Room>>(mut self, rooms: impl IntoIterator<Item = R>) -> Self {
        self.target = rooms.into_iter().fold(self.target, Target::also_in);
        self
    }

    /// Not those in a room, nor the socket whose id this is.
    pub fn except(mut self, room: impl Into<Room>) -> Self {
        self.target = self.target.except(room);
        self
    }

    /// Only sockets of this server.
    pub fn local(mut self) -> Self {
        self.target = self.target.reach(Reach::Local);
        self
    }

    /// Leaves out those whose transport would not take the event at once. With acknowledgements they count as missing.
    pub fn volatile(mut self) -> Self {
        self.delivery = Delivery::Volatile;
        self
    }

    /// Sends the event as it is, though the transport may compress others; the reference's `compress(false)`. Where nothing
    /// is compressed it changes nothing. On long-polling it is compressed all the same if it shares an answer with something
    /// that may be.
    pub fn uncompressed(mut self) -> Self {
        self.target = self.target.with_compression(Compression::Off);
        self
    }

    /// How long an emit with acknowledgement waits for the answers; 10 s, if not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends an event: a tuple is several arguments, `()` none, anything else one.
    pub fn emit(&self, name: impl Into<EventName>, data: &(impl Serialize + ?Sized)) -> EmitMany {
        EmitMany { broadcast: self.clone(), event: Outgoing::new(name.into(), Args::serialize(data)) }
    }

    /// Sends an event whose arguments are raw already, such as those of another event.
    pub fn emit_raw(&self, name: impl Into<EventName>, args: Args) -> EmitMany {
        EmitMany { broadcast: self.clone(), event: Outgoing::new(name.into(), Ok(args)) }
    }

    /// Sends an event at once, from where nothing can be awaited. It is queued for everybody when this returns.
    ///
    /// # Errors
    /// If the data cannot be encoded or the name is reserved. An adapter that spans servers tells others as far as it
    /// can without waiting.
    pub fn try_emit(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> Result<(), EmitError> {
        let event = Outgoing::new(name.into(), Args::serialize(data))?;
        let packet = self.packet(event, None);
        send_at_once(&*self.namespace.adapter, &packet, &self.target, self.delivery);
        Ok(())
    }

    /// Those of the sockets that are connected to this server; the reference's `local.fetchSockets()`.
    pub fn local_sockets(&self) -> Vec<Socket> {
        let members = self.namespace.adapter.members(&self.target);
        members.into_iter().filter_map(Socket::of_member).collect()
    }

    /// The ids of the sockets, on whichever server.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn sockets(&self) -> Result<Vec<SocketId>, AdapterError> {
        self.namespace.adapter.sockets(&self.target).await
    }

    /// The sockets, on whichever server, with what is known of them; the reference's `fetchSockets`. Those of this server are
    /// not copied.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, AdapterError> {
        let sockets = self.namespace.adapter.fetch_sockets(&self.target).await?;
        Ok(sockets
            .into_iter()
            .filter_map(|socket| RemoteSocket::of_fetched(&self.namespace, socket))
            .collect())
    }

    /// Puts all of them into a room.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn join(&self, room: impl Into<Room>) -> Result<(), AdapterError> {
        let joined = self.namespace.adapter.join_all(&self.target, &[room.into()]).await;
        self.namespace.measure();
        joined
    }

    /// Takes all of them out of a room.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn leave(&self, room: impl Into<Room>) -> Result<(), AdapterError> {
        let left = self.namespace.adapter.leave_all(&self.target, &[room.into()]).await;
        self.namespace.measure();
        left
    }

    /// Disconnects all of them.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn disconnect(&self, closing: Closing) -> Result<(), AdapterError> {
        self.namespace.adapter.disconnect_all(&self.target, closing).await
    }

    /// Sends an event to this namespace of the other servers of a cluster, where
    /// [`on_server_event`](crate::Namespace::on_server_event) hears of it; the reference's `serverSideEmit`. What sockets
    /// this has been narrowed down to does not matter.
    pub fn server_side_emit(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> ServerSideEmit {
        ServerSideEmit::new(self.namespace.clone(), name.into(), data)
    }

    pub(crate) fn active(&self) -> &Arc<Active> {
        &self.namespace
    }

    fn packet(&self, event: Outgoing, ack: Option<AckId>) -> Packet {
        if let Some(meters) = &self.namespace.meters {
            meters.handles.broadcasts.increment(1);
        }
        let Outgoing { name, args } = event;
        Packet::Event { namespace: self.namespace.name.clone(), name, args, ack }
    }
}

/// Queues a packet for all local sockets in the target, and tells other servers as far as that needs no waiting.
pub(crate) fn send_at_once(adapter: &dyn Adapter, packet: &Packet, target: &Target, delivery: Delivery) {
    let mut sent = adapter.broadcast(packet, target, delivery);
    // The first poll queues it, see the contract of `Adapter`.
    let _ = sent.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// An event for many sockets: sent when awaited.
#[derive(Debug)]
#[must_use = "nothing is sent unless this is awaited"]
pub struct EmitMany {
    broadcast: Broadcast,
    event: Result<Outgoing, EmitError>,
}

impl EmitMany {
    /// Asks all recipients to acknowledge the event, and reads each answer as a `T`.
    ///
    /// # Errors
    /// [`BroadcastAckError::Missing`] and [`BroadcastAckError::Parse`] have the answers that came and could be read.
    ///
    /// # Cancel safety
    /// Dropped after the first poll, the event is sent and the answers are ignored.
    pub async fn ack<T: DeserializeOwned>(self) -> Result<Vec<T>, BroadcastAckError<T>> {
        read_answers(&self.ack_raw().await.map_err(BroadcastAckError::Emit)?)
    }

    /// The same with answers as they came, whatever they are: for recipients that do not all answer alike.
    ///
    /// ```no_run
    /// # async fn example(server: sockeye_server::Server) -> Result<(), sockeye_server::EmitError> {
    /// let acks = server.emit("which version?", &()).ack_raw().await?;
    /// let numbers = acks.answers.iter().filter_map(|answer| answer.parse::<u32>().ok());
    /// println!("{:?} at most, and {} said nothing", numbers.max(), acks.missing);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the event could not be sent. Recipients that do not answer are none.
    ///
    /// # Cancel safety
    /// As of [`ack`](Self::ack).
    pub async fn ack_raw(self) -> Result<Acks, EmitError> {
        let deadline = self.deadline();
        self.ack_raw_until(deadline).await
    }

    pub(crate) async fn ack_raw_until(self, deadline: Instant) -> Result<Acks, EmitError> {
        let Broadcast { namespace, target, delivery, .. } = &self.broadcast;
        let packet = self.broadcast.packet(self.event?, Some(namespace.next_ack_id()));
        let acks = namespace.adapter.broadcast_with_ack(&packet, target, *delivery, deadline).await;
        acks.map_err(EmitError::Adapter)
    }

    /// When acknowledgements that are asked for now are not waited for any more.
    pub(crate) fn deadline(&self) -> Instant {
        after(self.broadcast.timeout.unwrap_or(ACK_TIMEOUT))
    }

    pub(crate) fn is_volatile(&self) -> bool {
        self.broadcast.delivery == Delivery::Volatile
    }

    pub(crate) fn volatile(self) -> Self {
        Self { broadcast: self.broadcast.volatile(), ..self }
    }

    pub(crate) fn timeout(self, timeout: Duration) -> Self {
        Self { broadcast: self.broadcast.timeout(timeout), ..self }
    }
}

/// Reads each answer as a `T`.
pub(crate) fn read_answers<T: DeserializeOwned>(acks: &Acks) -> Result<Vec<T>, BroadcastAckError<T>> {
    let (mut answers, mut errors) = (Vec::new(), Vec::new());
    for answer in &acks.answers {
        match answer.parse() {
            Ok(answer) => answers.push(answer),
            Err(error) => errors.push(error),
        }
    }
    let missing = acks.missing;
    match (errors.is_empty(), missing) {
        (true, 0) => Ok(answers),
        (true, _) => Err(BroadcastAckError::Missing { answers, missing }),
        (false, _) => Err(BroadcastAckError::Parse { answers, errors, missing }),
    }
}

impl IntoFuture for EmitMany {
    type Output = Result<(), EmitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let packet = self.broadcast.packet(self.event?, None);
            let Broadcast { namespace, target, delivery, .. } = &self.broadcast;
            namespace.adapter.broadcast(&packet, target, *delivery).await.map_err(EmitError::Adapter)
        })
    }
}

/// The reference has none, which makes it wait a millisecond.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);
