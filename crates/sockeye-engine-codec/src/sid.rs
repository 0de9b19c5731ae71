//! The name of a session: whoever knows it holds the session.
//!
//! Where the random bytes come from is the caller's affair.

use std::{
    borrow::Borrow,
    fmt,
    hash::{Hash, Hasher},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The secret id of an Engine.IO session. `Debug` does not show it.
///
/// ```
/// use sockeye_engine_codec::Sid;
///
/// let sid = Sid::from_random([0xff; 15]);
/// assert_eq!(sid.as_str(), "____________________");
/// assert_eq!(format!("{sid:?}"), "Sid(..)");
/// ```
#[derive(Clone)]
pub struct Sid(Form);

#[derive(Clone)]
enum Form {
    /// Ours, and the reference's.
    Usual([u8; LEN]),
    /// Another server's.
    Foreign(Box<str>),
}

impl Sid {
    /// An id of 20 characters, made of 15 bytes that nobody can guess.
    pub fn from_random(bytes: [u8; 15]) -> Self {
        let mut text = [0; LEN];
        let written = BASE64_URL_SAFE_NO_PAD.encode_slice(bytes, &mut text);
        debug_assert_eq!(written, Ok(LEN));
        Self(Form::Usual(text))
    }

    /// The id as it stands on the wire.
    ///
    /// # Panics
    /// Never: what the id is made of was checked when it was made.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Usual(text) => std::str::from_utf8(text).expect("visible ASCII, as checked when made"),
            Form::Foreign(text) => text,
        }
    }
}

/// Takes the id that another server has given.
impl TryFrom<&str> for Sid {
    type Error = InvalidSid;

    fn try_from(text: &str) -> Result<Self, InvalidSid> {
        if text.is_empty() || text.len() > MAX_LEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidSid);
        }
        Ok(match text.as_bytes().try_into() {
            Ok(usual) => Self(Form::Usual(usual)),
            Err(_) => Self(Form::Foreign(text.into())),
        })
    }
}

impl PartialEq for Sid {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Sid {}

/// As `str` hashes, so that a map can be asked with one.
impl Hash for Sid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Sid {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sid(..)")
    }
}

/// The text is no session id: it is empty, longer than 128 bytes, or has characters that are not visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSid;

impl fmt::Display for InvalidSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid session id")
    }
}

impl std::error::Error for InvalidSid {}

/// Sticky load balancers and cluster adapters of the reference count on exactly this many characters.
const LEN: usize = 20;
const MAX_LEN: usize = 128;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_is_twenty_characters_that_urls_leave_alone() {
        let sid = Sid::from_random([0, 16, 131, 16, 81, 135, 32, 146, 139, 48, 211, 143, 65, 20, 255]);

        assert_eq!(sid.as_str(), "ABCDEFGHIJKLMNOPQRT_");
    }

    #[test]
    fn a_map_of_ids_can_be_asked_with_text() {
        let ids = HashSet::from([Sid::from_random([7; 15]), Sid::try_from("short").unwrap()]);

        assert!(ids.contains(Sid::from_random([7; 15]).as_str()));
        assert!(ids.contains("short"));
        assert!(!ids.contains("other"));
    }

    #[test]
    fn text_that_could_break_a_header_is_no_id() {
        for text in ["", "a b", "a\r\nb", "é", &"x".repeat(129)] {
            assert_eq!(Sid::try_from(text), Err(InvalidSid));
        }
    }

    #[test]
    fn an_id_takes_three_words() {
        assert!(size_of::<Sid>() <= 24);
    }
}
