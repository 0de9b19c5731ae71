//! What carries a connection: an Engine.IO session, as a rule, without a virtual call; or any other transport.

use std::pin::Pin;

use futures_util::Sink;
#[cfg(feature = "engine")]
use sockeye_engine_server as engine;
use sockeye_transport::{Known, TransportError};

use crate::{DisconnectDetails, DisconnectReason};

/// The transport of a connection.
#[cfg(feature = "engine")]
pub(crate) type Carrier = Known<engine::Connection>;
/// Without an engine, no kind is more likely than another.
#[cfg(not(feature = "engine"))]
pub(crate) type Carrier = Known<sockeye_transport::memory::MemoryTransport>;

/// Whether a message sent now would be on its way at once.
pub(crate) fn is_writable(carrier: &Carrier) -> bool {
    match carrier {
        #[cfg(feature = "engine")]
        Known::This(connection) => connection.is_writable(),
        // A transport of somebody else says no more than that it is ready.
        _ => true,
    }
}

/// Sends a text that stays the caller's, to a transport that [takes it](takes_text).
pub(crate) fn send_text(carrier: &mut Carrier, text: &str) -> Result<(), TransportError> {
    match carrier {
        #[cfg(feature = "engine")]
        Known::This(connection) => connection.start_send_text(text),
        other => Pin::new(other).start_send(text.into()),
    }
}

/// Whether a text sent now would be on its way at once, without the transport being asked whether it is ready.
pub(crate) fn takes_text(carrier: &Carrier) -> bool {
    match carrier {
        #[cfg(feature = "engine")]
        Known::This(connection) => connection.takes_text(),
        _ => false,
    }
}

/// Why the peer is gone, once the stream has ended.
pub(crate) fn close_reason(carrier: &Carrier, failed: bool) -> DisconnectReason {
    match carrier {
        #[cfg(feature = "engine")]
        Known::This(connection) => {
            connection.close_reason().map_or(DisconnectReason::TransportClose, DisconnectReason::from)
        }
        _ if failed => DisconnectReason::TransportError,
        _ => DisconnectReason::TransportClose,
    }
}

/// What is known of a failure besides the reason.
pub(crate) fn details(carrier: &Carrier, error: TransportError) -> DisconnectDetails {
    match carrier {
        // Its error says no more than its reason, and its fault what it was.
        #[cfg(feature = "engine")]
        Known::This(connection) => {
            connection.fault().map_or_else(DisconnectDetails::default, DisconnectDetails::of_error)
        }
        _ => DisconnectDetails::of_error(error),
    }
}
