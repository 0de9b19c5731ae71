//! The server's end of a session.
//!
//! [`Session`] is the public face. A session is carried by *links*: one that it speaks on, and while it is being
//! upgraded a candidate beside it.

mod close;
mod config;
mod event;
mod link;
mod polling;
mod session;
mod upgrade;

pub use config::Config;
pub use event::{AttachRefused, Event, RequestRefused};
pub use link::LinkKind;
pub use session::Session;

pub use crate::{CloseReason, Detach, Fault, LinkId, Outgoing, SendError, Shutdown, Transmit};
