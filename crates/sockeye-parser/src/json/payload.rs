//! The JSON of a packet: which kinds of it each type allows, and where the arguments begin.

use sockeye_message::Utf8Bytes;

use super::{name, syntax::check_syntax};
use crate::{Args, DecodeError, EventName, Limits, is_reserved};

/// A list of arguments that nobody has checked yet.
pub(crate) fn read_list(text: Utf8Bytes) -> Result<Args, DecodeError> {
    check_syntax(&text, Limits::MAX_DEPTH)?;
    list(text)
}

/// A payload that is one value, which has to begin with one of the given characters.
pub(super) fn single(payload: Utf8Bytes, allowed: &[u8]) -> Result<Option<Args>, DecodeError> {
    match payload.trim_start().as_bytes().first() {
        None if payload.is_empty() => Ok(None),
        Some(first) if allowed.contains(first) => Ok(Some(Args::single(payload))),
        _ => Err(DecodeError::InvalidPayload),
    }
}

/// A payload that is a list of arguments. The reference takes a missing one for an empty one.
pub(super) fn list(payload: Utf8Bytes) -> Result<Args, DecodeError> {
    if payload.is_empty() {
        return Ok(Args::empty());
    }
    let start = payload.len() - payload.trim_start().len();
    if payload.as_bytes()[start] != b'[' {
        return Err(DecodeError::InvalidPayload);
    }
    Ok(Args::list(payload, start + 1))
}

/// A payload that is a list whose first item is the name of the event. The reference takes a missing payload for an
/// event without name, which nobody listens to.
pub(super) fn event(payload: Utf8Bytes) -> Result<(EventName, Args), DecodeError> {
    if payload.is_empty() {
        return Ok((EventName::from_static(""), Args::empty()));
    }
    let items = payload.trim_start().strip_prefix('[').ok_or(DecodeError::InvalidPayload)?.trim_start();
    let length = match items.as_bytes().first() {
        Some(b'"') => string_length(items),
        Some(b'0'..=b'9' | b'-') => items.find([',', ']', ' ', '\t', '\r', '\n']),
        _ => None,
    };
    let (literal, rest) = items.split_at(length.ok_or(DecodeError::InvalidPayload)?);
    let name = event_name(&payload, literal)?;
    if is_reserved(&name) {
        return Err(DecodeError::InvalidPayload);
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    let start = payload.len() - rest.len();
    Ok((name, Args::list(payload, start)))
}

fn event_name(payload: &Utf8Bytes, literal: &str) -> Result<EventName, DecodeError> {
    let Some(inner) = literal.strip_prefix('"').and_then(|literal| literal.strip_suffix('"')) else {
        return Ok(name::of_number(payload, literal));
    };
    if !inner.contains('\\') {
        return Ok(payload.slice_ref(inner).into());
    }
    serde_json::from_str::<String>(literal).map(EventName::from).map_err(|_| DecodeError::InvalidPayload)
}

/// The length of the JSON string that the text begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes()
        .skip(1)
        .position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
        .map(|position| position + 2)
}
