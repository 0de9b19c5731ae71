//! What goes wrong when peers come back.

use std::sync::{Arc, atomic::Ordering};

use sockeye_adapter::{
    Adapter, AdapterError, BoxFuture, Delivery, Flush, Member, Offset, PrivateId, Recover, Room, Session,
    SharedPacket, SocketKey, Target,
};
use sockeye_parser::{Json, Packet, SocketId};

use super::{Fault, FaultyAdapter};

impl FaultyAdapter {
    fn recover(&self) -> &dyn Recover {
        self.inner.recovery().expect("asked for an adapter with recovery only")
    }

    /// The offset that this fault gives a broadcast.
    pub(super) fn wrong_offset(&self, packet: &Packet, delivery: Delivery) -> Option<Offset> {
        let ends_with_text = matches!(packet, Packet::Event { args, .. } if args.ends_with_text());
        if delivery == Delivery::Volatile {
            self.volatile.fetch_add(1, Ordering::Relaxed);
        }
        match (self.fault, delivery) {
            (Fault::GivesVolatileTheNextOffset, Delivery::Volatile) if ends_with_text => {
                Some(Offset::new(self.recover().position().number() + 1))
            }
            (Fault::GivesVolatileTheLastOffset, Delivery::Volatile) if !ends_with_text => {
                Some(self.recover().position())
            }
            _ => None,
        }
    }

    /// Sends an event with an offset that is not its own.
    pub(super) fn broadcast_at(&self, offset: Offset, packet: &Packet, target: &Target, delivery: Delivery) {
        let packet = SharedPacket::at(offset, packet, &Json, target.compression());
        for member in self.inner.members(target) {
            member.deliver(&packet, delivery, None);
            member.flush(Flush::Now);
        }
    }
}

impl Recover for FaultyAdapter {
    fn position(&self) -> Offset {
        let position = self.recover().position();
        match self.fault {
            Fault::CountsWhatIsVolatile => {
                Offset::new(position.number() + self.volatile.load(Ordering::Relaxed))
            }
            _ => position,
        }
    }

    fn send_one(
        &self,
        recipient: &SocketId,
        packet: &Packet,
        delivery: Delivery,
        send: &mut dyn FnMut(&SharedPacket) -> bool,
    ) {
        let compression = Target::new().compression();
        let fault = self.fault;
        self.recover().send_one(recipient, packet, delivery, &mut |shared| match (fault, shared.offset()) {
            (Fault::SendsOneWithoutOffset, Some(_)) if delivery == Delivery::Kept => {
                send(&SharedPacket::new(packet.clone(), &Json, compression))
            }
            (Fault::SendsOneAtAnOldOffset, Some(offset)) if delivery == Delivery::Kept => {
                let old = Offset::new(offset.number() - 5);
                send(&SharedPacket::at(old, packet, &Json, compression))
            }
            (Fault::KeepsWhatWasNotSent, _) => {
                send(shared);
                true
            }
            _ => send(shared),
        });
    }

    fn save(&self, session: Session) {
        self.notes().sessions.push(session.clone());
        self.recover().save(session);
    }

    fn knows(&self, private_id: &PrivateId) -> bool {
        self.fault == Fault::KnowsEverybody || self.recover().knows(private_id)
    }

    fn restore<'a>(
        &'a self,
        private_id: &'a PrivateId,
    ) -> BoxFuture<'a, Result<Option<Session>, AdapterError>> {
        let kept = self.notes().sessions.iter().find(|session| session.private_id == *private_id).cloned();
        Box::pin(async move {
            let restored = self.recover().restore(private_id).await?;
            Ok(if self.fault == Fault::RestoresTwice { kept } else { restored })
        })
    }

    fn keeps_all_after(&self, offset: Offset) -> bool {
        self.recover().keeps_all_after(offset)
    }

    fn resume(
        &self,
        member: Arc<dyn Member>,
        rooms: &[Room],
        after: Offset,
        replay: &mut dyn FnMut(&mut dyn Iterator<Item = &SharedPacket>),
    ) -> Option<SocketKey> {
        let strange = Room::from("others");
        let places = match self.fault {
            Fault::LendsWhatWasForOthers => [rooms, std::slice::from_ref(&strange)].concat(),
            _ => rooms.to_vec(),
        };
        let key = self.recover().resume(member.clone(), &places, after, &mut |missed| {
            let mut missed: Vec<_> = missed.collect();
            if self.fault == Fault::LendsInAnotherOrder {
                missed.reverse();
            }
            replay(&mut missed.into_iter());
        });
        match (self.fault, key) {
            (Fault::LendsWhatWasForOthers, Some(key)) => self.inner.leave(key, &strange),
            (Fault::ForgetsARoom, Some(key)) => {
                rooms.last().into_iter().for_each(|room| self.inner.leave(key, room));
            }
            (Fault::TakesInWhomeverComes, None) => _ = self.inner.add(member),
            _ => {}
        }
        key
    }
}
