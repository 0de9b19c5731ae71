//! The adapter of a single process.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Instant,
};

use sockeye_parser::{Format, Packet, SocketId};

use crate::{
    AckRequest, Acks, Adapter, AdapterError, BoxFuture, Closing, Delivered, Delivery, Member, Room, Rooms,
    SharedPacket, SocketKey, Target, answers::collect, fanout::Fanout,
};

/// Rooms of one process.
///
/// A broadcast encodes its packet once, queues it for all recipients in one go, and then lets them leave in slices
/// between which other work runs: what several broadcasts queued meanwhile leaves in one write for each recipient.
pub struct LocalAdapter {
    format: Arc<dyn Format>,
    rooms: RwLock<Rooms<Arc<dyn Member>>>,
}

impl LocalAdapter {
    /// Nobody yet; packets are encoded by `format`.
    pub fn new(format: Arc<dyn Format>) -> Self {
        Self { format, rooms: RwLock::default() }
    }

    /// Queues a packet for everybody in the target. Dropping the result lets the connections' own tasks send it.
    pub fn fan_out(
        &self,
        packet: &Packet,
        target: &Target,
        delivery: Delivery,
        ack: Option<&AckRequest>,
    ) -> Fanout {
        let packet = SharedPacket::new(packet.clone(), &*self.format);
        let mut fanout = Fanout::new();
        self.read().resolve(target, |member| {
            if member.deliver(&packet, delivery, ack) == Delivered::Queued {
                fanout.push(member.clone());
            }
        });
        fanout
    }

    fn read(&self) -> RwLockReadGuard<'_, Rooms<Arc<dyn Member>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rooms<Arc<dyn Member>>> {
        self.rooms.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn members(&self, target: &Target) -> Vec<Arc<dyn Member>> {
        let mut members = Vec::new();
        self.read().resolve(target, |member| members.push(member.clone()));
        members
    }
}

impl Adapter for LocalAdapter {
    fn add(&self, member: Arc<dyn Member>) -> SocketKey {
        self.write().add(member.id().clone(), member)
    }

    fn remove(&self, key: SocketKey) {
        // The member is dropped after the lock is released: its drop may run users' code.
        let _removed = self.write().remove(key);
    }

    fn join(&self, key: SocketKey, rooms: &[Room]) {
        self.write().join(key, rooms);
    }

    fn leave(&self, key: SocketKey, room: &Room) {
        self.write().leave(key, room);
    }

    fn rooms(&self, key: SocketKey) -> Vec<Room> {
        self.read().rooms_of(key)
    }

    fn len(&self) -> usize {
        self.read().len()
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
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        Box::pin(async move {
            let Packet::Event { ack: Some(id), .. } = packet else {
                return Ok(Acks::default());
            };
            let (answers, collected) = collect();
            let request = AckRequest { id: *id, deadline, answers };
            self.fan_out(packet, target, Delivery::Kept, Some(&request)).await;
            drop(request);
            Ok(collected.await)
        })
    }

    fn sockets<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Vec<SocketId>, AdapterError>> {
        let mut ids = Vec::new();
        self.read().resolve(target, |member| ids.push(member.id().clone()));
        Box::pin(std::future::ready(Ok(ids)))
    }

    fn join_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        let mut index = self.write();
        for key in index.keys(target) {
            index.join(key, rooms);
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn leave_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        let mut index = self.write();
        for key in index.keys(target) {
            for room in rooms {
                index.leave(key, room);
            }
        }
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

    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>> {
        Box::pin(std::future::ready(Ok(())))
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
