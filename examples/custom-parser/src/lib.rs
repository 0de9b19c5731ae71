//! A form of packets of one's own: each is one JSON object, so that a person, or whatever else knows JSON, can read it.
//!
//! ```text
//! {"type":2,"nsp":"/","data":["photo",{"_placeholder":true,"num":0}],"id":7,"attachments":["iVBORw=="]}
//! ```
//!
//! [`Objects`] implements the two traits that this takes, [`Format`](sockeye_parser::Format) and
//! [`Decoder`](sockeye_parser::Decoder); `object` has the object itself. Packets without binary data are those of npm's
//! `socket.io-json-parser`, whose clients are served as well. The counterpart for JavaScript that knows attachments is
//! `objects-parser.mjs` among the interop tests of `sockeye`.

mod object;
mod objects;

pub use objects::Objects;
