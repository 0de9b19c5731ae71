//! What a client may choose, and what it gets unless it does. What the rest of the crate makes of it stands in `chosen`.

mod chosen;

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use sockeye_engine_proto::client::Config as SessionConfig;
use sockeye_message::TransportName;
use sockeye_transport::Connector;
#[cfg(feature = "deflate")]
use sockeye_websocket::PerMessageDeflate;

#[cfg(feature = "proxy")]
use crate::Proxy;
#[cfg(feature = "tls")]
use crate::Tls;
use crate::{CookieJar, HttpClient, Occurrence, carrier::Binary, query::Query};

/// How a server is spoken to. What concerns one session alone is in [`SessionConfig`]. Cloning is cheap.
///
/// The defaults are the reference's; its options are named where they have other names here.
///
/// ```
/// use sockeye_engine_client::{Config, TransportName};
///
/// let config = Config::new().with_path("/chat").with_transports([TransportName::WEBSOCKET]);
/// ```
#[derive(Clone)]
pub struct Config(Arc<Options>);

type Observer = Arc<dyn Fn(&Occurrence) + Send + Sync>;

#[derive(Clone)]
struct Options {
    session: Arc<SessionConfig>,
    path: Box<str>,
    slash: TrailingSlash,
    query: Query,
    transports: Vec<TransportName>,
    connectors: Vec<(TransportName, Arc<dyn Connector>)>,
    tries: Tries,
    upgrades: Upgrades,
    remembered: Option<Arc<AtomicBool>>,
    binary: Binary,
    timestamps: Timestamps,
    timestamp_parameter: Box<str>,
    request_timeout: Option<Duration>,
    headers: HeaderMap,
    protocols: Vec<Box<str>>,
    cookies: Cookies,
    max_answer: usize,
    max_message_fragments: usize,
    local_address: Option<IpAddr>,
    http_client: Option<Arc<dyn HttpClient>>,
    observers: Vec<Observer>,
    #[cfg(feature = "compression")]
    http_compression: HttpCompression,
    #[cfg(feature = "deflate")]
    per_message_deflate: Option<PerMessageDeflate>,
    #[cfg(feature = "proxy")]
    proxy: Option<Proxy>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// Which requests get a parameter that no two have in common, so that no cache answers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the reference's option has three states, too")]
pub enum Timestamps {
    /// Those of long-polling; the reference's default.
    #[default]
    Polling,
    /// All; the reference's `timestampRequests: true`.
    All,
    /// None; the reference's `timestampRequests: false`.
    None,
}

/// What the path ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TrailingSlash {
    Added,
    LeftOut,
}

/// How many transports are tried until one opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tries {
    First,
    All,
}

/// Whether a session may move to a better transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upgrades {
    Allowed,
    Off,
}

/// Which cookies are kept, and for how long.
#[derive(Clone, Debug)]
enum Cookies {
    None,
    OfEachConnection,
    Kept(CookieJar),
}

#[cfg(feature = "compression")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HttpCompression {
    Asked,
    Off,
}

impl Config {
    /// The defaults.
    pub fn new() -> Self {
        Self(Arc::new(Options {
            session: Arc::new(SessionConfig::new()),
            path: "/engine.io/".into(),
            slash: TrailingSlash::Added,
            query: Query::default(),
            transports: vec![TransportName::POLLING, TransportName::WEBSOCKET],
            connectors: Vec::new(),
            tries: Tries::First,
            upgrades: Upgrades::Allowed,
            remembered: None,
            binary: Binary::Raw,
            timestamps: Timestamps::default(),
            timestamp_parameter: "t".into(),
            request_timeout: None,
            headers: HeaderMap::new(),
            protocols: Vec::new(),
            cookies: Cookies::None,
            max_answer: 100 * 1024 * 1024,
            max_message_fragments: 16_384,
            local_address: None,
            http_client: None,
            observers: Vec::new(),
            #[cfg(feature = "compression")]
            http_compression: HttpCompression::Asked,
            #[cfg(feature = "deflate")]
            per_message_deflate: None,
            #[cfg(feature = "proxy")]
            proxy: None,
            #[cfg(feature = "tls")]
            tls: None,
        }))
    }

