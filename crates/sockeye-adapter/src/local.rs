//! The adapter of a single process.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, Weak},
    time::Instant,
};

use sockeye_parser::{Args, EventName, Format, Packet, SocketId};

use crate::{
    AckRequest, Acks, Adapter, AdapterError, BoxFuture, Closing, Delivered, Delivery, FetchedSocket, Host,
    Member, Offset, PrivateId, Recover, Retention, Room, RoomEvent, Rooms, Session, SharedPacket,
    SocketDetails, SocketKey, Target,
    answers::collect,
    fanout::Fanout,
    history::Past,
    recording::{Recording, Sent},
    watch::Watch,
};

/// Rooms of one process.
///
/// A broadcast encodes its packet once, queues it for all recipients in one go, and then lets them leave in slices
/// between which other work runs: what several broadcasts queued meanwhile leaves in one write for each recipient.
pub struct LocalAdapter {
    format: Arc<dyn Format>,
    rooms: RwLock<Rooms<Arc<dyn Member>>>,
    watch: Option<Watch>,
    recording: Option<Recording>,
}

impl LocalAdapter {
    /// Nobody yet; packets are encoded by `format`.
    pub fn new(format: Arc<dyn Format>) -> Self {
        Self { format, rooms: RwLock::default(), watch: None, recording: None }
    }

    /// Nobody yet; the listener hears of everything that happens to rooms, one event after the other. What it calls may
    /// change rooms: it hears of that later. Whatever changed a room is held up while it runs, unless another thread has
    /// its events told. Its panics are ignored.
    pub fn watched(format: Arc<dyn Format>, listener: impl Fn(&RoomEvent) + Send + Sync + 'static) -> Self {
        Self {
            rooms: RwLock::new(Rooms::recording()),
            watch: Some(Watch::new(listener)),
            ..Self::new(format)
        }
    }

    /// Peers whose transport was lost may come back. The clock tells how long they were away.
    #[must_use]
    pub fn recovering(mut self, retention: Retention, clock: fn() -> Instant) -> Self {
        self.recording = Some(Recording::new(retention, clock));
        self
    }

    /// Queues a packet for everybody in the target. Dropping the result lets the connections' own tasks send it.
    pub fn fan_out(
        &self,
        packet: &Packet,
        target: &Target,
        delivery: Delivery,
        ack: Option<&AckRequest>,
    ) -> Fanout {
        match &self.recording {
            Some(recording) if ack.is_none() => {
                recording.send(packet, &*self.format, target, delivery, |packet| {
                    (self.queue(packet, target, delivery, None), Sent::Yes)
                })
            }
            _ => {
                let packet = SharedPacket::new(packet.clone(), &*self.format, target.compression());
                self.queue(&packet, target, delivery, ack)
            }
        }
    }

    fn queue(
        &self,
        packet: &SharedPacket,
        target: &Target,
        delivery: Delivery,
        ack: Option<&AckRequest>,
    ) -> Fanout {
        let mut fanout = Fanout::new();
        self.read().resolve(target, |member| {
            if member.deliver(packet, delivery, ack) == Delivered::Queued {
                fanout.push(member.clone());
            }
        });
        fanout
    }

    /// What other servers may know of the sockets in the target: what an adapter that spans servers answers them.
    pub fn details(&self, target: &Target) -> Vec<SocketDetails> {
        let mut found = Vec::new();
        self.read().resolve_with_rooms(target, |member, rooms| found.push((member.clone(), rooms)));
        found.into_iter().map(|(member, rooms)| member.details(rooms)).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Rooms<Arc<dyn Member>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the rooms, and tells of it when they are free again.
    fn change<R>(&self, change: impl FnOnce(&mut Rooms<Arc<dyn Member>>) -> R) -> R {
        let result = self.change_in_silence(change);
        self.tell();
        result
    }

    /// Changes the rooms; somebody has to tell of it.
    fn change_in_silence<R>(&self, change: impl FnOnce(&mut Rooms<Arc<dyn Member>>) -> R) -> R {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut rooms);
        if let Some(watch) = &self.watch {
            watch.note(rooms.take_events());
        }
        result
    }

    fn tell(&self) {
        if let Some(watch) = &self.watch {
            watch.tell();
        }
    }
}

impl Adapter for LocalAdapter {
    /// There are no other servers.
    fn attach(&self, _: Weak<dyn Host>) {}

    fn add(&self, member: Arc<dyn Member>) -> SocketKey {
        self.change(|rooms| rooms.add(member.id().clone(), member))
    }

    fn remove(&self, key: SocketKey) {
        // The member is dropped after the lock is released: its drop may run users' code.
        let _removed = self.change(|rooms| rooms.remove(key));
    }

    fn join(&self, key: SocketKey, rooms: &[Room]) {
        self.change(|index| index.join(key, rooms));
    }

    fn leave(&self, key: SocketKey, room: &Room) {
        self.change(|rooms| rooms.leave(key, room));
    }

