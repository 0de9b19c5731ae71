//! The JSON of a packet: which kinds of it each type allows, and where the arguments begin.

use sockeye_message::Utf8Bytes;

use super::{
    name,
    syntax::{check_event, check_syntax},
};
use crate::{Args, DecodeError, EventName, Limits, is_reserved};

/// A list of arguments that nobody has checked yet.
pub(crate) fn read_list(text: Utf8Bytes) -> Result<Args, DecodeError> {
    if text.is_empty() { Err(DecodeError::InvalidPayload) } else { list(text, Limits::MAX_DEPTH) }
}

/// The list of an event that nobody has checked yet.
pub(crate) fn read_event(text: Utf8Bytes) -> Result<(EventName, Args), DecodeError> {
    if text.is_empty() { Err(DecodeError::InvalidPayload) } else { event(text, Limits::MAX_DEPTH) }
}

/// A payload that is one value, which has to begin with one of the given characters.
pub(super) fn single(payload: Utf8Bytes, allowed: &[u8], depth: usize) -> Result<Option<Args>, DecodeError> {
    if payload.is_empty() {
        return Ok(None);
    }
    check_syntax(&payload, depth)?;
    match payload.trim_ascii_start().as_bytes().first() {
        Some(first) if allowed.contains(first) => Ok(Some(Args::single(payload))),
        _ => Err(DecodeError::InvalidPayload),
    }
}

/// A payload that is a list of arguments. The reference takes a missing one for an empty one.
pub(super) fn list(payload: Utf8Bytes, depth: usize) -> Result<Args, DecodeError> {
    if payload.is_empty() {
        return Ok(Args::empty());
    }
    check_syntax(&payload, depth)?;
    let start = payload.len() - payload.trim_ascii_start().len();
    if payload.as_bytes()[start] != b'[' {
        return Err(DecodeError::InvalidPayload);
    }
    Ok(Args::list(payload, start + 1))
}

/// A payload that is a list whose first item is the name of the event. The reference takes a missing payload for an
/// event without name, although the protocol wants the connection closed then.
#[expect(clippy::inline_always, reason = "every event takes this way")]
#[inline(always)]
pub(super) fn event(payload: Utf8Bytes, depth: usize) -> Result<(EventName, Args), DecodeError> {
    if payload.is_empty() {
        return Err(DecodeError::InvalidPayload);
    }
    let (name, start) = check_event(&payload, depth)?;
    let name = event_name(&payload[name])?;
    if is_reserved(&name) {
        return Err(DecodeError::InvalidPayload);
    }
    Ok((name, Args::list(payload, start)))
}

fn event_name(literal: &str) -> Result<EventName, DecodeError> {
    let Some(inner) = literal.strip_prefix('"').and_then(|literal| literal.strip_suffix('"')) else {
        return Ok(name::of_number(literal));
    };
    if !inner.contains('\\') {
        return Ok(inner.into());
    }
    serde_json::from_str::<String>(literal).map(EventName::from).map_err(|_| DecodeError::InvalidPayload)
}
