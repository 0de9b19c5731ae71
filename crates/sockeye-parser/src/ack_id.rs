//! Which event an acknowledgement answers.

use std::fmt;

/// The number that ties an acknowledgement to its event: unique in a namespace of a connection while it is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckId(u64);

impl AckId {
    /// The largest id that JavaScript tells apart from its neighbours: 2^53 - 1.
    pub const MAX: u64 = (1 << 53) - 1;

    /// An id. Peers refuse those above [`MAX`](Self::MAX), so it wraps around there.
    pub const fn new(id: u64) -> Self {
        Self(id & Self::MAX)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
