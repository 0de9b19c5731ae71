//! MessagePack item by item, with the extensions of `notepack.io` 2 and the timestamps of MessagePack itself, which other
//! libraries write. What holds other items is announced, not read.

use bytes::Bytes;
use rmp::Marker;
use sockeye_parser::DecodeError;

/// What stands next in a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item<'m> {
    Nil,
    Undefined,
    Bool(bool),
    /// An integer that is not negative, however it is written.
    Uint(u64),
    /// A negative integer.
    Int(i64),
    Float(f64),
    Text(&'m str),
    Binary(&'m [u8]),
    /// In milliseconds since the beginning of 1970.
    Date(i64),
    /// So many items follow.
    List(usize),
    /// So many keys follow, each with its value.
    Map(usize),
}

/// Reads the items of a message.
#[derive(Debug)]
pub(super) struct Items<'m> {
    message: &'m Bytes,
    rest: &'m [u8],
}

impl<'m> Items<'m> {
    pub(super) fn new(message: &'m Bytes) -> Self {
        Self { message, rest: message }
    }

    pub(super) fn next(&mut self) -> Result<Item<'m>, DecodeError> {
        Ok(match Marker::from_u8(self.u8()?) {
            Marker::Null => Item::Nil,
            Marker::False => Item::Bool(false),
            Marker::True => Item::Bool(true),
            Marker::FixPos(number) => Item::Uint(number.into()),
            Marker::U8 => Item::Uint(self.u8()?.into()),
            Marker::U16 => Item::Uint(self.u16()?.into()),
            Marker::U32 => Item::Uint(self.u32()?.into()),
            Marker::U64 => Item::Uint(u64::from_be_bytes(self.array()?)),
            Marker::FixNeg(number) => Item::Int(number.into()),
            Marker::I8 => signed(i8::from_be_bytes(self.array()?).into()),
            Marker::I16 => signed(i16::from_be_bytes(self.array()?).into()),
            Marker::I32 => signed(i32::from_be_bytes(self.array()?).into()),
            Marker::I64 => signed(i64::from_be_bytes(self.array()?)),
            Marker::F32 => Item::Float(f32::from_be_bytes(self.array()?).into()),
            Marker::F64 => Item::Float(f64::from_be_bytes(self.array()?)),
            Marker::FixStr(len) => self.text(len.into())?,
            Marker::Str8 => self.u8().and_then(|len| self.text(len.into()))?,
            Marker::Str16 => self.u16().and_then(|len| self.text(len.into()))?,
            Marker::Str32 => self.u32().and_then(|len| self.text(len as usize))?,
            Marker::Bin8 => self.u8().and_then(|len| self.binary(len.into()))?,
            Marker::Bin16 => self.u16().and_then(|len| self.binary(len.into()))?,
            Marker::Bin32 => self.u32().and_then(|len| self.binary(len as usize))?,
            Marker::FixArray(len) => self.list(len.into())?,
            Marker::Array16 => self.u16().and_then(|len| self.list(len.into()))?,
            Marker::Array32 => self.u32().and_then(|len| self.list(len as usize))?,
            Marker::FixMap(len) => self.map(len.into())?,
            Marker::Map16 => self.u16().and_then(|len| self.map(len.into()))?,
            Marker::Map32 => self.u32().and_then(|len| self.map(len as usize))?,
            Marker::FixExt1 => self.extension(1).map(|_| Item::Undefined)?,
            Marker::FixExt2 => self.extension(2)?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8).and_then(dated)?,
            Marker::FixExt16 => self.extension(16)?,
            Marker::Ext8 => self.u8().and_then(|len| self.extension(len.into()))?,
            Marker::Ext16 => self.u16().and_then(|len| self.extension(len.into()))?,
            Marker::Ext32 => self.u32().and_then(|len| self.extension(len as usize))?,
            Marker::Reserved => return Err(UNKNOWN),
        })
    }

    /// Passes over an item and all that is in it.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let mut left: usize = 1;
        while left > 0 {
            left -= 1;
            // Each number that is announced is no larger than what is left, but their sum may be anything.
            left = left.saturating_add(match self.next()? {
                Item::List(len) => len,
                Item::Map(len) => len * 2,
                _ => 0,
            });
        }
        Ok(())
    }

    /// Makes sure that nothing follows.
    pub(super) fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::Other("trailing bytes")) }
    }

    /// A part of the message that shares its memory.
    pub(super) fn share(&self, part: &'m [u8]) -> Bytes {
        self.message.slice_ref(part)
    }

    fn text(&mut self, len: usize) -> Result<Item<'m>, DecodeError> {
        let text = str::from_utf8(self.take(len)?);
        text.map(Item::Text).map_err(|_| DecodeError::Other("text that is not UTF-8"))
    }

    fn binary(&mut self, len: usize) -> Result<Item<'m>, DecodeError> {
        self.take(len).map(Item::Binary)
    }

    /// An item takes at least a byte.
    fn list(&self, len: usize) -> Result<Item<'m>, DecodeError> {
        if len > self.rest.len() { Err(CUT) } else { Ok(Item::List(len)) }
    }

    fn map(&self, len: usize) -> Result<Item<'m>, DecodeError> {
        if len > self.rest.len() / 2 { Err(CUT) } else { Ok(Item::Map(len)) }
    }

    /// An extension: of the one type that `notepack.io` 2 writes, which is binary as a rule, or a timestamp.
    fn extension(&mut self, len: usize) -> Result<Item<'m>, DecodeError> {
        match i8::from_be_bytes(self.array()?) {
            0 => self.take(len).map(Item::Binary),
            TIMESTAMP => self.take(len).and_then(timestamp),
            _ => Err(UNKNOWN),
        }
    }

    fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(CUT)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, len: usize) -> Result<&'m [u8], DecodeError> {
        let (part, rest) = self.rest.split_at_checked(len).ok_or(CUT)?;
        self.rest = rest;
        Ok(part)
    }
}

