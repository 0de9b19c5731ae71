//! The unit that transports carry.

use bytes::Bytes;

use crate::Utf8Bytes;

/// One whole message: text or binary. Cloning shares the content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Valid UTF-8.
    Text(Utf8Bytes),
    /// Any bytes.
    Binary(Bytes),
}

impl Message {
    /// The length of the content in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there is no content at all.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// The content, whichever kind it is.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The text, if this is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The content without its kind; shares it.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl From<Utf8Bytes> for Message {
    fn from(text: Utf8Bytes) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_binary_of_the_same_bytes_differ() {
        assert_ne!(Message::from("ab"), Message::from(b"ab".to_vec()));
    }

    #[test]
    fn the_length_counts_bytes() {
        assert_eq!(Message::from("é€").len(), 5);
        assert!(Message::from("").is_empty());
    }

    #[test]
    fn only_text_is_readable_as_text() {
        assert_eq!(Message::from("a").as_text(), Some("a"));
        assert_eq!(Message::from(vec![b'a']).as_text(), None);
    }
}
