//! How a link carries the packets of a client, and how a session begins there.

use sockeye_message::TransportName;

/// How a link carries packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// By HTTP requests: from the server only in the answer to a poll.
    Polling,
    /// By itself, both ways, at any time. The request that it began with has said what it is for, as that of a WebSocket.
    Stream(TransportName),
    /// As a stream that began with no request, such as WebTransport or a byte stream: its first packet says what it is for.
    InBand(TransportName),
}
