//! One namespace of a server, as a client has it.

use std::{
    error::Error,
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard},
};

use serde::Serialize;
use sockeye_event::{Acknowledge, Event, FromEvent, Handler, Handlers, Rejection};
use sockeye_parser::{AckId, Args, EncodeError, EventName, NamespaceName, SocketId, is_reserved};
use sockeye_proto::client::{AckRequest, DisconnectReason};
use tokio::sync::oneshot;

use crate::{
    Client, ConnectError, DisconnectDetails, Emit, EmitError, Events, auth::Auth, lock::lock, shared::Shared,
};

/// A namespace of a server, joined or about to be. Cloning gives another handle of the same.
///
/// It stays in its namespace as long as it is held: when the last handle goes, it leaves, and with the last socket goes
/// the connection. Handlers that want the socket name it as a parameter; one that holds a clone of its own socket would
/// keep it for ever.
#[derive(Clone)]
pub struct Socket {
    inner: Arc<Inner>,
    /// In the hands of a handler whose event the server wants answered, which that is. An answer that comes after the
    /// connection was lost must not reach the one that came after it.
    request: Option<AckRequest>,
}

pub(crate) struct Inner {
    namespace: NamespaceName,
    client: Arc<Shared>,
    handlers: Mutex<Handlers<Socket>>,
    life: Mutex<Life>,
}

/// How the socket came and went.
#[derive(Default)]
struct Life {
    auth: Auth,
    /// Handlers of coming and going, which no catch-all hears of.
    handlers: Handlers<Socket>,
    /// Those who wait for the outcome of the present attempt.
    waiting: Vec<oneshot::Sender<Result<(), ConnectError>>>,
    reason: Option<DisconnectReason>,
    details: DisconnectDetails,
    error: Option<ConnectError>,
}

impl Socket {
    pub(crate) fn new(client: Arc<Shared>, namespace: NamespaceName) -> Self {
        Self::of_inner(Arc::new(Inner {
            namespace,
            client,
            handlers: Mutex::new(Handlers::new()),
            life: Mutex::default(),
        }))
    }

    pub(crate) fn of_inner(inner: Arc<Inner>) -> Self {
        Self { inner, request: None }
    }

