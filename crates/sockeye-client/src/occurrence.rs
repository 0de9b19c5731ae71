//! What happens to a connection, for those who look after it.

use std::{fmt, sync::Arc, time::Duration};

use sockeye_proto::client::DisconnectReason;
use sockeye_transport::TransportName;

use crate::{ConnectError, DisconnectDetails, listen};

/// Something that happened to a client's connection; the events of the reference's `Manager`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Occurrence {
    /// There is a connection. The sockets are on their way into their namespaces. The reference's `open`.
    Open,
    /// An attempt to connect has failed; the reference's `error`.
    Error(ConnectError),
    /// The connection has ended; the reference's `close`.
    Close(DisconnectReason, DisconnectDetails),
    /// The server has sent a heartbeat.
    Ping,
    /// The connection has moved to this transport; the engine's `upgrade`.
    Upgrade(TransportName),
    /// This transport does not work, and the connection stays on the one that it has; the engine's `upgradeError`.
    UpgradeFailed(TransportName),
    /// The next attempt to connect again comes after this time.
    ReconnectScheduled(Duration),
    /// The client tries to connect again, the first time with 1.
    ReconnectAttempt(u32),
    /// An attempt to connect again has failed.
    ReconnectError(ConnectError),
    /// The client is connected again, at this attempt.
    Reconnect(u32),
    /// All attempts to connect again have failed, and no more are made.
    ReconnectFailed,
}

/// Somebody who is told what happens.
#[derive(Clone, Default)]
pub(crate) struct Watchers(Vec<Watch>);

type Watch = Arc<dyn Fn(&Occurrence) + Send + Sync>;

impl Watchers {
    pub(crate) fn add(&mut self, watch: impl Fn(&Occurrence) + Send + Sync + 'static) {
        self.0.push(Arc::new(watch));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn tell(&self, occurrence: &Occurrence) {
        for watch in &self.0 {
            listen::tell(|| watch(occurrence));
        }
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watchers").field(&self.0.len()).finish()
    }
}
