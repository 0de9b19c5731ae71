//! The handles by which a server tells a recorder its figures. What they mean stands in [`metrics`](crate::metrics).
//!
//! They are all made when the server is, and those of a namespace when that is: later nobody looks a name up.

mod namespace;
#[cfg(feature = "engine")]
mod requests;

use std::{fmt, sync::Arc};

use metrics::{Counter, Gauge, counter, gauge};
use sockeye_transport::TransportName;

pub(crate) use namespace::{NamespaceHandles, NamespaceMeters, change};

use crate::{
    DisconnectReason,
    metrics::{
        ACK_TIMEOUTS_TOTAL, BROADCAST_DELIVERIES_TOTAL, CONNECTIONS, CONNECTIONS_TOTAL, DISCONNECTS_TOTAL,
        DROPPED_EVENTS_TOTAL, LIMITS_TOTAL, QUEUED_MESSAGES, RECEIVED_BYTES_TOTAL, RECEIVED_MESSAGES_TOTAL,
        REFUSED_SOCKETS_TOTAL, SENT_BYTES_TOTAL, SENT_MESSAGES_TOTAL, describe,
    },
};

/// The handles of a server, apart from those of its namespaces.
pub(crate) struct Meters {
    by_transport: [TransportMeters; Via::ALL.len()],
    limits: [Counter; Limit::ALL.len()],
    disconnects: [Counter; DisconnectReason::ALL.len()],
    #[cfg(feature = "engine")]
    requests: requests::RequestMeters,
    pub(crate) queued: Gauge,
    pub(crate) deliveries: Counter,
    pub(crate) dropped_volatile: Counter,
    pub(crate) skipped: Counter,
    pub(crate) ack_timeouts: Counter,
    pub(crate) refused_sockets: Counter,
}

/// What is told of each transport.
pub(crate) struct TransportMeters {
    pub(crate) connections: Gauge,
    pub(crate) opened: Counter,
    pub(crate) received: FlowMeters,
    pub(crate) sent: FlowMeters,
}

/// Messages in one direction.
pub(crate) struct FlowMeters {
    pub(crate) messages: Counter,
    pub(crate) bytes: Counter,
}

/// A transport as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Polling,
    WebSocket,
    WebTransport,
    Other,
}

/// A limit that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// All sessions of the engine.
    Sessions,
    /// Those of one address.
    AddressSessions,
    /// Handshakes that wait for the application.
    Handshakes,
    /// Upgrades whose answers are on their way.
    Upgrades,
    ChildNamespaces,
    /// Events of one socket in a time.
    Events,
    /// Handlers of one connection that wait for something.
    Handlers,
    /// What waits for one peer.
    Queue,
}

impl Meters {
    /// The handles, if somebody wants to hear of the server.
    pub(crate) fn new() -> Option<Arc<Self>> {
        // The facade does not tell whether there is a recorder. The one that stands for none has no state.
        let is_heard = metrics::with_recorder(|recorder| size_of_val(recorder) > 0);
        is_heard.then(|| {
            describe();
            Arc::new(Self {
                by_transport: Via::ALL.map(TransportMeters::new),
                limits: Limit::ALL.map(|limit| counter!(LIMITS_TOTAL, "limit" => limit.label())),
                disconnects: DisconnectReason::ALL
                    .map(|reason| counter!(DISCONNECTS_TOTAL, "reason" => reason.as_str())),
                #[cfg(feature = "engine")]
                requests: requests::RequestMeters::new(),
                queued: gauge!(QUEUED_MESSAGES),
                deliveries: counter!(BROADCAST_DELIVERIES_TOTAL),
                dropped_volatile: counter!(DROPPED_EVENTS_TOTAL, "cause" => "volatile"),
                skipped: counter!(DROPPED_EVENTS_TOTAL, "cause" => "slow_consumer"),
                ack_timeouts: counter!(ACK_TIMEOUTS_TOTAL),
                refused_sockets: counter!(REFUSED_SOCKETS_TOTAL),
            })
        })
    }

    pub(crate) fn of(&self, via: Via) -> &TransportMeters {
        &self.by_transport[via as usize]
    }

    pub(crate) fn limit(&self, limit: Limit) {
        self.limits[limit as usize].increment(1);
    }

    pub(crate) fn disconnected(&self, reason: DisconnectReason) {
        self.disconnects[reason as usize].increment(1);
    }
}

impl TransportMeters {
    fn new(via: Via) -> Self {
        let via = via.label();
        Self {
            connections: gauge!(CONNECTIONS, "transport" => via),
            opened: counter!(CONNECTIONS_TOTAL, "transport" => via),
            received: FlowMeters {
                messages: counter!(RECEIVED_MESSAGES_TOTAL, "transport" => via),
                bytes: counter!(RECEIVED_BYTES_TOTAL, "transport" => via),
            },
            sent: FlowMeters {
                messages: counter!(SENT_MESSAGES_TOTAL, "transport" => via),
                bytes: counter!(SENT_BYTES_TOTAL, "transport" => via),
            },
        }
    }
}

impl Via {
    const ALL: [Self; 4] = [Self::Polling, Self::WebSocket, Self::WebTransport, Self::Other];

    pub(crate) fn of(name: &TransportName) -> Self {
        let named = |via: &Self| via.label() == name.as_str();
        Self::ALL.into_iter().find(named).unwrap_or(Self::Other)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
            Self::WebTransport => "webtransport",
            Self::Other => "other",
        }
    }
}

impl Limit {
    const ALL: [Self; 8] = [
        Self::Sessions,
        Self::AddressSessions,
        Self::Handshakes,
        Self::Upgrades,
        Self::ChildNamespaces,
        Self::Events,
        Self::Handlers,
        Self::Queue,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::AddressSessions => "address_sessions",
            Self::Handshakes => "handshakes",
            Self::Upgrades => "upgrades",
            Self::ChildNamespaces => "child_namespaces",
            Self::Events => "events",
            Self::Handlers => "handlers",
            Self::Queue => "queue",
        }
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_stands_where_its_value_points() {
        assert!(Via::ALL.into_iter().enumerate().all(|(at, via)| via as usize == at));
        assert!(Limit::ALL.into_iter().enumerate().all(|(at, limit)| limit as usize == at));
        assert!(DisconnectReason::ALL.into_iter().enumerate().all(|(at, reason)| reason as usize == at));
    }

    #[test]
    fn without_a_recorder_there_are_no_meters() {
        assert!(Meters::new().is_none());
    }
}
