//! What is known of the end of a socket besides the reason.

use std::{error::Error, fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_event::{Event, FromEvent, Rejection};
use sockeye_parser::{Args, ArgsError, EncodeError};

use crate::Socket;

/// What is known of the end of a socket besides its [`DisconnectReason`](crate::DisconnectReason): what failed, or what
/// [`Socket::disconnect_with`] was given. The reference's `description`. Often it is nothing. Cloning shares it.
///
/// ```
/// # use sockeye_server::{DisconnectDetails, DisconnectReason, Namespace};
/// let watched = Namespace::new("/").on_disconnect(|reason: DisconnectReason, details: DisconnectDetails| {
///     println!("{reason}: {}", details.description().unwrap_or("no more is known"));
/// });
/// ```
#[derive(Clone, Default)]
pub struct DisconnectDetails(Option<Arc<Known>>);

struct Known {
    description: Box<str>,
    error: Option<Box<dyn Error + Send + Sync>>,
    data: Option<Args>,
}

impl DisconnectDetails {
    /// With a description, for people.
    pub fn new(description: impl Into<String>) -> Self {
        Self::of_known(description.into(), None, None)
    }

    /// With a description and data, which is one value even if it is a tuple.
    ///
    /// # Errors
    /// If the data cannot be serialized.
    pub fn with_data(
        description: impl Into<String>,
        data: &(impl Serialize + ?Sized),
    ) -> Result<Self, EncodeError> {
        Ok(Self::of_known(description.into(), None, Some(Args::serialize(&(data,))?)))
    }

    pub(crate) fn of_error(error: impl Error + Send + Sync + 'static) -> Self {
        Self::of_known(error.to_string(), Some(Box::new(error)), None)
    }

    /// What happened, in a few words.
    pub fn description(&self) -> Option<&str> {
        self.0.as_ref().map(|known| &*known.description)
    }

    /// What failed: the transport, or the peer to keep to the protocol. There is none if the server's own application ended
    /// the socket.
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.as_ref()?.error.as_deref()
    }

    /// Reads the data that [`Socket::disconnect_with`] was given.
    ///
    /// # Errors
    /// If there is none, or none of that type.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        let (value,) = self.raw_data().unwrap_or(&Args::empty()).parse()?;
        Ok(value)
    }

    /// The same as it is.
    pub fn raw_data(&self) -> Option<&Args> {
        self.0.as_ref()?.data.as_ref()
    }

    fn of_known(
        description: String,
        error: Option<Box<dyn Error + Send + Sync>>,
        data: Option<Args>,
    ) -> Self {
        Self(Some(Arc::new(Known { description: description.into(), error, data })))
    }
}

/// In a handler of the end, what is known of it.
impl FromEvent<Socket> for DisconnectDetails {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        let socket = event.socket();
        let details = socket.disconnect_reason().map(|_| socket.disconnect_details());
        details.ok_or_else(|| Rejection::new("the socket is connected"))
    }
}

impl fmt::Debug for DisconnectDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DisconnectDetails").field(&self.description()).finish()
    }
}
