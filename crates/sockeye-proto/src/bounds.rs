//! How much may wait somewhere.

/// The limits of something that waits. Neither is zero, so that what waits alone is not refused for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) packets: usize,
    pub(crate) bytes: usize,
}

impl Bounds {
    pub(crate) fn new(packets: usize, bytes: usize) -> Self {
        Self { packets: packets.max(1), bytes: bytes.max(1) }
    }

    pub(crate) fn with_packets(self, packets: usize) -> Self {
        Self::new(packets, self.bytes)
    }

    pub(crate) fn with_bytes(self, bytes: usize) -> Self {
        Self::new(self.packets, bytes)
    }
}
