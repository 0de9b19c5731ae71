//! Text that is cheap to share and known to be valid UTF-8.

use std::{
    fmt,
    ops::{Bound, Deref, RangeBounds},
};

use bytes::{Buf, Bytes};

/// Bytes known to be valid UTF-8. Cloning and slicing share the content.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utf8Bytes(Bytes);

impl Utf8Bytes {
    /// Text known when the program is built; nothing is copied.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// A part of the text, by byte positions; shares the content.
    ///
    /// # Panics
    /// If the range is out of bounds or does not lie on character boundaries, as for `str`.
    #[must_use]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        let start = match range.start_bound() {
            Bound::Included(&at) => at,
            Bound::Excluded(&at) => at + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&at) => at + 1,
            Bound::Excluded(&at) => at,
            Bound::Unbounded => self.len(),
        };
        assert!(self.is_char_boundary(start) && self.is_char_boundary(end), "slice inside a character");
        Self(self.0.slice(start..end))
    }

    /// The part of the text that `part`, borrowed from it, stands for; shares the content.
    ///
    /// # Panics
    /// If `part` is not borrowed from this text.
    #[must_use]
    pub fn slice_ref(&self, part: &str) -> Self {
        Self(self.0.slice_ref(part.as_bytes()))
    }

    /// Takes off the first `count` bytes, without touching the shared content.
    ///
    /// # Panics
    /// If there are fewer, or they end inside a character.
    pub fn advance(&mut self, count: usize) {
        assert!(self.is_char_boundary(count), "cut inside a character");
        self.0.advance(count);
    }

    /// The text as a string slice.
    #[allow(unsafe_code)]
    pub fn as_str(&self) -> &str {
        // SAFETY: every constructor takes a `str`, checks the bytes, or cuts valid text at character boundaries.
        unsafe { std::str::from_utf8_unchecked(&self.0) }
    }

    /// The bytes of the text; shares the content.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl Deref for Utf8Bytes {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<String> for Utf8Bytes {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Utf8Bytes {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl TryFrom<Bytes> for Utf8Bytes {
    type Error = NotUtf8;

    fn try_from(bytes: Bytes) -> Result<Self, NotUtf8> {
        // Nearly all text of protocols is ASCII, which is found out faster.
        if is_ascii(&bytes) {
            return Ok(Self(bytes));
        }
        match std::str::from_utf8(&bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(error) => Err(NotUtf8 { at: error.valid_up_to() }),
        }
    }
}

impl PartialEq<str> for Utf8Bytes {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Utf8Bytes {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Looks at all bytes, many at once: that is faster than to look for the first that is none, as text so long is rare.
fn is_ascii(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks();
    let all = words.iter().fold(0, |all, word| all | u64::from_ne_bytes(*word));
    all & u64::from_ne_bytes([0x80; 8]) == 0 && rest.iter().fold(0, |all, byte| all | byte) < 0x80
}

/// The bytes are not valid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8 {
    at: usize,
}

impl NotUtf8 {
    /// How many bytes from the start are valid.
    pub fn valid_up_to(self) -> usize {
        self.at
    }
}

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid UTF-8 at byte {}", self.at)
    }
}

impl std::error::Error for NotUtf8 {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_checked_once() {
        assert_eq!(Utf8Bytes::try_from(Bytes::from_static("é".as_bytes())).unwrap(), "é");
        assert_eq!(Utf8Bytes::try_from(Bytes::from_static(b"ab\xff")).map_err(NotUtf8::valid_up_to), Err(2));
    }

    #[test]
    fn a_broken_byte_is_found_wherever_it_stands() {
        for length in 0..40 {
            assert!(Utf8Bytes::try_from(Bytes::from(vec![0x7f; length])).is_ok());
            for at in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[at] = 0x80;
                assert_eq!(Utf8Bytes::try_from(Bytes::from(bytes)), Err(NotUtf8 { at }));
            }
        }
    }

    #[test]
    fn slices_share_the_content() {
        let text = Utf8Bytes::from(String::from("2[\"é\"]"));

        assert_eq!(text.slice(1..), "[\"é\"]");
        assert_eq!(text.slice(..=0), "2");
        assert_eq!(text.slice_ref(&text[3..5]), "é");
    }

    #[test]
    fn what_is_taken_off_is_gone() {
        let mut text = Utf8Bytes::from_static("é4");
        text.advance(2);
        assert_eq!(text, "4");
    }

    #[test]
    #[should_panic(expected = "cut inside a character")]
    fn half_a_character_cannot_be_taken_off() {
        Utf8Bytes::from_static("é").advance(1);
    }

    #[test]
    #[should_panic(expected = "slice inside a character")]
    fn a_slice_inside_a_character_panics() {
        let _ = Utf8Bytes::from_static("é").slice(1..);
    }
}