/// The binary of eight bytes that `notepack.io` 2 writes for a date.
fn dated(item: Item<'_>) -> Result<Item<'_>, DecodeError> {
    let Item::Binary(content) = item else { return Ok(item) };
    let milliseconds = content.try_into().map_err(|_| CUT)?;
    Ok(Item::Date(i64::from_be_bytes(milliseconds)))
}

/// Seconds, and nanoseconds in front of them if there are eight bytes or twelve.
fn timestamp(content: &[u8]) -> Result<Item<'_>, DecodeError> {
    let (seconds, nanoseconds) = if let Ok(seconds) = <[u8; 4]>::try_from(content).map(u32::from_be_bytes) {
        (seconds.into(), 0)
    } else if let Ok(both) = <[u8; 8]>::try_from(content).map(u64::from_be_bytes) {
        ((both & SECONDS).cast_signed(), both >> SECONDS.count_ones())
    } else if let Some((nanoseconds, seconds)) = content.split_first_chunk() {
        let seconds = seconds.try_into().map_err(|_| UNKNOWN)?;
        (i64::from_be_bytes(seconds), u32::from_be_bytes(*nanoseconds).into())
    } else {
        return Err(UNKNOWN);
    };
    // What lies beyond the last date is no date, however far.
    Ok(Item::Date(seconds.saturating_mul(1000).saturating_add((nanoseconds / 1_000_000).cast_signed())))
}

fn signed<'m>(number: i64) -> Item<'m> {
    u64::try_from(number).map_or(Item::Int(number), Item::Uint)
}

/// The type of extension that MessagePack has for points in time.
const TIMESTAMP: i8 = -1;
/// The bits of the seconds in a timestamp of eight bytes.
const SECONDS: u64 = (1 << 34) - 1;
const CUT: DecodeError = DecodeError::Other("the message ends too early");
const UNKNOWN: DecodeError = DecodeError::Other("unknown MessagePack type");
