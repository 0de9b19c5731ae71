//! A case: what it is called, what it cites, what it expects, what it needs, and the function that checks it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::feature::{Feature, Features};
use crate::verdict::Verdict;

/// One thing that an endpoint must do. `S` is what its function is given, such as [`Server`](crate::server::Server).
///
/// A case is declared in the file that holds its function:
///
/// ```
/// use sockeye_conformance::{Case, Feature, Server, Transport, Verdict};
///
/// fn cases() -> Vec<Case<Server>> {
///     vec![
///         Case::must("engine4.message.text")
///             .cites(["EIO4-10"])
///             .expects("a message of text comes back as it was sent")
///             .over(Transport::BOTH, text_comes_back),
///         Case::robust("http.unknown-method")
///             .cites(["ROB-3"])
///             .expects("a method that does not exist is answered by 400")
///             .needs([Feature::Polling])
///             .checks(an_unknown_method_is_refused),
///     ]
/// }
///
/// async fn text_comes_back(server: &Server, transport: Transport) -> Verdict {
///     server.open(transport).await?.echo("hello").await
/// }
///
/// async fn an_unknown_method_is_refused(server: &Server) -> Verdict {
/// #   let _ = server;
/// #   Ok(())
/// }
/// assert_eq!(cases().len(), 2);
/// ```
pub struct Case<S> {
    /// A dotted path from general to special, such as `engine4.handshake.fields`.
    pub id: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// Ids of `requirements.toml`.
    pub cites: Vec<&'static str>,
    /// What must happen, in one sentence without a full stop.
    pub expects: &'static str,
    /// What the endpoint must have; each transport that the case is run over counts as well.
    pub needs: Vec<Feature>,
    /// Which profiles it is for; both unless it says something else.
    pub profiles: Vec<Profile>,
    /// Each is a run of its own, `id@polling`; once and `id` when empty.
    pub transports: Vec<Transport>,
    /// Whether it runs when all others are done, and no other beside it.
    pub runs_alone: bool,
    check: Check<S>,
}

/// How much a case weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The protocol documents say MUST.
    Must,
    /// The protocol documents say SHOULD.
    Should,
    /// The reference does it, and peers come to rely on that.
    Interop,
    /// What a hostile or broken peer may send.
    Robust,
}

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    WebSocket,
}

/// What the endpoint under test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A Socket.IO endpoint.
    Socket,
    /// A raw Engine.IO endpoint.
    Engine,
}

/// What a check gives while it runs.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

type Check<S> = Arc<dyn for<'a> Fn(&'a S, Option<Transport>) -> Checking<'a> + Send + Sync>;

/// An async function that checks a case once: `async fn name(server: &Server) -> Verdict`.
pub trait CheckOnce<'a, S: 'a>: Send + Sync {
    /// Runs it.
    fn check(&self, under_test: &'a S) -> Checking<'a>;
}

/// An async function that checks a case over a transport:
/// `async fn name(server: &Server, transport: Transport) -> Verdict`.
pub trait CheckOver<'a, S: 'a>: Send + Sync {
    /// Runs it.
    fn check(&self, under_test: &'a S, transport: Transport) -> Checking<'a>;
}

impl<S: Send + Sync + 'static> Case<S> {
    /// A case of the level [`Must`](Level::Must).
    pub fn must(id: &'static str) -> Self {
        Self::new(id, Level::Must)
    }

    /// A case of the level [`Should`](Level::Should).
    pub fn should(id: &'static str) -> Self {
        Self::new(id, Level::Should)
    }

    /// A case of the level [`Interop`](Level::Interop).
    pub fn interop(id: &'static str) -> Self {
        Self::new(id, Level::Interop)
    }

    /// A case of the level [`Robust`](Level::Robust).
    pub fn robust(id: &'static str) -> Self {
        Self::new(id, Level::Robust)
    }

