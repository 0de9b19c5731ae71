//! Values to arguments.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use serde_json::ser::Formatter;
use sockeye_message::Utf8Bytes;

use super::{
    Args,
    shape::{self, Arity},
};
use crate::EncodeError;

pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<Args, EncodeError> {
    let arity = shape::of_value(value);
    if arity == Arity::None {
        return Ok(Args::empty());
    }
    let mut text = Vec::with_capacity(64);
    let mut collect = Collect { attachments: Vec::new() };
    // A tuple is written as an array all by itself.
    if arity == Arity::One {
        text.push(b'[');
    }
    value
        .serialize(&mut serde_json::Serializer::with_formatter(&mut text, &mut collect))
        .map_err(EncodeError::new)?;
    if arity == Arity::One {
        text.push(b']');
    }
    let text = Utf8Bytes::try_from(Bytes::from(text)).map_err(EncodeError::new)?;
    let mut args = Args::list(text, 1);
    if !collect.attachments.is_empty() {
        args.attachments = Some(collect.attachments.into());
    }
    Ok(args)
}

/// Writes compact JSON, but a placeholder where bytes stand, which it keeps.
struct Collect {
    attachments: Vec<Bytes>,
}

impl Formatter for &mut Collect {
    fn write_byte_array<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: &[u8]) -> io::Result<()> {
        let num = self.attachments.len();
        self.attachments.push(Bytes::copy_from_slice(value));
        write!(writer, "{{\"_placeholder\":true,\"num\":{num}}}")
    }
}
