//! One connection to a server, and the sockets on it.

use std::{fmt, sync::Arc, time::Duration};

use sockeye_parser::NamespaceName;

#[cfg(feature = "engine")]
use {
    crate::ConnectError,
    sockeye_engine_client::{Url, UrlError},
};

use crate::{ClientBuilder, Socket, SocketBuilder, shared::Shared};

/// One connection to a server, for any number of namespaces; the reference's `Manager`. Cloning gives another handle of
/// the same.
///
/// It connects when the first of its sockets wants to, and closes when the last one has left. A lost connection is made
/// again, see [`ClientBuilder`].
///
/// ```no_run
/// use sockeye_client::{Client, Data};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder("http://localhost:3000").build()?;
/// let chat = client.socket("/chat")
///     .on("said", async |Data(text): Data<String>| println!("{text}"))
///     .connect()
///     .await?;
/// let news = client.socket("/news").connect().await?;
/// chat.emit("say", "hello").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Shared>);

impl Client {
    /// A client of the server with this URL, such as `https://example.com`. What it may have behind the host is the
    /// query; a path would be a namespace, and [`connect`](crate::connect) is for that.
    #[cfg(feature = "engine")]
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::to(url.into())
    }

    /// A client whose transports come from elsewhere.
    pub fn over(connector: impl sockeye_transport::Connector) -> ClientBuilder {
        ClientBuilder::over(connector)
    }

    pub(crate) fn of_shared(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// A socket in a namespace. If there is one already it is that one, with what else the builder is told.
    pub fn socket(&self, namespace: impl Into<NamespaceName>) -> SocketBuilder {
        SocketBuilder::new(&self.0, namespace.into())
    }

    /// The sockets that somebody holds.
    pub fn sockets(&self) -> Vec<Socket> {
        self.0.sockets().into_iter().map(Socket::of_inner).collect()
    }

    /// Whether there is a connection, whatever is said on it.
    pub fn is_open(&self) -> bool {
        self.0.lock().machine.is_open()
    }

    /// Disconnects every socket, and waits until the connection is closed.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the connection is closed all the same.
    pub async fn close(&self) {
        self.0.close().await;
    }

    // Settings that may change meanwhile. They matter for the next attempt.

    /// From now on, a lost connection is made again.
    pub fn allow_reconnection(&self) {
        self.0.lock().config.reconnection = true;
    }

    /// From now on, a lost connection is not made again. If the client waits for its next attempt, that is the last.
    pub fn forbid_reconnection(&self) {
        self.0.lock().config.reconnection = false;
    }

    /// How long an attempt to connect may take, see [`ClientBuilder::timeout`].
    pub fn set_timeout(&self, timeout: Option<Duration>) {
        self.0.lock().config.timeout = timeout;
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("is_open", &self.is_open()).finish_non_exhaustive()
    }
}

/// Connects to a URL whose path is the namespace, and waits until the socket is let in; the reference's `io(url)`.
///
/// Each call has a connection of its own. Whoever wants several namespaces on one asks a [`Client`] for their sockets.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let chat = sockeye_client::connect("http://localhost:3000/chat").await?;
/// chat.emit("say", "hello").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the URL is none, or the server refuses the socket. While there is no connection, it goes on trying.
///
/// # Cancel safety
/// Dropped before it is ready, nothing is left of the attempt.
#[cfg(feature = "engine")]
pub async fn connect(url: &str) -> Result<Socket, ConnectError> {
    let failed = |error: UrlError| ConnectError::Failed(Arc::new(error));
    let namespace = url.parse::<Url>().map_err(failed)?.path().to_owned();
    let client = Client::builder(url).build().map_err(|error| ConnectError::Failed(Arc::new(error)))?;
    client.socket(namespace).connect().await
}
