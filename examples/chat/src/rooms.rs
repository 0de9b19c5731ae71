//! Who is in which room, and what was said there lately.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use serde::Serialize;

/// Something that was said, or shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) from: Arc<str>,
    /// Milliseconds since 1970, as JavaScript counts.
    pub(crate) at: u64,
    #[serde(flatten)]
    pub(crate) content: Content,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Content {
    Text(String),
    /// A picture: binary data inside a struct, which becomes an attachment.
    Picture {
        media: String,
        bytes: Bytes,
    },
}

/// What somebody sees who comes into a room.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    pub(crate) people: Vec<Arc<str>>,
    pub(crate) history: Vec<Entry>,
}

/// All rooms that somebody is in. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rooms(Arc<Mutex<HashMap<String, Room>>>);

#[derive(Debug, Default)]
struct Room {
    people: BTreeSet<Arc<str>>,
    history: VecDeque<Entry>,
}

impl Entry {
    pub(crate) fn new(from: &Arc<str>, content: Content) -> Self {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { from: from.clone(), at: u64::try_from(at.as_millis()).unwrap_or(u64::MAX), content }
    }
}

impl Rooms {
    /// Takes somebody into a room, unless the name is taken there.
    pub(crate) fn enter(&self, room: &str, nickname: &Arc<str>) -> Option<View> {
        self.with(|rooms| {
            let room = rooms.entry(room.to_owned()).or_default();
            if !room.people.insert(nickname.clone()) {
                return None;
            }
            Some(View {
                people: room.people.iter().cloned().collect(),
                history: room.history.iter().cloned().collect(),
            })
        })
    }

    /// Forgets somebody; an empty room is forgotten with all that was said. Gives those who stay.
    pub(crate) fn leave(&self, room: &str, nickname: &str) -> Vec<Arc<str>> {
        self.with(|rooms| {
            let Some(left) = rooms.get_mut(room) else { return Vec::new() };
            left.people.remove(nickname);
            let people: Vec<_> = left.people.iter().cloned().collect();
            if people.is_empty() {
                rooms.remove(room);
            }
            people
        })
    }

    /// Keeps an entry for those who come later.
    pub(crate) fn keep(&self, room: &str, entry: &Entry) {
        self.with(|rooms| {
            let Some(room) = rooms.get_mut(room) else { return };
            room.history.push_back(entry.clone());
            let pictures = |entry: &Entry| matches!(entry.content, Content::Picture { .. });
            if room.history.len() > HISTORY {
                room.history.pop_front();
            }
            // Pictures travel whole to everybody who comes, and a packet has room for ten attachments.
            if room.history.iter().filter(|entry| pictures(entry)).count() > PICTURES
                && let Some(oldest) = room.history.iter().position(pictures)
            {
                room.history.remove(oldest);
            }
        });
    }

    fn with<R>(&self, run: impl FnOnce(&mut HashMap<String, Room>) -> R) -> R {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const HISTORY: usize = 100;
const PICTURES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(from: &Arc<str>, text: &str) -> Entry {
        Entry::new(from, Content::Text(text.into()))
    }

    #[test]
    fn whoever_comes_sees_the_others_and_what_was_said() {
        let (rooms, ann, bob) = (Rooms::default(), Arc::from("Ann"), Arc::from("Bob"));
        rooms.enter("lobby", &ann).unwrap();
        rooms.keep("lobby", &text(&ann, "hello"));

        let view = rooms.enter("lobby", &bob).unwrap();

        assert_eq!(view.people, [ann, bob]);
        assert_eq!(view.history.len(), 1);
    }

    #[test]
    fn a_name_is_taken_until_its_owner_leaves() {
        let (rooms, ann, bob) = (Rooms::default(), Arc::from("Ann"), Arc::from("Bob"));
        rooms.enter("lobby", &ann).unwrap();
        rooms.enter("lobby", &bob).unwrap();

        assert!(rooms.enter("lobby", &ann).is_none());
        assert_eq!(rooms.leave("lobby", "Ann"), [bob]);
        assert!(rooms.enter("lobby", &ann).is_some());
    }

    #[test]
    fn the_history_is_bounded() {
        let (rooms, ann) = (Rooms::default(), Arc::from("Ann"));
        rooms.enter("lobby", &ann).unwrap();
        for _ in 0..HISTORY {
            rooms.keep("lobby", &text(&ann, "again"));
        }
        for _ in 0..PICTURES * 2 {
            let content = Content::Picture { media: "image/png".into(), bytes: Bytes::from_static(b"png") };
            rooms.keep("lobby", &Entry::new(&ann, content));
        }

        let view = rooms.enter("lobby", &Arc::from("Bob")).unwrap();

        let pictures = view.history.iter().filter(|entry| matches!(entry.content, Content::Picture { .. }));
        assert_eq!(pictures.count(), PICTURES);
        assert!(view.history.len() <= HISTORY);
    }
}
