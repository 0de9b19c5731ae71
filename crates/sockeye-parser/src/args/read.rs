//! Arguments to values.

use std::borrow::Cow;

use serde::{Deserializer, de::DeserializeOwned, de::value::UnitDeserializer};

use super::{
    Args, ArgsError, Shape,
    attached::Attached,
    list::List,
    missing::Missing,
    shape::{self, Arity},
};

pub(super) fn read<T: DeserializeOwned>(args: &Args) -> Result<T, ArgsError> {
    match shape::of_type::<T>() {
        Arity::None => T::deserialize(UnitDeserializer::<serde_json::Error>::new())
            .map_err(|error| ArgsError::wrong(1, error)),
        Arity::One if args.is_empty() => T::deserialize(Missing).map_err(|_| ArgsError::missing(1)),
        Arity::One => read_first(args),
        Arity::Several => read_list(args),
    }
}

/// The parser stops behind the first value, whatever follows.
fn read_first<T: DeserializeOwned>(args: &Args) -> Result<T, ArgsError> {
    let mut json = serde_json::Deserializer::from_str(args.rest());
    let value = match args.attachments() {
        [] => T::deserialize(&mut json),
        attachments => T::deserialize(Attached::new(&mut json, attachments)),
    };
    value.map_err(|error| ArgsError::wrong(1, error))
}

fn read_list<T: DeserializeOwned>(args: &Args) -> Result<T, ArgsError> {
    let (text, skip) = match args.shape {
        Shape::List { start } => (Cow::Borrowed(&*args.text), args.begins_with_name(start)),
        Shape::Single => (Cow::Owned(format!("[{}]", args.text)), false),
    };
    let mut json = serde_json::Deserializer::from_str(&text);
    let mut list = List::<T>::new(skip, args.attachments());
    match json.deserialize_seq(&mut list) {
        Ok(value) => Ok(value),
        Err(error) => Err(list.error(&error)),
    }
}
