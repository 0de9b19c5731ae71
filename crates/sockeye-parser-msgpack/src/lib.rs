//! Socket.IO packets as MessagePack, one binary message each, as npm's `socket.io-msgpack-parser` writes them.
//!
//! [`Msgpack`] is a [`Format`](sockeye_parser::Format) beside `sockeye_parser::Json`; both peers have to use the same one.
//! It speaks with version 3 of the npm package in both directions, and knows the extensions of `notepack.io` 2, in which
//! that package writes. This crate turns bytes into packets and back; it knows no connection.
//!
//! ```
//! use bytes::Bytes;
//! use sockeye_parser::{Args, Format, Limits, NamespaceName, Packet};
//! use sockeye_parser_msgpack::Msgpack;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let packet = Packet::Event {
//!     namespace: NamespaceName::root(),
//!     name: "photo".into(),
//!     args: Args::serialize(&("sunset", Bytes::from_static(b"\x89PNG")))?,
//!     ack: None,
//! };
//! let encoded = Msgpack.encode(&packet);
//! assert!(encoded.attachments.is_empty());
//!
//! let mut decoder = Msgpack.decoder(Limits::default());
//! assert_eq!(decoder.feed(encoded.head)?, Some(packet));
//! # Ok(())
//! # }
//! ```
//!
//! # How values are translated
//!
//! Arguments are JSON with attachments whatever the format, see [`Args`](sockeye_parser::Args). What MessagePack has and
//! JSON has not becomes what `JSON.stringify` makes of it:
//!
//! | on the wire | in arguments |
//! |---|---|
//! | binary data, `ArrayBuffer`, typed array | an attachment: a slice of the message, not a copy |
//! | `Date` | its ISO 8601 text, or `null` if it is no date |
//! | `undefined` | `null` in a list; left out of an object |
//! | `NaN` and the infinities | `null` |
//!
//! Back on the wire attachments are binary data, numbers without point and exponent that 64 bits can hold are integers,
//! and dates stay text. Lone surrogates, which JSON can hold and UTF-8 cannot, are written as U+FFFD.
//!
//! In browsers `notepack.io` writes an `ArrayBuffer` as binary data, but a typed array as an object of numbers, which is
//! what arrives then. Pages send the `buffer` of a typed array instead.
//!
//! # What is refused
//!
//! All that the npm package refuses, and a few things that it lets pass: names of events that mean something to the
//! libraries themselves, since a peer must not feign a `connect` or `disconnect`; events without a name; negative
//! acknowledgement ids, and acknowledgements without one; text that is not UTF-8; keys that are not text; extensions that
//! `notepack.io` does not write; objects that pass themselves off as placeholders beside real attachments. The
//! [`Limits`](sockeye_parser::Limits) hold for one message, and what it announces is held against its length before
//! memory is taken for it. A decoder keeps nothing from one message to the next.

mod date;
mod decode;
mod encode;
mod item;
mod msgpack;
mod read;
mod write;

pub use msgpack::Msgpack;
