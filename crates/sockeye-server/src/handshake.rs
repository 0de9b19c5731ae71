//! What a socket's peer said when it connected.

#[cfg(feature = "engine")]
use std::collections::BTreeMap;
use std::{borrow::Cow, net::SocketAddr, time::SystemTime};

use serde::de::DeserializeOwned;
use sockeye_adapter::HandshakeDetails;
#[cfg(feature = "engine")]
use sockeye_engine_server::HandshakeInfo;
use sockeye_parser::{Args, ArgsError, NamespaceName, SocketId};
use sockeye_proto::Revision;

use crate::comeback::Comeback;

/// What the peer said when it connected: the facts of its first HTTP request, and what it sent to be let into the
/// namespace.
#[derive(Clone, Debug)]
pub struct Handshake {
    pub(crate) request: Request,
    auth: Option<Args>,
}

/// The facts of the request that opened the connection; none of a transport without one.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    #[cfg(feature = "engine")]
    pub(crate) info: Option<HandshakeInfo>,
    /// The id of the session, which clients of Socket.IO 1 and 2 take for that of their socket in `/`.
    #[cfg(feature = "engine")]
    pub(crate) old_id: Option<SocketId>,
    pub(crate) opened: SystemTime,
}

impl Request {
    /// Of a transport that came without a request.
    pub(crate) fn none() -> Self {
        Self {
            #[cfg(feature = "engine")]
            info: None,
            #[cfg(feature = "engine")]
            old_id: None,
            opened: SystemTime::now(),
        }
    }
}

#[cfg(feature = "engine")]
impl Request {
    /// Which revision of Socket.IO the peer speaks.
    pub(crate) fn revision(&self) -> Revision {
        if self.old_id.is_some() { Revision::V4 } else { Revision::V5 }
    }

    /// The id that a client of Socket.IO 1 or 2 gives its socket in a namespace.
    pub(crate) fn old_id(&self, namespace: &NamespaceName) -> Option<SocketId> {
        let id = self.old_id.as_ref()?;
        Some(if namespace.is_root() { id.clone() } else { format!("{namespace}#{id}").as_str().into() })
    }

    fn add_details(&self, bare: HandshakeDetails) -> HandshakeDetails {
        let Some(info) = &self.info else { return bare };
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        HandshakeDetails {
            headers: info.headers().map(|(name, value)| (name.to_owned(), text(value))).collect(),
            query: info.query().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            is_secure: info.is_secure(),
            is_cross_domain: info.is_cross_domain(),
            ..bare
        }
    }

    fn address(&self) -> Option<SocketAddr> {
        self.info.as_ref()?.address()
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        self.info.as_ref()?.header(name)
    }

    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.info.as_ref()?.query_value(name)
    }

    fn url(&self) -> &str {
        self.info.as_ref().map_or("", HandshakeInfo::url)
    }
}

/// Without Engine.IO there are no requests.
#[cfg(not(feature = "engine"))]
#[expect(clippy::unused_self, reason = "the same as with the feature")]
impl Request {
    pub(crate) fn revision(&self) -> Revision {
        Revision::V5
    }

    pub(crate) fn old_id(&self, _: &NamespaceName) -> Option<SocketId> {
        None
    }

    fn add_details(&self, bare: HandshakeDetails) -> HandshakeDetails {
        bare
    }

    fn address(&self) -> Option<SocketAddr> {
        None
    }

    fn header<'a>(&'a self, _: &str) -> Option<&'a [u8]> {
        None
    }

    fn query<'a>(&'a self, _: &str) -> Option<Cow<'a, str>> {
        None
    }

    fn url<'a>(&'a self) -> &'a str {
        let none: &'a str = "";
        none
    }
}

impl Handshake {
    pub(crate) fn new(request: Request, auth: Option<Args>) -> Self {
        Self { request, auth }
    }

    /// Of a client of Socket.IO 1 or 2, which sends what it wants to be let in with as a query: an object of texts.
    #[cfg(feature = "engine")]
    pub(crate) fn with_query(request: Request, query: &str) -> Self {
        let pairs: BTreeMap<_, _> = sockeye_engine_server::query_pairs(query).collect();
        Self { request, auth: Args::serialize(&pairs).ok() }
    }

    /// Without Engine.IO there are no such clients.
    #[cfg(not(feature = "engine"))]
    pub(crate) fn with_query(request: Request, _: &str) -> Self {
        Self { request, auth: None }
    }

    /// Reads what the peer sent to be let in, an object as a rule.
    ///
    /// # Errors
    /// If it sent nothing, or nothing of that type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        self.auth.as_ref().unwrap_or(&Args::empty()).parse()
    }

    /// What the peer says if it comes back. Clients of Socket.IO 1 and 2 do not.
    pub(crate) fn comeback(&self) -> Option<Comeback> {
        match self.request.revision() {
            Revision::V4 => None,
            _ => Comeback::of(self.raw_auth()),
        }
    }

    /// What the peer sent to be let in, as it is.
    pub fn raw_auth(&self) -> Option<&Args> {
        self.auth.as_ref()
    }

    /// When the connection was opened.
    pub fn time(&self) -> SystemTime {
        self.request.opened
    }

    /// The address of the peer, if it is known.
    pub fn address(&self) -> Option<SocketAddr> {
        self.request.address()
    }

    /// A header of the request, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.request.header(name)
    }

    /// A parameter of the URL of the request.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.request.query(name)
    }

    /// Path and query of the request; empty if there was none.
    pub fn url(&self) -> &str {
        self.request.url()
    }

    /// What other servers may know of it.
    pub(crate) fn details(&self) -> HandshakeDetails {
        let bare = HandshakeDetails {
            headers: Vec::new(),
            query: Vec::new(),
            url: self.url().to_owned(),
            address: self.address(),
            time: self.time(),
            is_secure: false,
            is_cross_domain: false,
            auth: self.auth.clone().unwrap_or_default(),
        };
        self.request.add_details(bare)
    }

    /// Everything known of the request, headers and parameters to go through among it.
    #[cfg(feature = "engine")]
    pub fn request(&self) -> Option<&HandshakeInfo> {
        self.request.info.as_ref()
    }
}
