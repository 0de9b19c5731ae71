//! A client as everybody shares it: its machine and its transport behind one lock.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, Weak},
    task::{Context, Poll, Waker, ready},
};

use futures_util::{SinkExt, StreamExt};
use sockeye_event::{Failure, StateMap};
use sockeye_parser::{Args, Format, NamespaceName};
use sockeye_proto::{
    Outgoing,
    client::{
        AckRequest, Connection, DisconnectReason, Emission, Emitted, Event, NotTaken, ProtocolError, Receipt,
    },
};
use sockeye_transport::{Transport, TransportError};
use tokio::{
    runtime::Handle,
    sync::{Notify, futures::OwnedNotified, oneshot},
};

use crate::{
    AckError, ConnectError, DisconnectDetails, Socket,
    carrier::{self, Carrier},
    config::Config,
    dial::Dial,
    lock::lock,
    occurrence::Watchers,
    socket::Inner,
    task::Task,
    time::now,
    told::Told,
};

/// What comes of an event that is to be acknowledged.
pub(crate) type Answer = Result<Args, AckError>;

/// Who waits for it.
pub(crate) type Waiter = oneshot::Sender<Answer>;

pub(crate) type OnError = Arc<dyn Fn(&Socket, &Failure) + Send + Sync>;

/// One client: its task, its sockets and the emits in progress meet here.
pub(crate) struct Shared {
    pub(crate) dial: Dial,
    pub(crate) state: StateMap,
    pub(crate) watchers: Watchers,
    /// What the engine has to tell them.
    pub(crate) told: Told,
    pub(crate) on_error: Option<OnError>,
    core: Mutex<Core>,
    /// Tells emits that there may be room.
    room: Arc<Notify>,
    /// Tells that the task has ended.
    rested: Notify,
}

pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) machine: Connection<Waiter>,
    /// Gone while there is no connection.
    carrier: Option<Carrier>,
    seats: Vec<(NamespaceName, Weak<Inner>)>,
    /// The task's own, once it has been polled.
    waker: Waker,
    task: TaskState,
    /// There is something to look at besides what is to be sent.
    news: bool,
    /// The transport takes nothing more for now, and wakes the task when it does.
    is_stuck: bool,
    /// Somebody waits for room.
    wants_room: bool,
}

/// What a look at the connection has brought.
pub(crate) enum Input {
    Event(Event<Waiter>),
    Violation(ProtocolError),
    Ended(DisconnectReason, DisconnectDetails),
}

/// What the task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TaskState {
    /// There is none, for there is nothing to do.
    Absent,
    Asleep,
    /// It runs or is about to run, and sees what is to be sent.
    Awake,
}

/// Whether a task may sleep.
pub(crate) enum Rest {
    /// Something has come up meanwhile.
    NotYet,
    Sleeps,
    Ends,
}

/// Everything that was queued has been sent.
pub(crate) enum Sent {
    /// And somebody still wants the connection, or there is none.
    All,
    /// And nobody wants the connection any more.
    LastWords,
}

impl Shared {
    pub(crate) fn new(
        dial: Dial,
        config: Config,
        format: Arc<dyn Format>,
        state: StateMap,
        watchers: Watchers,
        told: Told,
        on_error: Option<OnError>,
    ) -> Self {
        let machine = Connection::new(Arc::new(config.connection.clone()), format);
        Self {
            dial,
            state,
            watchers,
            told,
            on_error,
            core: Mutex::new(Core {
                config,
                machine,
                carrier: None,
                seats: Vec::new(),
                waker: Waker::noop().clone(),
                task: TaskState::Absent,
                news: false,
                is_stuck: false,
                wants_room: false,
            }),
            room: Arc::default(),
            rested: Notify::new(),
        }
    }

