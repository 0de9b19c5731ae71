//! Engine.IO for servers: sessions over HTTP, WebSocket and any other transport.
//!
//! This crate sits on the session machine of `sockeye-engine-proto` and gives it sockets, time and HTTP requests. A session
//! comes out as a [`Connection`], which is a transport again: an ordered duplex of messages that heartbeats and survives a
//! change of what carries it. What the messages mean is not known here; nothing is spawned for a connection but what the
//! application spawns.
//!
//! ```
//! use futures_util::{SinkExt, StreamExt};
//! use sockeye_engine_server::{Config, Engine};
//!
//! let echo = Engine::new(Config::new(), |mut connection| {
//!     tokio::spawn(async move {
//!         while let Some(Ok(message)) = connection.next().await {
//!             connection.send(message).await.ok();
//!         }
//!     });
//! });
//! let app: axum::Router = axum::Router::new().route_service("/engine.io/", echo.service());
//! ```
//!
//! Without a web framework, [`Engine::listen`] serves HTTP by itself; [`Engine::accept`] takes transports that have nothing
//! to do with HTTP. The feature `auto`, on by default, takes the bare TCP stream back from hyper-util's automatic builder,
//! which is what `axum::serve` runs on. The feature `deflate` brings compressed messages over WebSocket.

mod accept;
mod addresses;
mod admission;
mod alarm;
mod carrier;
mod compression;
mod config;
mod connection;
mod connection_error;
mod cookie;
mod cors;
mod engine;
mod error;
mod forbidden;
mod gauge;
mod head_timer;
mod hooks;
pub mod http;
mod info;
mod mailbox;
mod manner;
mod occurrence;
mod query;
mod random;
mod serve;
mod table;

pub use compression::HttpCompression;
pub use config::Config;
pub use connection::Connection;
pub use connection_error::ConnectionError;
pub use cookie::{Cookie, SameSite};
pub use cors::{Cors, Origin};
pub use engine::{Engine, WeakEngine};
pub use error::AcceptError;
pub use forbidden::Forbidden;
pub use info::{HandshakeInfo, Security};
pub use occurrence::Occurrence;
pub use query::query_pairs;
pub use sockeye_engine_codec::{Revision, Sid};
pub use sockeye_engine_proto::{
    CloseReason, Fault,
    request::{Refusal, RefusalCause, RefusalCode},
    server::{Config as SessionConfig, Shutdown},
};
#[cfg(feature = "deflate")]
pub use sockeye_websocket::{PerMessageDeflate, WindowBits};
