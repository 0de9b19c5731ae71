//! The spans of `tracing`: one for each connection, at `INFO`, and one for each call of handlers, at `DEBUG`.
//!
//! Where nobody wants them they cost a load. They name sockets by their public ids; that of the Engine.IO session is a
//! secret and stands in none.

use tokio::task::JoinHandle;
use tracing::{Instrument, Level, Span, field::Empty};

use crate::{Socket, task::Task};

/// Runs the task of a connection, within its span if somebody wants that.
///
/// The span's `sid` is that of the socket that came in first: nearly all connections have no other.
pub(crate) fn spawn(task: Task) -> JoinHandle<()> {
    let span = tracing::info_span!("connection", sid = Empty);
    if span.is_disabled() { tokio::spawn(task) } else { tokio::spawn(task.instrument(span)) }
}

/// The connection that is being polled has got its first socket.
pub(crate) fn name_connection(socket: &Socket) {
    Span::current().record("sid", socket.id().as_str());
}

/// Whether somebody wants to know of each call of handlers.
#[inline]
pub(crate) fn are_handlers_traced() -> bool {
    tracing::span_enabled!(Level::DEBUG)
}

/// A call of handlers. The event's name is the peer's choice, so it is recorded as a string, which logs quote.
pub(crate) fn handler(socket: &Socket, event: &str) -> Span {
    let (sid, namespace) = (socket.id().as_str(), socket.namespace().as_str());
    tracing::debug_span!("handler", sid, namespace, event)
}
