//! Engine.IO packets and payloads on the wire, and nothing more.
//!
//! This crate sits on `sockeye-message` and below the session machines of `sockeye-engine-proto`. It turns one
//! [`Packet`] into one message and back, joins packets into long-polling bodies ([`payload`]), wraps those into a
//! [`Script`] for pages that need one, and writes the JSON of the [`Handshake`]. When a packet may be sent, and what it
//! means for a session, is not its affair.
//!
//! ```
//! use sockeye_engine_codec::{Packet, Revision, payload};
//!
//! let hello = Packet::Message("hello".into());
//! let wire = Revision::V4.encode(&hello);
//! assert_eq!(wire.as_text(), Some("4hello"));
//! assert_eq!(Revision::V4.decode(wire), Ok(hello.clone()));
//!
//! let mut body = payload::Joiner::new(Revision::V4);
//! body.push(&hello);
//! body.push(&Packet::Message(vec![1, 2, 3].into()));
//! assert_eq!(body.finish().as_text(), Some("4hello\u{1e}bAQID"));
//! ```

mod base64;
mod error;
mod greeting;
mod handshake;
mod packet;
pub mod payload;
mod refusal;
mod revision;
mod script;
mod sid;

pub use error::DecodeError;
pub use greeting::Greeting;
pub use handshake::Handshake;
pub use packet::{Packet, Signal};
pub use refusal::RefusalBody;
pub use revision::Revision;
pub use script::Script;
pub use sid::{InvalidSid, Sid};