    /// Limits and times of each session: how much may wait to be sent, how long a message of the server may be, how long an
    /// upgrade or a farewell may take. Which transports it may use, and whether it may change them, is said here instead.
    #[must_use]
    pub fn with_session(self, session: SessionConfig) -> Self {
        self.change(|options| options.session = Arc::new(session)).settle()
    }

    /// Where requests go: `/engine.io/`. One slash is added at the end if there is none, except
    /// [without](Self::without_trailing_slash).
    #[must_use]
    pub fn with_path(self, path: &str) -> Self {
        self.change(|options| options.set_path(path))
    }

    /// Adds no slash to the path, and takes one away; one is added. The reference's `addTrailingSlash: false`.
    #[must_use]
    pub fn without_trailing_slash(self) -> Self {
        self.change(|options| {
            options.slash = TrailingSlash::LeftOut;
            let path = options.path.clone();
            options.set_path(&path);
        })
    }

    /// Adds a parameter to every request; none. A query of the [`Url`](crate::Url) replaces all of them.
    ///
    /// Those that the protocol has itself, such as `sid`, cannot be given.
    #[must_use]
    pub fn with_query(self, name: &str, value: &str) -> Self {
        self.change(|options| options.query.set(name, value))
    }

    /// Which transports are used: long-polling and WebSocket. A session begins on the first, and moves to whatever of the
    /// others its server offers.
    ///
    /// Names that are neither of the two, nor those of [connectors](Self::with_connector), are passed over.
    #[must_use]
    pub fn with_transports(self, names: impl IntoIterator<Item = TransportName>) -> Self {
        self.change(|options| options.transports = names.into_iter().collect()).settle()
    }

    /// Adds a transport of the application's own behind the others, or puts it in the place of the one with this name. A
    /// session says on it whom it wants by its first packet, as over WebTransport: there is no request.
    ///
    /// ```
    /// use sockeye_engine_client::{Config, TransportName};
    /// use sockeye_transport::{connector, memory};
    ///
    /// let name = TransportName::from_static("memory");
    /// // In earnest, the other end would be given to a server.
    /// let connector = connector::from_fn(async || Ok(memory::pair(8).0));
    /// let config = Config::new().with_transports([]).with_connector(name, connector);
    /// ```
    #[must_use]
    pub fn with_connector(self, name: TransportName, connector: impl Connector) -> Self {
        self.change(|options| {
            if !options.transports.contains(&name) {
                options.transports.push(name.clone());
            }
            options.connectors.retain(|(known, _)| *known != name);
            options.connectors.push((name, Arc::new(connector)));
        })
        .settle()
    }

    /// Tries one transport after the other until a session opens, in the order of their names; only the first is tried.
    #[must_use]
    pub fn try_all_transports(self) -> Self {
        self.change(|options| options.tries = Tries::All)
    }

    /// Leaves each session on the transport that it opens on; they move to better ones. The reference's `upgrade: false`.
    #[must_use]
    pub fn without_upgrades(self) -> Self {
        self.change(|options| options.upgrades = Upgrades::Off).settle()
    }

    /// Begins with a WebSocket if the last session on this configuration or one of its clones had one; each begins with the
    /// first transport. After an error it does so again.
    ///
    /// The reference keeps this for the whole process. Here whoever shares a configuration shares it: that one server is
    /// reached by WebSocket says nothing of another.
    #[must_use]
    pub fn remember_upgrade(self) -> Self {
        self.change(|options| options.remembered = Some(Arc::default()))
    }

    /// Sends and asks for binary content as base64, over WebSocket as well; it travels as it is there.
    #[must_use]
    pub fn force_base64(self) -> Self {
        self.change(|options| options.binary = Binary::Base64)
    }

    /// Which requests get a parameter against caches; those of long-polling.
    #[must_use]
    pub fn with_timestamps(self, timestamps: Timestamps) -> Self {
        self.change(|options| options.timestamps = timestamps)
    }

