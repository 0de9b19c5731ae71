//! What carries a connection: an Engine.IO session, as a rule, without a virtual call; or any other transport.

use std::{
    fmt,
    task::{Context, Poll},
};
#[cfg(feature = "engine")]
use {futures_core::Stream, futures_sink::Sink, sockeye_engine_server as engine, std::pin::Pin};

use sockeye_transport::{BoxTransport, Message, Prepared, Transport, TransportError, TransportName};

use crate::{DisconnectDetails, DisconnectReason};

/// The transport of a connection.
pub(crate) enum Carrier {
    #[cfg(feature = "engine")]
    Engine(Box<engine::Connection>),
    Other(BoxTransport),
}

impl Carrier {
    pub(crate) fn name(&self) -> TransportName {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => connection.name(),
            Self::Other(transport) => transport.name(),
        }
    }

    /// Whether a message sent now would be on its way at once.
    pub(crate) fn is_writable(&self) -> bool {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => connection.is_writable(),
            // A transport of somebody else says no more than that it is ready.
            Self::Other(_) => true,
        }
    }

    /// Why the peer is gone, once the stream has ended.
    pub(crate) fn close_reason(&self, failed: bool) -> DisconnectReason {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => {
                connection.close_reason().map_or(DisconnectReason::TransportClose, DisconnectReason::from)
            }
            Self::Other(_) if failed => DisconnectReason::TransportError,
            Self::Other(_) => DisconnectReason::TransportClose,
        }
    }

    /// What is known of a failure besides the reason.
    pub(crate) fn details_of(&self, error: TransportError) -> DisconnectDetails {
        match self {
            // Its error says no more than its reason, and its fault what it was.
            #[cfg(feature = "engine")]
            Self::Engine(connection) => {
                connection.fault().map_or_else(DisconnectDetails::default, DisconnectDetails::of_error)
            }
            Self::Other(_) => DisconnectDetails::of_error(error),
        }
    }

    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, TransportError>>> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => Pin::new(&mut **connection).poll_next(cx),
            Self::Other(transport) => transport.as_mut().poll_next(cx),
        }
    }

    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => Pin::new(&mut **connection).poll_ready(cx),
            Self::Other(transport) => transport.as_mut().poll_ready(cx),
        }
    }

    pub(crate) fn start_send(&mut self, message: Message) -> Result<(), TransportError> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => Pin::new(&mut **connection).start_send(message),
            Self::Other(transport) => transport.as_mut().start_send(message),
        }
    }

    pub(crate) fn start_send_prepared(&mut self, message: &Prepared) -> Result<(), TransportError> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => Pin::new(&mut **connection).start_send_prepared(message),
            Self::Other(transport) => transport.as_mut().start_send_prepared(message),
        }
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => Pin::new(&mut **connection).poll_flush(cx),
            Self::Other(transport) => transport.as_mut().poll_flush(cx),
        }
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine(connection) => Pin::new(&mut **connection).poll_close(cx),
            Self::Other(transport) => transport.as_mut().poll_close(cx),
        }
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Carrier").field(&self.name()).finish()
    }
}
