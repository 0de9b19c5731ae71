//! Engine.IO sessions as machines without input or output.
//!
//! This crate sits on `sockeye-engine-codec` and knows what packets mean: when a session pings, when it may be upgraded
//! to another transport, how polls are paired, and why it ends, as a server sees it ([`server`]) and as a client does
//! ([`client`]); and which HTTP requests open, feed or leave a session of a server ([`request`]). It has no clock, no
//! socket, no randomness and no runtime: the caller brings the time and carries the packets.
//!
//! ```
//! use std::{sync::Arc, time::Instant};
//!
//! use sockeye_engine_codec::{Packet, Revision, Sid};
//! use sockeye_engine_proto::server::{Config, LinkKind, Session, Transmit};
//! use sockeye_message::TransportName;
//!
//! let link = LinkKind::Stream(TransportName::WEBSOCKET);
//! let sid = Sid::from_random([0; 15]); // in earnest, from the system's generator
//! let now = Instant::now();
//! let (mut session, link) = Session::open(Arc::new(Config::new()), sid, Revision::V4, link, now);
//!
//! let Some(Transmit::Packet(Packet::Open(handshake))) = session.poll_transmit(link) else { panic!() };
//! assert!(handshake.starts_with(r#"{"sid":"AAAA"#));
//!
//! let message = session.handle_packet(link, Packet::Message("hello".into()), now).unwrap();
//! session.send(message.into()).unwrap();
//! assert_eq!(session.poll_transmit(link), Some(Transmit::Packet(Packet::Message("hello".into()))));
//! assert_eq!(session.poll_timeout(), Some(now + Config::new().ping_interval()));
//! ```

pub mod client;
mod heartbeat;
mod link;
mod outbox;
mod reason;
pub mod request;
pub mod server;
mod time;

pub use link::{Detach, LinkId};
pub use outbox::{Outgoing, SendError, Transmit};
pub use reason::{CloseReason, Fault, Shutdown};
