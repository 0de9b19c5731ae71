//! An event on its way to one socket that may be on another server.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use serde::de::DeserializeOwned;
use sockeye_parser::Args;

use crate::{AckError, EmitError, EmitMany, emit::now};

/// An event for a [`RemoteSocket`](crate::RemoteSocket): sent when awaited.
#[derive(Debug)]
#[must_use = "nothing is sent unless this is awaited"]
pub struct RemoteEmit(EmitMany);

impl RemoteEmit {
    pub(crate) fn new(emit: EmitMany) -> Self {
        Self(emit)
    }

    /// Drops the event unless the transport would take it at once.
    pub fn volatile(self) -> Self {
        Self(self.0.volatile())
    }

    /// How long [`ack`](Self::ack) waits for the answer; 10 s, if not given.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// Asks the peer to acknowledge the event, and reads the answer as a `T`, as
    /// [`Args::parse`](sockeye_parser::Args::parse) does.
    ///
    /// # Errors
    /// If no answer of that type came in time. A socket that has gone, and one that a volatile event was dropped for, is
    /// not waited for.
    ///
    /// # Cancel safety
    /// Dropped after the first poll, the event is sent and the answer is ignored.
    pub async fn ack<T: DeserializeOwned>(self) -> Result<T, AckError> {
        let (deadline, is_volatile) = (self.0.deadline(), self.0.is_volatile());
        let acks = self.0.ack_raw_until(deadline).await.map_err(AckError::Emit)?;
        match acks.answers.first().map(Args::parse) {
            Some(answer) => answer.map_err(AckError::Parse),
            None if now() >= deadline => Err(AckError::Timeout),
            None if is_volatile && acks.missing > 0 => Err(AckError::Emit(EmitError::Dropped)),
            None => Err(AckError::Disconnected),
        }
    }
}

impl IntoFuture for RemoteEmit {
    type Output = Result<(), EmitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}
