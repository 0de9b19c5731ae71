//! Where the transports come from.

use std::time::Duration;

use sockeye_transport::Listener;
use tokio::net::{UnixListener, UnixStream, unix::SocketAddr};

use crate::lines::LineTransport;

/// Accepts whoever connects to a Unix socket.
#[derive(Debug)]
pub struct LineListener(UnixListener);

impl LineListener {
    /// Takes over a socket that listens.
    pub fn new(listener: UnixListener) -> Self {
        Self(listener)
    }
}

impl Listener for LineListener {
    type Transport = LineTransport<UnixStream>;
    type Peer = SocketAddr;

    async fn accept(&mut self) -> (LineTransport<UnixStream>, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, peer)) => return (LineTransport::new(stream), peer),
                // A listener does not fail: without descriptors it waits for some.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}
