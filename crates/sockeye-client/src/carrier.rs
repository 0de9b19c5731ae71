//! What carries a connection: an Engine.IO session, as a rule, without a virtual call; or any other transport.

#[cfg(feature = "engine")]
use sockeye_engine_client as engine;
use sockeye_proto::client::DisconnectReason;
use sockeye_transport::{Known, TransportError};

use crate::DisconnectDetails;

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

/// Why the connection is over, once the stream has ended, with this error or without.
#[cfg_attr(
    not(feature = "engine"),
    expect(clippy::needless_pass_by_ref_mut, reason = "what an engine knows is taken out of it")
)]
pub(crate) fn end(
    carrier: &mut Carrier,
    error: Option<TransportError>,
) -> (DisconnectReason, DisconnectDetails) {
    match carrier {
        #[cfg(feature = "engine")]
        Known::This(connection) => {
            let reason = connection.close_reason().map_or(DisconnectReason::TransportClose, reason);
            let failure = connection.take_failure().map(DisconnectDetails::of_error);
            let known = failure.or_else(|| error.map(DisconnectDetails::of_error));
            (reason, known.unwrap_or_default())
        }
        _ => match error {
            Some(error) => (DisconnectReason::TransportError, DisconnectDetails::of_error(error)),
            None => (DisconnectReason::TransportClose, DisconnectDetails::default()),
        },
    }
}

/// The reason of a session that is a socket's as well.
#[cfg(feature = "engine")]
fn reason(reason: engine::CloseReason) -> DisconnectReason {
    use engine::CloseReason;
    match reason {
        CloseReason::PingTimeout => DisconnectReason::PingTimeout,
        CloseReason::TransportError => DisconnectReason::TransportError,
        CloseReason::ParseError => DisconnectReason::ParseError,
        CloseReason::ForcedClose => DisconnectReason::ForcedClose,
        _ => DisconnectReason::TransportClose,
    }
}
