//! What was chosen, as the other parts of this crate want to know it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use http::HeaderMap;
use sockeye_message::TransportName;
use sockeye_transport::Connector;
#[cfg(feature = "deflate")]
use sockeye_websocket::PerMessageDeflate;

#[cfg(feature = "compression")]
use super::HttpCompression;
use super::{Config, Cookies, Timestamps, Tries};
use crate::{CookieJar, HttpClient, Occurrence, carrier::Binary, dial::Dialer, http::Pooled, query::Query};

impl Config {
    /// The transports to be tried for a session, in their order.
    pub(crate) fn tried(&self) -> Vec<TransportName> {
        let mut names: Vec<_> = self.0.transports.iter().filter(|name| self.knows(name)).cloned().collect();
        let is_remembered = self.0.remembered.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed));
        if is_remembered && let Some(at) = names.iter().position(|name| *name == TransportName::WEBSOCKET) {
            names[..=at].rotate_right(1);
        }
        if self.0.tries == Tries::First {
            names.truncate(1);
        }
        names
    }

    /// Keeps in mind whether a WebSocket worked, if that is wanted.
    pub(crate) fn remember(&self, has_worked: bool) {
        if let Some(flag) = &self.0.remembered {
            flag.store(has_worked, Ordering::Relaxed);
        }
    }

    pub(crate) fn tell(&self, occurrence: impl FnOnce() -> Occurrence) {
        if self.0.observers.is_empty() {
            return;
        }
        let occurrence = occurrence();
        for observer in &self.0.observers {
            observer(&occurrence);
        }
    }

    /// The application's connector of this name.
    pub(crate) fn connector(&self, name: &TransportName) -> Option<&Arc<dyn Connector>> {
        self.0.connectors.iter().find(|(known, _)| known == name).map(|(_, connector)| connector)
    }

    pub(crate) fn dialer(&self) -> Dialer {
        let dialer = Dialer::new(self.0.local_address);
        #[cfg(feature = "proxy")]
        let dialer = dialer.with_proxy(self.0.proxy.clone());
        #[cfg(feature = "tls")]
        let dialer = dialer.with_tls(self.0.tls.clone().unwrap_or_default());
        dialer
    }

    pub(crate) fn http_client(&self) -> Arc<dyn HttpClient> {
        self.0.http_client.clone().unwrap_or_else(|| Arc::new(Pooled::new(self.dialer())))
    }

    pub(crate) fn cookie_jar(&self) -> Option<CookieJar> {
        match &self.0.cookies {
            Cookies::None => None,
            Cookies::OfEachConnection => Some(CookieJar::new()),
            Cookies::Kept(jar) => Some(jar.clone()),
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.0.path
    }

    pub(crate) fn query(&self) -> &Query {
        &self.0.query
    }

    pub(crate) fn binary(&self) -> Binary {
        self.0.binary
    }

    /// The parameter against caches, if requests of this transport get one.
    pub(crate) fn timestamp(&self, transport: &TransportName) -> Option<&str> {
        let is_wanted = match self.0.timestamps {
            Timestamps::Polling => *transport == TransportName::POLLING,
            Timestamps::All => true,
            Timestamps::None => false,
        };
        is_wanted.then_some(&*self.0.timestamp_parameter)
    }

    pub(crate) fn request_timeout(&self) -> Option<Duration> {
        self.0.request_timeout
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    pub(crate) fn protocols(&self) -> &[Box<str>] {
        &self.0.protocols
    }

    pub(crate) fn max_answer(&self) -> usize {
        self.0.max_answer
    }

    pub(crate) fn max_message_fragments(&self) -> usize {
        self.0.max_message_fragments
    }

    #[cfg(feature = "compression")]
    pub(crate) fn asks_for_compression(&self) -> bool {
        self.0.http_compression == HttpCompression::Asked
    }

    #[cfg(feature = "deflate")]
    pub(crate) fn per_message_deflate(&self) -> Option<&PerMessageDeflate> {
        self.0.per_message_deflate.as_ref()
    }
}
