//! A server on a port of its own, until it is dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::fault::Fault;
use crate::http;
use crate::shared::Shared;

/// A running server with one fault or none; dropping it ends it and all of its connections.
///
/// It fulfils the profile `socket` of the suite with every feature but `serve-client`.
#[derive(Debug)]
pub struct FaultyServer {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl FaultyServer {
    /// Listens on a port of the loopback interface, any free one for 0. Needs a tokio runtime.
    ///
    /// # Errors
    /// What the system says when the port cannot be had.
    pub async fn start(port: u16, fault: Option<Fault>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, serving: tokio::spawn(serve(listener, Shared::new(fault))) })
    }

    /// As the suite wants it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for ever: it ends by nothing but being dropped.
    pub async fn wait(mut self) {
        let _ = (&mut self.serving).await;
    }
}

impl Drop for FaultyServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // What cannot be accepted now may be in a moment: the peer tries again.
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(http::serve(Arc::clone(&shared), stream));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
