//! The public id of a socket.

use std::{borrow::Borrow, fmt, ops::Deref, sync::Arc};

/// The id of a socket in one namespace, which others may know. Cloning shares it.
///
/// It is not the id of the Engine.IO session, which is a secret of the client: there is no conversion.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(Arc<str>);

impl SocketId {
    /// Twenty characters out of fifteen random bytes, as the reference's ids.
    pub fn from_random(random: [u8; 15]) -> Self {
        let mut id = String::with_capacity(20);
        for chunk in random.chunks_exact(3) {
            let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
            id.extend([18, 12, 6, 0].map(|shift| char::from(ALPHABET[bits >> shift & 63])));
        }
        Self(id.into())
    }

    /// The id as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SocketId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<String> for SocketId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl From<SocketId> for Arc<str> {
    fn from(id: SocketId) -> Self {
        id.0
    }
}

/// Maps by id are asked with a `str`.
impl Borrow<str> for SocketId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Deref for SocketId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Base 64 without the characters that mean something in a URL.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_become_twenty_characters() {
        assert_eq!(SocketId::from_random([0; 15]).as_str(), "AAAAAAAAAAAAAAAAAAAA");
        assert_eq!(SocketId::from_random([0xff; 15]).as_str(), "____________________");
        assert_eq!(
            &SocketId::from_random([0x14, 0xfb, 0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])[..4],
            "FPuc"
        );
    }
}
