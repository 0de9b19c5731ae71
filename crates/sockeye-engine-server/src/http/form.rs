//! What a page brings that cannot but submit a form.

use std::borrow::Cow;

use sockeye_engine_codec::Script;

use crate::query::Query;

/// The payload in a form: its field `d`, unless there is none, or more than one.
pub(super) fn payload(form: &[u8]) -> Option<String> {
    let form = str::from_utf8(form).ok()?;
    let mut fields = Query::of_form(form).take(MOST_FIELDS).filter(|(name, _)| name == "d");
    let (_, field) = fields.next()?;
    match fields.next() {
        None => Some(unescape(field)),
        Some(_) => None,
    }
}

/// How many bytes a form may have whose payload has so many. Browsers write a byte in three at most, but the end of a line
/// in four: it is a backslash, which takes three, and a letter.
pub(super) fn most_bytes(payload: usize) -> usize {
    payload.saturating_mul(4).saturating_add("d=".len())
}

fn unescape(field: Cow<'_, str>) -> String {
    match Script::unescape(&field) {
        Cow::Borrowed(_) => field.into_owned(),
        Cow::Owned(payload) => payload,
    }
}

/// As many as Node reads of a form.
const MOST_FIELDS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_in_one_field() {
        assert_eq!(payload(b"d=2%3A4a").as_deref(), Some("2:4a"));
        assert_eq!(payload(b"x=1&d=4a+b%e2%82%ac&y=2").as_deref(), Some("4a b€"));
        assert_eq!(payload(b"d=4a%5Cnb%5C%5Cnc").as_deref(), Some("4a\nb\\nc"));
        assert_eq!(payload(b"d=").as_deref(), Some(""));
    }

    #[test]
    fn without_the_field_or_with_two_there_is_no_payload() {
        for form in [&b""[..], b"\xff&d=4a", b"4a", b"x=4a", b"D=4a", b"d=4a&d=4b", b"d=4a&%64=4b"] {
            assert_eq!(payload(form), None, "{form:?}");
        }
    }

    #[test]
    fn fields_beyond_a_thousand_are_not_read() {
        let form = |before: usize| ["x=1&".repeat(before), "d=4a".into()].concat();

        assert!(payload(form(999).as_bytes()).is_some());
        assert!(payload(form(1000).as_bytes()).is_none());
    }

    #[test]
    fn every_payload_within_the_limit_fits_however_it_is_written() {
        for (form, len) in [("d=%5Cn%5cn", 2), ("d=%5C%5Cn", 2), ("d=%E2%82%AC", 3)] {
            assert_eq!(payload(form.as_bytes()).unwrap().len(), len, "{form}");
            assert!(form.len() <= most_bytes(len), "{form}");
        }
    }
}
