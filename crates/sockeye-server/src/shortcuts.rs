//! What the reference's server forwards to its main namespace, beyond what nearly everybody uses.

use std::time::Duration;

use serde::Serialize;
use sockeye_adapter::{AdapterError, Closing, Room};
use sockeye_parser::EventName;

use crate::{Broadcast, RemoteSocket, Server, ServerSideEmit};

/// Short forms for the namespace `/`: what they lack, [`everybody`](Self::everybody) has.
impl Server {
    /// Those in the namespace `/` who are connected to this server.
    pub fn local(&self) -> Broadcast {
        self.everybody().local()
    }

    /// Those in the namespace `/` whose transport would take an event at once.
    pub fn volatile(&self) -> Broadcast {
        self.everybody().volatile()
    }

    /// Everybody in the namespace `/`, and what is sent goes as it is, see [`Broadcast::uncompressed`].
    pub fn uncompressed(&self) -> Broadcast {
        self.everybody().uncompressed()
    }

    /// Everybody in the namespace `/`, with so long to answer in.
    pub fn timeout(&self, timeout: Duration) -> Broadcast {
        self.everybody().timeout(timeout)
    }

    /// Those in the namespace `/` who are in each of the rooms.
    pub fn in_all<R: Into<Room>>(&self, rooms: impl IntoIterator<Item = R>) -> Broadcast {
        self.everybody().in_all(rooms)
    }

    /// The sockets of the namespace `/`, on whichever server, see [`Broadcast::fetch_sockets`].
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, AdapterError> {
        self.everybody().fetch_sockets().await
    }

    /// Puts everybody in the namespace `/` into a room.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn sockets_join(&self, room: impl Into<Room>) -> Result<(), AdapterError> {
        self.everybody().join(room).await
    }

    /// Takes everybody in the namespace `/` out of a room.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn sockets_leave(&self, room: impl Into<Room>) -> Result<(), AdapterError> {
        self.everybody().leave(room).await
    }

    /// Disconnects everybody in the namespace `/`.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn disconnect_sockets(&self, closing: Closing) -> Result<(), AdapterError> {
        self.everybody().disconnect(closing).await
    }

    /// Sends an event to the namespace `/` of the other servers, see [`Broadcast::server_side_emit`].
    pub fn server_side_emit(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> ServerSideEmit {
        self.everybody().server_side_emit(name, data)
    }
}
