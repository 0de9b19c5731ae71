//! What an engine allows, and how it is reached over HTTP.

use std::{sync::Arc, time::Duration};

use sockeye_engine_proto::server::Config as SessionConfig;
#[cfg(feature = "deflate")]
use sockeye_websocket::PerMessageDeflate;

use crate::{Cookie, Cors, HttpCompression, hooks::Hooks, http::Files};

/// The limits and times of an engine. What concerns one session alone is in [`SessionConfig`].
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) session: Arc<SessionConfig>,
    pub(crate) path: Box<str>,
    slash: TrailingSlash,
    pub(crate) hooks: Hooks,
    pub(crate) cors: Option<Cors>,
    pub(crate) cookie: Option<Cookie>,
    pub(crate) http_compression: Option<HttpCompression>,
    pub(crate) files: Option<Arc<dyn Files>>,
    #[cfg(feature = "deflate")]
    pub(crate) per_message_deflate: Option<PerMessageDeflate>,
    pub(crate) max_sessions: usize,
    pub(crate) max_sessions_per_address: Option<usize>,
    pub(crate) max_upgrades_in_flight: usize,
    pub(crate) max_message_fragments: usize,
    pub(crate) max_head: usize,
    pub(crate) header_timeout: Duration,
    pub(crate) body_timeout: Duration,
    pub(crate) handshake_timeout: Duration,
    pub(crate) max_handshakes_in_flight: usize,
}

/// What a path ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TrailingSlash {
    Added,
    LeftOut,
}

