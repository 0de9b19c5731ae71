//! The seam between a connection and what carries it: an ordered duplex of messages.
//!
//! Everything above is written against [`Transport`], everything below is one. Whoever writes a transport needs this crate
//! and `sockeye-message`, nothing else; `sockeye-testing` checks the result against the contract. Sessions, heartbeats
//! and changes of transport are Engine.IO's, which stands above.
//!
//! | module | gives |
//! |---|---|
//! | [`memory`] | two ends connected in memory, without a runtime |
//! | [`connector`] | where a client's transports come from, made of a function |
//! | [`frame`] | messages on a byte stream, as WebTransport has them, without input or output |
//! | `stream` (feature `tokio`) | any byte stream as a transport; listeners for TCP and Unix sockets |
//!
//! ```
//! use futures_executor::block_on;
//! use futures_util::{SinkExt, StreamExt};
//! use sockeye_transport::{Message, Transport, TransportError, memory};
//!
//! async fn echo(mut transport: impl Transport + Unpin) -> Result<(), TransportError> {
//!     while let Some(message) = transport.next().await {
//!         transport.send(message?).await?;
//!     }
//!     Ok(())
//! }
//!
//! let (mut here, there) = memory::pair(8);
//! block_on(here.send("hello".into())).unwrap();
//! block_on(here.close()).unwrap();
//! block_on(echo(there)).unwrap();
//! assert_eq!(block_on(here.next()).unwrap().unwrap(), Message::from("hello"));
//! ```

pub mod connector;
mod error;
pub mod frame;
mod known;
mod listener;
pub mod memory;
#[cfg(feature = "tokio")]
pub mod stream;
mod transport;

pub use connector::Connector;
pub use error::{ErrorKind, TransportError};
pub use known::Known;
pub use listener::Listener;
pub use sockeye_message::{Message, Prepared, TransportName};
pub use transport::{BoxTransport, Transport};
