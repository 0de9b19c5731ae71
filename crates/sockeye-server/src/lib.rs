//! Socket.IO for servers.
//!
//! A [`Namespace`] says who may come in and what is done with what they send; a [`Server`] serves namespaces to everybody
//! who comes: over HTTP, behind a router, on a listener, or on a single transport. Handlers are async functions and
//! closures that name as arguments what they need, see [`sockeye_event`].
//!
//! ```
//! use sockeye_server::{Ack, Data, Namespace, Server, Socket};
//!
//! async fn say(socket: Socket, Data((room, text)): Data<(String, String)>) -> Ack<usize> {
//!     let length = text.len();
//!     socket.to(room).emit("said", &text).await.ok();
//!     Ack(length)
//! }
//!
//! let chat = Namespace::new("/")
//!     .on_connect(|socket: Socket| println!("{} is here", socket.id()))
//!     .on("join", |socket: Socket, Data(room): Data<String>| socket.join(room))
//!     .on("say", say);
//! let server = Server::builder().namespace(chat).build();
//! ```
//!
//! What a server does can be watched: [`metrics`] says what it counts, and `tracing` has spans around connections (`INFO`) and
//! calls of handlers (`DEBUG`) that carry the public ids of sockets.
//!
//! What this crate does not do: the packets are `sockeye-parser`'s, who may send which is `sockeye-proto`'s, rooms are
//! `sockeye-adapter`'s, sessions and HTTP are `sockeye-engine-server`'s. Without the feature `engine` it stands on any
//! [`Transport`] alone.

mod active;
mod arrival;
mod broadcast;
mod builder;
mod carrier;
#[cfg(feature = "engine")]
mod client_bundle;
mod comeback;
mod config;
mod data;
mod disconnect_details;
mod emit;
mod emitters;
mod error;
mod handshake;
mod jobs;
mod lent_text;
mod link;
mod links;
mod listen;
mod meters;
pub mod metrics;
mod names;
mod namespace;
mod namespaces;
mod random;
mod rate;
mod reason;
mod recorded;
mod recovery;
mod remote;
mod remote_emit;
mod round;
mod seat;
mod server;
mod server_emit;
mod server_events;
mod shortcuts;
mod socket;
mod spans;
mod tally;
mod task;
mod timer;
mod watch;
mod weak_server;

pub use broadcast::{Broadcast, EmitMany};
pub use builder::ServerBuilder;
pub use config::{Config, SlowConsumer};
pub use data::SocketData;
pub use disconnect_details::DisconnectDetails;
pub use emit::{Emit, EmitAck, EmitFuture};
pub use error::{AckError, BroadcastAckError, EmitError, TooManyRooms};
pub use handshake::Handshake;
pub use names::{NamePattern, Visit};
pub use namespace::Namespace;
pub use rate::RateLimit;
pub use reason::DisconnectReason;
pub use recovery::Recovery;
pub use remote::RemoteSocket;
pub use remote_emit::RemoteEmit;
pub use server::Server;
pub use server_emit::ServerSideEmit;
pub use socket::Socket;
pub use sockeye_adapter::{
    Acks, Adapter, AdapterError, Closing, HandshakeDetails, LocalAdapter, Room, RoomEvent,
};
pub use sockeye_event::{
    Ack, AckSender, AnswerError, Data, Event, Failure, FromEvent, Handler, IntoRefusal, IntoReply, Refusal,
    Rejection, Reply, State, TryData,
};
pub use sockeye_parser::{
    Args, ArgsError, EncodeError, EventName, Format, Json, Limits, NamespaceName, SocketId,
};
pub use sockeye_proto::Config as ConnectionConfig;
pub use sockeye_transport::{Listener, Message, Transport, TransportName};

#[cfg(feature = "engine")]
pub use {client_bundle::ClientBundle, sockeye_engine_server as engine};
