//! An adapter with some sockets.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use sockeye_adapter::{Adapter, BoxFuture, Delivery, Host, Room, ServerEvent, SocketKey, Target};
use sockeye_parser::{AckId, Args, EventName, Format, Json, NamespaceName, Packet};

use super::peer::{Manner, Peer};
use crate::harness::watched::block_on;

/// A namespace of one server, without the server.
pub(in crate::harness) struct Stage {
    pub(in crate::harness) adapter: Arc<dyn Adapter>,
    host: Arc<Ears>,
}

impl Stage {
    pub(in crate::harness) fn new<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) -> Self {
        let (adapter, host) = (Arc::new(make(Arc::new(Json))), Arc::new(Ears::default()));
        let listening: Arc<dyn Host> = host.clone();
        adapter.attach(Arc::downgrade(&listening));
        Self { adapter, host }
    }

    /// A socket that takes what comes.
    pub(in crate::harness) fn enter(&self, id: &str) -> (Arc<Peer>, SocketKey) {
        self.enter_as(id, Manner::Takes)
    }

    pub(in crate::harness) fn enter_as(&self, id: &str, manner: Manner) -> (Arc<Peer>, SocketKey) {
        let peer = Arc::new(Peer::new(id, manner));
        let key = self.adapter.add(peer.clone());
        (peer, key)
    }

    /// Sends an event to everybody in the target.
    pub(in crate::harness) fn broadcast(&self, number: u32, target: &Target) {
        self.broadcast_as(number, target, Delivery::Kept);
    }

    pub(in crate::harness) fn broadcast_as(&self, number: u32, target: &Target, delivery: Delivery) {
        let event = event(number);
        block_on(self.adapter.broadcast(&event, target, delivery)).expect("a broadcast succeeds");
    }

    /// The rooms of a socket, in the order of the alphabet.
    pub(in crate::harness) fn rooms(&self, key: SocketKey) -> Vec<Room> {
        let mut rooms = self.adapter.rooms(key);
        rooms.sort();
        rooms
    }

    /// The ids of the sockets of this server that a target means, in the order of the alphabet.
    pub(in crate::harness) fn meant(&self, target: &Target) -> Vec<String> {
        sorted(self.adapter.members(target).iter().map(|member| member.id().to_string()))
    }

    /// The events of other servers that this one was handed.
    pub(in crate::harness) fn heard(&self) -> Vec<EventName> {
        self.host.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Notes what other servers send.
#[derive(Default)]
struct Ears(Mutex<Vec<EventName>>);

impl Host for Ears {
    fn handle(self: Arc<Self>, event: ServerEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.name);
    }

    fn next_ack_id(&self) -> AckId {
        AckId::new(0)
    }
}

/// An event that differs from others of other numbers.
pub(in crate::harness) fn event(number: u32) -> Packet {
    event_with(&number.to_string(), None)
}

/// The same, to be acknowledged.
pub(in crate::harness) fn question(number: u32, id: AckId) -> Packet {
    event_with(&number.to_string(), Some(id))
}

/// An event with these arguments.
pub(in crate::harness) fn event_with(items: &str, ack: Option<AckId>) -> Packet {
    let args = Args::from_json(format!("[{items}]"), Vec::new()).expect("these are arguments");
    Packet::Event { namespace: NamespaceName::root(), name: "event".into(), args, ack }
}

pub(in crate::harness) fn rooms(names: &[&str]) -> Vec<Room> {
    names.iter().copied().map(Room::from).collect()
}

pub(in crate::harness) fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names = Vec::from_iter(names);
    names.sort();
    names
}

/// A future that is polled by hand.
pub(in crate::harness) struct ByHand<'a, T> {
    future: BoxFuture<'a, T>,
    /// A future that was ready must not be polled again.
    output: Option<T>,
}

impl<'a, T> ByHand<'a, T> {
    pub(in crate::harness) fn new(future: BoxFuture<'a, T>) -> Self {
        Self { future, output: None }
    }

    /// Polls it so often, unless it is ready before.
    pub(in crate::harness) fn poll(&mut self, times: usize) -> &mut Self {
        for _ in 0..times {
            if self.output.is_none()
                && let Poll::Ready(output) =
                    self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            {
                self.output = Some(output);
            }
        }
        self
    }

    pub(in crate::harness) fn is_ready(&self) -> bool {
        self.output.is_some()
    }

    /// Sees it through.
    pub(in crate::harness) fn finish(self) -> T {
        self.output.unwrap_or_else(|| block_on(self.future))
    }
}
