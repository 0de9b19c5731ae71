//! Where transports come from.

use std::future::Future;

use crate::Transport;

/// Accepts transports.
///
/// 1. `accept` does not fail: what goes wrong with one peer, or for lack of descriptors, it waits out.
/// 2. A slow peer does not keep others from being accepted.
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