    /// What the parameter against caches is called; `t`. The reference's `timestampParam`.
    #[must_use]
    pub fn with_timestamp_parameter(self, name: &str) -> Self {
        self.change(|options| options.timestamp_parameter = name.into())
    }

    /// How long a request of long-polling may take, the wait for something to be said among it; as long as the heartbeat
    /// allows.
    #[must_use]
    pub fn with_request_timeout(self, timeout: Duration) -> Self {
        self.change(|options| options.request_timeout = Some(timeout))
    }

    /// Adds a header to every request, in place of one with this name; none. The reference's `extraHeaders`. Those that make
    /// a request one for a WebSocket cannot be changed.
    #[must_use]
    pub fn with_header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.change(|options| drop(options.headers.insert(name, value)))
    }

    /// What requests say of the page that they come from, which a server may want to know; nothing. The reference says it on
    /// a WebSocket alone.
    #[must_use]
    pub fn with_origin(self, origin: HeaderValue) -> Self {
        self.with_header(header::ORIGIN, origin)
    }

    /// Which subprotocols are offered with a WebSocket; none.
    #[must_use]
    pub fn with_protocols<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.change(|options| options.protocols = names.into_iter().map(Box::from).collect())
    }

    /// Sends back the cookies that answers to a session's polls set, in its requests and when it opens a WebSocket; they are
    /// passed over. The reference's `withCredentials`, outside of browsers.
    #[must_use]
    pub fn with_cookies(self) -> Self {
        self.change(|options| options.cookies = Cookies::OfEachConnection)
    }

    /// The same, with cookies that outlive a session: the next one, after a reconnection, begins with them. The reference
    /// begins without.
    #[must_use]
    pub fn with_cookie_jar(self, jar: CookieJar) -> Self {
        self.change(|options| options.cookies = Cookies::Kept(jar))
    }

    /// How many bytes an answer to a poll may have, which may hold many messages; 100 MiB. If it comes compressed, it may have
    /// as many before and after it is inflated. Beyond that the session ends with a transport error.
    #[must_use]
    pub fn with_max_answer(self, bytes: usize) -> Self {
        self.change(|options| options.max_answer = bytes)
    }

    /// How many frames one WebSocket message may be cut into; 16,384. How long it may be says
    /// [`SessionConfig::with_max_payload`].
    #[must_use]
    pub fn with_max_message_fragments(self, fragments: usize) -> Self {
        self.change(|options| options.max_message_fragments = fragments)
    }

    /// Which of the system's addresses connections come from; the system chooses. The reference's `localAddress`.
    #[must_use]
    pub fn with_local_address(self, address: IpAddr) -> Self {
        self.change(|options| options.local_address = Some(address))
    }

    /// Who sends the requests of long-polling; a client of this crate's own, one for each session. What is said here of
    /// proxies, TLS and addresses does not concern another one.
    #[must_use]
    pub fn with_http_client(self, client: impl HttpClient) -> Self {
        self.change(|options| options.http_client = Some(Arc::new(client)))
    }

    /// One more who hears of heartbeats and upgrades; nobody. It is called in the middle of things, and must not wait.
    #[must_use]
    pub fn with_observer(self, observer: impl Fn(&Occurrence) + Send + Sync + 'static) -> Self {
        self.change(|options| options.observers.push(Arc::new(observer))).settle()
    }

    /// Asks for answers to polls as they are; they may come compressed.
    #[cfg(feature = "compression")]
    #[must_use]
    pub fn without_http_compression(self) -> Self {
        self.change(|options| options.http_compression = HttpCompression::Off)
    }

    /// Offers to compress messages over WebSocket; not offered, as it costs memory for each connection, while the reference
    /// does so with the defaults of [`PerMessageDeflate`].
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn with_per_message_deflate(self, deflate: PerMessageDeflate) -> Self {
        self.change(|options| options.per_message_deflate = Some(deflate))
    }

    /// The proxies that connections go through; none.
    #[cfg(feature = "proxy")]
    #[must_use]
    pub fn with_proxy(self, proxy: Proxy) -> Self {
        self.change(|options| options.proxy = Some(proxy))
    }

    /// Who is trusted with `https` and `wss`; whom Mozilla trusts.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        self.change(|options| options.tls = Some(tls))
    }

    /// Limits and times of each session.
    pub fn session(&self) -> &Arc<SessionConfig> {
        &self.0.session
    }

    fn knows(&self, name: &TransportName) -> bool {
        [TransportName::POLLING, TransportName::WEBSOCKET].contains(name) || self.connector(name).is_some()
    }

    fn change(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Lets sessions know what is said of them here.
    fn settle(self) -> Self {
        let names: Vec<_> = self.0.transports.iter().filter(|name| self.knows(name)).cloned().collect();
        self.change(|options| {
            let mut session = SessionConfig::clone(&options.session).with_transports(names);
            if options.upgrades == Upgrades::Off {
                session = session.without_upgrades();
            }
            if !options.observers.is_empty() {
                session = session.tell_heartbeats();
            }
            options.session = Arc::new(session);
        })
    }
}

