//! What the suite tells a client when it opens a session.

use serde_json::{Value, json};

use crate::server::Revision;

/// The open packet's content: long times, so that no heartbeat is due in a case that does not care for it, and no
/// upgrades.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    pub(crate) sid: String,
    pub(crate) revision: Revision,
    fields: Value,
}

impl Handshake {
    pub(crate) fn new() -> Self {
        let sid = format!("session-{:016x}", getrandom::u64().unwrap_or_default());
        let fields = json!({
            "sid": sid,
            "upgrades": [],
            "pingInterval": 25_000,
            "pingTimeout": 20_000,
            "maxPayload": 1_000_000,
        });
        Self { sid, revision: Revision::V4, fields }
    }

    /// As servers of revision 3 have it.
    pub(crate) fn of_revision_3() -> Self {
        Self { revision: Revision::V3, ..Self::new() }
    }

    /// With the WebSocket on offer.
    pub(crate) fn with_upgrade(self) -> Self {
        self.with("upgrades", json!(["websocket"]))
    }

    /// With these times of the heartbeat, in milliseconds.
    pub(crate) fn with_heartbeat(self, ping_interval: u64, ping_timeout: u64) -> Self {
        self.with("pingInterval", ping_interval).with("pingTimeout", ping_timeout)
    }

    /// With another value, right or wrong, which may be in a field that nobody knows.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields[field] = value.into();
        self
    }

    pub(crate) fn to_packet(&self) -> String {
        format!("0{}", self.fields)
    }
}
