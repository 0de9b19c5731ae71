//! A socket that was asked for, on whichever server it is.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_adapter::{AdapterError, Closing, FetchedSocket, HandshakeDetails, Room, SocketDetails};
use sockeye_parser::{Args, ArgsError, EventName, SocketId};

use crate::{Broadcast, RemoteEmit, Socket, active::Active};

/// A socket of this server or of another one, as [`Broadcast::fetch_sockets`] finds it. Cloning gives another handle of the
/// same.
///
/// Of a socket of another server it knows what that server said when it was asked, and what is done to it goes there:
/// nothing of it fails because the socket has gone meanwhile. One of this server is never copied, see
/// [`local`](Self::local).
///
/// ```no_run
/// # async fn example(server: sockeye_server::Server) -> Result<(), Box<dyn std::error::Error>> {
/// for socket in server.to("lobby").fetch_sockets().await? {
///     let name: String = socket.data().unwrap_or_default();
///     socket.emit("welcome", &name).await?;
///     socket.join("guests").await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RemoteSocket {
    namespace: Arc<Active>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Here(Socket),
    Elsewhere(Arc<SocketDetails>),
}

impl RemoteSocket {
    /// The socket that an adapter has found, unless it was given another kind of member.
    pub(crate) fn of_fetched(namespace: &Arc<Active>, socket: FetchedSocket) -> Option<Self> {
        let place = match socket {
            FetchedSocket::Local(member) => Place::Here(Socket::of_member(member)?),
            FetchedSocket::Remote(details) => Place::Elsewhere(details),
        };
        Some(Self { namespace: namespace.clone(), place })
    }

    /// The public id.
    pub fn id(&self) -> &SocketId {
        match &self.place {
            Place::Here(socket) => socket.id(),
            Place::Elsewhere(details) => &details.id,
        }
    }

    /// The socket itself, if it is one of this server.
    pub fn local(&self) -> Option<&Socket> {
        match &self.place {
            Place::Here(socket) => Some(socket),
            Place::Elsewhere(_) => None,
        }
    }

    /// What the peer said when it connected.
    pub fn handshake(&self) -> Cow<'_, HandshakeDetails> {
        match &self.place {
            Place::Here(socket) => Cow::Owned(socket.handshake().details()),
            Place::Elsewhere(details) => Cow::Borrowed(&details.handshake),
        }
    }

    /// The rooms that the socket is in, the one of its own id among them.
    pub fn rooms(&self) -> Vec<Room> {
        match &self.place {
            Place::Here(socket) => socket.rooms(),
            Place::Elsewhere(details) => details.rooms.clone(),
        }
    }

    /// Reads what the application has published of the socket, by [`SocketData::publish`](crate::SocketData::publish).
    ///
    /// # Errors
    /// If that is nothing, or nothing of that type.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        // One value, even if it is a tuple.
        let (value,) = self.raw_data().parse()?;
        Ok(value)
    }

    /// The same as it is: one argument, or none.
    pub fn raw_data(&self) -> Args {
        match &self.place {
            Place::Here(socket) => socket.published(),
            Place::Elsewhere(details) => details.data.clone(),
        }
    }

    /// Sends an event to the socket: a tuple is several arguments, `()` none, anything else one. It goes as a broadcast
    /// does: it does not wait for room in the peer's queue, nor tell whether the socket is still there.
    pub fn emit(&self, name: impl Into<EventName>, data: &(impl Serialize + ?Sized)) -> RemoteEmit {
        RemoteEmit::new(self.itself().emit(name, data))
    }

    /// Everybody else in the namespace.
    pub fn broadcast(&self) -> Broadcast {
        self.everybody().except(self.id())
    }

    /// Everybody else in a room.
    pub fn to(&self, room: impl Into<Room>) -> Broadcast {
        self.broadcast().to(room)
    }

    /// The same as [`to`](Self::to); the reference's `in`, which is a keyword here.
    pub fn within(&self, room: impl Into<Room>) -> Broadcast {
        self.to(room)
    }

    /// Everybody else who is not in a room.
    pub fn except(&self, room: impl Into<Room>) -> Broadcast {
        self.broadcast().except(room)
    }

    /// Puts the socket into a room.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn join(&self, room: impl Into<Room>) -> Result<(), AdapterError> {
        if let Some(socket) = self.local() {
            socket.join(room);
            return Ok(());
        }
        self.itself().join(room).await
    }

    /// Takes the socket out of a room.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn leave(&self, room: impl Into<Room>) -> Result<(), AdapterError> {
        if let Some(socket) = self.local() {
            socket.leave(room);
            return Ok(());
        }
        self.itself().leave(room).await
    }

    /// Takes the peer out of the namespace, or ends its connection with all namespaces.
    ///
    /// # Errors
    /// If other servers cannot be reached.
    pub async fn disconnect(&self, closing: Closing) -> Result<(), AdapterError> {
        if let Some(socket) = self.local() {
            socket.disconnect(closing);
            return Ok(());
        }
        self.itself().disconnect(closing).await
    }

    /// The socket by the room of its id, as adapters know it wherever it is.
    fn itself(&self) -> Broadcast {
        let everybody = self.everybody().to(self.id());
        if self.local().is_some() { everybody.local() } else { everybody }
    }

    fn everybody(&self) -> Broadcast {
        Broadcast::new(self.namespace.clone())
    }
}

impl fmt::Debug for RemoteSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSocket")
            .field("id", self.id())
            .field("namespace", &self.namespace.name)
            .field("is_local", &self.local().is_some())
            .finish_non_exhaustive()
    }
}
