//! A WebSocket keeps the contract of transports, with much room on its stream and with little.

use sockeye_websocket::WebSocket;
use tokio::io::{DuplexStream, duplex};

use crate::wire::{MAX_FRAGMENTS, MAX_MESSAGE};

/// A client and a server on a stream that holds so much.
fn pair(capacity: usize) -> (WebSocket<DuplexStream>, WebSocket<DuplexStream>) {
    let (near, far) = duplex(capacity);
    (
        WebSocket::client(near, &[], MAX_MESSAGE, MAX_FRAGMENTS),
        WebSocket::server(far, &[], MAX_MESSAGE, MAX_FRAGMENTS),
    )
}

mod with_much_room {
    sockeye_testing::transport_contract!(async || super::pair(64 * 1024));
}

mod with_little_room {
    sockeye_testing::transport_contract!(async || super::pair(7));
}
