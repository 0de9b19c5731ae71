//! The name of a room.

use std::{borrow::Borrow, fmt, ops::Deref, sync::Arc};

use sockeye_parser::SocketId;

/// The name of a room: any string. Cloning shares it.
///
/// Every socket is in the room named by its own id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Room(Arc<str>);

impl Room {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Room {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for Room {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<&String> for Room {
    fn from(name: &String) -> Self {
        Self(name.as_str().into())
    }
}

impl From<SocketId> for Room {
    fn from(id: SocketId) -> Self {
        Self(id.into())
    }
}

impl From<&SocketId> for Room {
    fn from(id: &SocketId) -> Self {
        Self(id.clone().into())
    }
}

impl From<&Self> for Room {
    fn from(room: &Self) -> Self {
        room.clone()
    }
}

impl Borrow<str> for Room {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Deref for Room {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
