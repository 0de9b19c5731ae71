//! Socket.IO in Rust.
//!
//! This is the crate that most people add. It brings the parts of sockeye together under one name and has no code of its
//! own; whoever needs a single layer adds that layer's crate.
//!
//! ```no_run
//! use sockeye::{Ack, Data, Namespace, Server, Socket};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> std::io::Result<()> {
//!     let chat = Namespace::new("/")
//!         .on("join", |socket: Socket, Data(room): Data<String>| socket.join(room))
//!         .on("say", async |socket: Socket, Data((room, text)): Data<(String, String)>| {
//!             socket.to(room).emit("said", &text).await.map(Ack)
//!         });
//!     Server::builder().namespace(chat).build().listen("127.0.0.1:3000").await
//! }
//! ```
//!
//! | feature | brings |
//! |---|---|
//! | `server` (default) | [`Server`] and what belongs to it |
//! | `client` | [`client`], which connects to any Socket.IO server |
//! | `blocking` | `client::blocking`, for programs without async |
//! | `regex` | dynamic namespaces by regular expressions |
//! | `deflate` | compressed messages over WebSocket, [`engine::Config`]'s `per_message_deflate` |
//! | `msgpack` | `Msgpack`, a format for [`ServerBuilder::format`] |
//! | `testing` | `testing`, for tests of one's own: clients in memory, in virtual time |
//!
//! # Testing
//!
//! With the feature `testing` among the `dev-dependencies`, tests join clients to a server in memory. In a
//! `#[tokio::test(start_paused = true)]` they wait for nothing: whatever takes time happens as soon as nothing else is
//! left to do. `docs/testing.md` tells more.
//!
//! ```
//! # #[cfg(feature = "testing")]
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! use sockeye::{Data, EmitError, Namespace, Server, Socket, testing::TestClient};
//!
//! async fn say(socket: Socket, Data((room, text)): Data<(String, String)>) -> Result<(), EmitError> {
//!     socket.to(room).emit("said", &text).await
//! }
//!
//! let chat = Namespace::new("/").on("join", |socket: Socket, Data(room): Data<String>| socket.join(room)).on("say", say);
//! let server = Server::builder().namespace(chat).build();
//! let mut ann = TestClient::connect(&server).await;
//! let bob = TestClient::connect(&server).await;
//!
//! ann.emit_with_ack::<()>("join", "lobby").await;
//! bob.emit("say", &("lobby", "hello")).await;
//!
//! assert_eq!(ann.receive::<String>("said").await, "hello");
//! # }
//! # #[cfg(not(feature = "testing"))]
//! # fn main() {}
//! ```

#[cfg(feature = "msgpack")]
pub use sockeye_parser_msgpack::Msgpack;

#[cfg(feature = "client")]
pub use sockeye_client as client;

#[cfg(feature = "testing")]
pub use sockeye_testing as testing;

#[cfg(feature = "server")]
pub use sockeye_server::{
    Ack, AckError, AckSender, Acks, Adapter, AdapterError, AnswerError, Args, ArgsError, Broadcast,
    BroadcastAckError, ClientBundle, Closing, Config, ConnectionConfig, Data, DisconnectDetails,
    DisconnectReason, Emit, EmitAck, EmitError, EmitFuture, EmitMany, EncodeError, Event, EventName, Failure,
    Format, FromEvent, Handler, Handshake, HandshakeDetails, IntoRefusal, IntoReply, Json, Limits, Listener,
    LocalAdapter, Message, NamePattern, Namespace, NamespaceName, RateLimit, Recovery, Refusal, Rejection,
    RemoteEmit, RemoteSocket, Reply, Room, RoomEvent, Server, ServerBuilder, ServerSideEmit, SlowConsumer,
    Socket, SocketData, SocketId, State, TooManyRooms, Transport, TransportName, TryData, Visit, engine,
    metrics,
};

// The examples of these documents are tests; nothing else is made of them.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../../docs/limits.md")]
mod limits {}

#[cfg(all(doctest, feature = "server", feature = "blocking", feature = "msgpack"))]
#[doc = include_str!("../../../docs/client.md")]
mod connecting {}

#[cfg(all(doctest, feature = "server", feature = "blocking"))]
#[doc = include_str!("../../../docs/migrating-from-node.md")]
mod migrating {}

#[cfg(all(doctest, feature = "server", feature = "testing"))]
#[doc = include_str!("../../../docs/testing.md")]
mod testing_a_server {}
