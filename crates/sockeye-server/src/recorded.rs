//! Events for one socket that are kept in case its peer gets lost.

use std::task::{Context, Poll};

use sockeye_adapter::{Delivery, Recover, SharedPacket, Target};
use sockeye_parser::Packet;

use crate::{EmitError, Socket, broadcast::send_at_once, emit::Outgoing, emitters::Place, socket::Standing};

/// An event on its way.
#[derive(Debug)]
pub(crate) struct Recorded {
    packet: Packet,
    /// Where it waits for room in the peer's queue.
    pub(crate) place: Option<Place>,
}

impl Recorded {
    pub(crate) fn new(socket: &Socket, event: Outgoing) -> Self {
        socket.tell_outgoing(&event.name, &event.args);
        Self { packet: socket.packet(event, None), place: None }
    }

    /// Pending while there is no room in the peer's queue.
    pub(crate) fn poll(
        &mut self,
        socket: &Socket,
        recover: &dyn Recover,
        delivery: Delivery,
        cx: &Context<'_>,
    ) -> Poll<Result<(), EmitError>> {
        let Self { packet, place } = self;
        let (link, namespace) = (socket.link(), socket.namespace());
        send(socket, recover, packet, delivery, |shared| match delivery {
            Delivery::Kept => link.poll_emit_shared(cx, namespace, shared, place),
            Delivery::Volatile => Poll::Ready(link.emit_shared_volatile(namespace, shared)),
        })
    }
}

/// Sends an event without waiting for room.
pub(crate) fn send_now(socket: &Socket, recover: &dyn Recover, event: Outgoing) -> Result<(), EmitError> {
    let Recorded { packet, .. } = Recorded::new(socket, event);
    let queue = |shared: &SharedPacket| Poll::Ready(socket.link().emit_shared(socket.namespace(), shared));
    match send(socket, recover, &packet, Delivery::Kept, queue) {
        Poll::Ready(sent) => sent,
        Poll::Pending => Err(EmitError::Full),
    }
}

/// Sends an event to where the socket is. `queue` tells whether the event is on its way then.
fn send(
    socket: &Socket,
    recover: &dyn Recover,
    packet: &Packet,
    delivery: Delivery,
    mut queue: impl FnMut(&SharedPacket) -> Poll<Result<bool, sockeye_proto::SendError>>,
) -> Poll<Result<(), EmitError>> {
    match socket.standing() {
        Standing::Gone => Poll::Ready(Err(EmitError::Disconnected)),
        Standing::Away => {
            let target = Target::new().to(socket.id());
            send_at_once(&*socket.active().adapter, packet, &target, delivery);
            Poll::Ready(Ok(()))
        }
        Standing::Here => {
            let mut outcome = Poll::Pending;
            recover.send_one(socket.id(), packet, delivery, &mut |shared| {
                outcome = queue(shared);
                let is_sent = matches!(outcome, Poll::Ready(Ok(true)));
                if is_sent && delivery == Delivery::Kept {
                    socket.note_sent(shared);
                }
                is_sent
            });
            outcome.map_ok(drop).map_err(EmitError::from)
        }
    }
}
