//! Who is in which room, and who gets a broadcast.
//!
//! An [`Adapter`] belongs to one namespace of one server. The server tells it which sockets come, go and join rooms; it
//! resolves the [`Target`] of a broadcast and asks each [`Member`] to deliver. [`LocalAdapter`] serves one process. An
//! adapter that spans servers keeps the same [`Rooms`] and adds a bus.
//!
//! Local operations are plain calls; only what may cross servers returns a future.
//!
//! ```
//! use sockeye_adapter::{Room, Rooms, Target};
//! use sockeye_parser::SocketId;
//!
//! let mut rooms = Rooms::new();
//! let ann = rooms.add(SocketId::from("ann"), "Ann");
//! let bob = rooms.add(SocketId::from("bob"), "Bob");
//! rooms.join(ann, &[Room::from("chess")]);
//! rooms.join(bob, &[Room::from("chess")]);
//!
//! let mut found = Vec::new();
//! rooms.resolve(&Target::new().to("chess").except("ann"), |member| found.push(*member));
//! assert_eq!(found, ["Bob"]);
//! ```

mod adapter;
mod answers;
mod error;
mod fanout;
mod fetched;
mod history;
mod host;
mod local;
mod member;
mod offset;
mod recording;
mod recover;
mod retention;
mod room;
mod rooms;
mod session;
mod sessions;
mod target;
mod watch;

pub use adapter::{Adapter, BoxFuture};
pub use answers::{Acks, Answer, Answers, Collected, collect};
pub use error::AdapterError;
pub use fanout::Fanout;
pub use fetched::{FetchedSocket, HandshakeDetails, SocketDetails};
pub use host::{Host, ServerEvent};
pub use local::LocalAdapter;
pub use member::{AckRequest, Closing, Delivered, Delivery, Flush, Member, SharedPacket};
pub use offset::{InvalidOffset, Offset};
pub use recover::Recover;
pub use retention::Retention;
pub use room::Room;
pub use rooms::{Rooms, SocketKey};
pub use session::{PrivateId, Session};
pub use target::{Reach, Target};
pub use watch::RoomEvent;