    /// The same for the handlers of an event.
    pub(crate) fn for_event(inner: Arc<Inner>, request: Option<AckRequest>) -> Self {
        Self { inner, request }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// The id that the server gave the socket, while it is connected. It is another one each time, unless the socket has
    /// [recovered](Self::recovered).
    pub fn id(&self) -> Option<SocketId> {
        self.inner.client.lock().machine.id(&self.inner.namespace).cloned()
    }

    /// The name of the namespace.
    pub fn namespace(&self) -> &NamespaceName {
        &self.inner.namespace
    }

    /// The client that the socket belongs to.
    pub fn client(&self) -> Client {
        Client::of_shared(self.inner.client.clone())
    }

    /// Whether the server has let the socket in, and it is still there.
    pub fn is_connected(&self) -> bool {
        self.inner.client.lock().machine.is_connected(&self.inner.namespace)
    }

    /// Whether the socket connects, or connects again, by itself: not after it was refused, or either side has ended it.
    pub fn is_active(&self) -> bool {
        self.inner.client.lock().machine.is_active(&self.inner.namespace)
    }

    /// Whether the server has taken the socket for the one that it was before the connection was lost: it has missed
    /// nothing.
    pub fn recovered(&self) -> bool {
        self.inner.client.lock().machine.is_recovered(&self.inner.namespace)
    }

    /// Why the socket was disconnected the last time.
    pub fn disconnect_reason(&self) -> Option<DisconnectReason> {
        self.life().reason
    }

    /// What is known of that besides the reason.
    pub fn disconnect_details(&self) -> DisconnectDetails {
        self.life().details.clone()
    }

    /// Why the last attempt to connect has failed, if it has.
    pub fn connect_error(&self) -> Option<ConnectError> {
        self.life().error.clone()
    }

    // Coming and going.

    /// Connects, if the socket does not do so by itself already, and waits until it is let in.
    ///
    /// # Errors
    /// If the server refuses it, or the client may not try again.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the socket goes on connecting.
    ///
    /// # Panics
    /// Outside of a tokio runtime, if there is no connection.
    pub async fn connect(&self) -> Result<(), ConnectError> {
        let (sender, outcome) = oneshot::channel();
        {
            let mut core = self.inner.client.lock();
            if core.machine.is_connected(&self.inner.namespace) {
                return Ok(());
            }
            self.life().waiting.push(sender);
            self.inner.client.want(&mut core, &self.inner.namespace);
        }
        outcome.await.unwrap_or(Err(ConnectError::Given))
    }

    /// The same without waiting for the outcome, which the handlers of `connect` and `connect_error` learn.
    ///
    /// # Panics
    /// Outside of a tokio runtime, if there is no connection.
    pub fn start(&self) {
        self.inner.client.want(&mut self.inner.client.lock(), &self.inner.namespace);
    }

    /// Leaves the namespace, and closes the connection if no other socket is on it. The socket stays disconnected until it
    /// is told to [connect](Self::connect). What was emitted while it was connected is sent first.
    pub fn disconnect(&self) {
        self.inner.client.leave(&self.inner.namespace);
    }

    /// What the server's guards are shown the next time that the socket connects.
    ///
    /// # Errors
    /// If the value has no form on the wire.
    pub fn set_auth(&self, auth: &(impl Serialize + ?Sized)) -> Result<(), EncodeError> {
        self.life().auth = Auth::value(auth)?;
        Ok(())
    }

    /// The same from a function that is asked each time.
    pub fn set_auth_with<F, T, E>(&self, ask: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.life().auth = Auth::function(ask);
    }

    // Sending.

    /// Sends an event: a tuple is several arguments, `()` none, anything else one. Await it.
    ///
    /// While the socket is not connected the event is kept, and sent in its turn when it is.
    pub fn emit(&self, name: impl Into<EventName>, data: &(impl Serialize + ?Sized)) -> Emit {
        Emit::new(self.clone(), name.into(), Args::serialize(data))
    }

    /// Sends an event whose arguments are raw already, such as those of another event.
    pub fn emit_raw(&self, name: impl Into<EventName>, args: Args) -> Emit {
        Emit::new(self.clone(), name.into(), Ok(args))
    }

    /// Sends the event `message`; the reference's `send`.
    pub fn send(&self, data: &(impl Serialize + ?Sized)) -> Emit {
        self.emit("message", data)
    }

    /// Sends an event without waiting for room in the queue.
    ///
    /// # Errors
    /// [`EmitError::Full`] if there is no room; then nothing is sent.
    pub fn try_emit(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> Result<(), EmitError> {
        self.emit(name, data).now()
    }

    /// As [`try_emit`](Self::try_emit), with arguments that are raw already.
    ///
    /// # Errors
    /// As [`try_emit`](Self::try_emit).
    pub fn try_emit_raw(&self, name: impl Into<EventName>, args: Args) -> Result<(), EmitError> {
        self.emit_raw(name, args).now()
    }

    // Listening.

    /// Handles an event. `connect`, `disconnect` and `connect_error` are the socket's own: it is connected; it is not any
    /// more, see [`DisconnectReason`]; an attempt has failed, see [`ConnectError`].
    pub fn on<M>(&self, name: impl Into<EventName>, handler: impl Handler<Self, M>) {
        let name = name.into();
        self.inner.with_table(&name, |table| table.add(name.clone(), handler));
    }

    /// Handles the next event of that name only.
    pub fn once<M>(&self, name: impl Into<EventName>, handler: impl Handler<Self, M>) {
        let name = name.into();
        self.inner.with_table(&name, |table| table.add_once(name.clone(), handler));
    }

    /// Removes the handlers of an event.
    pub fn off(&self, name: &str) {
        self.inner.with_table(name, |table| table.remove(name));
    }

    /// Removes the handlers of all names, but not those of every event.
    pub fn off_all(&self) {
        self.life().handlers.remove_all();
        lock(&self.inner.handlers).remove_all();
    }

    /// Handles every event, before the handlers of its name.
    pub fn on_any<M>(&self, handler: impl Handler<Self, M>) {
        lock(&self.inner.handlers).add_any(handler);
    }

    /// Handles every event, before those that do so already.
    pub fn prepend_any<M>(&self, handler: impl Handler<Self, M>) {
        lock(&self.inner.handlers).prepend_any(handler);
    }

    /// Removes the handlers of every event.
    pub fn off_any(&self) {
        lock(&self.inner.handlers).remove_any();
    }

    /// Hears of every event that is sent, when it is: one that was kept, when the socket is connected again.
    pub fn on_any_outgoing(&self, listener: impl Fn(&str, &Args) + Send + Sync + 'static) {
        lock(&self.inner.handlers).add_any_outgoing(listener);
        self.inner.client.lock().machine.tell_sent(&self.inner.namespace);
    }

    /// The same, before those that do so already.
    pub fn prepend_any_outgoing(&self, listener: impl Fn(&str, &Args) + Send + Sync + 'static) {
        lock(&self.inner.handlers).prepend_any_outgoing(listener);
        self.inner.client.lock().machine.tell_sent(&self.inner.namespace);
    }

    /// Removes the outgoing listeners.
    pub fn off_any_outgoing(&self) {
        lock(&self.inner.handlers).remove_any_outgoing();
    }

    /// Whether an event has handlers of its own.
    pub fn has_handlers(&self, name: &str) -> bool {
        self.inner.with_table(name, |table| table.handles(name))
    }

    /// The events that come from now on, for those who prefer a loop to handlers, which get them as well.
    ///
    /// As many as `capacity` wait to be looked at. When more come, the server is not listened to until there is room.
    ///
    /// # Panics
    /// If the capacity is 0.
    pub fn events(&self, capacity: usize) -> Events {
        Events::new(self.clone(), capacity)
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        lock(&self.inner.life)
    }
}

impl Inner {
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.client
    }

    /// A snapshot, which handlers may change while they run.
    pub(crate) fn handlers(&self) -> Handlers<Socket> {
        lock(&self.handlers).clone()
    }

    pub(crate) fn with_handlers<R>(&self, change: impl FnOnce(&mut Handlers<Socket>) -> R) -> R {
        change(&mut lock(&self.handlers))
    }

    pub(crate) fn life_handlers(&self) -> Handlers<Socket> {
        lock(&self.life).handlers.clone()
    }

    pub(crate) fn auth(&self) -> Auth {
        lock(&self.life).auth.clone()
    }

    pub(crate) fn set_auth(&self, auth: Auth) {
        lock(&self.life).auth = auth;
    }

    /// The socket is connected.
    pub(crate) fn note_connected(&self) {
        let waiting = {
            let mut life = lock(&self.life);
            life.error = None;
            std::mem::take(&mut life.waiting)
        };
        for outcome in waiting {
            // Who waited may have given up.
            let _ = outcome.send(Ok(()));
        }
    }

    /// An attempt has failed. Those who wait for it go on waiting if there will be another.
    pub(crate) fn note_failed(&self, error: &ConnectError, is_final: bool) {
        let waiting = {
            let mut life = lock(&self.life);
            life.error = Some(error.clone());
            if is_final { std::mem::take(&mut life.waiting) } else { Vec::new() }
        };
        for outcome in waiting {
            let _ = outcome.send(Err(error.clone()));
        }
    }

    pub(crate) fn note_disconnected(&self, reason: DisconnectReason, details: DisconnectDetails) {
        let mut life = lock(&self.life);
        (life.reason, life.details) = (Some(reason), details);
    }

    /// Changes the table in which the handlers of an event stand.
    fn with_table<R>(&self, name: &str, change: impl FnOnce(&mut Handlers<Socket>) -> R) -> R {
        if is_reserved(name) {
            change(&mut lock(&self.life).handlers)
        } else {
            change(&mut lock(&self.handlers))
        }
    }
}

/// Nobody holds the socket any more.
impl Drop for Inner {
    fn drop(&mut self) {
        self.client.abandon(&self.namespace, self);
    }
}

/// A handler that wants the socket names it as a parameter.
impl FromEvent<Self> for Socket {
    fn from_event(event: &mut Event<'_, Self>) -> Result<Self, Rejection> {
        Ok(event.socket().clone())
    }
}

impl Acknowledge for Socket {
    fn acknowledge(&self, _: AckId, answer: Args) {
        if let Some(request) = self.request {
            self.inner.client.acknowledge(&self.inner.namespace, request, answer);
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("namespace", &self.inner.namespace).finish_non_exhaustive()
    }
}
