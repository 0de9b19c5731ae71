//! Who a broadcast is for.

use sockeye_message::Compression;

use crate::Room;

/// Who a broadcast is for: the union of some rooms, or everybody; of these only those in all of some other rooms; less
/// those in yet others.
///
/// A socket in several of the rooms gets the packet once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    pub(crate) rooms: Vec<Room>,
    pub(crate) all: Vec<Room>,
    pub(crate) except: Vec<Room>,
    pub(crate) reach: Reach,
    compression: Compression,
}

/// How far a broadcast goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// To all servers of the cluster.
    #[default]
    Cluster,
    /// Only to the sockets of this server.
    Local,
}

impl Target {
    /// Everybody in the namespace.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also those in the room; the first call narrows "everybody" down to it.
    #[must_use]
    pub fn to(mut self, room: impl Into<Room>) -> Self {
        self.rooms.push(room.into());
        self
    }

    /// Only those who are in the room as well, whichever others they are in.
    #[must_use]
    pub fn also_in(mut self, room: impl Into<Room>) -> Self {
        self.all.push(room.into());
        self
    }

    /// Not those in the room, whichever others they are in.
    #[must_use]
    pub fn except(mut self, room: impl Into<Room>) -> Self {
        self.except.push(room.into());
        self
    }

    /// How far to go.
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Whether transports may compress what goes there.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// The rooms, none for everybody.
    pub fn rooms(&self) -> &[Room] {
        &self.rooms
    }

    /// The rooms that all of them are in besides.
    pub fn required(&self) -> &[Room] {
        &self.all
    }

    /// The rooms whose sockets are left out.
    pub fn excepted(&self) -> &[Room] {
        &self.except
    }

    /// Whether transports may compress what goes there.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Whether only sockets of this server are meant.
    pub fn is_local(&self) -> bool {
        self.reach == Reach::Local
    }
}
