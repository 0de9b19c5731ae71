//! Proxies between a client and its server.

use std::{error::Error, fmt, sync::Arc};

use http::Uri;
use hyper_util::{
    client::{
        legacy::connect::{
            HttpConnector,
            proxy::{SocksV5, Tunnel},
        },
        proxy::matcher::{Intercept, Matcher},
    },
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::DialError;

/// A proxy, or a choice of them, for long-polling and WebSocket alike; in place of the reference's `agent`.
///
/// All traffic goes through tunnels: an HTTP proxy is asked to `CONNECT`, for `http` as for `https` and for whatever port
/// the server has. A SOCKS proxy looks names up itself.
///
/// ```
/// use sockeye_engine_client::{Config, Proxy};
///
/// let config = Config::new().with_proxy(Proxy::new("socks5://user:password@10.0.0.1:1080")?);
/// let config = Config::new().with_proxy(Proxy::from_env());
/// # Ok::<_, sockeye_engine_client::ProxyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Proxy(Arc<Matcher>);

/// The text is no URL of a proxy of a known kind: `http`, which is meant without a scheme, `socks5` or `socks5h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyError;

impl Proxy {
    /// The same proxy for all servers.
    ///
    /// # Errors
    /// If this is no URL of one.
    pub fn new(url: &str) -> Result<Self, ProxyError> {
        let matcher = Matcher::builder().all(url).build();
        let anywhere = Uri::from_static("https://example.com/");
        matcher.intercept(&anywhere).and_then(|proxy| Kind::of(&proxy)).ok_or(ProxyError)?;
        Ok(Self(Arc::new(matcher)))
    }

    /// What the environment says now, in `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` or their lower-case twins,
    /// as curl understands them.
    pub fn from_env() -> Self {
        Self(Arc::new(Matcher::from_env()))
    }

    /// A stream to the host of a URI, which has a port, if it is to be reached through a proxy.
    pub(crate) async fn connect(
        &self,
        to: &Uri,
        tcp: &HttpConnector,
    ) -> Result<Option<TcpStream>, DialError> {
        let Some(proxy) = self.0.intercept(to) else { return Ok(None) };
        let (tcp, at, to) = (tcp.clone(), proxy.uri().clone(), to.clone());
        let stream = match Kind::of(&proxy) {
            Some(Kind::Http) => {
                let mut tunnel = Tunnel::new(with_port(at, 80), tcp);
                if let Some(auth) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                tunnel.call(to).await.map_err(|error| DialError::Proxy(Arc::new(error)))?
            }
            Some(Kind::Socks) => {
                let mut socks = SocksV5::new(with_port(at, 1080), tcp);
                if let Some((user, password)) = proxy.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                socks.call(to).await.map_err(|error| DialError::Proxy(Arc::new(error)))?
            }
            None => return Err(DialError::Proxy(Arc::new(ProxyError))),
        };
        Ok(Some(TokioIo::into_inner(stream)))
    }
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Http,
    Socks,
}

impl Kind {
    fn of(proxy: &Intercept) -> Option<Self> {
        match proxy.uri().scheme_str() {
            Some("http") => Some(Self::Http),
            Some("socks5" | "socks5h") => Some(Self::Socks),
            _ => None,
        }
    }
}

/// The connector knows the ports of `http` and `https` alone.
fn with_port(uri: Uri, port: u16) -> Uri {
    if uri.port().is_some() {
        return uri;
    }
    let mut parts = uri.clone().into_parts();
    let authority = format!("{}:{port}", uri.host().unwrap_or_default());
    parts.authority = authority.parse().ok();
    Uri::from_parts(parts).unwrap_or(uri)
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no proxy of a known kind")
    }
}

impl Error for ProxyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_schemes_are_known_and_http_is_meant_without_one() {
        for url in [
            "http://proxy:3128",
            "proxy:3128",
            "http://user:p%40ss@proxy",
            "socks5://[::1]",
            "socks5h://proxy:1",
        ] {
            assert!(Proxy::new(url).is_ok(), "{url}");
        }
        for url in ["", "https://proxy", "socks4://proxy", "ftp://proxy", "http://", "a b"] {
            assert!(Proxy::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn each_kind_has_its_port() {
        let uri = |text: &'static str| with_port(Uri::from_static(text), 1080).to_string();

        assert_eq!(uri("socks5://proxy/"), "socks5://proxy:1080/");
        assert_eq!(uri("socks5://proxy:9/"), "socks5://proxy:9/");
        assert_eq!(uri("socks5://[::1]/"), "socks5://[::1]:1080/");
    }
}
