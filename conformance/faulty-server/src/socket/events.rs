//! The events of the profile.

use std::time::Duration;

use serde_json::{Value, json};
use sockeye_conformance::wire::packet::{Kind, Packet};

use super::broadcast::Mood;
use super::hub::{Ends, Hub, Place};
use super::recovery::Audience;
use crate::engine::Reason;
use crate::fault::Fault;

impl Hub {
    /// An event came.
    pub(super) fn event(&mut self, place: &Place, packet: Packet) -> Option<Ends> {
        let ack = packet.ack;
        let mut args = packet.data.and_then(|data| data.as_array().cloned()).unwrap_or_default();
        if args.is_empty() {
            return None;
        }
        let name = args.remove(0);
        match (name.as_str()?, ack) {
            ("message", _) => self.emit(place, "message-back", args, Mood::Kept),
            ("volatile", _) => self.emit(place, "message-back", args, Mood::Volatile),
            ("message-with-ack", Some(ack)) => self.acknowledge(place, ack, Value::Array(args)),
            ("count", _) => self.count(place, args.first()),
            ("ask", _) => self.ask(place, args, None),
            ("ask-in-time", _) => self.ask(place, Vec::new(), Some(millis(args.first())?)),
            ("disconnect-me", _) => self.disconnect_by_hand(place),
            ("close-me", _) => return self.close_by_hand(place),
            (name @ ("join" | "leave" | "rooms"), Some(ack)) => self.rooms(name, place, ack, args.first())?,
            (name @ ("to" | "in" | "in-except" | "everybody"), _) => self.say(name, place, args)?,
            ("to-with-ack", Some(ack)) => {
                let within = millis(args.get(1))?;
                self.ask_room(place, ack, args[0].as_str()?, within, &args[2..]);
            }
            (name @ ("whoami" | "handshake" | "reason-of"), Some(ack)) => {
                let told = self.tell(name, place, args.first())?;
                self.acknowledge(place, ack, json!([told]));
            }
            _ => {}
        }
        None
    }

    fn count(&mut self, place: &Place, n: Option<&Value>) {
        let n = n.and_then(Value::as_u64).unwrap_or_default().min(COUNT_LIMIT);
        for i in 0..n {
            self.emit(place, "number", vec![json!(i)], Mood::Kept);
        }
    }

    fn disconnect_by_hand(&mut self, place: &Place) {
        let Some(sid) = self.socket(place).map(|socket| socket.session.sid.clone()) else { return };
        if !self.fault.is(Fault::DisconnectedWithoutAWord) {
            self.send(place, &Packet::new(Kind::Disconnect, &place.namespace));
        }
        self.leave(&sid, place, Reason::ServerNamespaceDisconnect);
    }

    fn close_by_hand(&mut self, place: &Place) -> Option<Ends> {
        let sid = self.socket(place)?.session.sid.clone();
        if self.fault.is(Fault::CloseMeOnlyDisconnects) {
            self.disconnect_by_hand(place);
            return None;
        }
        let places = self.clients.get(&sid)?.sockets.clone();
        for (namespace, id) in places {
            self.disconnect_by_hand(&Place { namespace, id });
        }
        Some(Ends::Asked)
    }

    fn rooms(&mut self, name: &str, place: &Place, ack: u64, room: Option<&Value>) -> Option<()> {
        let ignores_leave = self.fault.is(Fault::LeaveIgnored);
        let rooms = &mut self.socket_mut(place)?.rooms;
        let told = match name {
            "join" => {
                rooms.insert(room?.as_str()?.to_owned());
                json!([])
            }
            "leave" => {
                let room = room?.as_str()?;
                if !ignores_leave {
                    rooms.remove(room);
                }
                json!([])
            }
            _ => json!([rooms]),
        };
        self.acknowledge(place, ack, told);
        Some(())
    }

    fn say(&mut self, name: &str, place: &Place, mut args: Vec<Value>) -> Option<()> {
        let mut next =
            || (!args.is_empty()).then(|| args.remove(0)).and_then(|arg| arg.as_str().map(str::to_owned));
        let to = match name {
            "to" if self.fault.is(Fault::SenderHearsItself) => Audience::room(&next()?),
            "to" => Audience::room(&next()?).except(&place.id),
            "in" => Audience::room(&next()?),
            "in-except" => {
                let (room, without) = (next()?, next()?);
                let room = Audience::room(&room);
                if self.fault.is(Fault::ExceptIgnored) { room } else { room.except(&without) }
            }
            _ => Audience::everybody(),
        };
        self.broadcast(&place.namespace, "said", args, &to);
        Some(())
    }

    fn tell(&self, name: &str, place: &Place, arg: Option<&Value>) -> Option<Value> {
        let socket = self.socket(place)?;
        Some(match name {
            "whoami" => {
                let is_recovered = socket.is_recovered && !self.fault.is(Fault::RecoveredNotTold);
                let transport = socket.session.transport().name();
                json!({ "id": place.id, "recovered": is_recovered, "transport": transport })
            }
            "handshake" => {
                let auth = if socket.auth.is_null() { json!({}) } else { socket.auth.clone() };
                socket.session.opening.to_json(&auth)
            }
            _ => {
                let id = arg?.as_str()?;
                let found = self.reasons.iter().rev().find(|(gone, _)| gone == id);
                json!(found.map(|(_, reason)| reason.words()))
            }
        })
    }
}

fn millis(value: Option<&Value>) -> Option<Duration> {
    value?.as_u64().map(|millis| Duration::from_millis(millis.min(60_000)))
}

const COUNT_LIMIT: u64 = 100_000;
