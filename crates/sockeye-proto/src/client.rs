//! The client's end of a connection.
//!
//! A [`Connection`] is in many namespaces over one link, and outlives the link: what the application wants it keeps, and
//! says again when the link opens again. It is told of the link, given messages and the time, and says what to send and
//! what happened. Opening links is the caller's, how long to wait before is the [`Backoff`]'s.
//!
//! ```
//! use std::{sync::Arc, time::Instant};
//!
//! use sockeye_parser::{Args, Json, NamespaceName};
//! use sockeye_proto::{
//!     Outgoing,
//!     client::{Config, Connection, Emission, Event},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (chat, now) = (NamespaceName::from("/chat"), Instant::now());
//! let mut client = Connection::<&str>::new(Arc::new(Config::new()), Arc::new(Json));
//! client.connect(&chat);
//! // Nothing is open yet, so this waits.
//! client.emit(&chat, Emission::new("hello", Args::serialize("world")?).awaiting("the answer"), now)?;
//!
//! client.handle_open();
//! let Some(Event::Authenticate { namespace }) = client.poll_event() else { panic!() };
//! client.authenticate(&namespace, None);
//! client.handle_message(r#"0/chat,{"sid":"lVyLUBQFu9YZSSVpAAAC"}"#.into(), now)?;
//!
//! assert!(matches!(client.poll_event(), Some(Event::Connected { recovered: false, .. })));
//! let sent: Vec<_> = std::iter::from_fn(|| client.poll_transmit(now)).collect();
//! let [Outgoing::Message(connect), Outgoing::Message(hello)] = &sent[..] else { panic!() };
//! assert_eq!(connect.as_text(), Some("0/chat,"));
//! assert_eq!(hello.as_text(), Some(r#"2/chat,0["hello","world"]"#));
//! # Ok(())
//! # }
//! ```

mod backlog;
mod backoff;
mod config;
mod connection;
mod emission;
mod error;
mod event;
mod namespace;
mod offset;
mod output;
mod reason;
mod retries;
mod sending;
mod session;

pub use backoff::Backoff;
pub use config::{Config, Overflow};
pub use connection::Connection;
pub use emission::{AckRequest, Emission, Emitted, Receipt};
pub use error::{EmitError, NotTaken, ProtocolError};
pub use event::{AckFailure, Event};
pub use reason::DisconnectReason;
