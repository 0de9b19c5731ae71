//! What the application is asked about requests, and what it is told of them.
//!
//! Here stand the hooks and how each is called, so that a panic of one harms nobody. When they are called is decided in
//! `admission` and `http`.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::Poll,
};

use http::HeaderMap;
use sockeye_engine_codec::Sid;

use crate::{Config, ConnectionError, Forbidden, HandshakeInfo, Occurrence};

/// The functions that the configuration has from the application.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    allow_request: Option<Arc<AllowRequest>>,
    generate_id: Option<Arc<GenerateId>>,
    initial_headers: Option<Arc<ChangeHeaders>>,
    headers: Option<Arc<ChangeHeaders>>,
    connection_error: Option<Arc<OnConnectionError>>,
    heartbeat: Option<Arc<OnHeartbeat>>,
    occurrences: Vec<Arc<OnOccurrence>>,
}

type AllowRequest = dyn Fn(HandshakeInfo) -> Pending<Result<(), Forbidden>> + Send + Sync;
type GenerateId = dyn Fn(HandshakeInfo) -> Pending<Result<String, String>> + Send + Sync;
type ChangeHeaders = dyn Fn(&mut HeaderMap, &HandshakeInfo) + Send + Sync;
type OnConnectionError = dyn Fn(&ConnectionError) + Send + Sync;
type OnHeartbeat = dyn Fn(&Sid, &HandshakeInfo) + Send + Sync;
type OnOccurrence = dyn Fn(Occurrence) + Send + Sync;
type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The application panicked and has said nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Which answer of a session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerIs {
    /// The one to the request that opened it.
    First,
    /// One that follows.
    Later,
}

impl Config {
    /// Asks the application whether a session may be opened; everybody's may. The reference's `allowRequest`.
    ///
    /// It is asked about every request that would open a session, on long-polling or on a WebSocket, and about no other:
    /// behind the engine's own rules about methods and transports, and before the one about revisions. Who is refused reads
    /// the message of the [`Forbidden`], with status 403, or 400 if a WebSocket was asked for. Of two such hooks, the second
    /// replaces the first.
    ///
    /// A hook that panics, or takes longer than [`handshake_timeout`](Self::handshake_timeout), has refused. Its future is
    /// dropped when the client leaves. [`max_handshakes_in_flight`](Self::max_handshakes_in_flight) bounds how many run.
    /// Transports that open [in band](crate::Engine::accept) have no request that it could be asked about.
    ///
    /// ```
    /// use sockeye_engine_server::{Config, HandshakeInfo};
    ///
    /// let config = Config::new().allow_request(async |request: HandshakeInfo| {
    ///     let agent = request.header("user-agent");
    ///     if agent.is_some() { Ok(()) } else { Err("say who you are") }
    /// });
    /// ```
    #[must_use]
    pub fn allow_request<H, D, E>(mut self, hook: H) -> Self
    where
        H: Fn(HandshakeInfo) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Forbidden>,
    {
        self.hooks.allow_request = Some(Arc::new(move |info| {
            let decision = hook(info);
            Box::pin(async move { decision.await.map_err(Into::into) })
        }));
        self
    }

    /// Lets the application make the ids of sessions; they are 15 random bytes. The reference's `generateId`.
    ///
    /// Whoever knows an id holds the session: it must be one that nobody can guess. It has 1 to 128 visible ASCII
    /// characters. If the hook fails, panics or takes longer than
    /// [`handshake_timeout`](Self::handshake_timeout), if the text is no id, or if an open session has it, the request is
    /// refused with code 3. Transports that open [in band](crate::Engine::accept) get random ids all the same, as in the
    /// reference.
    ///
    /// ```
    /// use sockeye_engine_server::{Config, HandshakeInfo};
    ///
    /// # async fn ask_the_registry() -> std::io::Result<String> { Ok(String::new()) }
    /// let config = Config::new().generate_id(async |_: HandshakeInfo| ask_the_registry().await);
    /// ```
    #[must_use]
    pub fn generate_id<H, D, E>(mut self, hook: H) -> Self
    where
        H: Fn(HandshakeInfo) -> D + Send + Sync + 'static,
        D: Future<Output = Result<String, E>> + Send + 'static,
        E: fmt::Display,
    {
        self.hooks.generate_id = Some(Arc::new(move |info| {
            let id = hook(info);
            Box::pin(async move { id.await.map_err(|error| error.to_string()) })
        }));
        self
    }

    /// Changes the headers of the first answer of each session: to the GET that opened it on long-polling, or the one with
    /// which its WebSocket begins. The reference's event `initial_headers`. Of two such hooks, the second replaces the first.
    ///
    /// All that the engine has set can be seen and changed; what is no longer true breaks the answer. The hook runs in the
    /// midst of answering, so it must not block. If it panics, the answer goes out as it is.
    ///
    /// ```
    /// use http::HeaderValue;
    /// use sockeye_engine_server::Config;
    ///
    /// let config = Config::new().on_initial_headers(|headers, _| {
    ///     headers.insert("x-served-by", HeaderValue::from_static("node-7"));
    /// });
    /// ```
    #[must_use]
    pub fn on_initial_headers(
        mut self,
        hook: impl Fn(&mut HeaderMap, &HandshakeInfo) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.initial_headers = Some(Arc::new(hook));
        self
    }

