//! The client for programs without async: the same one, driven by a thread of its own.
//!
//! ```no_run
//! use std::time::Duration;
//! use sockeye_client::{Client, Data, blocking};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = blocking::Client::start(Client::builder("http://localhost:3000"))?;
//! let chat = client.connect(|client| client.socket("/chat").on("said", |Data(text): Data<String>| println!("{text}")))?;
//! chat.emit("say", "hello")?;
//! let members: Vec<String> = chat.call("members", "lobby", Duration::from_secs(5))?;
//! # Ok(())
//! # }
//! ```
//!
//! What waits here must not be called by handlers, which run on the client's thread: they are given the
//! [`Socket`](crate::Socket) of async programs, and may be async themselves.

use std::{
    error::Error,
    fmt,
    future::Future,
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_parser::EventName;
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::{AckError, BuildError, ClientBuilder, ConnectError, EmitError, Received, SocketBuilder};

/// A client with a thread of its own. Cloning gives another handle of the same.
///
/// The thread ends with the last handle of the client and of its sockets, when the connection is closed.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    driver: Arc<Driver>,
}

/// A socket whose methods wait. Cloning gives another handle of the same.
#[derive(Clone, Debug)]
pub struct Socket {
    socket: crate::Socket,
    driver: Arc<Driver>,
}

/// The events of a socket, in order; [`Iterator::next`] waits for the next one.
#[derive(Debug)]
pub struct Events {
    events: crate::Events,
    driver: Arc<Driver>,
}

/// A client cannot be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// It cannot be built.
    Build(BuildError),
    /// The system gives no thread, or nothing to wait with.
    System(io::Error),
}

impl Client {
    /// Starts the thread of a client, which connects when a socket wants to.
    ///
    /// # Errors
    /// If the client cannot be built, or the system has no thread for it.
    pub fn start(builder: ClientBuilder) -> Result<Self, StartError> {
        let client = builder.build().map_err(StartError::Build)?;
        let driver = Driver::start(client.clone()).map_err(StartError::System)?;
        Ok(Self { client, driver: Arc::new(driver) })
    }

    /// Connects a socket, and waits until it is let in. As long as there is no connection it goes on trying, unless the
    /// client may not.
    ///
    /// # Errors
    /// If the server refuses it, or the client may not try again.
    ///
    /// # Panics
    /// In a handler.
    pub fn connect(
        &self,
        socket: impl FnOnce(&crate::Client) -> SocketBuilder,
    ) -> Result<Socket, ConnectError> {
        let socket = self.driver.wait(socket(&self.client).connect())?;
        Ok(Socket { socket, driver: self.driver.clone() })
    }

    /// Disconnects every socket, and waits until the connection is closed.
    ///
    /// # Panics
    /// In a handler.
    pub fn close(&self) {
        self.driver.wait(self.client.close());
    }

    /// The client that does the work, for what does not wait.
    pub fn as_async(&self) -> &crate::Client {
        &self.client
    }
}

impl Socket {
    /// Sends an event, and waits for room in the queue if there is none. See [`Socket::emit`](crate::Socket::emit).
    ///
    /// # Errors
    /// If the event cannot be sent.
    ///
    /// # Panics
    /// In a handler.
    pub fn emit(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> Result<(), EmitError> {
        let emit = self.socket.emit(name, data);
        self.driver.wait(emit.into_future())
    }

    /// Sends an event, and waits so long for its acknowledgement.
    ///
    /// # Errors
    /// If the event cannot be sent, or no answer comes, or none of that type.
    ///
    /// # Panics
    /// In a handler.
    pub fn call<T: DeserializeOwned>(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
        timeout: Duration,
    ) -> Result<T, AckError> {
        self.driver.wait(self.socket.emit(name, data).timeout(timeout).ack())
    }

    /// The events that come from now on, see [`Socket::events`](crate::Socket::events).
    ///
    /// # Panics
    /// If the capacity is 0.
    pub fn events(&self, capacity: usize) -> Events {
        Events { events: self.socket.events(capacity), driver: self.driver.clone() }
    }

    /// Connects again after the socket was refused or disconnected, and waits until it is let in.
    ///
    /// # Errors
    /// If the server refuses it, or the client may not try again.
    ///
    /// # Panics
    /// In a handler.
    pub fn connect(&self) -> Result<(), ConnectError> {
        self.driver.wait(self.socket.connect())
    }

    /// The socket that does the work, for what does not wait: handlers, facts, [`disconnect`](crate::Socket::disconnect).
    pub fn as_async(&self) -> &crate::Socket {
        &self.socket
    }
}

impl Events {
    /// Waits so long for the next event.
    ///
    /// # Panics
    /// In a handler.
    pub fn next_within(&mut self, timeout: Duration) -> Option<Received> {
        let Self { events, driver } = self;
        driver.wait(async { tokio::time::timeout(timeout, events.next()).await.ok().flatten() })
    }
}

impl Iterator for Events {
    type Item = Received;

    fn next(&mut self) -> Option<Received> {
        self.driver.wait(self.events.next())
    }
}

/// The thread that drives a client.
struct Driver {
    runtime: Handle,
    /// Dropped, it lets the thread come to its end.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    fn start(client: crate::Client) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("sockeye-client".to_owned()).spawn(move || {
            runtime.block_on(async {
                // Nothing is ever sent: the other end is dropped.
                let _ = stopped.await;
                client.close().await;
            });
        })?;
        Ok(Self { runtime: handle, stop: Some(stop), thread: Some(thread) })
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else { return };
        // The last handle may go in a handler; then the thread ends by itself.
        if thread.thread().id() != thread::current().id() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::System(error) => write!(f, "no thread for the client: {error}"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Build(error) => Some(error),
            Self::System(error) => Some(error),
        }
    }
}