    /// Sockets must not be dropped while this is held: they take it themselves.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        lock(&self.core)
    }

    // Coming and going.

    /// The socket of a namespace, if somebody holds it.
    pub(crate) fn socket(&self, namespace: &NamespaceName) -> Option<Arc<Inner>> {
        self.lock().seat(namespace).and_then(Weak::upgrade)
    }

    /// All sockets that somebody holds.
    pub(crate) fn sockets(&self) -> Vec<Arc<Inner>> {
        self.lock().seats.iter().filter_map(|(_, seat)| seat.upgrade()).collect()
    }

    /// Makes a socket known.
    pub(crate) fn seat(&self, socket: &Socket) {
        let mut core = self.lock();
        core.seats.retain(|(name, _)| name != socket.namespace());
        core.seats.push((socket.namespace().clone(), Arc::downgrade(socket.inner())));
    }

    /// A socket wants to be connected.
    pub(crate) fn want(self: &Arc<Self>, core: &mut Core, namespace: &NamespaceName) {
        core.machine.connect(namespace);
        self.rouse(core);
    }

    /// A socket wants to go. What it has emitted is sent first, as far as it is on its way.
    pub(crate) fn leave(&self, namespace: &NamespaceName) {
        let socket = {
            let mut core = self.lock();
            core.machine.disconnect(namespace);
            core.summon();
            core.seat(namespace).and_then(Weak::upgrade)
        };
        if let Some(socket) = socket {
            socket.note_failed(&ConnectError::Given, true);
        }
    }

    /// Nobody holds a socket any more.
    pub(crate) fn abandon(&self, namespace: &NamespaceName, socket: *const Inner) {
        let mut core = self.lock();
        let Some(at) = core.seats.iter().position(|(_, seat)| std::ptr::eq(seat.as_ptr(), socket)) else {
            // Another one has taken its place.
            return;
        };
        core.seats.swap_remove(at);
        core.machine.remove(namespace);
        core.summon();
    }

    /// Disconnects every socket, and waits until the connection is closed.
    pub(crate) async fn close(&self) {
        let rested = self.rested.notified();
        let names: Vec<_> = self.lock().seats.iter().map(|(name, _)| name.clone()).collect();
        for name in &names {
            self.leave(name);
        }
        if self.lock().task != TaskState::Absent {
            rested.await;
        }
    }

    // Sending.

    /// Queues an event.
    pub(crate) fn emit(
        self: &Arc<Self>,
        namespace: &NamespaceName,
        event: Emission<Waiter>,
    ) -> Result<Emitted<Waiter>, NotTaken<Waiter>> {
        self.emit_locked(&mut self.lock(), namespace, event)
    }

    /// The same; if there is no room, it gives besides what tells when there may be.
    #[expect(clippy::type_complexity, reason = "room comes with those refusals only that it can mend")]
    pub(crate) fn emit_or_wait(
        self: &Arc<Self>,
        namespace: &NamespaceName,
        event: Emission<Waiter>,
    ) -> Result<Emitted<Waiter>, (NotTaken<Waiter>, Option<Pin<Box<OwnedNotified>>>)> {
        let mut core = self.lock();
        self.emit_locked(&mut core, namespace, event).map_err(|refused| {
            let room = refused.error.is_full().then(|| {
                core.wants_room = true;
                // Whoever makes room says so under the lock, and so after this.
                let mut room = Box::pin(self.room.clone().notified_owned());
                room.as_mut().enable();
                room
            });
            (refused, room)
        })
    }

    fn emit_locked(
        self: &Arc<Self>,
        core: &mut Core,
        namespace: &NamespaceName,
        event: Emission<Waiter>,
    ) -> Result<Emitted<Waiter>, NotTaken<Waiter>> {
        if event.is_volatile() && !core.carrier.as_ref().is_some_and(carrier::is_writable) {
            // What is dropped is dropped; who waited for an answer learns it by that.
            return Ok(Emitted::Discarded(None));
        }
        let emitted = core.machine.emit(namespace, event, now())?;
        if core.carrier.is_some() {
            core.wake();
        } else {
            // It is kept, and may have a time.
            self.rouse(core);
        }
        Ok(emitted)
    }

    /// Nobody waits for this answer any more.
    pub(crate) fn forget(&self, namespace: &NamespaceName, receipt: Receipt) {
        // Dropped outside of the lock.
        let _waiter = self.lock().machine.forget(namespace, receipt);
    }

    /// Answers an event of the server.
    pub(crate) fn acknowledge(&self, namespace: &NamespaceName, request: AckRequest, answer: Args) {
        let mut core = self.lock();
        match core.machine.acknowledge(namespace, request, answer) {
            Ok(()) => core.wake(),
            Err(error) => tracing::debug!(%namespace, %error, "acknowledgement was not sent"),
        }
    }

    /// Has the task look at what there is to do, and starts one if there is none.
    fn rouse(self: &Arc<Self>, core: &mut Core) {
        if core.task != TaskState::Absent {
            return core.summon();
        }
        if !core.machine.has_active() && core.machine.poll_timeout().is_none() {
            return;
        }
        // Without a runtime, an event that is kept waits for a socket that connects.
        if let Ok(runtime) = Handle::try_current() {
            core.task = TaskState::Awake;
            runtime.spawn(Task::new(self.clone(), core.config.backoff()));
        }
    }

    // For the task.

    /// The task looks at everything: until it sleeps, nobody has to wake it.
    pub(crate) fn attend(&self, cx: &Context<'_>) {
        let mut core = self.lock();
        (core.task, core.news) = (TaskState::Awake, false);
        if !core.waker.will_wake(cx.waker()) {
            core.waker.clone_from(cx.waker());
        }
    }

    /// There is a connection.
    pub(crate) fn open(&self, carrier: Carrier) {
        let mut core = self.lock();
        (core.carrier, core.is_stuck) = (Some(carrier), false);
        core.machine.handle_open();
    }

    /// The connection is over.
    pub(crate) fn shut(&self, reason: DisconnectReason) {
        let _dropped_outside_of_the_lock = {
            let mut core = self.lock();
            core.machine.handle_close(reason);
            self.room.notify_waiters();
            core.carrier.take()
        };
    }

    /// The next thing that has happened, or that the server sent.
    pub(crate) fn poll_input(&self, cx: &mut Context<'_>) -> Poll<Input> {
        let mut core = self.lock();
        let Core { machine, carrier, .. } = &mut *core;
        let Some(carrier) = carrier else { return Poll::Pending };
        loop {
            if let Some(event) = machine.poll_event() {
                return Poll::Ready(Input::Event(event));
            }
            match ready!(carrier.poll_next_unpin(cx)) {
                Some(Ok(message)) => {
                    if let Err(error) = machine.handle_message(message, now()) {
                        return Poll::Ready(Input::Violation(error));
                    }
                }
                ended => {
                    let (reason, details) = carrier::end(carrier, ended.and_then(Result::err));
                    return Poll::Ready(Input::Ended(reason, details));
                }
            }
        }
    }

    /// The next thing that has happened without a message.
    pub(crate) fn next_event(&self) -> Option<Event<Waiter>> {
        self.lock().machine.poll_event()
    }

    /// Sends what is queued.
    pub(crate) fn poll_transmit(&self, cx: &mut Context<'_>) -> Poll<Result<Sent, TransportError>> {
        let mut core = self.lock();
        let Core { machine, carrier, is_stuck, wants_room, .. } = &mut *core;
        let Some(carrier) = carrier else { return Poll::Ready(Ok(Sent::All)) };
        let moved = poll_move(machine, carrier, cx);
        *is_stuck = moved.is_pending();
        if std::mem::take(wants_room) {
            // There may be room for more; those for whom there is none wait again.
            self.room.notify_waiters();
        }
        ready!(moved)?;
        ready!(carrier.poll_flush_unpin(cx))?;
        Poll::Ready(Ok(if machine.has_active() { Sent::All } else { Sent::LastWords }))
    }

    /// Sends what is queued and closes the connection.
    pub(crate) fn poll_close(&self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut core = self.lock();
        let Core { machine, carrier, .. } = &mut *core;
        let Some(carrier) = carrier else { return Poll::Ready(Ok(())) };
        ready!(poll_move(machine, carrier, cx))?;
        carrier.poll_close_unpin(cx)
    }

    /// What the carrier knows of its end.
    pub(crate) fn end_of_carrier(&self, error: TransportError) -> (DisconnectReason, DisconnectDetails) {
        let mut core = self.lock();
        match &mut core.carrier {
            Some(carrier) => carrier::end(carrier, Some(error)),
            None => (DisconnectReason::TransportClose, DisconnectDetails::of_error(error)),
        }
    }

    /// Sends a socket's request to be let in.
    pub(crate) fn authenticate(&self, namespace: &NamespaceName, auth: Option<Args>) {
        self.lock().machine.authenticate(namespace, auth);
    }

    /// The sockets that want to be in and are not.
    pub(crate) fn joining(&self) -> Vec<Arc<Inner>> {
        let core = self.lock();
        let is_joining = |name| core.machine.is_active(name) && !core.machine.is_connected(name);
        let joining = core.seats.iter().filter(|(name, _)| is_joining(name));
        joining.filter_map(|(_, seat)| seat.upgrade()).collect()
    }

    /// No socket tries to connect by itself any more.
    pub(crate) fn give_up(&self) {
        let mut core = self.lock();
        let Core { machine, seats, .. } = &mut *core;
        for (name, _) in seats {
            machine.disconnect(name);
        }
    }

    /// The task would like to sleep, or to end if it has nothing to do.
    pub(crate) fn rest(&self, is_idle: bool) -> Rest {
        let mut core = self.lock();
        if core.news || core.has_mail() {
            return Rest::NotYet;
        }
        core.task = TaskState::Asleep;
        if !is_idle || core.machine.has_active() || core.machine.poll_timeout().is_some() {
            return Rest::Sleeps;
        }
        core.task = TaskState::Absent;
        self.rested.notify_waiters();
        Rest::Ends
    }

    /// The runtime is gone, and the task with it.
    pub(crate) fn lose_task(&self) {
        self.shut(DisconnectReason::TransportClose);
        let events: Vec<_> = {
            let mut core = self.lock();
            core.task = TaskState::Absent;
            std::iter::from_fn(|| core.machine.poll_event()).collect()
        };
        // Whoever waits for an answer learns that there will be none.
        drop(events);
        self.rested.notify_waiters();
    }
}

