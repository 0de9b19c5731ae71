//! What an application shares with its handlers, found by its type.

use std::{
    any::{Any, TypeId, type_name},
    fmt,
    sync::Arc,
};

/// Values by their types. Cloning shares them; a map without values takes no memory.
///
/// ```
/// use sockeye_event::StateMap;
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Motd(&'static str);
///
/// let state = StateMap::new().with(Motd("hello")).with(42_u64);
/// assert_eq!(state.get::<Motd>(), Some(&Motd("hello")));
/// assert_eq!(state.get::<u8>(), None);
/// ```
#[derive(Clone, Default)]
pub struct StateMap {
    // Applications share a handful of types: comparing them all beats hashing one.
    entries: Option<Arc<Vec<Entry>>>,
}

#[derive(Clone)]
struct Entry {
    key: TypeId,
    name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

impl StateMap {
    /// A map without values.
    pub const fn new() -> Self {
        Self { entries: None }
    }

    /// The map with a value more. It takes the place of an earlier one of its type.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.insert(value);
        self
    }

    /// Adds a value. It takes the place of an earlier one of its type; clones of the map do not see it.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        let entries = Arc::make_mut(self.entries.get_or_insert_default());
        entries.retain(|entry| entry.key != TypeId::of::<T>());
        entries.push(Entry { key: TypeId::of::<T>(), name: type_name::<T>(), value: Arc::new(value) });
    }

    /// The value of a type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let key = TypeId::of::<T>();
        let entry = self.entries().iter().find(|entry| entry.key == key)?;
        entry.value.downcast_ref()
    }

    fn entries(&self) -> &[Entry] {
        self.entries.as_ref().map_or(&[], |entries| entries)
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries().iter().map(|entry| entry.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_value_takes_the_place_of_an_earlier_one_of_its_type() {
        let state = StateMap::new().with(1_u8).with("text").with(2_u8);

        assert_eq!(state.get::<u8>(), Some(&2));
        assert_eq!(state.get::<&str>(), Some(&"text"));
    }

    #[test]
    fn a_value_added_to_a_clone_is_not_seen_by_others() {
        let state = StateMap::new().with(1_u8);

        let other = state.clone().with(2_u8).with(true);

        assert_eq!(state.get::<u8>(), Some(&1));
        assert_eq!(state.get::<bool>(), None);
        assert_eq!(other.get::<u8>(), Some(&2));
    }

    #[test]
    fn clones_share_the_values() {
        let state = StateMap::new().with(String::from("one"));

        let other = state.clone();

        assert!(std::ptr::eq(state.get::<String>().unwrap(), other.get::<String>().unwrap()));
    }

    #[test]
    fn debug_shows_types_and_no_values() {
        let state = StateMap::new().with(String::from("secret"));

        assert_eq!(format!("{state:?}"), r#"{"alloc::string::String"}"#);
    }
}
