//! What a server may choose for its sessions, and what it gets unless it does.

use std::time::Duration;

use sockeye_engine_codec::Revision;
use sockeye_message::{Message, TransportName};

use crate::{heartbeat::Pace, outbox::Bounds};

/// The settings of sessions. The defaults are the reference's; the bounds on what waits are ours.
///
/// ```
/// use std::time::Duration;
/// use sockeye_engine_proto::server::Config;
///
/// let config = Config::new().with_ping_interval(Duration::from_secs(10)).with_max_payload(64 * 1024);
/// assert_eq!(config.max_payload(), 65_536);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    ping_interval: Duration,
    ping_timeout: Duration,
    upgrade_timeout: Duration,
    close_timeout: Duration,
    max_payload: usize,
    transports: Vec<TransportName>,
    upgrades_allowed: bool,
    eio3_allowed: bool,
    initial_packet: Option<Message>,
    outbox: Bounds,
    told: Told,
}

/// Which events are told that few want to hear.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    unsent: bool,
    heartbeats: bool,
}

impl Config {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(30),
            max_payload: 1_000_000,
            transports: vec![TransportName::POLLING, TransportName::WEBSOCKET],
            upgrades_allowed: true,
            eio3_allowed: false,
            initial_packet: None,
            outbox: Bounds { packets: 4096, bytes: 4 * 1024 * 1024 },
            told: Told::default(),
        }
    }

    /// How long a session is left alone before it is pinged: 25 s. In revision 3 it is the client that pings.
    #[must_use]
    pub fn with_ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// How long a pong may take: 20 s.
    #[must_use]
    pub fn with_ping_timeout(mut self, timeout: Duration) -> Self {
        self.ping_timeout = timeout;
        self
    }

    /// How long an upgrade may take: 10 s.
    #[must_use]
    pub fn with_upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.upgrade_timeout = timeout;
        self
    }

    /// How long a graceful close waits for the client to fetch what is left: 30 s.
    #[must_use]
    pub fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// How many bytes one message or one long-polling body from the client may have: 1 000 000.
    #[must_use]
    pub fn with_max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes;
        self
    }

    /// The transports that clients may use: long-polling and WebSocket.
    #[must_use]
    pub fn with_transports(mut self, transports: impl IntoIterator<Item = TransportName>) -> Self {
        self.transports = transports.into_iter().collect();
        self
    }

    /// Neither offers nor accepts upgrades from long-polling.
    #[must_use]
    pub fn without_upgrades(mut self) -> Self {
        self.upgrades_allowed = false;
        self
    }

    /// Speaks revision 3 of the protocol as well, with every client that does not ask for 4: not spoken. The reference's
    /// `allowEIO3`.
    ///
    /// The sessions carry messages as others do. What those mean may differ all the same: clients of Socket.IO 2 come with
    /// this revision.
    ///
    /// ```
    /// use sockeye_engine_proto::server::Config;
    ///
    /// assert!(!Config::new().allows_eio3());
    /// assert!(Config::new().allow_eio3().allows_eio3());
    /// ```
    #[must_use]
    pub fn allow_eio3(mut self) -> Self {
        self.eio3_allowed = true;
        self
    }

    /// A message that every client gets right behind the handshake: none.
    #[must_use]
    pub fn with_initial_packet(mut self, message: Message) -> Self {
        self.initial_packet = Some(message);
        self
    }

    /// How many messages may wait to be sent: 4096.
    #[must_use]
    pub fn with_outbox_packets(mut self, packets: usize) -> Self {
        self.outbox.packets = packets;
        self
    }

    /// How many bytes may wait before no further message is taken: 4 MiB.
    #[must_use]
    pub fn with_outbox_bytes(mut self, bytes: usize) -> Self {
        self.outbox.bytes = bytes;
        self
    }

    /// Keeps what a session could not send, and [tells](super::Event::Unsent) of it at the end: not kept.
    #[must_use]
    pub fn keep_unsent(mut self) -> Self {
        self.told.unsent = true;
        self
    }

    /// Tells of each [heartbeat](super::Event::Heartbeat): not told.
    #[must_use]
    pub fn tell_heartbeats(mut self) -> Self {
        self.told.heartbeats = true;
        self
    }

    /// How long a session is left alone before it is pinged.
    pub fn ping_interval(&self) -> Duration {
        self.ping_interval
    }

    /// How long a pong may take.
    pub fn ping_timeout(&self) -> Duration {
        self.ping_timeout
    }

    /// How long an upgrade may take.
    pub fn upgrade_timeout(&self) -> Duration {
        self.upgrade_timeout
    }

    /// How long a graceful close waits.
    pub fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    /// How many bytes one message or one body from the client may have.
    pub fn max_payload(&self) -> usize {
        self.max_payload
    }

    /// The transports that clients may use.
    pub fn transports(&self) -> &[TransportName] {
        &self.transports
    }

    /// Whether clients may use this transport.
    pub fn allows(&self, transport: &TransportName) -> bool {
        self.transports.contains(transport)
    }

    /// Whether a session may move from long-polling to another transport.
    pub fn allows_upgrades(&self) -> bool {
        self.upgrades_allowed
    }

    /// Whether revision 3 is spoken beside revision 4.
    pub fn allows_eio3(&self) -> bool {
        self.eio3_allowed
    }

    /// The message that every client gets right behind the handshake.
    pub fn initial_packet(&self) -> Option<&Message> {
        self.initial_packet.as_ref()
    }

    /// How many messages may wait to be sent.
    pub fn outbox_packets(&self) -> usize {
        self.outbox.packets
    }

    /// How many bytes may wait before no further message is taken.
    pub fn outbox_bytes(&self) -> usize {
        self.outbox.bytes
    }

    /// The transports that a session which opens on this one is told about, in the order in which the reference names
    /// them; the reference's `upgrades(transport)`.
    ///
    /// ```
    /// use sockeye_engine_proto::server::Config;
    /// use sockeye_message::TransportName;
    ///
    /// assert_eq!(Config::new().upgrades(&TransportName::POLLING), [TransportName::WEBSOCKET]);
    /// assert_eq!(Config::new().upgrades(&TransportName::WEBSOCKET), []);
    /// ```
    pub fn upgrades(&self, transport: &TransportName) -> Vec<TransportName> {
        if !self.upgrades_allowed || *transport != TransportName::POLLING {
            return Vec::new();
        }
        let mut upgrades = self.transports.clone();
        upgrades.retain(|name| *name != TransportName::POLLING);
        upgrades.sort_by_key(|name| *name != TransportName::WEBSOCKET);
        upgrades
    }

    /// Whether this revision is spoken.
    pub(crate) fn speaks(&self, revision: Revision) -> bool {
        revision == Revision::V4 || self.eio3_allowed
    }

    pub(crate) fn keeps_unsent(&self) -> bool {
        self.told.unsent
    }

    pub(crate) fn tells_heartbeats(&self) -> bool {
        self.told.heartbeats
    }

    pub(crate) fn pace(&self) -> Pace {
        Pace { interval: self.ping_interval, timeout: self.ping_timeout }
    }

    pub(crate) fn outbox(&self) -> Bounds {
        self.outbox
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn websocket_is_offered_first() {
        let transports = [TransportName::WEBTRANSPORT, TransportName::POLLING, TransportName::WEBSOCKET];
        let config = Config::new().with_transports(transports);

        assert_eq!(
            config.upgrades(&TransportName::POLLING),
            [TransportName::WEBSOCKET, TransportName::WEBTRANSPORT]
        );
        assert_eq!(config.without_upgrades().upgrades(&TransportName::POLLING), []);
    }
}
