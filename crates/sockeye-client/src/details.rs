//! What is known of the end of a socket.

use std::{error::Error, sync::Arc};

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

    /// What failed: the transport, or the server to keep to the protocol.
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.as_deref()
    }

    /// The same in words.
    pub fn description(&self) -> Option<String> {
        self.0.as_ref().map(ToString::to_string)
    }
}

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
