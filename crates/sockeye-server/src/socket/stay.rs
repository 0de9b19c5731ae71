//! How a socket comes and goes, and where what is emitted to it goes meanwhile.

use std::sync::Arc;

use sockeye_adapter::{Offset, PrivateId, Recover, Room, Session, SharedPacket, SocketKey};

use super::{Own, Socket};
use crate::{
    DisconnectDetails, DisconnectReason, Handshake,
    active::Active,
    comeback::{Recoverable, Resumption},
    link::Link,
};

/// Where a socket stands with the adapter.
pub(super) enum Membership {
    /// The guards have not decided; these rooms will be joined if they let the peer in. One that comes back is sent again
    /// what came after an event.
    Waiting {
        rooms: Vec<Room>,
        after: Option<Offset>,
    },
    In(SocketKey),
    Gone,
}

/// Where what is emitted to a socket goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// To the peer.
    Here,
    /// It is kept until the peer comes back, if it has not done so already.
    Away,
    Gone,
}

impl Socket {
    /// A socket that takes the place of an earlier one.
    pub(crate) fn returning(
        resumption: Resumption,
        namespace: Arc<Active>,
        link: Arc<Link>,
        handshake: Handshake,
    ) -> Self {
        let Resumption { session, after } = resumption;
        let recoverable = Recoverable::again(&session);
        let Session { id, rooms, data, .. } = session;
        let socket = Self::new(id, Some(recoverable), namespace, link, handshake);
        *socket.membership() = Membership::Waiting { rooms, after: Some(after) };
        if let Ok(data) = data.downcast() {
            socket.0.own.get_or_init(|| Box::new(Own { data, ..Own::default() }));
        }
        socket
    }

    /// The peer is let in: it learns so, and from now on it is found in its rooms. One that comes back is sent what it has
    /// missed.
    pub(crate) fn enter(&self) -> Result<(), DisconnectReason> {
        let adapter = &self.0.namespace.adapter;
        let after = match *self.membership() {
            Membership::Waiting { after, .. } => after,
            _ => None,
        };
        let key = if let (Some(after), Some(recover)) = (after, adapter.recovery()) {
            self.resume(recover, after)?
        } else {
            self.accept()?;
            adapter.add(self.0.clone())
        };
        let before = std::mem::replace(&mut *self.membership(), Membership::In(key));
        if let Membership::Waiting { rooms, .. } = before
            && !rooms.is_empty()
        {
            adapter.join(key, &rooms);
        }
        self.0.namespace.measure();
        Ok(())
    }

    fn resume(&self, recover: &dyn Recover, after: Offset) -> Result<SocketKey, DisconnectReason> {
        let mut accepted = Ok(());
        let key = recover.resume(self.0.clone(), &self.rooms(), after, &mut |missed| {
            accepted = self.accept();
            missed.for_each(|packet| self.0.replay(packet));
        });
        // If not all is kept any more, its guards took too long. The next time it comes as somebody new.
        let key = key.ok_or(DisconnectReason::ForcedServerClose)?;
        accepted.inspect_err(|_| self.0.namespace.adapter.remove(key)).map(|()| key)
    }

    fn accept(&self) -> Result<(), DisconnectReason> {
        let private_id = self.0.recoverable.as_ref().map(|recoverable| &*recoverable.private_id);
        let accepted = self.0.link.with_machine(|machine| match private_id {
            Some(private_id) => machine.accept_recoverable(self.namespace(), self.id(), private_id),
            None => machine.accept(self.namespace(), self.id()),
        });
        // It does not read what was sent to it before.
        accepted.map_err(|_| DisconnectReason::SlowConsumer)
    }

    /// The peer will go, or was not let in; the first reason stands.
    pub(crate) fn note_reason(&self, reason: DisconnectReason) {
        // Whoever comes second has lost against another end of the same socket.
        let _ = self.0.reason.set(reason);
    }

    /// What is known of the end that the socket is about to come to, unless it has come to another one.
    pub(crate) fn note_details(&self, details: &DisconnectDetails) {
        if self.0.reason.get().is_none() && details.description().is_some() {
            let _ = self.own().ended.set(details.clone());
        }
    }

    /// The peer is found in no room any more. If it may come back, it is kept.
    pub(crate) fn exit(&self) {
        let mut membership = self.membership();
        let before = std::mem::replace(&mut *membership, Membership::Gone);
        if let Membership::In(key) = before {
            // Whoever wants to take its place waits at the lock until it is kept.
            self.save(key);
            drop(membership);
            self.0.namespace.adapter.remove(key);
            self.0.namespace.measure();
        } else {
            drop(membership);
        }
        if let Some(recoverable) = &self.0.recoverable {
            self.0.namespace.present.remove(&recoverable.private_id, &Arc::downgrade(&self.0));
        }
    }

    /// Its peer comes back by another connection, though this one seems to be fine: it makes room.
    pub(crate) fn give_way(&self) -> Option<Session> {
        let mut membership = self.membership();
        let Membership::In(key) = *membership else { return None };
        let session = self.session(key)?;
        *membership = Membership::Gone;
        drop(membership);
        self.note_reason(DisconnectReason::TransportClose);
        self.0.namespace.adapter.remove(key);
        self.0.namespace.measure();
        self.0.link.end(DisconnectReason::TransportClose);
        Some(session)
    }

    fn save(&self, key: SocketKey) {
        let is_recoverable = self.disconnect_reason().is_some_and(DisconnectReason::is_recoverable);
        if is_recoverable
            && let Some(recover) = self.0.namespace.adapter.recovery()
            && let Some(session) = self.session(key)
        {
            recover.save(session);
        }
    }

    /// All that is needed for its peer to come back.
    fn session(&self, key: SocketKey) -> Option<Session> {
        let adapter = &self.0.namespace.adapter;
        let recoverable = self.0.recoverable.as_ref()?;
        let until = adapter.recovery()?.position();
        Some(Session {
            id: self.id().clone(),
            private_id: recoverable.private_id.clone(),
            rooms: adapter.rooms(key),
            data: self.own().data.clone(),
            since: recoverable.since,
            until,
            sent: recoverable.sent(),
        })
    }

    /// Whatever gives events offsets, if its peer may come back.
    pub(crate) fn recorder(&self) -> Option<&dyn Recover> {
        self.0.recoverable.as_ref().and_then(|_| self.0.namespace.adapter.recovery())
    }

    /// An event with an offset is on its way to the peer.
    pub(crate) fn note_sent(&self, packet: &SharedPacket) {
        self.0.note_sent(packet);
    }

    pub(crate) fn standing(&self) -> Standing {
        let Some(recoverable) = &self.0.recoverable else {
            return if self.check_stay().is_ok() { Standing::Here } else { Standing::Gone };
        };
        match self.disconnect_reason() {
            None if recoverable.has_come_back && self.is_waiting() => Standing::Away,
            None => Standing::Here,
            Some(reason) if reason.is_recoverable() && self.is_kept(&recoverable.private_id) => {
                Standing::Away
            }
            Some(_) => Standing::Gone,
        }
    }

    /// Whether the peer of this socket, which has gone, may come back or has come back.
    fn is_kept(&self, private_id: &PrivateId) -> bool {
        let namespace = &self.0.namespace;
        namespace.present.contains(private_id)
            || namespace.adapter.recovery().is_some_and(|recover| recover.knows(private_id))
    }

    fn is_waiting(&self) -> bool {
        matches!(*self.membership(), Membership::Waiting { .. })
    }
}
