//! Events to one, to a room, to everybody.

use std::collections::BTreeSet;

use serde_json::Value;
use sockeye_conformance::wire::packet::Packet;

use super::hub::{Hub, Place};
use super::recovery::Audience;
use crate::fault::Fault;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// It is kept for those who will be recovered.
    Kept,
    /// It is dropped where it cannot leave at once.
    Volatile,
}

impl Hub {
    /// An event to one socket.
    pub(super) fn emit(&mut self, to: &Place, event: &str, args: Vec<Value>, mood: Mood) {
        if mood == Mood::Volatile && !self.fault.is(Fault::VolatileIsKept) {
            let packet = Packet::event(&to.namespace, event, &Value::Array(args));
            if self.socket(to).is_some_and(|socket| socket.session.is_writable()) {
                self.send(to, &packet);
            }
            return;
        }
        let own = Audience { rooms: Some(BTreeSet::from([to.id.clone()])), except: BTreeSet::new() };
        let packet = self.with_offset(&to.namespace, event, args, own);
        self.send(to, &packet);
    }

    /// An event to all of an audience.
    pub(super) fn broadcast(&mut self, namespace: &str, event: &str, args: Vec<Value>, to: &Audience) {
        let packet = self.with_offset(namespace, event, args, to.clone());
        let crosses = to.rooms.is_none() && self.fault.is(Fault::EverybodyIsInAllNamespaces);
        if crosses || self.fault.is(Fault::RoomsAreSharedByNamespaces) {
            for place in self.everywhere(to) {
                let packet = Packet { namespace: place.namespace.clone(), ..packet.clone() };
                self.send(&place, &packet);
            }
            return;
        }
        for place in self.members(namespace, to) {
            self.send(&place, &packet);
            if self.fault.is(Fault::BroadcastTwice) {
                self.send(&place, &packet);
            }
        }
    }

    /// Who is in an audience.
    pub(super) fn members(&self, namespace: &str, audience: &Audience) -> Vec<Place> {
        let Some(sockets) = self.namespaces.get(namespace).map(|namespace| &namespace.sockets) else {
            return Vec::new();
        };
        let within = sockets.iter().filter(|(_, socket)| audience.includes(&socket.rooms));
        within.map(|(id, _)| Place { namespace: namespace.to_owned(), id: id.clone() }).collect()
    }

    fn everywhere(&self, audience: &Audience) -> Vec<Place> {
        self.namespaces.keys().flat_map(|namespace| self.members(namespace, audience)).collect()
    }

    /// The event with its offset behind its arguments, kept for those who will be recovered.
    fn with_offset(&mut self, namespace: &str, event: &str, mut args: Vec<Value>, to: Audience) -> Packet {
        let memory = &mut self.namespaces.entry(namespace.to_owned()).or_default().memory;
        let offset = memory.next_offset();
        if !self.fault.is(Fault::NoOffset) {
            args.push(Value::from(offset.clone()));
        }
        let packet = Packet::event(namespace, event, &Value::Array(args));
        memory.keep_packet(offset, packet.clone(), to);
        packet
    }
}