/// Moves what is queued into the transport.
fn poll_move(
    machine: &mut Connection<Waiter>,
    carrier: &mut Carrier,
    cx: &mut Context<'_>,
) -> Poll<Result<(), TransportError>> {
    while !machine.is_drained() {
        ready!(carrier.poll_ready_unpin(cx))?;
        match machine.poll_transmit(now()) {
            Some(Outgoing::Message(message)) => carrier.start_send_unpin(message)?,
            Some(Outgoing::Prepared(prepared)) => Pin::new(&mut *carrier).start_send_prepared(&prepared)?,
            None => {}
        }
    }
    Poll::Ready(Ok(()))
}

impl Core {
    pub(crate) fn seat(&self, namespace: &NamespaceName) -> Option<&Weak<Inner>> {
        self.seats.iter().find(|(name, _)| name == namespace).map(|(_, seat)| seat)
    }

    /// Something is to be sent. A task that is awake will see to it.
    pub(crate) fn wake(&mut self) {
        if self.task == TaskState::Asleep {
            self.task = TaskState::Awake;
            self.waker.wake_by_ref();
        }
    }

    /// There is something else to look at.
    fn summon(&mut self) {
        self.news = true;
        self.wake();
    }

    /// Whether something waits that the transport would take.
    fn has_mail(&self) -> bool {
        self.carrier.is_some() && !self.is_stuck && !self.machine.is_drained()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("dial", &self.dial).finish_non_exhaustive()
    }
}
