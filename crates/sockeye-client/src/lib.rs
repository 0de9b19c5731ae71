//! Socket.IO for clients.
//!
//! A [`Client`] is one connection to a server, which is made again when it is lost; a [`Socket`] is a namespace of the
//! server. Handlers are the same async functions and closures as a server's, see [`sockeye_event`], and answer by what they
//! return; who prefers a loop takes [`Events`].
//!
//! ```no_run
//! use std::time::Duration;
//! use sockeye_client::{Ack, Client, Data};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("http://localhost:3000").build()?;
//! let chat = client.socket("/chat")
//!     .on("said", async |Data((who, text)): Data<(String, String)>| println!("{who}: {text}"))
//!     .on("sum", |Data((a, b)): Data<(i32, i32)>| Ack(a + b))
//!     .connect()
//!     .await?;
//! chat.emit("say", "hello").await?;
//! let members: Vec<String> = chat.emit("members", "lobby").timeout(Duration::from_secs(5)).ack().await?;
//! # Ok(())
//! # }
//! ```
//!
//! What this crate does not do: the packets are `sockeye-parser`'s, what is sent when is `sockeye-proto`'s, sessions, HTTP
//! and TLS are `sockeye-engine-client`'s. Without the feature `engine` it stands on any
//! [`Connector`] alone.

mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod carrier;
mod client;
mod config;
mod details;
mod dial;
mod emit;
mod error;
mod events;
mod jobs;
mod listen;
mod lock;
mod occurrence;
mod random;
mod shared;
mod socket;
mod socket_builder;
mod task;
mod time;
mod timer;
mod told;

pub use builder::ClientBuilder;
pub use client::Client;
pub use details::DisconnectDetails;
pub use emit::{Emit, EmitAck, EmitFuture};
pub use error::{AckError, BuildError, ConnectError, EmitError, Refused};
pub use events::{Events, Received};
pub use occurrence::Occurrence;
pub use socket::Socket;
pub use socket_builder::SocketBuilder;
pub use sockeye_event::{
    Ack, AckSender, AnswerError, Data, Event, Failure, FromEvent, Handler, IntoReply, Refusal, Rejection,
    Reply, State, TryData,
};
pub use sockeye_parser::{Args, ArgsError, EncodeError, EventName, Format, Json, NamespaceName, SocketId};
pub use sockeye_proto::client::{Config as ConnectionConfig, DisconnectReason, Overflow};
pub use sockeye_transport::{Connector, Transport, TransportName, connector};
#[cfg(feature = "engine")]
pub use {client::connect, sockeye_engine_client as engine};
