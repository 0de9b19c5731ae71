//! The index of rooms: join, leave, and who is meant by a target. Knows nothing of sockets but what it is given.

use std::collections::{HashMap, HashSet};

use sockeye_parser::SocketId;

use crate::{Room, RoomEvent, Target};

/// Who is in which room. `M` stands for the member: a handle in servers, anything in tests.
///
/// Members lie dense in memory, so that a broadcast walks an array; joining, leaving and resolving cost what the rooms
/// concerned hold, never what the index holds.
#[derive(Debug)]
pub struct Rooms<M> {
    slots: Vec<Slot<M>>,
    free: Vec<u32>,
    lists: HashMap<Room, Vec<u32>>,
    /// What has happened since somebody asked, if somebody asks at all.
    events: Option<Vec<RoomEvent>>,
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
    id: SocketId,
    member: M,
    joined: Vec<Joined>,
}

impl<M> Entry<M> {
    fn is_in(&self, room: &Room) -> bool {
        self.joined.iter().any(|joined| joined.room == *room)
    }

    fn rooms(&self) -> Vec<Room> {
        self.joined.iter().map(|joined| joined.room.clone()).collect()
    }
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
        Self { slots: Vec::new(), free: Vec::new(), lists: HashMap::new(), events: None }
    }

    /// Nobody yet; what happens is kept for [`take_events`](Self::take_events).
    pub fn recording() -> Self {
        Self { events: Some(Vec::new()), ..Self::new() }
    }

    /// What has happened since this was called the last time.
    pub fn take_events(&mut self) -> Vec<RoomEvent> {
        self.events.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes a member in, and puts it into the room of its own id.
    pub fn add(&mut self, id: SocketId, member: M) -> SocketKey {
        let entry = Some(Entry { id: id.clone(), member, joined: Vec::with_capacity(1) });
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
            if entry.is_in(room) {
                continue;
            }
            let list = self.lists.entry(room.clone()).or_insert_with(|| {
                record(&mut self.events, || RoomEvent::Created(room.clone()));
                Vec::with_capacity(1)
            });
            record(&mut self.events, || RoomEvent::Joined(room.clone(), entry.id.clone()));
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
        let id = entry.id.clone();
        self.unlist(&joined, &id);
    }

    /// Takes a member out of everything, and gives it back.
    pub fn remove(&mut self, key: SocketKey) -> Option<M> {
        let slot = self.slots.get_mut(key.slot as usize).filter(|slot| slot.generation == key.generation)?;
        let entry = slot.entry.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        for joined in &entry.joined {
            self.unlist(joined, &entry.id);
        }
        self.free.push(key.slot);
        Some(entry.member)
    }

    /// Calls `found` once for each member that the target means.
    pub fn resolve(&self, target: &Target, mut found: impl FnMut(&M)) {
        self.visit(target, |_, entry| found(&entry.member));
    }

    /// The same, with the rooms that each of them is in.
    pub fn resolve_with_rooms(&self, target: &Target, mut found: impl FnMut(&M, Vec<Room>)) {
        self.visit(target, |_, entry| found(&entry.member, entry.rooms()));
    }

    /// The keys of those whom the target means.
    pub fn keys(&self, target: &Target) -> Vec<SocketKey> {
        let mut keys = Vec::new();
        self.visit(target, |slot, _| {
            keys.push(SocketKey { slot, generation: self.slots[slot as usize].generation });
        });
        keys
    }

    fn visit(&self, target: &Target, mut found: impl FnMut(u32, &Entry<M>)) {
        let except = self.slots_of(&target.except);
        let visit = |slot: u32| {
            if let Some(entry) = &self.slots[slot as usize].entry
                && !except.contains(&slot)
                && target.all.iter().all(|room| entry.is_in(room))
            {
                found(slot, entry);
            }
        };
        match (&*target.rooms, self.smallest(&target.all)) {
            ([], None) => (0..index(self.slots.len())).for_each(visit),
            ([], Some(list)) => list.iter().copied().for_each(visit),
            ([room], _) => self.list(room).iter().copied().for_each(visit),
            (several, _) => self.slots_of(several).into_iter().for_each(visit),
        }
    }

    /// The rooms that a member is in, the one of its own id among them; none once it has left.
    pub fn rooms_of(&self, key: SocketKey) -> Vec<Room> {
        self.entry(key).map_or_else(Vec::new, Entry::rooms)
    }

    /// How many rooms that are.
    pub fn count_of(&self, key: SocketKey) -> usize {
        self.entry(key).map_or(0, |entry| entry.joined.len())
    }

    fn entry(&self, key: SocketKey) -> Option<&Entry<M>> {
        let slot = self.slots.get(key.slot as usize).filter(|slot| slot.generation == key.generation)?;
        slot.entry.as_ref()
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

    /// Of several rooms, the list of that with the fewest members.
    fn smallest(&self, rooms: &[Room]) -> Option<&[u32]> {
        rooms.iter().map(|room| self.list(room)).min_by_key(|list| list.len())
    }

    fn slots_of(&self, rooms: &[Room]) -> HashSet<u32> {
        rooms.iter().flat_map(|room| self.list(room)).copied().collect()
    }

    /// Takes a place out of a room's list; the last in the list moves there. A room without members is forgotten.
    fn unlist(&mut self, joined: &Joined, id: &SocketId) {
        record(&mut self.events, || RoomEvent::Left(joined.room.clone(), id.clone()));
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
            record(&mut self.events, || RoomEvent::Deleted(joined.room.clone()));
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

fn record(events: &mut Option<Vec<RoomEvent>>, event: impl FnOnce() -> RoomEvent) {
    if let Some(events) = events {
        events.push(event());
    }
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
    fn members_can_be_asked_to_be_in_several_rooms_at_once() {
        let (mut rooms, [a, b, c]) = three();
        rooms.join(a, &[Room::from("x"), Room::from("y")]);
        rooms.join(b, &[Room::from("y"), Room::from("z")]);
        rooms.join(c, &[Room::from("x"), Room::from("y"), Room::from("z")]);
        let both = Target::new().also_in("x").also_in("y");

        assert_eq!(meant(&rooms, &both), ["a", "c"]);
        assert_eq!(meant(&rooms, &both.clone().to("z")), ["c"]);
        assert_eq!(meant(&rooms, &both.clone().to("z").to("a")), ["a", "c"]);
        assert_eq!(meant(&rooms, &both.clone().except("z")), ["a"]);
        assert_eq!(rooms.keys(&both), [a, c]);
        assert!(meant(&rooms, &both.also_in("empty")).is_empty());
    }

    #[test]
    fn members_come_with_their_rooms_if_asked_for() {
        let (mut rooms, [a, ..]) = three();
        rooms.join(a, &[Room::from("x")]);

        let mut found = Vec::new();
        rooms
            .resolve_with_rooms(&Target::new().to("x").to("b"), |member, rooms| found.push((*member, rooms)));

        found.sort_unstable();
        assert_eq!(found, [("a", vec!["a".into(), "x".into()]), ("b", vec!["b".into()])]);
    }

    #[test]
    fn what_happens_to_rooms_is_recorded() {
        let mut rooms = Rooms::recording();
        let [a, b] = ["a", "b"].map(|name| rooms.add(id(name), name));
        let own = |name: &str| [RoomEvent::Created(name.into()), RoomEvent::Joined(name.into(), id(name))];
        assert_eq!(rooms.take_events(), [own("a"), own("b")].concat());

        let x = Room::from("x");
        rooms.join(a, &[x.clone(), x.clone()]);
        rooms.join(b, std::slice::from_ref(&x));
        rooms.leave(a, "x");
        rooms.leave(a, "x");
        rooms.remove(b);

        let expected = [
            RoomEvent::Created(x.clone()),
            RoomEvent::Joined(x.clone(), id("a")),
            RoomEvent::Joined(x.clone(), id("b")),
            RoomEvent::Left(x.clone(), id("a")),
            RoomEvent::Left("b".into(), id("b")),
            RoomEvent::Deleted("b".into()),
            RoomEvent::Left(x.clone(), id("b")),
            RoomEvent::Deleted(x),
        ];
        assert_eq!(rooms.take_events(), expected);
        assert!(rooms.take_events().is_empty());
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
