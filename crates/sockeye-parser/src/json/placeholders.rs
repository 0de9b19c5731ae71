//! Whether the placeholders in a text stand for attachments that there are.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::DecodeError;

/// Whether every placeholder stands for one of so many attachments.
pub(crate) fn check_placeholders(text: &str, attachments: usize) -> Result<(), DecodeError> {
    let mut json = serde_json::Deserializer::from_str(text);
    Placeholders { attachments }.deserialize(&mut json).map_err(|_| DecodeError::IllegalPlaceholder)
}

#[derive(Clone, Copy)]
struct Placeholders {
    attachments: usize,
}

impl<'de> DeserializeSeed<'de> for Placeholders {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

/// Walks a value; what is neither array nor object holds no placeholder.
impl<'de> Visitor<'de> for Placeholders {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_placeholder = false;
        let mut index = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "_placeholder" => is_placeholder = map.next_value_seed(IsTrue)?,
                "num" => index = map.next_value_seed(Index)?,
                _ => map.next_value_seed(self)?,
            }
        }
        let is_legal = !is_placeholder || index.is_some_and(|index| index < self.attachments);
        if is_legal { Ok(()) } else { Err(A::Error::custom("illegal attachments")) }
    }
}

/// Reads anything, and tells whether it is `true`.
struct IsTrue;

impl<'de> DeserializeSeed<'de> for IsTrue {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        let text: &serde_json::value::RawValue = serde::Deserialize::deserialize(json)?;
        Ok(text.get() == "true")
    }
}

/// Reads anything, and gives it if it is an index.
struct Index;

impl<'de> DeserializeSeed<'de> for Index {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<usize>, D::Error> {
        let text: &serde_json::value::RawValue = serde::Deserialize::deserialize(json)?;
        Ok(text.get().parse().ok())
    }
}