    fn rooms(&self, key: SocketKey) -> Vec<Room> {
        self.read().rooms_of(key)
    }

    fn joined_count(&self, key: SocketKey) -> usize {
        self.read().count_of(key)
    }

    fn members(&self, target: &Target) -> Vec<Arc<dyn Member>> {
        let mut members = Vec::new();
        self.read().resolve(target, |member| members.push(member.clone()));
        members
    }

    fn len(&self) -> usize {
        self.read().len()
    }

    fn room_count(&self) -> Option<usize> {
        Some(self.read().room_count())
    }

    fn broadcast<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            self.fan_out(packet, target, delivery, None).await;
            Ok(())
        })
    }

    fn broadcast_with_ack<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        Box::pin(async move {
            let Packet::Event { ack: Some(id), .. } = packet else {
                return Ok(Acks::default());
            };
            let (answers, collected) = collect();
            let request = AckRequest { id: *id, deadline, answers };
            self.fan_out(packet, target, delivery, Some(&request)).await;
            drop(request);
            Ok(collected.await)
        })
    }

    fn sockets<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Vec<SocketId>, AdapterError>> {
        let mut ids = Vec::new();
        self.read().resolve(target, |member| ids.push(member.id().clone()));
        Box::pin(std::future::ready(Ok(ids)))
    }

    fn fetch_sockets<'a>(
        &'a self,
        target: &'a Target,
    ) -> BoxFuture<'a, Result<Vec<FetchedSocket>, AdapterError>> {
        let sockets = self.members(target).into_iter().map(FetchedSocket::Local).collect();
        Box::pin(std::future::ready(Ok(sockets)))
    }

    fn join_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        self.change(|index| index.keys(target).into_iter().for_each(|key| index.join(key, rooms)));
        Box::pin(std::future::ready(Ok(())))
    }

    fn leave_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        self.change(|index| {
            for key in index.keys(target) {
                for room in rooms {
                    index.leave(key, room);
                }
            }
        });
        Box::pin(std::future::ready(Ok(())))
    }

    fn disconnect_all<'a>(
        &'a self,
        target: &'a Target,
        closing: Closing,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        self.members(target).iter().for_each(|member| member.disconnect(closing));
        Box::pin(std::future::ready(Ok(())))
    }

    fn recovery(&self) -> Option<&dyn Recover> {
        self.recording.is_some().then_some(self)
    }

    fn server_side_emit<'a>(
        &'a self,
        _: &'a EventName,
        _: &'a Args,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn server_side_emit_with_ack<'a>(
        &'a self,
        _: &'a EventName,
        _: &'a Args,
        _: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        Box::pin(std::future::ready(Ok(Acks::default())))
    }

    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Without a recording it keeps nothing, and nobody asks.
impl Recover for LocalAdapter {
    fn position(&self) -> Offset {
        self.recording.as_ref().map_or(Offset::new(0), Recording::position)
    }

    fn send_one(
        &self,
        recipient: &SocketId,
        packet: &Packet,
        delivery: Delivery,
        send: &mut dyn FnMut(&SharedPacket) -> bool,
    ) {
        let Some(recording) = &self.recording else { return };
        let target = Target::new().to(recipient);
        recording.send(packet, &*self.format, &target, delivery, |packet| {
            ((), if send(packet) { Sent::Yes } else { Sent::No })
        });
    }

    fn save(&self, session: Session) {
        if let Some(recording) = &self.recording {
            recording.save(session);
        }
    }

    fn knows(&self, private_id: &PrivateId) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.knows(private_id))
    }

    fn restore<'a>(
        &'a self,
        private_id: &'a PrivateId,
    ) -> BoxFuture<'a, Result<Option<Session>, AdapterError>> {
        let session = self.recording.as_ref().and_then(|recording| recording.take(private_id));
        Box::pin(std::future::ready(Ok(session)))
    }

    fn keeps_all_after(&self, offset: Offset) -> bool {
        let kept = self.recording.as_ref().map(Recording::current);
        kept.is_some_and(|kept| kept.history().after(offset).is_some())
    }

    fn resume(
        &self,
        member: Arc<dyn Member>,
        rooms: &[Room],
        after: Offset,
        replay: &mut dyn FnMut(&mut dyn Iterator<Item = &SharedPacket>),
    ) -> Option<SocketKey> {
        let key = {
            let kept = self.recording.as_ref()?.current();
            let missed = kept.history().after(after)?.filter(|past| past.was_for(rooms));
            let key = self.change_in_silence(|index| {
                let key = index.add(member.id().clone(), member);
                index.join(key, rooms);
                key
            });
            replay(&mut missed.map(Past::packet));
            key
        };
        self.tell();
        Some(key)
    }
}

impl fmt::Debug for LocalAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rooms = self.read();
        f.debug_struct("LocalAdapter")
            .field("sockets", &rooms.len())
            .field("rooms", &rooms.room_count())
            .finish_non_exhaustive()
    }
}
