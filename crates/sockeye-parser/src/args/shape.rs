//! Whether a type stands for no argument, several, or one: found out by asking it, before anything is written or read.

use std::fmt::{self, Display};

use serde::{
    de::{self, Deserialize, Visitor},
    forward_to_deserialize_any,
    ser::{self, Impossible, Serialize},
};

/// How many arguments a type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arity {
    None,
    One,
    /// One for each item.
    Several,
}

/// How many arguments the value stands for.
pub(super) fn of_value<T: Serialize + ?Sized>(value: &T) -> Arity {
    match value.serialize(Probe) {
        // Dynamic values have a null that serializes as `()` does, but takes space.
        Err(Asked(Arity::None)) if size_of_val(value) > 0 => Arity::One,
        Err(Asked(arity)) => arity,
        Ok(never) => match never {},
    }
}

/// How many arguments a `T` is read from.
pub(super) fn of_type<'de, T: Deserialize<'de>>() -> Arity {
    match T::deserialize(Probe) {
        Err(Asked(arity)) => arity,
        // It asked for nothing, so it needs nothing.
        Ok(_) => Arity::None,
    }
}

struct Probe;

/// The probe ends with the first thing that it is asked for.
#[derive(Debug)]
struct Asked(Arity);

impl Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shape was all that was wanted")
    }
}

impl std::error::Error for Asked {}

impl ser::Error for Asked {
    fn custom<T: Display>(_: T) -> Self {
        Self(Arity::One)
    }
}

impl de::Error for Asked {
    fn custom<T: Display>(_: T) -> Self {
        Self(Arity::One)
    }
}

#[derive(Debug)]
enum Never {}

impl<'de> de::Deserializer<'de> for Probe {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(Arity::One))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(Arity::None))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Asked> {
        Err(Asked(Arity::Several))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit_struct
        newtype_struct seq tuple_struct map struct enum identifier ignored_any
    }
}

macro_rules! one {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<Never, Asked> {
            Err(Asked(Arity::One))
        })*
    };
}

impl ser::Serializer for Probe {
    type Ok = Never;
    type Error = Asked;
    type SerializeSeq = Impossible<Never, Asked>;
    type SerializeTuple = Impossible<Never, Asked>;
    type SerializeTupleStruct = Impossible<Never, Asked>;
    type SerializeTupleVariant = Impossible<Never, Asked>;
    type SerializeMap = Impossible<Never, Asked>;
    type SerializeStruct = Impossible<Never, Asked>;
    type SerializeStructVariant = Impossible<Never, Asked>;

    one! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_unit(self) -> Result<Never, Asked> {
        Err(Asked(Arity::None))
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<Never, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Asked> {
        Err(Asked(Arity::Several))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Never, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<Never, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Never, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Asked> {
        Err(Asked(Arity::One))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Asked> {
        Err(Asked(Arity::One))
    }
}
