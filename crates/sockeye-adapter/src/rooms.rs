//! The index of rooms: join, leave, and who is meant by a target. Knows nothing of sockets but what it is given.

use std::collections::{HashMap, HashSet};

use sockeye_parser::SocketId;

use crate::{Room, Target};

/// Who is in which room. `M` stands for the member: a handle in servers, anything in tests.
///
/// Members lie dense in memory, so that a broadcast walks an array; joining, leaving and resolving cost what the rooms
/// concerned hold, never what the index holds.
#[derive(Debug)]
pub struct Rooms<M> {
    slots: Vec<Slot<M>>,
    free: Vec<u32>,
    lists: HashMap<Room, Vec<u32>>,
}

/// Names a member of one [`Rooms`]; never used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketKey {
    slot: u32,
    generation: u32,
}

#[derive(Debug)]
struct Slot<M> {
    generation: u32,
    entry: Option<Entry<M>>,
}

#[derive(Debug)]
struct Entry<M> {
    member: M,
    joined: Vec<Joined>,
}

/// A room of a member, and where the member stands in the room's list.
#[derive(Debug)]
struct Joined {
    room: Room,
    at: u32,
}

impl<M> Rooms<M> {
    /// Nobody yet.
    pub fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), lists: HashMap::new() }
    }

    /// Takes a member in, and puts it into the room of its own id.
    pub fn add(&mut self, id: SocketId, member: M) -> SocketKey {
        let entry = Some(Entry { member, joined: Vec::with_capacity(1) });
        let key = if let Some(slot) = self.free.pop() {
            let generation = self.slots[slot as usize].generation;
            self.slots[slot as usize].entry = entry;
            SocketKey { slot, generation }
        } else {
            self.slots.push(Slot { generation: 0, entry });
            SocketKey { slot: index(self.slots.len() - 1), generation: 0 }
        };
        self.join(key, &[Room::from(id)]);
        key
    }

    /// Puts a member into rooms. Without effect for a member that has left.
    pub fn join(&mut self, key: SocketKey, rooms: &[Room]) {
        let Some(entry) = entry(&mut self.slots, key) else {
            return;
        };
        for room in rooms {
            if entry.joined.iter().any(|joined| joined.room == *room) {
                continue;
            }
            let list = self.lists.entry(room.clone()).or_insert_with(|| Vec::with_capacity(1));
            entry.joined.push(Joined { room: room.clone(), at: index(list.len()) });
            list.push(key.slot);
        }
    }

    /// Takes a member out of a room. Without effect if it is not in there.
    pub fn leave(&mut self, key: SocketKey, room: &str) {
        let Some(entry) = entry(&mut self.slots, key) else {
            return;
        };
        let Some(position) = entry.joined.iter().position(|joined| &*joined.room == room) else {
            return;
        };
        let joined = entry.joined.swap_remove(position);
        self.unlist(&joined);
    }

    /// Takes a member out of everything, and gives it back.
    pub fn remove(&mut self, key: SocketKey) -> Option<M> {
        let slot = self.slots.get_mut(key.slot as usize).filter(|slot| slot.generation == key.generation)?;
        let entry = slot.entry.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        for joined in &entry.joined {
            self.unlist(joined);
        }
        self.free.push(key.slot);
        Some(entry.member)
    }

    /// Calls `found` once for each member that the target means.
    pub fn resolve(&self, target: &Target, mut found: impl FnMut(&M)) {
        let except = self.slots_of(&target.except);
        let mut visit = |slot: u32| {
            if !except.contains(&slot)
                && let Some(entry) = &self.slots[slot as usize].entry
            {
                found(&entry.member);
            }
        };
        match &*target.rooms {
            [] => (0..index(self.slots.len())).for_each(visit),
            [room] => self.list(room).iter().copied().for_each(visit),
            several => self.slots_of(several).into_iter().for_each(&mut visit),
        }
    }

    /// The keys of those whom the target means.
    pub fn keys(&self, target: &Target) -> Vec<SocketKey>
    where
        M: Clone,
    {
        let except = self.slots_of(&target.except);
        let all: Box<dyn Iterator<Item = u32>> = if target.rooms.is_empty() {
            Box::new(0..index(self.slots.len()))
        } else {
            Box::new(self.slots_of(&target.rooms).into_iter())
        };
        all.filter(|slot| !except.contains(slot) && self.slots[*slot as usize].entry.is_some())
            .map(|slot| SocketKey { slot, generation: self.slots[slot as usize].generation })
            .collect()
    }

    /// The rooms that a member is in, the one of its own id among them; none once it has left.
    pub fn rooms_of(&self, key: SocketKey) -> Vec<Room> {
        let slot = self.slots.get(key.slot as usize).filter(|slot| slot.generation == key.generation);
        let entry = slot.and_then(|slot| slot.entry.as_ref());
        entry.map_or_else(Vec::new, |entry| entry.joined.iter().map(|joined| joined.room.clone()).collect())
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rooms have a member.
    pub fn room_count(&self) -> usize {
        self.lists.len()
    }

    fn list(&self, room: &Room) -> &[u32] {
        self.lists.get(room).map_or(&[], Vec::as_slice)
    }

    fn slots_of(&self, rooms: &[Room]) -> HashSet<u32> {
        rooms.iter().flat_map(|room| self.list(room)).copied().collect()
    }

    /// Takes a place out of a room's list; the last in the list moves there. A room without members is forgotten.
    fn unlist(&mut self, joined: &Joined) {
        let Some(list) = self.lists.get_mut(&joined.room) else {
            return;
        };
        list.swap_remove(joined.at as usize);
        if let Some(&moved) = list.get(joined.at as usize) {
            let others = self.slots[moved as usize].entry.as_mut().map(|entry| &mut entry.joined);
            if let Some(place) = others.into_iter().flatten().find(|other| other.room == joined.room) {
                place.at = joined.at;
            }
        } else if list.is_empty() {
            self.lists.remove(&joined.room);
        }
    }
}

