//! What happens now and then in an engine, for whoever counts it.

use sockeye_engine_proto::request::RefusalCode;

/// Something that happened to a request or a session, see [`Config::on_occurrence`](crate::Config::on_occurrence).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occurrence {
    /// A request was refused with this code.
    Refused(RefusalCode),
    /// A session was not opened because there are as many as [`Config::max_sessions`](crate::Config::max_sessions) says.
    TooManySessions,
    /// A session was not opened because as many come from its address as
    /// [`Config::max_sessions_per_address`](crate::Config::max_sessions_per_address) says.
    TooManySessionsFromAddress,
    /// A session was not opened because as many handshakes wait for the application as
    /// [`Config::max_handshakes_in_flight`](crate::Config::max_handshakes_in_flight) says.
    TooManyHandshakes,
    /// A WebSocket was not accepted because as many are on their way as
    /// [`Config::max_upgrades_in_flight`](crate::Config::max_upgrades_in_flight) says.
    TooManyUpgrades,
    /// A session has changed its transport.
    Upgraded,
    /// A transport came for a session that did not change to it: it was not probed in time, went away, or was not wanted.
    UpgradeFailed,
}
