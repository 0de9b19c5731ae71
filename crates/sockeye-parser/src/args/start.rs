//! Whether an object is a placeholder, found out by reading no more of it than that takes.

use std::collections::VecDeque;

use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value;

use super::key::Key;

/// The start of an object: as far as it may be a placeholder, and the key that follows.
pub(super) struct Start<'de> {
    entries: VecDeque<(Key<'de>, Value)>,
    next: Option<Key<'de>>,
}

impl<'de> Start<'de> {
    pub(super) fn read<A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error> {
        let mut entries = VecDeque::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            if !matches!(key.as_str(), "_placeholder" | "num") {
                return Ok(Self { entries, next: Some(key) });
            }
            entries.push_back((key, map.next_value()?));
        }
        Ok(Self { entries, next: None })
    }

    pub(super) fn is_placeholder(&self) -> bool {
        self.value("_placeholder").is_some_and(|value| *value == Value::Bool(true))
    }

    /// Which attachment the placeholder stands for.
    pub(super) fn num(&self) -> Option<usize> {
        self.value("num")?.as_u64()?.try_into().ok()
    }

    /// Reads on to the end, without a look.
    pub(super) fn skip_rest<A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        if self.next.take().is_some() {
            map.next_value::<IgnoredAny>()?;
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    /// The first key that was read, and its value unless that is still to be read.
    pub(super) fn take_first(&mut self) -> Option<(Key<'de>, Option<Value>)> {
        match self.entries.pop_front() {
            Some((key, value)) => Some((key, Some(value))),
            None => self.next.take().map(|key| (key, None)),
        }
    }

    /// The value of a key; of several the last, as in JavaScript.
    fn value(&self, key: &str) -> Option<&Value> {
        self.entries.iter().rfind(|(found, _)| found.as_str() == key).map(|(_, value)| value)
    }
}
