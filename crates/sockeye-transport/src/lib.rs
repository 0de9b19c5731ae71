//! The seam between a connection and what carries it: an ordered duplex of messages.
//!
//! Whoever writes a transport needs this crate and `sockeye-message`, nothing else.

mod error;
mod listener;
pub mod memory;
mod transport;

pub use error::{ErrorKind, TransportError};
pub use listener::Listener;
pub use sockeye_message::{Message, Prepared, TransportName};
pub use transport::{BoxTransport, Transport};
