//! What differs between the revisions of Socket.IO's protocol.

use sockeye_message::Utf8Bytes;
use sockeye_parser::{NamespaceName, Packet, SocketId};

/// A revision of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revision {
    /// That of Socket.IO 1 and 2: a peer is in `/` from the beginning, learns its id elsewhere, and puts what it wants to be
    /// let in with behind a question mark in the name of the namespace.
    V4,
    /// That of Socket.IO 3 and 4.
    #[default]
    V5,
}

impl Revision {
    /// The answer to a peer that is let in.
    pub(crate) fn accept(self, namespace: NamespaceName, id: &SocketId) -> Packet {
        match self {
            Self::V4 => Packet::Connect { namespace, auth: None },
            Self::V5 => Packet::accept(namespace, id),
        }
    }

    /// The namespace that is meant by a name, and what stands behind the question mark.
    pub(crate) fn split_name(self, name: NamespaceName) -> (NamespaceName, Option<Utf8Bytes>) {
        match (self, name.split_once('?')) {
            (Self::V4, Some((name, query))) => (name.into(), Some(query.into())),
            _ => (name, None),
        }
    }
}
