//! Socket.IO packets, their JSON form, and the trait for other forms.
//!
//! A [`Format`] turns a [`Packet`] into messages and back; [`Json`] is the one that everybody speaks. The arguments of
//! events stay raw in [`Args`] until somebody names the type that they should have, and travel on without being read at
//! all. Binary data anywhere in them becomes attachments, and attachments become binary data again.
//!
//! This crate knows no connection: who may send which packet when is `sockeye-proto`'s affair.
//!
//! ```
//! use bytes::Bytes;
//! use sockeye_parser::{Args, Format, Json, Limits, NamespaceName, Packet};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let packet = Packet::Event {
//!     namespace: NamespaceName::root(),
//!     name: "photo".into(),
//!     args: Args::serialize(&("sunset", Bytes::from_static(b"\x89PNG")))?,
//!     ack: None,
//! };
//! let encoded = Json.encode(&packet);
//! assert_eq!(encoded.head.as_text(), Some(r#"51-["photo","sunset",{"_placeholder":true,"num":0}]"#));
//!
//! let mut decoder = Json.decoder(Limits::default());
//! assert!(decoder.feed(encoded.head)?.is_none());
//! let Some(Packet::Event { args, .. }) = decoder.feed(encoded.attachments[0].clone().into())? else { panic!() };
//! let (title, image): (String, Bytes) = args.parse()?;
//! assert_eq!((title.as_str(), &image[..]), ("sunset", &b"\x89PNG"[..]));
//! # Ok(())
//! # }
//! ```

mod ack_id;
mod args;
mod error;
mod event_name;
mod format;
mod joining;
mod json;
mod limits;
mod namespace;
mod packet;
mod socket_id;

pub use ack_id::AckId;
pub use args::{Args, ArgsError};
pub use error::{DecodeError, EncodeError};
pub use event_name::{EventName, RESERVED_EVENTS, is_reserved};
pub use format::{Decoder, Encoded, Format};
pub use joining::Accepted;
pub use json::Json;
pub use limits::Limits;
pub use namespace::NamespaceName;
pub use packet::Packet;
pub use socket_id::SocketId;