impl Options {
    fn set_path(&mut self, path: &str) {
        let path = path.trim_start_matches('/');
        let path = path.strip_suffix('/').unwrap_or(path);
        let slash = match self.slash {
            TrailingSlash::Added if !path.is_empty() => "/",
            _ => "",
        };
        self.path = format!("/{path}{slash}").into();
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("path", &self.0.path)
            .field("transports", &self.0.transports)
            .field("session", &self.0.session)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use sockeye_transport::{connector, memory};

    use super::*;

    const OWN: TransportName = TransportName::from_static("own");

    fn own() -> impl Connector {
        connector::from_fn(async || Ok(memory::pair(1).0))
    }

    #[test]
    fn a_path_has_a_slash_at_both_ends() {
        for path in ["/socket.io", "/socket.io/", "socket.io"] {
            assert_eq!(Config::new().with_path(path).path(), "/socket.io/");
        }
        assert_eq!(Config::new().with_path("/").path(), "/");
    }

    #[test]
    fn the_slash_can_be_left_out_before_and_after_the_path_is_set() {
        for path in ["/socket.io", "/socket.io/"] {
            assert_eq!(Config::new().with_path(path).without_trailing_slash().path(), "/socket.io");
            assert_eq!(Config::new().without_trailing_slash().with_path(path).path(), "/socket.io");
        }
    }

    #[test]
    fn transports_without_a_connector_are_passed_over() {
        let config =
            Config::new().with_transports([OWN, TransportName::WEBTRANSPORT, TransportName::WEBSOCKET]);

        assert_eq!(config.clone().try_all_transports().tried(), [TransportName::WEBSOCKET]);
        assert_eq!(config.with_connector(OWN, own()).tried(), [OWN]);
    }

    #[test]
    fn sessions_know_what_was_said_before_and_after_they_were_set() {
        let config = Config::new().without_upgrades().with_session(SessionConfig::new().with_max_payload(7));
        assert!(!config.session().allows_upgrades());
        assert_eq!(config.session().max_payload(), 7);

        let config = Config::new().with_connector(OWN, own());
        assert!(config.session().allows(&OWN));
    }

    #[test]
    fn a_websocket_that_worked_comes_first_for_all_who_share_the_configuration() {
        let config = Config::new().remember_upgrade().try_all_transports();
        let shared = config.clone().with_query("a", "b");

        config.remember(true);
        assert_eq!(shared.tried(), [TransportName::WEBSOCKET, TransportName::POLLING]);
        assert_eq!(Config::new().remember_upgrade().tried(), [TransportName::POLLING]);

        config.remember(false);
        assert_eq!(shared.tried(), [TransportName::POLLING, TransportName::WEBSOCKET]);
    }

    #[test]
    fn what_is_changed_in_a_clone_stays_there() {
        let config = Config::new();
        let _other = config.clone().with_path("/other");

        assert_eq!(config.path(), "/engine.io/");
    }
}
