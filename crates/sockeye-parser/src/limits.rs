//! How much one packet may hold.

/// What a decoder allows in one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    attachments: usize,
    attachment_bytes: usize,
    depth: usize,
}

impl Limits {
    /// The deepest nesting that can be allowed: handlers could not read more.
    pub const MAX_DEPTH: usize = 127;

    /// The defaults.
    pub const fn new() -> Self {
        Self { attachments: 10, attachment_bytes: 10_000_000, depth: Self::MAX_DEPTH }
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

    /// How deep arrays and objects may be nested, at most [`MAX_DEPTH`](Self::MAX_DEPTH), which is the default. The
    /// reference has no such limit, and dies of it.
    #[must_use]
    pub const fn depth(mut self, depth: usize) -> Self {
        self.depth = if depth < Self::MAX_DEPTH { depth } else { Self::MAX_DEPTH };
        self
    }

    /// How many attachments a packet may have.
    pub const fn max_attachments(&self) -> usize {
        self.attachments
    }

    /// How many bytes the attachments of a packet may have in all.
    pub const fn max_attachment_bytes(&self) -> usize {
        self.attachment_bytes
    }

    /// How deep arrays and objects may be nested.
    pub const fn max_depth(&self) -> usize {
        self.depth
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
