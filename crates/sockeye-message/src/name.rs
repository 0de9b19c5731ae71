//! What a transport is called on the wire.

use std::{borrow::Cow, fmt};

/// The name of a transport, as peers write it in requests and handshakes.
///
/// The set is open: three names are well known, and whoever writes a transport may choose another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TransportName(Cow<'static, str>);

impl TransportName {
    /// HTTP long-polling.
    pub const POLLING: Self = Self::from_static("polling");
    /// WebSocket.
    pub const WEBSOCKET: Self = Self::from_static("websocket");
    /// WebTransport.
    pub const WEBTRANSPORT: Self = Self::from_static("webtransport");

    /// A name known when the program is built.
    pub const fn from_static(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for TransportName {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl fmt::Debug for TransportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for TransportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_made_at_run_time_equals_the_constant() {
        assert_eq!(TransportName::from(String::from("polling")), TransportName::POLLING);
        assert_ne!(TransportName::WEBSOCKET, TransportName::WEBTRANSPORT);
    }
}