    /// Changes the headers of every answer of a session, the first one and that to an upgrade among them, as
    /// [`on_initial_headers`](Self::on_initial_headers) does and after it. The reference's event `headers`. Refusals and
    /// other errors are no session's, and neither are [files](Self::files).
    #[must_use]
    pub fn on_headers(
        mut self,
        hook: impl Fn(&mut HeaderMap, &HandshakeInfo) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.headers = Some(Arc::new(hook));
        self
    }

    /// Tells the application of every request that is refused with a code. The reference's event `connection_error`. Of two
    /// such listeners, the second replaces the first.
    ///
    /// The listener runs before the answer leaves, so it must not block. Its panic changes nothing.
    ///
    /// ```
    /// use sockeye_engine_server::Config;
    ///
    /// let config = Config::new().on_connection_error(|error| {
    ///     eprintln!("{:?}: {error}, {:?}", error.request().address(), error.context());
    /// });
    /// ```
    #[must_use]
    pub fn on_connection_error(
        mut self,
        listener: impl Fn(&ConnectionError) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.connection_error = Some(Arc::new(listener));
        self
    }

    /// Tells the application whenever a client has shown that it lives: it has answered a ping, or in revision 3 sent one.
    /// The reference's event `heartbeat`. The listener is given the id of the session and its handshake; it runs in the task
    /// of the session, so it must not block. Of two such listeners, the second replaces the first.
    #[must_use]
    pub fn on_heartbeat(mut self, listener: impl Fn(&Sid, &HandshakeInfo) + Send + Sync + 'static) -> Self {
        self.hooks.heartbeat = Some(Arc::new(listener));
        self
    }

    /// Tells whoever counts of what happens now and then: requests that are refused, limits that are met, upgrades. Several
    /// such listeners all hear of it. They run in the midst of it, so they must not block; their panics change nothing.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use sockeye_engine_server::{Config, Occurrence};
    ///
    /// static UPGRADES: AtomicU64 = AtomicU64::new(0);
    /// let config = Config::new().on_occurrence(|occurrence| {
    ///     if occurrence == Occurrence::Upgraded {
    ///         UPGRADES.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_occurrence(mut self, listener: impl Fn(Occurrence) + Send + Sync + 'static) -> Self {
        self.hooks.occurrences.push(Arc::new(listener));
        self
    }
}

impl Hooks {
    /// Whether a session has to wait for the application before it is opened.
    pub(crate) fn are_asked(&self) -> bool {
        self.allow_request.is_some() || self.generate_id.is_some()
    }

    pub(crate) fn change_headers(&self) -> bool {
        self.initial_headers.is_some() || self.headers.is_some()
    }

    pub(crate) fn hear_of_errors(&self) -> bool {
        self.connection_error.is_some()
    }

    pub(crate) fn hear_of_heartbeats(&self) -> bool {
        self.heartbeat.is_some()
    }

    pub(crate) async fn allow(&self, info: &HandshakeInfo) -> Result<Result<(), Forbidden>, Panicked> {
        match &self.allow_request {
            Some(hook) => ask(|| hook(info.clone())).await,
            None => Ok(Ok(())),
        }
    }

    /// An id for a session, unless the application leaves that to the engine.
    pub(crate) async fn id(&self, info: &HandshakeInfo) -> Result<Result<Option<String>, String>, Panicked> {
        match &self.generate_id {
            Some(hook) => Ok(ask(|| hook(info.clone())).await?.map(Some)),
            None => Ok(Ok(None)),
        }
    }

    pub(crate) fn touch(&self, answer: AnswerIs, headers: &mut HeaderMap, info: &HandshakeInfo) {
        let initial = self.initial_headers.as_ref().filter(|_| answer == AnswerIs::First);
        for hook in initial.into_iter().chain(&self.headers) {
            tell(|| hook(headers, info));
        }
    }

    pub(crate) fn tell_of_error(&self, error: &ConnectionError) {
        if let Some(listener) = &self.connection_error {
            tell(|| listener(error));
        }
    }

    pub(crate) fn tell_of_occurrence(&self, occurrence: Occurrence) {
        for listener in &self.occurrences {
            tell(|| listener(occurrence));
        }
    }

    pub(crate) fn tell_of_heartbeat(&self, sid: &Sid, info: &HandshakeInfo) {
        if let Some(listener) = &self.heartbeat {
            tell(|| listener(sid, info));
        }
    }
}

impl fmt::Debug for Hooks {
    /// Which of them there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("allow_request", &self.allow_request.is_some())
            .field("generate_id", &self.generate_id.is_some())
            .field("initial_headers", &self.initial_headers.is_some())
            .field("headers", &self.headers.is_some())
            .field("connection_error", &self.connection_error.is_some())
            .field("heartbeat", &self.heartbeat.is_some())
            .field("occurrences", &self.occurrences.len())
            .finish()
    }
}

/// What the application says, unless it panics on the way.
async fn ask<T>(hook: impl FnOnce() -> Pending<T>) -> Result<T, Panicked> {
    let mut pending = catch_unwind(AssertUnwindSafe(hook)).map_err(|_| Panicked)?;
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| pending.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// Whoever panics is told no more, and that is all: the process has reported it.
fn tell(listener: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(listener));
}
