//! TCP and Unix sockets as listeners of transports.

use std::{future::Future, io, net::SocketAddr};

use sockeye_message::TransportName;
use tokio::net::{self, TcpStream};

use super::{StreamTransport, backoff::Backoff};
use crate::Listener;

/// Accepts TCP connections as transports of the name `tcp`.
///
/// ```no_run
/// use sockeye_transport::{Listener, stream::TcpListener};
///
/// # async fn run() -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// let (transport, address) = TcpListener::new(listener, 1_000_000).accept().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TcpListener {
    listener: net::TcpListener,
    max_message: usize,
    backoff: Backoff,
}

impl TcpListener {
    /// The transports take messages of up to `max_message` bytes.
    pub fn new(listener: net::TcpListener, max_message: usize) -> Self {
        Self { listener, max_message, backoff: Backoff::default() }
    }
}

impl Listener for TcpListener {
    type Transport = StreamTransport<TcpStream>;
    type Peer = SocketAddr;

    async fn accept(&mut self) -> (Self::Transport, SocketAddr) {
        let (stream, peer) = persist(&mut self.backoff, || self.listener.accept()).await;
        // Without it small messages would wait for acknowledgements of TCP; where it fails nothing worse happens.
        let _ = stream.set_nodelay(true);
        (StreamTransport::new(stream, TCP, self.max_message), peer)
    }
}

/// Accepts connections of a Unix socket as transports of the name `unix`.
#[cfg(unix)]
#[derive(Debug)]
pub struct UnixListener {
    listener: net::UnixListener,
    max_message: usize,
    backoff: Backoff,
}

#[cfg(unix)]
impl UnixListener {
    /// The transports take messages of up to `max_message` bytes.
    pub fn new(listener: net::UnixListener, max_message: usize) -> Self {
        Self { listener, max_message, backoff: Backoff::default() }
    }
}

#[cfg(unix)]
impl Listener for UnixListener {
    type Transport = StreamTransport<net::UnixStream>;
    type Peer = net::unix::SocketAddr;

    async fn accept(&mut self) -> (Self::Transport, net::unix::SocketAddr) {
        let (stream, peer) = persist(&mut self.backoff, || self.listener.accept()).await;
        (StreamTransport::new(stream, UNIX, self.max_message), peer)
    }
}

/// Accepts until it works.
async fn persist<T, F>(backoff: &mut Backoff, accept: impl Fn() -> F) -> T
where
    F: Future<Output = io::Result<T>>,
{
    loop {
        match accept().await {
            Ok(accepted) => {
                backoff.reset();
                return accepted;
            }
            Err(error) => {
                if let Some(wait) = backoff.after(&error) {
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }
}

const TCP: TransportName = TransportName::from_static("tcp");
#[cfg(unix)]
const UNIX: TransportName = TransportName::from_static("unix");
