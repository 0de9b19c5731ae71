//! What a client under test reports, a line of JSON each.

use std::fmt;

use serde_derive::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::Error;

/// One line of a client. What it cannot know is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Report {
    Ready {
        client: String,
        #[serde(default)]
        features: Vec<String>,
    },
    Connect {
        socket: String,
        id: Option<String>,
        recovered: Option<bool>,
    },
    ConnectError {
        socket: String,
        message: Option<String>,
        data: Option<Value>,
    },
    Disconnect {
        socket: String,
        reason: Option<String>,
    },
    Event {
        socket: String,
        event: String,
        #[serde(default)]
        args: Vec<Value>,
        ack: Option<bool>,
    },
    Ack {
        ack: u64,
        #[serde(default)]
        args: Vec<Value>,
    },
    AckTimeout {
        ack: u64,
    },
    AckLost {
        ack: u64,
    },
    ReconnectAttempt {
        attempt: u64,
    },
    Reconnect {
        attempt: u64,
    },
    ReconnectFailed,
    Transport {
        name: String,
    },
    /// Everything up to the command `mark` with this number was carried out.
    Mark {
        mark: u64,
    },
    Error {
        message: String,
    },
}

impl Report {
    pub(crate) fn parse(line: &str) -> Result<Self, Error> {
        serde_json::from_str(line).map_err(|error| Error::malformed(format!("report ({error}): {line}")))
    }

    /// Whether it is about the connection. Cases that do not ask for such reports pass them over: when they come beside
    /// the others is the client's affair.
    pub(crate) fn is_aside(&self) -> bool {
        matches!(self, Self::ReconnectAttempt { .. } | Self::Reconnect { .. } | Self::Transport { .. })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}
