//! The command that makes a client connect.

use serde_json::{Value, json};

use crate::case::Transport;

/// `{"do":"connect"}` with what belongs to it. Unless it says otherwise, the socket is `a`, the namespace `/`, and a lost
/// connection is not made again.
#[derive(Clone, Debug)]
pub(crate) struct Connect(Value);

impl Connect {
    /// Over this transport alone.
    pub(crate) fn over(transport: Transport) -> Self {
        Self::anyhow().option("transports", json!([transport.name()]))
    }

    /// Over polling, and from there to the WebSocket.
    pub(crate) fn upgrading() -> Self {
        Self::anyhow().option("transports", json!(["polling", "websocket"]))
    }

    /// Over whatever the client has by default.
    pub(crate) fn anyhow() -> Self {
        Self(
            json!({ "do": "connect", "socket": "a", "namespace": "/", "options": { "reconnection": false } }),
        )
    }

    /// Another socket.
    pub(crate) fn socket(mut self, name: &str) -> Self {
        self.0["socket"] = name.into();
        self
    }

    pub(crate) fn to(mut self, namespace: &str) -> Self {
        self.0["namespace"] = namespace.into();
        self
    }

    pub(crate) fn auth(mut self, auth: Value) -> Self {
        self.0["auth"] = auth;
        self
    }

    pub(crate) fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0["options"][name] = value.into();
        self
    }

    /// A lost connection is made again, soon.
    pub(crate) fn coming_back(self) -> Self {
        self.coming_back_after(20, 40)
    }

    /// A lost connection is made again after exactly `delay` ms, then twice that, up to `most`.
    pub(crate) fn coming_back_after(self, delay: u64, most: u64) -> Self {
        self.option("reconnection", true)
            .option("reconnectionDelay", delay)
            .option("reconnectionDelayMax", most)
            .option("randomizationFactor", 0)
    }

    pub(crate) fn line(&self) -> &Value {
        &self.0
    }
}
