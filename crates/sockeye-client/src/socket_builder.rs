//! A socket that is about to be.

use std::{error::Error, fmt, future::Future, sync::Arc};

use serde::Serialize;
use sockeye_event::Handler;
use sockeye_parser::{Args, EncodeError, EventName, NamespaceName};

use crate::{ConnectError, Socket, auth::Auth, shared::Shared};

/// A socket that is about to be. Its handlers are there before the first event.
#[must_use = "a builder does nothing until `connect`, `start` or `build` is called"]
pub struct SocketBuilder {
    socket: Socket,
    auth: Option<Result<Auth, EncodeError>>,
}

impl SocketBuilder {
    pub(crate) fn new(client: &Arc<Shared>, namespace: NamespaceName) -> Self {
        let socket = client.socket(&namespace).map_or_else(
            || {
                let socket = Socket::new(client.clone(), namespace);
                client.seat(&socket);
                socket
            },
            Socket::of_inner,
        );
        Self { socket, auth: None }
    }

    /// An object that the server's guards are shown, each time the socket connects; the reference's `auth`.
    pub fn auth(mut self, auth: &(impl Serialize + ?Sized)) -> Self {
        self.auth = Some(Auth::value(auth));
        self
    }

    /// The same from a function that is asked each time, so that a token may be fresh. If it fails, so does the attempt,
    /// with [`ConnectError::Auth`].
    ///
    /// ```no_run
    /// # use sockeye_client::{Client, ConnectError, Socket};
    /// # #[derive(serde::Serialize)] struct Login { token: String }
    /// # async fn fresh_token() -> std::io::Result<String> { Ok(String::new()) }
    /// async fn join(client: &Client) -> Result<Socket, ConnectError> {
    ///     let login = || async { fresh_token().await.map(|token| Login { token }) };
    ///     client.socket("/chat").auth_with(login).connect().await
    /// }
    /// ```
    pub fn auth_with<F, T, E>(mut self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.auth = Some(Ok(Auth::function(ask)));
        self
    }

    /// Handles an event, see [`Socket::on`].
    pub fn on<M>(self, name: impl Into<EventName>, handler: impl Handler<Socket, M>) -> Self {
        self.socket.on(name, handler);
        self
    }

    /// Handles the next event of that name only.
    pub fn once<M>(self, name: impl Into<EventName>, handler: impl Handler<Socket, M>) -> Self {
        self.socket.once(name, handler);
        self
    }

    /// Handles every event, before the handlers of its name.
    pub fn on_any<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.socket.on_any(handler);
        self
    }

    /// Hears of every event that is sent, see [`Socket::on_any_outgoing`].
    pub fn on_any_outgoing(self, listener: impl Fn(&str, &Args) + Send + Sync + 'static) -> Self {
        self.socket.on_any_outgoing(listener);
        self
    }

    /// Handles the moment in which the socket is connected, each time; the reference's `connect`.
    pub fn on_connect<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.on("connect", handler)
    }

    /// Handles an attempt that has failed, see [`ConnectError`].
    pub fn on_connect_error<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.on("connect_error", handler)
    }

    /// Handles the end of the socket's stay, see [`DisconnectReason`](crate::DisconnectReason).
    pub fn on_disconnect<M>(self, handler: impl Handler<Socket, M>) -> Self {
        self.on("disconnect", handler)
    }

    /// Connects, and waits until the socket is let in. As long as there is no connection it goes on trying, unless the
    /// client may not.
    ///
    /// # Errors
    /// If the server refuses it, or the client may not try again.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the socket is gone, unless somebody else holds it.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn connect(self) -> Result<Socket, ConnectError> {
        let socket = self.prepared()?;
        socket.connect().await?;
        Ok(socket)
    }

    /// Connects without waiting for the outcome, which the handlers of `connect` and `connect_error` learn. What is
    /// emitted meanwhile is kept.
    ///
    /// # Errors
    /// If what was given as [`auth`](Self::auth) has no form on the wire.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(self) -> Result<Socket, ConnectError> {
        let socket = self.prepared()?;
        socket.start();
        Ok(socket)
    }

    /// The socket, which connects when it is told to; the reference's `autoConnect: false`. What is emitted before is kept.
    ///
    /// ```
    /// # use sockeye_client::{Client, ConnectError};
    /// # async fn example(client: Client) -> Result<(), ConnectError> {
    /// let news = client.socket("/news").build()?;
    /// let mut events = news.events(64);
    /// news.connect().await?;
    /// while let Some(event) = events.next().await {
    ///     println!("{}", event.name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If what was given as [`auth`](Self::auth) has no form on the wire.
    pub fn build(self) -> Result<Socket, ConnectError> {
        self.prepared()
    }

    fn prepared(self) -> Result<Socket, ConnectError> {
        if let Some(auth) = self.auth {
            self.socket.inner().set_auth(auth.map_err(|error| ConnectError::Auth(Arc::new(error)))?);
        }
        Ok(self.socket)
    }
}

impl fmt::Debug for SocketBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketBuilder").field("socket", &self.socket).finish_non_exhaustive()
    }
}
