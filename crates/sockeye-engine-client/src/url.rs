//! Where a server is: what of a URL matters for reaching it.

use std::{error::Error, fmt, net::Ipv6Addr, str::FromStr};

/// The URL of a server.
///
/// `ws` and `wss` mean the same as `http` and `https`: which transport is used is not a matter of the URL. Without a scheme
/// it is `https`, as for the reference outside of browsers. A missing port is that of the scheme; user and password are
/// passed over, and so is a fragment.
///
/// The path is not where requests go, which [`Config::with_path`](crate::Config::with_path) says: Socket.IO names a namespace
/// by it. A query replaces that of the [configuration](crate::Config::with_query), as in the reference.
///
/// ```
/// use sockeye_engine_client::Url;
///
/// let url: Url = "http://localhost:3000/chat?token=abc".parse()?;
/// assert_eq!((url.host(), url.port(), url.path()), ("localhost", 3000, "/chat"));
///
/// let url: Url = "wss://[2001:db8::1]".parse()?;
/// assert_eq!(url.to_string(), "https://[2001:db8::1]:443/");
/// # Ok::<_, sockeye_engine_client::UrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    scheme: Scheme,
    host: Box<str>,
    port: u16,
    path: Box<str>,
    query: Option<Box<str>>,
}

/// Whether what is sent can be read on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

/// Why a text is no URL of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// It has more than 8000 bytes, which is the reference's limit.
    TooLong,
    /// Its scheme is none of `http`, `https`, `ws` and `wss`.
    Scheme,
    /// It names no host, or one with characters that host names do not have. Names in other scripts are written in ASCII
    /// (Punycode).
    Host,
    /// Its port is no number from 1 to 65535.
    Port,
    /// There are spaces or control characters in its path or query.
    Character,
}

impl Url {
    /// Whether connections to it are encrypted.
    pub fn is_secure(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// The name or address of the host in lower case; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path, which begins with a slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What stands behind the question mark, if there is one.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Scheme, host and port, the same for all URLs of one server.
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", self.scheme.as_str(), self.bracketed_host(), self.port)
    }

    /// Host and port as a header `Host` has them: without the port that the scheme has anyway.
    pub(crate) fn authority(&self) -> String {
        let host = self.bracketed_host();
        if self.port == self.scheme.port() { host } else { format!("{host}:{}", self.port) }
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.to_string() }
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_LENGTH {
            return Err(UrlError::TooLong);
        }
        let (scheme, rest) = match text.split_once("://") {
            // Another one may stand in the query of a URL without a scheme.
            Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (Scheme::parse(scheme)?, rest),
            _ => (Scheme::Https, text.strip_prefix("//").unwrap_or(text)),
        };
        let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let is_odd = |letter: char| letter.is_ascii_control() || letter == ' ';
        if path.contains(is_odd) || query.is_some_and(|query| query.contains(is_odd)) {
            return Err(UrlError::Character);
        }
        let (host, port) = split_authority(authority)?;
        Ok(Self {
            scheme,
            host: host.to_ascii_lowercase().into(),
            port: port.unwrap_or_else(|| scheme.port()),
            path: if path.is_empty() { "/" } else { path }.into(),
            query: query.map(Box::from),
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)?;
        self.query.iter().try_for_each(|query| write!(f, "?{query}"))
    }
}

impl Scheme {
    fn parse(scheme: &str) -> Result<Self, UrlError> {
        match &*scheme.to_ascii_lowercase() {
            "http" | "ws" => Ok(Self::Http),
            "https" | "wss" => Ok(Self::Https),
            _ => Err(UrlError::Scheme),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "URL too long",
            Self::Scheme => "the scheme of the URL is not http, https, ws or wss",
            Self::Host => "the URL has no valid host",
            Self::Port => "the URL has no valid port",
            Self::Character => "spaces or control characters in the URL",
        })
    }
}

impl Error for UrlError {}

/// The host, and the port if there is one.
fn split_authority(authority: &str) -> Result<(&str, Option<u16>), UrlError> {
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']').ok_or(UrlError::Host)?;
        address.parse::<Ipv6Addr>().map_err(|_| UrlError::Host)?;
        let port = if port.is_empty() { "" } else { port.strip_prefix(':').ok_or(UrlError::Host)? };
        (address, port)
    } else {
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_name) {
            return Err(UrlError::Host);
        }
        (host, port)
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let number = port.parse().ok().filter(|&number| is_number && number != 0);
    number.map(|number| (host, Some(number))).ok_or(UrlError::Port)
}

const MAX_LENGTH: usize = 8000;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, UrlError> {
        text.parse::<Url>().map(|url| url.to_string())
    }

    #[test]
    fn parts_are_found_and_what_is_missing_is_filled_in() {
        for (text, url) in [
            ("http://localhost", "http://localhost:80/"),
            ("https://localhost", "https://localhost:443/"),
            ("ws://localhost:8080", "http://localhost:8080/"),
            ("WSS://LocalHost/", "https://localhost:443/"),
            ("http://localhost:/a", "http://localhost:80/a"),
            ("localhost:3000/chat", "https://localhost:3000/chat"),
            ("//localhost", "https://localhost:443/"),
            ("localhost?next=http://x", "https://localhost:443/?next=http://x"),
            ("http://a:b@host:1/p?q=1#frag", "http://host:1/p?q=1"),
            ("http://host?q=1/2?3", "http://host:80/?q=1/2?3"),
            ("http://host?", "http://host:80/?"),
            ("http://host/a//b", "http://host:80/a//b"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/"),
            ("http://[::1]", "http://[::1]:80/"),
            ("http://[2001:DB8::1]:3000/x", "http://[2001:db8::1]:3000/x"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_reached_is_refused() {
        for (text, error) in [
            ("", UrlError::Host),
            ("/chat", UrlError::Host),
            ("http://", UrlError::Host),
            ("http://:80", UrlError::Host),
            ("http://a b", UrlError::Host),
            ("http://a%20b", UrlError::Host),
            ("http://bücher.example", UrlError::Host),
            ("http://[::1", UrlError::Host),
            ("http://[::1]x", UrlError::Host),
            ("http://[::g]", UrlError::Host),
            ("http://host:0", UrlError::Port),
            ("http://host:65536", UrlError::Port),
            ("http://host:+1", UrlError::Port),
            ("http://::1", UrlError::Host),
            ("http://a:b:1", UrlError::Port),
            ("ftp://host", UrlError::Scheme),
            ("http://host/a b", UrlError::Character),
            ("http://host/?a\r\nb", UrlError::Character),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn eight_thousand_bytes_are_the_most() {
        let url = |length: usize| format!("http://host/{}", "x".repeat(length - 12));

        assert!(parse(&url(8000)).is_ok());
        assert_eq!(parse(&url(8001)), Err(UrlError::TooLong));
    }

    #[test]
    fn the_port_of_the_scheme_is_left_out_of_requests() {
        let authority = |text: &str| text.parse::<Url>().unwrap().authority();

        assert_eq!(authority("http://host:80"), "host");
        assert_eq!(authority("https://host:80"), "host:80");
        assert_eq!(authority("https://[::1]:443"), "[::1]");
    }
}
