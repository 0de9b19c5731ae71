//! How much one packet may hold.

/// What a decoder allows in one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) attachments: usize,
    pub(crate) attachment_bytes: usize,
    pub(crate) depth: usize,
}

impl Limits {
    /// The defaults.
    pub const fn new() -> Self {
        Self { attachments: 10, attachment_bytes: 10_000_000, depth: 128 }
    }

    /// How many attachments a packet may have; 10, as the reference's `maxAttachments`.
    #[must_use]
    pub const fn attachments(mut self, attachments: usize) -> Self {
        self.attachments = attachments;
        self
    }

    /// How many bytes the attachments of a packet may have in all; 10 MB. The reference has no such limit.
    #[must_use]
    pub const fn attachment_bytes(mut self, bytes: usize) -> Self {
        self.attachment_bytes = bytes;
        self
    }

    /// How deep arrays and objects may be nested; 128, which is also the most that handlers can read. The reference has no
    /// such limit, and dies of it.
    #[must_use]
    pub const fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
