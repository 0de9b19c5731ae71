//! What a client may choose for its sessions, and what it gets unless it does.

use std::time::Duration;

use sockeye_message::TransportName;

use crate::outbox::Bounds;

/// The settings of sessions. The defaults are the reference's where it has one; the bounds and the time limits are ours.
///
/// ```
/// use std::time::Duration;
/// use sockeye_engine_proto::client::Config;
///
/// let config = Config::new().without_upgrades().with_close_timeout(Duration::from_secs(5));
/// assert!(!config.allows_upgrades());
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    transports: Vec<TransportName>,
    upgrades_allowed: bool,
    upgrade_timeout: Duration,
    close_timeout: Duration,
    max_payload: usize,
    max_silence: Duration,
    outbox: Bounds,
    heartbeats_told: bool,
}

impl Config {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            transports: vec![TransportName::POLLING, TransportName::WEBSOCKET],
            upgrades_allowed: true,
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(30),
            max_payload: 100 * 1024 * 1024,
            max_silence: Duration::from_secs(24 * 60 * 60),
            outbox: Bounds { packets: 4096, bytes: 4 * 1024 * 1024 },
            heartbeats_told: false,
        }
    }

    /// The transports that the client knows: long-polling and WebSocket. A session asks for no other, whatever the server
    /// offers. The reference's `transports`.
    #[must_use]
    pub fn with_transports(mut self, transports: impl IntoIterator<Item = TransportName>) -> Self {
        self.transports = transports.into_iter().collect();
        self
    }

    /// Stays on long-polling where a session begins there. The reference's `upgrade: false`.
    #[must_use]
    pub fn without_upgrades(mut self) -> Self {
        self.upgrades_allowed = false;
        self
    }

    /// How long a transport may take from when the session asks for it until it can be moved to: 10 s. The reference waits
    /// for ever.
    #[must_use]
    pub fn with_upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.upgrade_timeout = timeout;
        self
    }

    /// How long a graceful close waits for what is left to be sent: 30 s. The reference waits for ever.
    #[must_use]
    pub fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// How many bytes one message or one long-polling body from the server may have: 104 857 600, which is what a WebSocket
    /// of the reference takes. The driver holds the server to it, and reports [`TooLarge`](crate::Detach::TooLarge).
    #[must_use]
    pub fn with_max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes;
        self
    }

    /// How long the server may be silent at most, whatever its handshake says: a day.
    #[must_use]
    pub fn with_max_silence(mut self, silence: Duration) -> Self {
        self.max_silence = silence;
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

    /// Tells of each [heartbeat](super::Event::Heartbeat): not told.
    #[must_use]
    pub fn tell_heartbeats(mut self) -> Self {
        self.heartbeats_told = true;
        self
    }

    /// The transports that the client knows.
    pub fn transports(&self) -> &[TransportName] {
        &self.transports
    }

    /// Whether the client knows this transport.
    pub fn allows(&self, transport: &TransportName) -> bool {
        self.transports.contains(transport)
    }

    /// Whether a session may move from long-polling to another transport.
    pub fn allows_upgrades(&self) -> bool {
        self.upgrades_allowed
    }

    /// How long a transport may take until it can be moved to.
    pub fn upgrade_timeout(&self) -> Duration {
        self.upgrade_timeout
    }

    /// How long a graceful close waits.
    pub fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    /// How many bytes one message or one body from the server may have.
    pub fn max_payload(&self) -> usize {
        self.max_payload
    }

    /// How long the server may be silent at most.
    pub fn max_silence(&self) -> Duration {
        self.max_silence
    }

    /// How many messages may wait to be sent.
    pub fn outbox_packets(&self) -> usize {
        self.outbox.packets
    }

    /// How many bytes may wait before no further message is taken.
    pub fn outbox_bytes(&self) -> usize {
        self.outbox.bytes
    }

    /// Those of the offered transports that a session may move to, in the server's order and each once.
    pub(super) fn upgrades_among(&self, offered: &[TransportName]) -> Vec<TransportName> {
        let mut upgrades = Vec::new();
        if !self.upgrades_allowed {
            return upgrades;
        }
        for name in offered {
            if *name != TransportName::POLLING && self.allows(name) && !upgrades.contains(name) {
                upgrades.push(name.clone());
            }
        }
        upgrades
    }

    pub(super) fn tells_heartbeats(&self) -> bool {
        self.heartbeats_told
    }

    pub(super) fn outbox(&self) -> Bounds {
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
    fn of_what_is_offered_each_known_transport_is_asked_for_once() {
        let offered = ["websocket", "flying-pigeon", "polling", "websocket", "webtransport"];
        let offered = offered.map(|name| TransportName::from(String::from(name)));
        let config = Config::new();

        assert_eq!(config.upgrades_among(&offered), [TransportName::WEBSOCKET]);
        assert_eq!(config.without_upgrades().upgrades_among(&offered), []);
    }
}
