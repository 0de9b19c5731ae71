//! What is kept for those who come back: sessions for a while, events for as long.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;
use sockeye_conformance::wire::packet::Packet;

use super::hub::Hub;
use crate::fault::Fault;
use crate::figures::RECOVERY_TIME;
use crate::shared::random_id;

/// Who an event is for.
#[derive(Clone, Debug)]
pub(super) struct Audience {
    /// Everybody for none.
    pub(super) rooms: Option<BTreeSet<String>>,
    pub(super) except: BTreeSet<String>,
}

/// What one namespace keeps.
#[derive(Debug, Default)]
pub(super) struct Memory {
    count: u64,
    sessions: HashMap<String, Kept>,
    packets: VecDeque<Said>,
}

/// Somebody who comes back.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) id: String,
    pub(super) pid: String,
    pub(super) rooms: BTreeSet<String>,
    pub(super) missed: Vec<Packet>,
}

#[derive(Debug)]
struct Kept {
    id: String,
    rooms: BTreeSet<String>,
    since: Instant,
}

#[derive(Debug)]
struct Said {
    offset: String,
    packet: Packet,
    to: Audience,
    at: Instant,
}

impl Audience {
    pub(super) fn room(room: &str) -> Self {
        Self { rooms: Some(BTreeSet::from([room.to_owned()])), except: BTreeSet::new() }
    }

    pub(super) fn everybody() -> Self {
        Self { rooms: None, except: BTreeSet::new() }
    }

    #[must_use]
    pub(super) fn except(mut self, room: &str) -> Self {
        self.except.insert(room.to_owned());
        self
    }

    pub(super) fn includes(&self, rooms: &BTreeSet<String>) -> bool {
        self.rooms.as_ref().is_none_or(|named| !named.is_disjoint(rooms)) && self.except.is_disjoint(rooms)
    }
}

impl Memory {
    pub(super) fn next_offset(&mut self) -> String {
        self.count += 1;
        format!("o{}", self.count)
    }

    pub(super) fn keep_packet(&mut self, offset: String, packet: Packet, to: Audience) {
        self.packets.push_back(Said { offset, packet, to, at: Instant::now() });
        let is_old = |said: &Said| said.at.elapsed() > PACKET_TIME;
        while self.packets.front().is_some_and(is_old) || self.packets.len() > PACKETS {
            self.packets.pop_front();
        }
    }

    pub(super) fn keep_session(&mut self, id: &str, pid: String, rooms: BTreeSet<String>) {
        self.sessions.retain(|_, kept| kept.since.elapsed() <= 10 * RECOVERY_TIME);
        self.sessions.insert(pid, Kept { id: id.to_owned(), rooms, since: Instant::now() });
    }
}

impl Hub {
    /// Who asks for a namespace with a `pid` and an `offset` that are known comes back.
    pub(super) fn recover(&mut self, namespace: &str, auth: &Value) -> Option<Recovered> {
        let fault = self.fault;
        let (pid, offset) = (auth["pid"].as_str()?, auth["offset"].as_str()?);
        let memory = &mut self.namespaces.get_mut(namespace)?.memory;
        let heard = memory.packets.iter().position(|said| said.offset == offset);
        let heard = if fault.is(Fault::AnyOffsetRecovers) { heard.or(Some(0)) } else { heard }?;
        let kept = memory.sessions.remove(pid)?;
        if kept.since.elapsed() > RECOVERY_TIME && !fault.is(Fault::RecoveredForTooLong) {
            return None;
        }
        let first = if fault.is(Fault::LastEventReplayed) { heard } else { heard + 1 };
        let unheard = memory.packets.range(first..).filter(|said| said.to.includes(&kept.rooms));
        let mut missed: Vec<Packet> = unheard.map(|said| said.packet.clone()).collect();
        if fault.is(Fault::RecoveryReplaysTwice) {
            missed.extend(missed.clone());
        }
        if fault.is(Fault::RecoveryReversed) {
            missed.reverse();
        }
        if fault.is(Fault::RecoveryReplaysNothing) {
            missed.clear();
        }
        let id = if fault.is(Fault::RecoveredWithAnotherId) { random_id() } else { kept.id };
        let rooms = if fault.is(Fault::RecoveryForgetsRooms) { BTreeSet::new() } else { kept.rooms };
        Some(Recovered { id, pid: pid.to_owned(), rooms, missed })
    }
}

/// Whoever is lost is noticed a heartbeat later, and may have heard its last event long before.
const PACKET_TIME: Duration = Duration::from_secs(60);
/// Of one namespace, however many are said within the time.
const PACKETS: usize = 20_000;
