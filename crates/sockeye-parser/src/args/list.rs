//! A tuple out of a list of arguments, tolerant at its end: more than it wants is ignored, less may be optional.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{
    de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use super::{ArgsError, attached::AttachedSeed, missing::Missing};

/// Reads the array that arguments stand in, and remembers where it was when something went wrong.
pub(super) struct List<'a, T> {
    skips_name: bool,
    attachments: &'a [Bytes],
    position: usize,
    is_missing: bool,
    value: PhantomData<T>,
}

impl<'a, T> List<'a, T> {
    pub(super) fn new(skips_name: bool, attachments: &'a [Bytes]) -> Self {
        Self { skips_name, attachments, position: 0, is_missing: false, value: PhantomData }
    }

    /// What went wrong, in words of arguments.
    pub(super) fn error(&self, error: &impl fmt::Display) -> ArgsError {
        if self.is_missing {
            ArgsError::missing(self.position)
        } else {
            ArgsError::wrong(self.position.max(1), error)
        }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for &mut List<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        if self.skips_name {
            seq.next_element::<IgnoredAny>()?;
        }
        let value = T::deserialize(Items { list: &mut *self, seq: &mut seq })?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

/// What is left of the list, to a type that reads a tuple.
struct Items<'l, 'a, A, T> {
    list: &'l mut List<'a, T>,
    seq: A,
}

impl<'de, A: SeqAccess<'de>, T> Deserializer<'de> for Items<'_, '_, A, T> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, A: SeqAccess<'de>, T> SeqAccess<'de> for Items<'_, '_, A, T> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.list.position += 1;
        let mut seed = Some(seed);
        let found =
            self.seq.next_element_seed(Once { seed: &mut seed, attachments: self.list.attachments })?;
        if found.is_some() {
            return Ok(found);
        }
        let Some(seed) = seed else { return Ok(None) };
        seed.deserialize(Missing).map(Some).map_err(|_| {
            self.list.is_missing = true;
            Error::custom("argument is missing")
        })
    }
}

/// Uses the seed only if there is an item.
struct Once<'s, 'a, S> {
    seed: &'s mut Option<S>,
    attachments: &'a [Bytes],
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Once<'_, '_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<S::Value, D::Error> {
        let seed = self.seed.take().ok_or_else(|| Error::custom("an item was read twice"))?;
        match self.attachments {
            [] => seed.deserialize(json),
            attachments => AttachedSeed::new(seed, attachments).deserialize(json),
        }
    }
}
