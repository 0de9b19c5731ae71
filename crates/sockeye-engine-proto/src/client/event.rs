//! What a session tells its driver, and what it answers.

use std::fmt;

use sockeye_engine_codec::Handshake;
use sockeye_message::TransportName;

use crate::{CloseReason, LinkId};

/// Something that the driver or the application should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The handshake came, as the server sent it: further requests name its session id.
    Opened(Handshake),
    /// Connect this transport for the session, and hand it in by [`handle_attach`](super::Session::handle_attach), or say
    /// that it cannot be by [`handle_attach_failed`](super::Session::handle_attach_failed).
    Probe(TransportName),
    /// This transport has answered and is about to be the session's: no other is wanted any more, and attempts to connect
    /// one can be dropped.
    Upgrading(TransportName),
    /// The session speaks on another transport now.
    Upgraded(TransportName),
    /// The session cannot move to this transport and goes on as before. An attempt to connect it can be dropped.
    UpgradeFailed(TransportName, ProbeError),
    /// The server lives: its ping came. Told only if the configuration [says so](super::Config::tell_heartbeats).
    Heartbeat,
    /// This link is no longer needed: close it.
    CloseLink(LinkId),
    /// The session has ended; nothing follows.
    ///
    /// A stream is to be flushed and closed. On long-polling the server may still have to be told: ask
    /// [`poll_request`](super::Session::poll_request) for a last POST, which comes up once the one that is out, if any,
    /// was answered. Until the last POST was answered the GET that is out should be left alone, for a server may take
    /// one that is given up for an error.
    Closed(CloseReason),
}

/// Why a session could not move to another transport. `Display` gives the reference's text, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProbeError {
    /// The probe was answered by something else than it should be.
    WrongAnswer,
    /// The transport was closed.
    Closed,
    /// The transport failed, or could not be connected at all.
    Failed,
    /// It took longer than the configuration [allows](super::Config::with_upgrade_timeout).
    TimedOut,
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongAnswer => "probe error",
            Self::Closed => "probe error: transport closed",
            Self::Failed => "probe error: transport failed",
            Self::TimedOut => "probe error: timeout",
        })
    }
}

impl std::error::Error for ProbeError {}

/// A transport cannot become a candidate for an upgrade: close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttachRefused {
    /// The session is closed or closing.
    Closed,
    /// The session did not ask for it, or has no use for it any more.
    NotAsked,
}

impl fmt::Display for AttachRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the session is closed",
            Self::NotAsked => "the session does not ask for this transport",
        })
    }
}

impl std::error::Error for AttachRefused {}
