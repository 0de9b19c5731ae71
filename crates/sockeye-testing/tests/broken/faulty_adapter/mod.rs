//! An adapter that would be a good one, but for a fault.

mod fault;
mod recovery;
mod sending;

use std::{
    collections::HashMap,
    future::poll_fn,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

pub(crate) use fault::Fault;
use sending::{Late, Slow, give_up_early};
use sockeye_adapter::{
    Acks, Adapter, AdapterError, BoxFuture, Closing, Delivery, FetchedSocket, Host, LocalAdapter, Member,
    Recover, Retention, Room, ServerEvent, Session, SocketKey, Target,
};
use sockeye_message::{Compression, Message};
use sockeye_parser::{Args, Decoder, Encoded, EventName, Format, Json, Limits, Packet, SocketId};

pub(crate) struct FaultyAdapter {
    inner: LocalAdapter,
    fault: Fault,
    host: OnceLock<Weak<dyn Host>>,
    notes: Mutex<Notes>,
    /// Held while somebody is let go.
    lock: Mutex<()>,
    broadcasts: AtomicUsize,
    volatile: AtomicU64,
    queue: Queue,
}

/// Broadcasts that wait.
type Queue = Mutex<Vec<(Packet, Target, Delivery)>>;

/// What a good adapter need not note.
#[derive(Default)]
struct Notes {
    ids: HashMap<SocketKey, SocketId>,
    removed: Vec<SocketKey>,
    /// Which key means which by now.
    successors: HashMap<SocketKey, SocketKey>,
    joins: HashMap<(SocketKey, Room), usize>,
    joined: Vec<Room>,
    most_rooms: HashMap<SocketKey, usize>,
    sessions: Vec<Session>,
}

impl FaultyAdapter {
    pub(crate) fn new(format: Arc<dyn Format>, fault: Fault) -> Self {
        let format = if fault == Fault::HasAFormatOfItsOwn { Arc::new(Binary) } else { format };
        Self {
            inner: LocalAdapter::new(format),
            fault,
            host: OnceLock::new(),
            notes: Mutex::default(),
            lock: Mutex::default(),
            broadcasts: AtomicUsize::new(0),
            volatile: AtomicU64::new(0),
            queue: Mutex::default(),
        }
    }

    pub(crate) fn recovering(format: Arc<dyn Format>, fault: Fault) -> Self {
        let adapter = Self::new(format, fault);
        Self { inner: adapter.inner.recovering(Retention::new(), Instant::now), ..adapter }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().expect("nobody panics with it")
    }

    fn key(&self, key: SocketKey) -> SocketKey {
        self.notes().successors.get(&key).copied().unwrap_or(key)
    }

    /// The target, whose exceptions this fault overlooks.
    fn target(&self, target: &Target, overlooking: Fault) -> Target {
        if self.fault != overlooking {
            return target.clone();
        }
        let everybody = Target::new().with_compression(target.compression());
        let all = target.rooms().iter().fold(everybody, Target::to);
        target.required().iter().fold(all, Target::also_in)
    }

    fn takes_its_time(&self) -> bool {
        match self.fault {
            Fault::QueuesLater => true,
            Fault::QueuesEverySecondLater => self.broadcasts.fetch_add(1, Ordering::Relaxed) % 2 == 1,
            _ => false,
        }
    }
}

impl Adapter for FaultyAdapter {
    fn attach(&self, host: Weak<dyn Host>) {
        assert!(self.host.set(host).is_ok(), "attached once");
    }

    fn add(&self, member: Arc<dyn Member>) -> SocketKey {
        let id = member.id().clone();
        let key = self.inner.add(member);
        let mut notes = self.notes();
        notes.ids.insert(key, id);
        if self.fault == Fault::UsesKeysAgain
            && let Some(removed) = notes.removed.pop()
        {
            notes.successors.insert(removed, key);
        }
        key
    }

    fn remove(&self, key: SocketKey) {
        let _lock = (self.fault == Fault::LetsGoUnderItsLock).then(|| self.lock.lock());
        self.inner.remove(self.key(key));
        self.notes().removed.push(key);
    }

    fn join(&self, key: SocketKey, rooms: &[Room]) {
        let key = self.key(key);
        let mut notes = self.notes();
        notes.joined.extend_from_slice(rooms);
        for room in rooms {
            *notes.joins.entry((key, room.clone())).or_default() += 1;
        }
        self.inner.join(key, rooms);
    }

    fn leave(&self, key: SocketKey, room: &Room) {
        let key = self.key(key);
        let mut notes = self.notes();
        let is_own = notes.ids.get(&key).is_some_and(|id| **id == **room);
        let joins = notes.joins.entry((key, room.clone())).or_default();
        *joins = joins.saturating_sub(1);
        match self.fault {
            Fault::KeepsTheOwnRoom if is_own => {}
            Fault::CountsJoins if *joins > 0 => {}
            _ => self.inner.leave(key, room),
        }
    }

    fn rooms(&self, key: SocketKey) -> Vec<Room> {
        self.inner.rooms(self.key(key))
    }

    fn joined_count(&self, key: SocketKey) -> usize {
        let count = self.inner.joined_count(key);
        let mut notes = self.notes();
        let most = notes.most_rooms.entry(key).or_default();
        *most = count.max(*most);
        if self.fault == Fault::CountsRoomsThatWereLeft { *most } else { count }
    }

    fn members(&self, target: &Target) -> Vec<Arc<dyn Member>> {
        let joined = std::mem::take(&mut self.notes().joined);
        let mut members = self.inner.members(target);
        match (self.fault, target.rooms()) {
            (Fault::HidesTheOwnRoom, [room]) => members.retain(|member| **member.id() != **room),
            (Fault::JoinsLater, rooms) if rooms.iter().any(|room| joined.contains(room)) => members.clear(),
            _ => {}
        }
        members
    }

    fn len(&self) -> usize {
        let _lock = self.lock.try_lock().expect("the adapter is not locked");
        self.inner.len()
    }

    fn room_count(&self) -> Option<usize> {
        self.inner.room_count()
    }

    fn broadcast<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        let (inner, fault) = (&self.inner, self.fault);
        let mut target = self.target(target, Fault::BroadcastsToWhomItExcepts);
        let mut delivery = delivery;
        match fault {
            Fault::GivesUpAtTheFirstWithoutRoom | Fault::BroadcastsWithoutOffset => {
                return give_up_early(inner, packet, &target, delivery);
            }
            Fault::DoesNotFlush | Fault::FlushesOnlyAtTheEnd => {
                return Box::pin(Slow::new(inner, packet, &target, delivery, fault));
            }
            Fault::KeepsWhatIsVolatile => delivery = Delivery::Kept,
            Fault::CompressesWhateverItSends => target = target.with_compression(Compression::Allowed),
            _ => {}
        }
        if let Some(offset) = self.wrong_offset(packet, delivery) {
            self.broadcast_at(offset, packet, &target, delivery);
            return Box::pin(std::future::ready(Ok(())));
        }
        if self.takes_its_time() {
            let packet = Some((packet.clone(), target, delivery));
            return Box::pin(Late { inner, queue: &self.queue, packet });
        }
        Box::pin(async move { inner.broadcast(packet, &target, delivery).await })
    }

    fn broadcast_with_ack<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        let longer = if self.fault == Fault::AsksForLonger { Duration::from_secs(1) } else { Duration::ZERO };
        Box::pin(async move {
            let target = self.target(target, Fault::AsksWhomItExcepts);
            let asking = self.inner.broadcast_with_ack(packet, &target, delivery, deadline + longer);
            let polls = if self.fault == Fault::IsImpatient { 5 } else { usize::MAX };
            let mut acks = give_up_after(asking, polls).await?;
            match self.fault {
                Fault::SortsAnswers => acks.answers.sort_by_key(Args::to_json),
                Fault::ForgetsTheMissing => acks.missing = 0,
                Fault::MissesSomebodyWhereNobodyIs => acks.missing += usize::from(acks.answers.is_empty()),
                _ => {}
            }
            Ok(acks)
        })
    }

    fn sockets<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Vec<SocketId>, AdapterError>> {
        Box::pin(async move { self.inner.sockets(&self.target(target, Fault::ListsWhomItExcepts)).await })
    }

    fn fetch_sockets<'a>(
        &'a self,
        target: &'a Target,
    ) -> BoxFuture<'a, Result<Vec<FetchedSocket>, AdapterError>> {
        self.inner.fetch_sockets(target)
    }

    fn join_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        let target = self.target(target, Fault::MovesWhomItExcepts);
        Box::pin(async move { self.inner.join_all(&target, rooms).await })
    }

    fn leave_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        self.inner.leave_all(target, rooms)
    }

    fn disconnect_all<'a>(
        &'a self,
        target: &'a Target,
        closing: Closing,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        let target = self.target(target, Fault::DisconnectsWhomItExcepts);
        Box::pin(async move { self.inner.disconnect_all(&target, closing).await })
    }

    fn recovery(&self) -> Option<&dyn Recover> {
        self.inner.recovery().map(|_| -> &dyn Recover { self })
    }

    fn server_side_emit<'a>(
        &'a self,
        name: &'a EventName,
        args: &'a Args,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        if self.fault == Fault::HearsItself {
            let host = self.host.get().and_then(Weak::upgrade).expect("it is attached");
            host.handle(ServerEvent { name: name.clone(), args: args.clone(), answer: None });
        }
        self.inner.server_side_emit(name, args)
    }

    fn server_side_emit_with_ack<'a>(
        &'a self,
        name: &'a EventName,
        args: &'a Args,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        self.inner.server_side_emit_with_ack(name, args, deadline)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>> {
        self.inner.close()
    }
}

/// Polls it so often and no more.
async fn give_up_after(
    mut asking: BoxFuture<'_, Result<Acks, AdapterError>>,
    polls: usize,
) -> Result<Acks, AdapterError> {
    let mut left = polls;
    poll_fn(|cx| {
        left -= 1;
        if left == 0 { Poll::Ready(Ok(Acks::default())) } else { asking.as_mut().poll(cx) }
    })
    .await
}

/// JSON as nobody expects it.
#[derive(Debug)]
struct Binary;

impl Format for Binary {
    fn encode(&self, packet: &Packet) -> Encoded {
        let Encoded { head, attachments } = Json.encode(packet);
        Encoded { head: Message::Binary(head.into_bytes()), attachments }
    }

    fn decoder(&self, limits: Limits) -> Box<dyn Decoder> {
        Json.decoder(limits)
    }
}