impl<M> Default for Rooms<M> {
    fn default() -> Self {
        Self::new()
    }
}

fn entry<M>(slots: &mut [Slot<M>], key: SocketKey) -> Option<&mut Entry<M>> {
    let slot = slots.get_mut(key.slot as usize).filter(|slot| slot.generation == key.generation)?;
    slot.entry.as_mut()
}

/// Positions fit 32 bits: that many sockets do not fit a machine.
fn index(position: usize) -> u32 {
    u32::try_from(position).expect("fewer than 2^32 sockets")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> SocketId {
        SocketId::from(name)
    }

    fn meant(rooms: &Rooms<&'static str>, target: &Target) -> Vec<&'static str> {
        let mut found = Vec::new();
        rooms.resolve(target, |member| found.push(*member));
        found.sort_unstable();
        found
    }

    fn three() -> (Rooms<&'static str>, [SocketKey; 3]) {
        let mut rooms = Rooms::new();
        let keys = ["a", "b", "c"].map(|name| rooms.add(id(name), name));
        (rooms, keys)
    }

    #[test]
    fn everybody_is_meant_when_no_room_is_named() {
        let (rooms, _) = three();
        assert_eq!(meant(&rooms, &Target::new()), ["a", "b", "c"]);
        assert_eq!(meant(&rooms, &Target::new().except("b")), ["a", "c"]);
    }

    #[test]
    fn everybody_has_a_room_of_their_own_id() {
        let (rooms, [_, b, _]) = three();
        assert_eq!(meant(&rooms, &Target::new().to("b")), ["b"]);
        assert_eq!(rooms.rooms_of(b), [Room::from("b")]);
    }

    #[test]
    fn a_member_of_two_rooms_is_meant_once() {
        let (mut rooms, [a, b, _]) = three();
        rooms.join(a, &[Room::from("x"), Room::from("y")]);
        rooms.join(b, &[Room::from("y")]);

        assert_eq!(meant(&rooms, &Target::new().to("x").to("y")), ["a", "b"]);
        assert_eq!(meant(&rooms, &Target::new().to("x").to("y").except("x")), ["b"]);
    }

    #[test]
    fn joining_twice_is_joining_once() {
        let (mut rooms, [a, ..]) = three();
        rooms.join(a, &[Room::from("x"), Room::from("x")]);
        rooms.leave(a, "x");

        assert!(meant(&rooms, &Target::new().to("x")).is_empty());
    }

    #[test]
    fn a_room_without_members_is_forgotten() {
        let (mut rooms, [a, ..]) = three();
        rooms.join(a, &[Room::from("x")]);
        assert_eq!(rooms.room_count(), 4);

        rooms.remove(a);

        assert_eq!(rooms.room_count(), 2);
        assert_eq!(rooms.len(), 2);
    }

    #[test]
    fn a_key_of_the_gone_does_not_touch_the_newcomer_in_its_place() {
        let (mut rooms, [a, ..]) = three();
        rooms.remove(a);
        let newcomer = rooms.add(id("d"), "d");

        rooms.join(a, &[Room::from("x")]);
        rooms.leave(a, "d");
        assert_eq!(rooms.remove(a), None);

        assert_eq!(rooms.rooms_of(newcomer), [Room::from("d")]);
        assert!(rooms.rooms_of(a).is_empty());
    }
}
