//! The name of an event, and which names nobody may send.

use std::{
    borrow::Borrow,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
};

use smol_str::SmolStr;
use sockeye_message::Utf8Bytes;

/// The name of an event. Cloning costs next to nothing: names of up to 23 bytes need no memory of their own, and longer
/// ones are shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventName(SmolStr);

/// The names of events that mean something to the libraries themselves; no peer may send them.
pub const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Whether no peer may send an event of that name.
pub fn is_reserved(name: &str) -> bool {
    RESERVED_EVENTS.contains(&name)
}

impl EventName {
    /// A name known when the program is built; nothing is copied.
    pub const fn from_static(name: &'static str) -> Self {
        Self(SmolStr::new_static(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EventName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for EventName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<Utf8Bytes> for EventName {
    fn from(name: Utf8Bytes) -> Self {
        name.as_str().into()
    }
}

impl Deref for EventName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Maps by name are asked with a `str`.
impl Borrow<str> for EventName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

/// As a `str`, since it is borrowed as one.
impl Hash for EventName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for EventName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for EventName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_map_by_name_is_asked_with_text() {
        let map = HashMap::from([(EventName::from_static("a"), 1)]);

        assert_eq!(map.get("a"), Some(&1));
        assert_eq!(map.get(&EventName::from("a".to_owned())), Some(&1));
        assert_eq!(map.get("b"), None);
    }

    #[test]
    fn short_names_need_no_memory() {
        assert!(!EventName::from("a".repeat(23)).0.is_heap_allocated());
    }

    #[test]
    fn names_that_mean_something_to_the_libraries_are_reserved() {
        assert!(is_reserved("connect") && is_reserved("newListener"));
        assert!(!is_reserved("message") && !is_reserved("Connect") && !is_reserved(""));
    }
}
