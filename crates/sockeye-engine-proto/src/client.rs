//! The client's end of a session.
//!
//! [`Session`] is the public face. A session is carried by *links*: one that it speaks on, and beside it, as long as it is
//! on long-polling, candidates for an upgrade. It speaks revision 4 of the protocol.
//!
//! ```
//! use std::{sync::Arc, time::Instant};
//!
//! use sockeye_engine_codec::Packet;
//! use sockeye_engine_proto::client::{Config, Event, LinkKind, Request, Session};
//!
//! let now = Instant::now();
//! let (mut session, link) = Session::open(Arc::new(Config::new()), LinkKind::Polling);
//!
//! // The first GET is the handshake.
//! assert_eq!(session.poll_request(), Some(Request::Poll));
//! let handshake = r#"{"sid":"a","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}"#;
//! session.handle_packet(link, Packet::Open(handshake.into()), now);
//! session.handle_poll_answered();
//! let Some(Event::Opened(handshake)) = session.poll_event() else { panic!() };
//! assert_eq!(handshake.sid.as_str(), "a");
//!
//! session.send(sockeye_message::Message::from("hello").into()).unwrap();
//! assert_eq!(session.poll_request(), Some(Request::Push("4hello".into())));
//! assert_eq!(session.poll_request(), Some(Request::Poll));
//! ```

mod close;
mod config;
mod event;
mod heartbeat;
mod link;
mod opening;
mod polling;
mod session;
mod upgrade;

pub use config::Config;
pub use event::{AttachRefused, Event, ProbeError};
pub use link::LinkKind;
pub use polling::Request;
pub use session::Session;

pub use crate::{CloseReason, Detach, Fault, LinkId, Outgoing, SendError, Shutdown, Transmit};
