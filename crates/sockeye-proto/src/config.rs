//! What a connection allows.

use std::time::Duration;

use sockeye_parser::Limits;

use crate::bounds::Bounds;

/// The limits and times of a connection.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) connect_timeout: Duration,
    pub(crate) attachment_timeout: Duration,
    pub(crate) outbox: Bounds,
    pub(crate) max_namespaces: usize,
    pub(crate) max_pending_acks: usize,
    pub(crate) parser: Limits,
}

impl Config {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(45),
            attachment_timeout: Duration::from_secs(60),
            outbox: Bounds::new(4096, 4 << 20),
            max_namespaces: 256,
            max_pending_acks: 4096,
            parser: Limits::default(),
        }
    }

    /// How long a peer may stay without having joined a namespace; 45 s, as the reference's `connectTimeout`.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the attachments of a packet may take to arrive, once its text has; 60 s. The reference waits for ever.
    #[must_use]
    pub fn attachment_timeout(mut self, timeout: Duration) -> Self {
        self.attachment_timeout = timeout;
        self
    }

    /// How many messages may wait for the transport; 4,096. As many again are kept for answers to the peer.
    #[must_use]
    pub fn max_queued_packets(mut self, packets: usize) -> Self {
        self.outbox = self.outbox.with_packets(packets);
        self
    }

    /// How many bytes may wait for the transport; 4 MiB. As many again are kept for answers to the peer.
    #[must_use]
    pub fn max_queued_bytes(mut self, bytes: usize) -> Self {
        self.outbox = self.outbox.with_bytes(bytes);
        self
    }

    /// How many namespaces one connection may join; 256.
    #[must_use]
    pub fn max_namespaces(mut self, namespaces: usize) -> Self {
        self.max_namespaces = namespaces;
        self
    }

    /// How many acknowledgements may be awaited in one namespace of a connection; 4,096.
    #[must_use]
    pub fn max_pending_acks(mut self, acks: usize) -> Self {
        self.max_pending_acks = acks;
        self
    }

    /// What the parser allows in one packet.
    #[must_use]
    pub fn parser(mut self, limits: Limits) -> Self {
        self.parser = limits;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
