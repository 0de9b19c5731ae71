//! What carries a session, as far as either end knows: which carrier, and how it was lost.

/// Tells the carriers of one session apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(u32);

impl LinkId {
    pub(crate) const FIRST: Self = Self(0);

    /// The link that is made after this one.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// How a link ended that the session did not ask to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detach {
    /// The peer closed it in order.
    Closed,
    /// It broke.
    Failed,
    /// The peer sent a message over its limit.
    TooLarge,
}
