//! What is known of the end of a socket.

use std::{error::Error, fmt, sync::Arc};

use sockeye_event::{Event, FromEvent, Rejection};
use sockeye_proto::client::DisconnectReason;

use crate::Socket;

/// What is known of the end of a connection besides the [`DisconnectReason`]; often nothing. Cloning shares it.
///
/// The reference's `details`.
#[derive(Clone, Debug, Default)]
pub struct DisconnectDetails(Option<Arc<dyn Error + Send + Sync>>);

impl DisconnectDetails {
    pub(crate) fn of_error(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Some(Arc::from(error.into())))
    }

    /// What an attempt to connect has failed by that came to this end.
    pub(crate) fn to_error(&self, reason: DisconnectReason) -> Arc<dyn Error + Send + Sync> {
        self.0.clone().unwrap_or_else(|| Arc::new(Ended(reason)))
    }

    /// What failed: the transport, or the server to keep to the protocol.
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.as_deref()
    }

    /// The same in words.
    pub fn description(&self) -> Option<String> {
        self.0.as_ref().map(ToString::to_string)
    }
}

/// An end of which nothing is known but its reason.
#[derive(Debug)]
struct Ended(DisconnectReason);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Ended {}

/// In a handler of the end, why the socket went.
impl FromEvent<Socket> for DisconnectReason {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        event.socket().disconnect_reason().ok_or_else(|| Rejection::new("the socket was never disconnected"))
    }
}

/// In a handler of the end, what is known of it.
impl FromEvent<Socket> for DisconnectDetails {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        Ok(event.socket().disconnect_details())
    }
}
