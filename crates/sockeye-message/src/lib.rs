//! One message, text or binary: what every transport carries.
//!
//! This crate is the bottom of sockeye's layers. It knows the unit that transports, codecs and sessions hand to each
//! other, and no protocol. Nothing here reads a clock, takes a lock or speaks to a runtime.
//!
//! ```
//! use sockeye_message::Message;
//!
//! let hello = Message::from("hello");
//! assert_eq!(hello.as_text(), Some("hello"));
//! assert_eq!(hello.len(), 5);
//! ```
//!
//! [`Prepared`] is a message for many recipients: each layer encodes it once, and recipients share the result.

mod message;
mod name;
mod prepared;
mod utf8;

pub use message::Message;
pub use name::TransportName;
pub use prepared::{Compression, Form, Prepared};
pub use utf8::{NotUtf8, Utf8Bytes};
