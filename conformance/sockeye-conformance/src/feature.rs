//! What an endpoint under test may have or not: a case that needs what is absent is left out.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Something that an endpoint under test may have or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// Revision 3 of Engine.IO, and with it revision 4 of Socket.IO.
    Eio3,
    /// Connection state recovery, for 2 seconds, middlewares skipped.
    Recovery,
    /// Bytes.
    Binary,
    /// HTTP compression at a threshold of 1024 bytes, and permessage-deflate for everything.
    Compression,
    /// Answers to the origin `https://conformance.example`, with credentials.
    Cors,
    /// The cookie `io`.
    Cookie,
    /// The client's files at `/socket.io/socket.io.js` and beside it.
    ServeClient,
    /// A session moves from polling to WebSocket.
    Upgrade,
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    WebSocket,
    /// Namespaces made for a pattern.
    DynamicNamespaces,
    /// Tells why a socket went.
    Reasons,
    /// Tells what it knows of the handshake.
    Handshake,
    /// Rooms and broadcasts.
    Rooms,
    /// Clients: revision 4 of Engine.IO, and with it revision 5 of Socket.IO.
    Eio4,
    /// Clients: packets kept and sent again until they are acknowledged.
    Retries,
    /// Clients: acknowledgements that are missed after a time.
    AckTimeouts,
    /// Clients: connect again when the connection is lost.
    Reconnection,
    /// Clients: several sockets over one connection.
    Multiplexing,
    /// Clients: sends something along when it connects.
    Auth,
    /// Clients: tells its sockets' ids.
    Ids,
    /// Clients: tells the message and the data of a refusal.
    Refusals,
    /// Clients: asks for acknowledgements.
    Acks,
    /// Clients: acknowledges events as it is told.
    Answers,
    /// Clients: keeps what is emitted while there is no connection.
    SendBuffer,
    /// Clients: emits events that are dropped instead of kept.
    Volatile,
    /// Clients: tells of its attempts to connect again.
    ReconnectionReports,
    /// Clients: tells that the connection has moved to another transport.
    TransportReports,
    /// Clients: uses a session while it is being upgraded.
    ConcurrentUpgrade,
    /// Clients: tells that an acknowledgement will not come, for the connection is gone.
    AckLosses,
    /// Clients: goes on to the next transport when one does not open.
    TryAll,
    /// Clients: asks at a path of the application's choice.
    Path,
    /// Clients: adds parameters to every request.
    Query,
    /// Clients: adds headers to every request.
    Headers,
    /// Clients: gives up an attempt to connect after a time.
    ConnectTimeout,
}

impl Feature {
    /// Every one.
    pub const ALL: [Self; 35] = [
        Self::Eio3,
        Self::Recovery,
        Self::Binary,
        Self::Compression,
        Self::Cors,
        Self::Cookie,
        Self::ServeClient,
        Self::Upgrade,
        Self::Polling,
        Self::WebSocket,
        Self::DynamicNamespaces,
        Self::Reasons,
        Self::Handshake,
        Self::Rooms,
        Self::Eio4,
        Self::Retries,
        Self::AckTimeouts,
        Self::Reconnection,
        Self::Multiplexing,
        Self::Auth,
        Self::Ids,
        Self::Refusals,
        Self::Acks,
        Self::Answers,
        Self::SendBuffer,
        Self::Volatile,
        Self::ReconnectionReports,
        Self::TransportReports,
        Self::ConcurrentUpgrade,
        Self::AckLosses,
        Self::TryAll,
        Self::Path,
        Self::Query,
        Self::Headers,
        Self::ConnectTimeout,
    ];

    /// As it is written at `--has`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eio3 => "eio3",
            Self::Recovery => "recovery",
            Self::Binary => "binary",
            Self::Compression => "compression",
            Self::Cors => "cors",
            Self::Cookie => "cookie",
            Self::ServeClient => "serve-client",
            Self::Upgrade => "upgrade",
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
            Self::DynamicNamespaces => "dynamic-namespaces",
            Self::Reasons => "reasons",
            Self::Handshake => "handshake",
            Self::Rooms => "rooms",
            Self::Eio4 => "eio4",
            Self::Retries => "retries",
            Self::AckTimeouts => "ack-timeouts",
            Self::Reconnection => "reconnection",
            Self::Multiplexing => "multiplexing",
            Self::Auth => "auth",
            Self::Ids => "ids",
            Self::Refusals => "refusals",
            Self::Acks => "acks",
            Self::Answers => "answers",
            Self::SendBuffer => "send-buffer",
            Self::Volatile => "volatile",
            Self::ReconnectionReports => "reconnection-reports",
            Self::TransportReports => "transport-reports",
            Self::ConcurrentUpgrade => "concurrent-upgrade",
            Self::AckLosses => "ack-losses",
            Self::TryAll => "try-all",
            Self::Path => "path",
            Self::Query => "query",
            Self::Headers => "headers",
            Self::ConnectTimeout => "connect-timeout",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Feature {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|feature| feature.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|feature| feature.name()).collect();
            format!("no feature {name}; there are {}", names.join(", "))
        })
    }
}

/// What an endpoint has; everything unless something else is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features(BTreeSet<Feature>);

impl Features {
    /// Everything.
    pub fn all() -> Self {
        Self(Feature::ALL.into())
    }

    /// These and nothing else.
    pub fn only(features: impl IntoIterator<Item = Feature>) -> Self {
        Self(features.into_iter().collect())
    }

    /// All but these.
    #[must_use]
    pub fn without(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        for feature in features {
            self.0.remove(&feature);
        }
        self
    }

    /// Whether it has one.
    pub fn has(&self, feature: Feature) -> bool {
        self.0.contains(&feature)
    }
}

impl Default for Features {
    fn default() -> Self {
        Self::all()
    }
}
