//! What a session tells its driver, and what it answers.

use std::fmt;

use sockeye_message::{Message, TransportName};

use crate::{CloseReason, LinkId};

/// Something that the driver or the application should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The session speaks on another transport now.
    Upgraded(TransportName),
    /// The peer lives: its pong came, or in revision 3 its ping. Told only if the configuration
    /// [says so](super::Config::tell_heartbeats).
    Heartbeat,
    /// This link is no longer needed: send what [`poll_transmit`](super::Session::poll_transmit) still has for it, then
    /// close it.
    CloseLink(LinkId),
    /// The session ends, and these messages were still to be sent, in this order. Told only if there are any and the
    /// configuration [keeps them](super::Config::keep_unsent).
    Unsent(Vec<Message>),
    /// The session has ended: send what [`poll_transmit`](super::Session::poll_transmit) still has for its link, then
    /// close that too. Nothing follows.
    Closed(CloseReason),
}

/// A transport cannot become a candidate for an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttachRefused {
    /// The session is closed or closing.
    Closed,
    /// Another candidate is being tried.
    Upgrading,
    /// The session is not, or no longer, on long-polling.
    NotPolling,
    /// The configuration allows no upgrades.
    NotAllowed,
}

impl fmt::Display for AttachRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the session is closed",
            Self::Upgrading => "the session is being upgraded to another transport",
            Self::NotPolling => "the session is not on long-polling",
            Self::NotAllowed => "upgrades are not allowed",
        })
    }
}

impl std::error::Error for AttachRefused {}

/// An HTTP request cannot take part in the session. All three are answered with status 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestRefused {
    /// A request of the same kind was still open; the session has ended over it.
    Overlap,
    /// The session is not, or no longer, on long-polling.
    NotPolling,
    /// The session is closed.
    Closed,
}

impl fmt::Display for RequestRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overlap => "a request of the same kind is still open",
            Self::NotPolling => "the session is not on long-polling",
            Self::Closed => "the session is closed",
        })
    }
}

impl std::error::Error for RequestRefused {}
