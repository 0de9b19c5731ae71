//! Where transports come from.

use std::future::Future;

use crate::Transport;

/// Accepts transports.
///
/// 1. `accept` does not fail: what goes wrong with one peer it passes over, and a lack of descriptors or memory it waits
///    out.
/// 2. A slow peer does not keep others from being accepted: what takes more than one step with a peer, such as a
///    handshake, is done elsewhere.
pub trait Listener: Send + 'static {
    /// What is accepted.
    type Transport: Transport + 'static;

    /// What is known of the peer.
    type Peer: Send;

    /// The next transport.
    ///
    /// # Cancel safety
    /// Dropping the future loses no transport.
    fn accept(&mut self) -> impl Future<Output = (Self::Transport, Self::Peer)> + Send;
}
