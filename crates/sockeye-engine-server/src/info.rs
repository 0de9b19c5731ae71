//! What is kept of a request: of one that opened a session, and of those that hooks are shown.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use http::{HeaderMap, Method, Uri, header::ORIGIN};

use crate::query::Query;

/// The facts of the request that opened a session, or of one that a hook is shown, copied out of it. Cloning shares them.
///
/// Nothing of the request itself is kept: its headers would hold on to the whole buffer that they were read into. A
/// session whose transport opened in band has no request, and so neither headers nor URL.
#[derive(Clone)]
pub struct HandshakeInfo(Arc<Facts>);

#[derive(Clone)]
struct Facts {
    address: Option<SocketAddr>,
    time: SystemTime,
    security: Security,
    /// `None` is GET: every session is opened by one.
    method: Option<Box<Method>>,
    url_len: usize,
    /// The URL, then for each header the lengths of name and value (4 bytes each), the name and the value.
    text: Box<[u8]>,
}

/// Whether a request came over an encrypted connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// By TLS.
    Encrypted,
    /// In clear, or unknown.
    Plain,
}

impl HandshakeInfo {
    /// Of a request over HTTP that arrived now, by GET unless [`with_method`](Self::with_method) says otherwise.
    pub fn of_request(uri: &Uri, headers: &HeaderMap) -> Self {
        let url = uri.path_and_query().map_or("", |url| url.as_str());
        let size: usize = headers.iter().map(|(name, value)| 8 + name.as_str().len() + value.len()).sum();
        let mut text = Vec::with_capacity(url.len() + size);
        text.extend_from_slice(url.as_bytes());
        for (name, value) in headers {
            push_header(&mut text, name.as_str().as_bytes(), value.as_bytes());
        }
        let security = if uri.scheme() == Some(&http::uri::Scheme::HTTPS) {
            Security::Encrypted
        } else {
            Security::Plain
        };
        Self::from_facts(url.len(), text.into(), security)
    }

    /// Of a transport that opened in band, now and without a request.
    pub fn without_request(security: Security) -> Self {
        Self::from_facts(0, Box::default(), security)
    }

    /// With the address of the peer.
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        Arc::make_mut(&mut self.0).address = Some(address);
        self
    }

    /// With the method of the request.
    #[must_use]
    pub fn with_method(mut self, method: &Method) -> Self {
        Arc::make_mut(&mut self.0).method = (method != Method::GET).then(|| Box::new(method.clone()));
        self
    }

    /// With what is known of the encryption.
    #[must_use]
    pub fn with_security(mut self, security: Security) -> Self {
        Arc::make_mut(&mut self.0).security = security;
        self
    }

    /// The method of the request; GET if there was none.
    pub fn method(&self) -> &Method {
        self.0.method.as_deref().unwrap_or(&Method::GET)
    }

    /// The path and the query of the request.
    pub fn url(&self) -> &str {
        // The bytes came from a `str`; were it otherwise, no URL is the safe answer.
        std::str::from_utf8(&self.0.text[..self.0.url_len]).unwrap_or_default()
    }

    /// The parameters of the URL, decoded, in their order.
    pub fn query(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        Query::of_url(self.url())
    }

    /// One parameter of the URL; the last one of that name, as in the reference.
    pub fn query_value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query().filter(|(key, _)| key == name).last().map(|(_, value)| value)
    }

    /// The headers in their order: names in lower case, and values as they came.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let mut rest = &self.0.text[self.0.url_len..];
        std::iter::from_fn(move || {
            let (name, value);
            (name, value, rest) = pop_header(rest)?;
            Some((std::str::from_utf8(name).unwrap_or_default(), value))
        })
    }

    /// The first header of that name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The address of the peer, if the server knows it.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.address
    }

    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.address().map(|address| address.ip())
    }

    /// When the handshake took place.
    pub fn time(&self) -> SystemTime {
        self.0.time
    }

    /// Whether the handshake came over an encrypted connection.
    pub fn is_secure(&self) -> bool {
        self.0.security == Security::Encrypted
    }

    /// Whether a page asked that a browser thinks of as of another origin.
    pub fn is_cross_domain(&self) -> bool {
        self.header(ORIGIN.as_str()).is_some()
    }

    fn from_facts(url_len: usize, text: Box<[u8]>, security: Security) -> Self {
        let time = SystemTime::now();
        Self(Arc::new(Facts { address: None, time, security, method: None, url_len, text }))
    }
}

impl fmt::Debug for HandshakeInfo {
    /// Leaves the headers out: they carry cookies and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeInfo")
            .field("address", &self.address())
            .field("time", &self.time())
            .finish_non_exhaustive()
    }
}

fn push_header(text: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    for part in [name, value] {
        // A header over 4 GiB cannot have been read.
        let len = u32::try_from(part.len()).unwrap_or_default();
        text.extend_from_slice(&len.to_ne_bytes());
    }
    text.extend_from_slice(name);
    text.extend_from_slice(value);
}

fn pop_header(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name_len, rest) = pop_length(text)?;
    let (value_len, rest) = pop_length(rest)?;
    let (name, rest) = rest.split_at_checked(name_len)?;
    let (value, rest) = rest.split_at_checked(value_len)?;
    Some((name, value, rest))
}

fn pop_length(text: &[u8]) -> Option<(usize, &[u8])> {
    let (len, rest) = text.split_first_chunk()?;
    Some((u32::from_ne_bytes(*len) as usize, rest))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::COOKIE};

    use super::*;

    fn info() -> HandshakeInfo {
        let mut headers = HeaderMap::new();
        headers.insert("x-odd", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        headers.append(COOKIE, HeaderValue::from_static("a=1"));
        headers.append(COOKIE, HeaderValue::from_static(""));
        let uri = Uri::from_static("/engine.io/?EIO=4&name=a%20b+c&EIO=3");
        HandshakeInfo::of_request(&uri, &headers)
    }

    #[test]
    fn headers_are_kept_as_they_came() {
        let info = info();
        let headers: Vec<_> = info.headers().collect();

        let expected: [(&str, &[u8]); 3] = [("x-odd", b"caf\xe9"), ("cookie", b"a=1"), ("cookie", b"")];
        assert_eq!(headers, expected);
        assert_eq!(info.header("cookie"), Some(&b"a=1"[..]));
        assert!(!info.is_cross_domain());
    }

    #[test]
    fn the_last_parameter_of_a_name_counts() {
        let info = info();

        assert_eq!(info.url(), "/engine.io/?EIO=4&name=a%20b+c&EIO=3");
        assert_eq!(info.query_value("EIO").as_deref(), Some("3"));
        assert_eq!(info.query_value("name").as_deref(), Some("a b c"));
        assert_eq!(info.query_value("sid"), None);
    }

    #[test]
    fn the_method_is_get_unless_it_is_told() {
        assert_eq!(info().method(), Method::GET);
        assert_eq!(info().with_method(&Method::POST).method(), Method::POST);
        assert_eq!(info().with_method(&Method::POST).with_method(&Method::GET).method(), Method::GET);
    }

    #[test]
    fn a_transport_opened_in_band_has_no_request() {
        let info = HandshakeInfo::without_request(Security::Encrypted);

        assert_eq!(info.url(), "");
        assert_eq!(info.headers().count(), 0);
        assert_eq!(info.address(), None);
        assert!(info.is_secure());
    }

    #[test]
    fn no_header_shows_when_it_is_printed() {
        assert!(!format!("{:?}", info()).contains("a=1"));
    }
}
