//! What a server counts and measures, for whoever has a recorder: any of those for the facade [`metrics`], such as the exporter
//! of Prometheus.
//!
//! There is nothing to switch on. A server that is built while a recorder is installed tells it what follows; without one
//! nothing is counted and no clock is read. **Install the recorder first:** one that comes after
//! [`build`](crate::ServerBuilder::build) hears nothing of this server. A recorder without a state of its own (a type of size
//! zero) is taken for none; in a `Box` it is heard.
//!
//! | name | kind | labels | what |
//! |---|---|---|---|
//! | `sockeye_connections` | gauge | `transport` | open connections |
//! | `sockeye_connections_total` | counter | `transport` | connections that were opened, by the transport that they began on |
//! | `sockeye_upgrades_total` | counter | `outcome` | changes of transport, `done` or `failed` |
//! | `sockeye_refused_requests_total` | counter | `code` | requests refused with a code of Engine.IO, 0 to 5 |
//! | `sockeye_limits_total` | counter | `limit` | how often a limit was met |
//! | `sockeye_received_messages_total` | counter | `transport` | messages of peers: packets, and each attachment by itself |
//! | `sockeye_received_bytes_total` | counter | `transport` | their content in bytes |
//! | `sockeye_sent_messages_total` | counter | `transport` | messages handed to transports |
//! | `sockeye_sent_bytes_total` | counter | `transport` | their content in bytes |
//! | `sockeye_queued_messages` | gauge | | messages that wait for their transports |
//! | `sockeye_sockets` | gauge | `namespace` | sockets of this server |
//! | `sockeye_rooms` | gauge | `namespace` | rooms that somebody is in, those of the sockets' own ids among them |
//! | `sockeye_refused_sockets_total` | counter | | peers that were not let into a namespace |
//! | `sockeye_disconnects_total` | counter | `reason` | sockets that went, in the words of [`DisconnectReason`] |
//! | `sockeye_handler_seconds` | histogram | `namespace`, `event` | from an event's arrival at its handlers to the end of the last |
//! | `sockeye_handler_failures_total` | counter | `namespace` | refusals, errors and panics of handlers, guards and filters |
//! | `sockeye_broadcasts_total` | counter | `namespace` | broadcasts of this server |
//! | `sockeye_broadcast_deliveries_total` | counter | | packets that broadcasts queued for recipients of this server |
//! | `sockeye_dropped_events_total` | counter | `cause` | events that a recipient missed: `volatile`, or `slow_consumer` if those are skipped |
//! | `sockeye_ack_timeouts_total` | counter | | acknowledgements that did not come in time |
//!
//! What the labels say is bounded, whatever peers do:
//!
//! * `transport` is `polling`, `websocket`, `webtransport` or `other`.
//! * `namespace` is the name; the children of dynamic namespaces are `(dynamic)` together.
//! * `event` is a name that the namespace has a handler for, `connect`, `disconnecting` and `disconnect` among them; `(other)`
//!   are events of peers that nobody or only a catch-all handles, and those that a socket has handlers of its own for.
//! * `limit` is `sessions`, `handshakes` or `upgrades` (requests answered with 503), `address_sessions` (with 429),
//!   `child_namespaces`, `events` (a [`RateLimit`](crate::RateLimit)), `handlers` or `queue` (a peer is not read for a while).
//!
//! Messages, bytes and deliveries are added up by each connection and handed over when its task or a broadcast has written;
//! the turn in which a connection changes its transport counts for the new one. Engine.IO's own packets, HTTP and framing are
//! not in them. `sockeye_queued_messages` does not know of what a transport has taken and not sent.
//!
//! The names are constants here, for whoever has to tell a recorder about one: the buckets of [`HANDLER_SECONDS`], say.

#[cfg(doc)]
use crate::DisconnectReason;
use metrics::{SharedString, Unit};

