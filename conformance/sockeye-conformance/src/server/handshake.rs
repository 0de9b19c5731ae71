//! What a server says when a session opens.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::case::Transport;
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;

/// Which revision of Engine.IO a session speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// With Socket.IO up to 2: the client pings.
    V3,
    /// With Socket.IO from 3 on: the server pings.
    V4,
}

/// The open packet of a session.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The session's id.
    pub sid: String,
    /// Transports that it may move to.
    pub upgrades: Vec<String>,
    /// Time between pings.
    pub ping_interval: Duration,
    /// How long a pong, or in revision 3 the next ping after the interval, is waited for.
    pub ping_timeout: Duration,
    /// How many bytes one payload may have; revision 3 does not tell.
    pub max_payload: Option<usize>,
    /// All of it.
    pub json: Value,
    /// By the query that asked for it.
    pub revision: Revision,
    /// Before the session was asked for: lower bounds of the server's time count from here.
    pub asked_at: Instant,
    /// When the open packet had come: upper bounds count from here.
    pub opened_at: Instant,
}

impl Revision {
    /// As the query has it.
    pub fn query(self) -> &'static str {
        match self {
            Self::V3 => "EIO=3",
            Self::V4 => "EIO=4",
        }
    }

    /// The revision that a query asks for; 3 when it says nothing, as the reference has it.
    pub fn of(query: &str) -> Self {
        if query.split('&').any(|pair| pair == "EIO=4") { Self::V4 } else { Self::V3 }
    }
}

impl Handshake {
    /// Reads an open packet: `0{"sid":…}`.
    ///
    /// # Errors
    /// [`Failure::Departed`] if it is none or lacks a field that clients cannot do without.
    pub fn parse(packet: &Message, revision: Revision, asked_at: Instant) -> Verdict<Self> {
        let wrong = || {
            Failure::departed(
                "an open packet with sid, pingInterval and pingTimeout",
                format!("{packet} came"),
            )
        };
        let text = packet.as_text().and_then(|text| text.strip_prefix('0')).ok_or_else(wrong)?;
        let json: Value = serde_json::from_str(text).map_err(|_| wrong())?;
        let milliseconds = |name: &str| json[name].as_u64().map(Duration::from_millis).ok_or_else(wrong);
        let upgrades = json["upgrades"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(Self {
            sid: json["sid"].as_str().ok_or_else(wrong)?.to_owned(),
            upgrades: upgrades.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            ping_interval: milliseconds("pingInterval")?,
            ping_timeout: milliseconds("pingTimeout")?,
            max_payload: json["maxPayload"].as_u64().and_then(|limit| usize::try_from(limit).ok()),
            revision,
            asked_at,
            opened_at: Instant::now(),
            json,
        })
    }

    /// The session as a query names it, without a transport: `EIO=4&sid=…`.
    pub fn query(&self) -> String {
        format!("{}&sid={}", self.revision.query(), self.sid)
    }

    /// The session as a query names it over a transport: `EIO=4&transport=polling&sid=…`.
    pub fn query_over(&self, transport: Transport) -> String {
        format!("{}&transport={transport}&sid={}", self.revision.query(), self.sid)
    }
}
