//! Broadcasts that go wrong.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use sockeye_adapter::{
    Adapter, AdapterError, BoxFuture, Delivered, Delivery, Flush, LocalAdapter, Member, SharedPacket, Target,
};
use sockeye_parser::{Json, Packet};

use super::{Fault, Queue};

/// Queues for one after the other, and stops at the first that has no room.
pub(super) fn give_up_early<'a>(
    inner: &'a LocalAdapter,
    packet: &Packet,
    target: &Target,
    delivery: Delivery,
) -> BoxFuture<'a, Result<(), AdapterError>> {
    let shared = SharedPacket::new(packet.clone(), &Json, target.compression());
    for member in inner.members(target) {
        if member.deliver(&shared, delivery, None) == Delivered::Dropped {
            break;
        }
        member.flush(Flush::Now);
    }
    Box::pin(std::future::ready(Ok(())))
}

/// A broadcast that is queued at once, and takes some time to be flushed, if it is.
pub(super) struct Slow {
    members: Vec<Arc<dyn Member>>,
    polls: usize,
    fault: Fault,
}

impl Slow {
    pub(super) fn new(
        inner: &LocalAdapter,
        packet: &Packet,
        target: &Target,
        delivery: Delivery,
        fault: Fault,
    ) -> Self {
        let shared = SharedPacket::new(packet.clone(), &Json, target.compression());
        let members = inner.members(target);
        for member in &members {
            member.deliver(&shared, delivery, None);
        }
        Self { members, polls: 5, fault }
    }
}

impl Future for Slow {
    type Output = Result<(), AdapterError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls > 0 {
            self.polls -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let fault = self.fault;
        for member in self.members.drain(..).filter(|_| fault == Fault::FlushesOnlyAtTheEnd) {
            member.flush(Flush::Now);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        if self.fault != Fault::FlushesOnlyAtTheEnd {
            self.members.iter().for_each(|member| member.flush(Flush::Later));
        }
    }
}

/// A broadcast that is queued when it is polled again, or dropped, with all that wait.
pub(super) struct Late<'a> {
    pub(super) inner: &'a LocalAdapter,
    pub(super) queue: &'a Queue,
    /// Taken when it is polled for the first time.
    pub(super) packet: Option<(Packet, Target, Delivery)>,
}

impl Late<'_> {
    fn send_all(&self) {
        let queued = std::mem::take(&mut *self.queue.lock().expect("nobody panics with it"));
        for (packet, target, delivery) in queued {
            drop(self.inner.fan_out(&packet, &target, delivery, None));
        }
    }
}

impl Future for Late<'_> {
    type Output = Result<(), AdapterError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(packet) = self.packet.take() {
            self.queue.lock().expect("nobody panics with it").push(packet);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.send_all();
        Poll::Ready(Ok(()))
    }
}

impl Drop for Late<'_> {
    fn drop(&mut self) {
        self.send_all();
    }
}
