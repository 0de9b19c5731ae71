//! The wire in both roles, able to say wrong things: TCP, HTTP/1.1, WebSocket frames, payloads of Engine.IO, packets
//! of Socket.IO.
//!
//! Nothing here judges: it says what came. Whatever a peer can make longer is bounded by a limit of this module.

mod error;
pub mod http;
mod message;
pub mod packet;
pub mod payload;
mod tcp;
mod watch;
pub mod websocket;

pub use error::Error;
pub use message::Message;
pub use tcp::{Tcp, TcpReader, TcpWriter};
pub use watch::Watch;
