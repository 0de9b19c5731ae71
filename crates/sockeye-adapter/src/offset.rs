//! A place in the order of what a namespace sends.

use std::{
    fmt,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

/// Where an event stands among all that a namespace sends; on the wire, the last argument of the event.
///
/// Later events have greater offsets, those after a restart of the server too: the first is the time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(u64);

/// A text is no offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOffset;

impl Offset {
    /// The offset of this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number behind it.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Where a namespace begins now.
    pub(crate) fn start() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(now.as_micros()).unwrap_or_default())
    }

    /// So many events later.
    pub(crate) fn plus(self, events: usize) -> Self {
        Self(self.0.saturating_add(events as u64))
    }

    /// How many events later this is than the other.
    pub(crate) fn events_since(self, earlier: Self) -> Option<usize> {
        self.0.checked_sub(earlier.0).and_then(|events| usize::try_from(events).ok())
    }
}

/// The digits of the reference's `yeast`.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; LONGEST];
        let (mut at, mut rest) = (LONGEST, self.0);
        loop {
            at -= 1;
            digits[at] = DIGITS[(rest % 64) as usize];
            rest /= 64;
            if rest == 0 {
                break;
            }
        }
        digits[at..].iter().try_for_each(|digit| fmt::Write::write_char(f, char::from(*digit)))
    }
}

impl FromStr for Offset {
    type Err = InvalidOffset;

    fn from_str(text: &str) -> Result<Self, InvalidOffset> {
        let mut number = 0_u64;
        for byte in text.bytes() {
            let digit = DIGITS.iter().position(|digit| *digit == byte).ok_or(InvalidOffset)?;
            number = number.checked_mul(64).ok_or(InvalidOffset)?.wrapping_add(digit as u64);
        }
        if text.is_empty() { Err(InvalidOffset) } else { Ok(Self(number)) }
    }
}

impl fmt::Display for InvalidOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no offset")
    }
}

impl std::error::Error for InvalidOffset {}

const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/// How many digits the greatest number has.
const LONGEST: usize = 11;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_as_text_and_come_back() {
        for (number, text) in [(0, "0"), (63, "_"), (64, "10"), (u64::MAX, "F__________")] {
            assert_eq!(Offset::new(number).to_string(), text);
            assert_eq!(text.parse(), Ok(Offset::new(number)));
        }
    }

    #[test]
    fn other_texts_are_no_offsets() {
        for text in ["", " ", "a b", "é", "1.0", "G__________", "100000000000"] {
            assert_eq!(text.parse::<Offset>(), Err(InvalidOffset), "{text}");
        }
    }
}