/// Open connections.
pub const CONNECTIONS: &str = "sockeye_connections";
/// Connections that were opened.
pub const CONNECTIONS_TOTAL: &str = "sockeye_connections_total";
/// Changes of transport.
pub const UPGRADES_TOTAL: &str = "sockeye_upgrades_total";
/// Requests refused with a code.
pub const REFUSED_REQUESTS_TOTAL: &str = "sockeye_refused_requests_total";
/// How often a limit was met.
pub const LIMITS_TOTAL: &str = "sockeye_limits_total";
/// Messages of peers.
pub const RECEIVED_MESSAGES_TOTAL: &str = "sockeye_received_messages_total";
/// Bytes of peers' messages.
pub const RECEIVED_BYTES_TOTAL: &str = "sockeye_received_bytes_total";
/// Messages to peers.
pub const SENT_MESSAGES_TOTAL: &str = "sockeye_sent_messages_total";
/// Bytes of messages to peers.
pub const SENT_BYTES_TOTAL: &str = "sockeye_sent_bytes_total";
/// Messages that wait for their transports.
pub const QUEUED_MESSAGES: &str = "sockeye_queued_messages";
/// Sockets of this server.
pub const SOCKETS: &str = "sockeye_sockets";
/// Rooms that somebody is in.
pub const ROOMS: &str = "sockeye_rooms";
/// Peers that were not let into a namespace.
pub const REFUSED_SOCKETS_TOTAL: &str = "sockeye_refused_sockets_total";
/// Sockets that went.
pub const DISCONNECTS_TOTAL: &str = "sockeye_disconnects_total";
/// How long the handlers of events took.
pub const HANDLER_SECONDS: &str = "sockeye_handler_seconds";
/// Handlers that did not succeed.
pub const HANDLER_FAILURES_TOTAL: &str = "sockeye_handler_failures_total";
/// Broadcasts of this server.
pub const BROADCASTS_TOTAL: &str = "sockeye_broadcasts_total";
/// Packets that broadcasts queued.
pub const BROADCAST_DELIVERIES_TOTAL: &str = "sockeye_broadcast_deliveries_total";
/// Events that a recipient missed.
pub const DROPPED_EVENTS_TOTAL: &str = "sockeye_dropped_events_total";
/// Acknowledgements that did not come in time.
pub const ACK_TIMEOUTS_TOTAL: &str = "sockeye_ack_timeouts_total";

/// How a figure behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Tells the recorder of this thread what the figures are.
pub(crate) fn describe() {
    for &(name, kind, unit, text) in FIGURES {
        let text = SharedString::const_str(text);
        match kind {
            Kind::Counter => metrics::describe_counter!(name, unit, text),
            Kind::Gauge => metrics::describe_gauge!(name, unit, text),
            Kind::Histogram => metrics::describe_histogram!(name, unit, text),
        }
    }
}

const FIGURES: &[(&str, Kind, Unit, &str)] = &[
    (CONNECTIONS, Kind::Gauge, Unit::Count, "Open connections."),
    (CONNECTIONS_TOTAL, Kind::Counter, Unit::Count, "Connections that were opened."),
    (UPGRADES_TOTAL, Kind::Counter, Unit::Count, "Changes of transport."),
    (REFUSED_REQUESTS_TOTAL, Kind::Counter, Unit::Count, "Requests refused with a code of Engine.IO."),
    (LIMITS_TOTAL, Kind::Counter, Unit::Count, "How often a limit was met."),
    (RECEIVED_MESSAGES_TOTAL, Kind::Counter, Unit::Count, "Messages of peers."),
    (RECEIVED_BYTES_TOTAL, Kind::Counter, Unit::Bytes, "Content of peers' messages."),
    (SENT_MESSAGES_TOTAL, Kind::Counter, Unit::Count, "Messages to peers."),
    (SENT_BYTES_TOTAL, Kind::Counter, Unit::Bytes, "Content of messages to peers."),
    (QUEUED_MESSAGES, Kind::Gauge, Unit::Count, "Messages that wait for their transports."),
    (SOCKETS, Kind::Gauge, Unit::Count, "Sockets of this server."),
    (ROOMS, Kind::Gauge, Unit::Count, "Rooms that somebody of this server is in."),
    (REFUSED_SOCKETS_TOTAL, Kind::Counter, Unit::Count, "Peers that were not let into a namespace."),
    (DISCONNECTS_TOTAL, Kind::Counter, Unit::Count, "Sockets that went."),
    (HANDLER_SECONDS, Kind::Histogram, Unit::Seconds, "How long the handlers of an event took."),
    (HANDLER_FAILURES_TOTAL, Kind::Counter, Unit::Count, "Handlers that did not succeed."),
    (BROADCASTS_TOTAL, Kind::Counter, Unit::Count, "Broadcasts of this server."),
    (
        BROADCAST_DELIVERIES_TOTAL,
        Kind::Counter,
        Unit::Count,
        "Packets that broadcasts queued for recipients.",
    ),
    (DROPPED_EVENTS_TOTAL, Kind::Counter, Unit::Count, "Events that a recipient missed."),
    (ACK_TIMEOUTS_TOTAL, Kind::Counter, Unit::Count, "Acknowledgements that did not come in time."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_the_documentation_has_every_figure_and_no_other() {
        let rows = include_str!("metrics.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
        let documented: Vec<(&str, &str)> = rows
            .map(|row| {
                let mut cells = row.split('|').map(|cell| cell.trim().trim_end_matches('`'));
                (cells.next().unwrap(), cells.next().unwrap())
            })
            .collect();

        let kind = |kind: Kind| match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let described: Vec<_> = FIGURES.iter().map(|&(name, of, ..)| (name, kind(of))).collect();
        assert_eq!(documented, described);
    }

    #[test]
    fn counters_end_as_prometheus_wants_them_to() {
        for (name, kind, ..) in FIGURES {
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
        }
    }
}
