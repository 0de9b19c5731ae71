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
    pub(crate) fn accept(self, namespace: NamespaceName, id: &SocketId, private_id: Option<&str>) -> Packet {
        match (self, private_id) {
            (Self::V4, _) => Packet::Connect { namespace, auth: None },
            (Self::V5, None) => Packet::accept(namespace, id),
            (Self::V5, Some(private_id)) => Packet::accept_recoverable(namespace, id, private_id),
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
