//! The WebSocket in both roles: handshakes and frames as given, right or wrong.

mod connection;
mod deflate;
mod frame;
mod handshake;

pub use connection::{Incoming, WebSocket, WebSocketReader, WebSocketWriter};
pub use deflate::{Deflater, Inflater};
pub use frame::{Frame, Masking, opcode};
pub use handshake::{accept, accept_key, accept_with, key, open, request};

/// Which end of a WebSocket the suite plays: clients mask what they send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Masks what it sends.
    Client,
    /// Does not mask.
    Server,
}
