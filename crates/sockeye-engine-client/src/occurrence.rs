//! What happens to a session beside its messages.

use std::sync::Arc;

use sockeye_engine_proto::client::ProbeError;
use sockeye_message::TransportName;

use crate::Failure;

/// Something happened that an application may want to know, for [`Config::with_observer`](crate::Config::with_observer).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Occurrence {
    /// The server asked whether the client is there, and was answered. The reference's `ping` and `pong`.
    Heartbeat,
    /// A transport was found to work, and the session moves to it. The reference's `upgrading`.
    Upgrading(TransportName),
    /// The session speaks on this transport now. The reference's `upgrade`.
    Upgraded(TransportName),
    /// A transport does not work, and the session stays where it is. The reference's `upgradeError`.
    UpgradeFailed {
        /// Which one.
        transport: TransportName,
        /// What became of its probe.
        error: ProbeError,
        /// What was behind it, if it could not be connected.
        cause: Option<Arc<Failure>>,
    },
}