    /// The requirements that it checks, by their ids.
    #[must_use]
    pub fn cites<const N: usize>(mut self, requirements: [&'static str; N]) -> Self {
        self.cites = requirements.into();
        self
    }

    /// What must happen, in one sentence without a full stop.
    #[must_use]
    pub fn expects(mut self, sentence: &'static str) -> Self {
        self.expects = sentence;
        self
    }

    /// What the endpoint must have.
    #[must_use]
    pub fn needs<const N: usize>(mut self, features: [Feature; N]) -> Self {
        self.needs = features.into();
        self
    }

    /// For one profile alone.
    #[must_use]
    pub fn only_for(mut self, profile: Profile) -> Self {
        self.profiles = vec![profile];
        self
    }

    /// Runs when all others are done, and no other beside it: for what keeps an endpoint busy for long, lest that is
    /// late for others, and for what is known to have killed some.
    #[must_use]
    pub fn runs_alone(mut self) -> Self {
        self.runs_alone = true;
        self
    }

    /// The function that checks it, run once.
    #[must_use]
    pub fn checks(mut self, check: impl for<'a> CheckOnce<'a, S> + 'static) -> Self {
        self.check = Arc::new(move |under_test, _| check.check(under_test));
        self
    }

    /// The function that checks it, run over each of these transports as a run of its own.
    #[must_use]
    pub fn over<const N: usize>(
        mut self,
        transports: [Transport; N],
        check: impl for<'a> CheckOver<'a, S> + 'static,
    ) -> Self {
        self.transports = transports.into();
        self.check = Arc::new(move |under_test, transport| {
            check.check(under_test, transport.unwrap_or(Transport::WebSocket))
        });
        self
    }

    /// Runs its function.
    pub fn check<'a>(&self, under_test: &'a S, transport: Option<Transport>) -> Checking<'a> {
        (self.check)(under_test, transport)
    }

    /// What is absent for a run over `transport`.
    pub fn lacks(&self, transport: Option<Transport>, features: &Features) -> Option<Feature> {
        let needs = self.needs.iter().copied().chain(transport.map(Transport::feature));
        needs.into_iter().find(|feature| !features.has(*feature))
    }

    fn new(id: &'static str, level: Level) -> Self {
        let unchecked: Check<S> = Arc::new(|_, _| Box::pin(async { Ok(()) }));
        Self {
            id,
            level,
            cites: Vec::new(),
            expects: "",
            needs: Vec::new(),
            profiles: vec![Profile::Socket, Profile::Engine],
            transports: Vec::new(),
            runs_alone: false,
            check: unchecked,
        }
    }
}

impl<S> Clone for Case<S> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            level: self.level,
            cites: self.cites.clone(),
            expects: self.expects,
            needs: self.needs.clone(),
            profiles: self.profiles.clone(),
            transports: self.transports.clone(),
            runs_alone: self.runs_alone,
            check: Arc::clone(&self.check),
        }
    }
}

impl<S> fmt::Debug for Case<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).field("level", &self.level).finish_non_exhaustive()
    }
}

impl<'a, S, F, Running> CheckOnce<'a, S> for F
where
    S: 'a,
    F: Fn(&'a S) -> Running + Send + Sync,
    Running: Future<Output = Verdict> + Send + 'a,
{
    fn check(&self, under_test: &'a S) -> Checking<'a> {
        Box::pin(self(under_test))
    }
}

impl<'a, S, F, Running> CheckOver<'a, S> for F
where
    S: 'a,
    F: Fn(&'a S, Transport) -> Running + Send + Sync,
    Running: Future<Output = Verdict> + Send + 'a,
{
    fn check(&self, under_test: &'a S, transport: Transport) -> Checking<'a> {
        Box::pin(self(under_test, transport))
    }
}

impl Level {
    /// Every one, the heaviest first.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::Interop, Self::Robust];

    /// As it is written at `--level`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Interop => "interop",
            Self::Robust => "robust",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Profile {
    /// As it is written at `--profile`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Engine => "engine",
        }
    }

    /// Where such a server is found unless something else is said.
    pub fn path(self) -> &'static str {
        match self {
            Self::Socket => "/socket.io/",
            Self::Engine => "/engine.io/",
        }
    }
}

impl Transport {
    /// Polling, then WebSocket.
    pub const BOTH: [Self; 2] = [Self::Polling, Self::WebSocket];

    /// As the query has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }

    /// What an endpoint that speaks it has.
    pub fn feature(self) -> Feature {
        match self {
            Self::Polling => Feature::Polling,
            Self::WebSocket => Feature::WebSocket,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
