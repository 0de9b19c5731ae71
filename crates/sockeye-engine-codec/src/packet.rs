//! What two engines say to each other, one packet at a time.
//!
//! How a packet looks on the wire depends on the protocol's revision and stands in [`Revision`](crate::Revision).

use sockeye_message::{Message, Utf8Bytes};

/// One packet of Engine.IO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Opens a session. From a server it carries the JSON of a [`Handshake`](crate::Handshake); from a client, on
    /// transports that open in band, what a [`Greeting`](crate::Greeting) reads. Kept as it came: most receivers
    /// ignore it.
    Open(Utf8Bytes),
    /// Ends the session in order.
    Close,
    /// Asks for a [`Packet::Pong`].
    Ping(Signal),
    /// Answers a [`Packet::Ping`].
    Pong(Signal),
    /// Something of the application's.
    Message(Message),
    /// Switches the session to the transport on which it is sent.
    Upgrade,
    /// Means nothing; answers a waiting poll.
    Noop,
}

/// What a ping or pong is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Is the peer alive?
    Heartbeat,
    /// Does this transport work? Asked before an upgrade to it.
    Probe,
    /// Whatever else stands behind a ping, which a server of revision 3 sends back: never empty. Nobody is known to send
    /// any, so it is kept where it makes packets no larger.
    Other(Box<str>),
}

impl Signal {
    /// The data that stands behind the packet type.
    pub(crate) fn read(data: &str) -> Self {
        match data {
            "" => Self::Heartbeat,
            "probe" => Self::Probe,
            other => Self::Other(other.into()),
        }
    }
}
