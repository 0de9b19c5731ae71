//! Socket.IO connections as machines without input or output.
//!
//! A server's [`Connection`] knows which namespaces a peer is in, checks what it sends, bounds what waits to be sent, and keeps
//! account of acknowledgements. It is given messages and the time, and says what to send and what happened; sockets,
//! clocks, tasks and locks are the caller's. The client's end is in [`client`].
//!
//! ```
//! use std::{sync::Arc, time::Instant};
//!
//! use sockeye_parser::{Json, SocketId};
//! use sockeye_proto::{Config, Connection, Event, Outgoing};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut server = Connection::<()>::server(Arc::new(Config::new()), Arc::new(Json), Instant::now());
//!
//! let Some(Event::Connect { namespace, .. }) = server.handle_message("0/chat,".into())? else { panic!() };
//! server.accept(&namespace, &SocketId::from("lVyLUBQFu9YZSSVpAAAC"))?;
//!
//! let Some(Outgoing::Message(reply)) = server.poll_transmit() else { panic!() };
//! assert_eq!(reply.as_text(), Some(r#"0/chat,{"sid":"lVyLUBQFu9YZSSVpAAAC"}"#));
//! # Ok(())
//! # }
//! ```

mod acks;
mod bounds;
pub mod client;
mod config;
mod connection;
mod error;
mod event;
mod outbox;
mod queue;
mod revision;

pub use acks::Awaited;
pub use config::Config;
pub use connection::Connection;
pub use error::{ProtocolError, SendError};
pub use event::{Event, Expired};
pub use outbox::Outgoing;
pub use revision::Revision;
