//! How a link carries the packets of a server.

use sockeye_message::TransportName;

/// How a link carries packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// By itself, both ways, at any time: a WebSocket, a byte stream.
    Stream(TransportName),
    /// By HTTP requests: to the client only while a poll waits.
    Polling,
}
