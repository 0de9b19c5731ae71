//! An event on its way to the other servers of a cluster.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_adapter::Acks;
use sockeye_parser::{Args, EventName};

use crate::{
    BroadcastAckError, EmitError,
    active::Active,
    broadcast::read_answers,
    emit::{Outgoing, after},
};

/// An event for the other servers of a cluster: sent when awaited.
///
/// It does not come to this server, nor to any peer. A server whose adapter knows no others reaches nobody.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example(server: sockeye_server::Server) -> Result<(), Box<dyn std::error::Error>> {
/// server.server_side_emit("reload", &("rules", 7)).await?;
///
/// let counts = server.server_side_emit("count", &()).timeout(Duration::from_secs(1)).ack::<usize>().await?;
/// let total = server.connection_count() + counts.iter().sum::<usize>();
/// # drop(total); Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent unless this is awaited"]
pub struct ServerSideEmit {
    namespace: Arc<Active>,
    event: Result<Outgoing, EmitError>,
    timeout: Duration,
}

impl ServerSideEmit {
    pub(crate) fn new(namespace: Arc<Active>, name: EventName, data: &(impl Serialize + ?Sized)) -> Self {
        let event = if RESERVED.contains(&&*name) {
            Err(EmitError::ReservedName)
        } else {
            Args::serialize(data).map(|args| Outgoing { name, args }).map_err(EmitError::Encode)
        };
        Self { namespace, event, timeout: ACK_TIMEOUT }
    }

    /// How long [`ack`](Self::ack) waits for the answers; 5 s, if not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks each of the other servers for an answer, and reads it as a `T`; the reference's `serverSideEmitWithAck`.
    /// Without other servers there are no answers, which is no error.
    ///
    /// # Errors
    /// [`BroadcastAckError::Missing`] has the answers that came, if some did not.
    ///
    /// # Cancel safety
    /// Dropped after the first poll, the event is sent and the answers are ignored.
    pub async fn ack<T: DeserializeOwned>(self) -> Result<Vec<T>, BroadcastAckError<T>> {
        read_answers(&self.ack_raw().await.map_err(BroadcastAckError::Emit)?)
    }

    /// The same with answers as they came, whatever they are.
    ///
    /// # Errors
    /// If the event could not be sent. Servers that do not answer are none.
    ///
    /// # Cancel safety
    /// As of [`ack`](Self::ack).
    pub async fn ack_raw(self) -> Result<Acks, EmitError> {
        let Outgoing { name, args } = self.event?;
        let deadline = after(self.timeout);
        let acks = self.namespace.adapter.server_side_emit_with_ack(&name, &args, deadline).await;
        acks.map_err(EmitError::Adapter)
    }
}

impl IntoFuture for ServerSideEmit {
    type Output = Result<(), EmitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Outgoing { name, args } = self.event?;
            self.namespace.adapter.server_side_emit(&name, &args).await.map_err(EmitError::Adapter)
        })
    }
}

/// What servers of the reference tell their own listeners under.
const RESERVED: [&str; 3] = ["connect", "connection", "new_namespace"];

/// As long as the reference's.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);