impl Config {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            session: Arc::new(SessionConfig::new()),
            path: "/engine.io/".into(),
            slash: TrailingSlash::Added,
            hooks: Hooks::default(),
            cors: None,
            cookie: None,
            http_compression: Some(HttpCompression::new()),
            files: None,
            #[cfg(feature = "deflate")]
            per_message_deflate: None,
            max_sessions: usize::MAX,
            max_sessions_per_address: None,
            max_upgrades_in_flight: 16_384,
            max_message_fragments: 16_384,
            max_head: 16 * 1024,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            max_handshakes_in_flight: 16_384,
        }
    }

    /// Heartbeat, transports and limits of each session.
    #[must_use]
    pub fn session(mut self, session: SessionConfig) -> Self {
        self.session = Arc::new(session);
        self
    }

    /// Where requests must go, for [`Layer`](crate::http::Layer) and [`Engine::serve`](crate::Engine::serve): every path
    /// that starts with this text; `/engine.io/`. One slash is added at the end if there is none, as the reference does,
    /// except [without](Self::without_trailing_slash).
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        self.path = match self.slash {
            TrailingSlash::Added => format!("{path}/").into(),
            TrailingSlash::LeftOut => path.into(),
        };
        self
    }

    /// Adds no slash to the path, and takes one away, for clients with the option `addTrailingSlash: false`; one is
    /// added. What starts with the path is the engine's, so that `/engine.io` takes `/engine.io-two` as well.
    #[must_use]
    pub fn without_trailing_slash(mut self) -> Self {
        self.slash = TrailingSlash::LeftOut;
        let path = self.path.clone();
        self.path(&path)
    }

    /// Which browsers' pages of other origins may read the answers; none, and then no `Access-Control` header is sent.
    ///
    /// Browsers ask nobody before a page opens a WebSocket, or polls by scripts (JSONP), which are served as in the
    /// reference: neither is kept from pages of other origins by this.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    /// Which cookie a session that is opened by long-polling gets; none.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie) -> Self {
        self.cookie = Some(cookie);
        self
    }

    /// How answers to polls are compressed, or `None` if they are not; from 1024 bytes on. Answers to handshakes count as
    /// such.
    #[must_use]
    pub fn http_compression(mut self, compression: impl Into<Option<HttpCompression>>) -> Self {
        self.http_compression = compression.into();
        self
    }

    /// Compresses messages over WebSocket with clients that offer it; off. The reference's `perMessageDeflate`.
    ///
    /// Consider what it costs in memory and time for each connection before you turn it on.
    ///
    /// ```
    /// use sockeye_engine_server::{Config, PerMessageDeflate};
    ///
    /// let deflate = PerMessageDeflate::new().server_no_context_takeover().client_no_context_takeover();
    /// let config = Config::new().per_message_deflate(deflate);
    /// ```
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn per_message_deflate(mut self, deflate: PerMessageDeflate) -> Self {
        self.per_message_deflate = Some(deflate);
        self
    }

    /// What else is served below the path; nothing.
    #[must_use]
    pub fn files(mut self, files: impl Files + 'static) -> Self {
        self.files = Some(Arc::new(files));
        self
    }

    /// How many sessions may be open at once; no limit. A handshake over the limit is answered with status 503.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions;
        self
    }

    /// How many sessions one address may have open at once, for IPv6 each /64 network; no limit. A handshake over the limit is
    /// answered with status 429.
    ///
    /// Behind a proxy all clients have the proxy's address, unless whoever calls the service says otherwise with
    /// [`PeerAddress`](crate::http::PeerAddress). Without an address there is no limit.
    #[must_use]
    pub fn max_sessions_per_address(mut self, sessions: usize) -> Self {
        self.max_sessions_per_address = Some(sessions);
        self
    }

    /// How many accepted upgrades to WebSocket may wait for the end of their HTTP answer; 16,384. One more is answered
    /// with status 503.
    #[must_use]
    pub fn max_upgrades_in_flight(mut self, upgrades: usize) -> Self {
        self.max_upgrades_in_flight = upgrades;
        self
    }

    /// How many frames one WebSocket message may be cut into; 16,384.
    #[must_use]
    pub fn max_message_fragments(mut self, fragments: usize) -> Self {
        self.max_message_fragments = fragments;
        self
    }

    /// How many bytes the head of a request may have; 16 KiB, as in Node. A longer one is answered with status 431.
    /// [`Engine::serve`](crate::Engine::serve) cannot go below 8 KiB.
    #[must_use]
    pub fn max_head(mut self, bytes: usize) -> Self {
        self.max_head = bytes;
        self
    }

    /// How long a peer may take to send the head of a request to [`Engine::serve`](crate::Engine::serve); 10 s.
    #[must_use]
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.header_timeout = timeout;
        self
    }

    /// How long a peer may take to send the body of a request; 30 s. Then the request is answered with status 408.
    #[must_use]
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// How long the application may take to decide about a handshake, and again to make an id for it; 10 s. Then the
    /// request is refused. See [`allow_request`](Self::allow_request) and [`generate_id`](Self::generate_id).
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    /// How many handshakes may wait for the application; 16,384. One more is answered with status 503. Without hooks that
    /// are asked none ever waits.
    #[must_use]
    pub fn max_handshakes_in_flight(mut self, handshakes: usize) -> Self {
        self.max_handshakes_in_flight = handshakes;
        self
    }

    /// Lets sessions tell what the application wants to hear.
    pub(crate) fn with_told_heartbeats(self) -> Self {
        if !self.hooks.hear_of_heartbeats() {
            return self;
        }
        let session = SessionConfig::clone(&self.session).tell_heartbeats();
        self.session(session)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_with_one_slash() {
        assert_eq!(&*Config::new().path("/socket.io").path, "/socket.io/");
        assert_eq!(&*Config::new().path("/socket.io/").path, "/socket.io/");
    }

    #[test]
    fn the_slash_can_be_left_out_before_and_after_the_path_is_set() {
        for path in ["/socket.io", "/socket.io/"] {
            assert_eq!(&*Config::new().path(path).without_trailing_slash().path, "/socket.io");
            assert_eq!(&*Config::new().without_trailing_slash().path(path).path, "/socket.io");
        }
    }
}
