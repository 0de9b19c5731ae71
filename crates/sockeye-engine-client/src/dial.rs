//! How a server is reached: TCP, through a proxy or not, and TLS on it.

use std::{
    error::Error,
    fmt, io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::Uri;
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
#[cfg(feature = "tls")]
use tokio_rustls::client::TlsStream;
use tower_service::Service;

#[cfg(feature = "proxy")]
use crate::proxy::Proxy;
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// Connects to servers. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Dialer {
    tcp: HttpConnector,
    #[cfg(feature = "proxy")]
    proxy: Option<Proxy>,
    #[cfg(feature = "tls")]
    tls: Tls,
}

/// A connection to a server.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why a server cannot be reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DialError {
    /// There is no such host, or no connection to it.
    Unreachable(Arc<dyn Error + Send + Sync>),
    /// The proxy cannot be reached, or lets nobody through.
    Proxy(Arc<dyn Error + Send + Sync>),
    /// The server speaks no TLS, or has no certificate that is trusted.
    Tls(Arc<dyn Error + Send + Sync>),
    /// The URL asks for TLS, and this was built without the feature `tls`.
    TlsMissing,
}

impl Dialer {
    pub(crate) fn new(local_address: Option<IpAddr>) -> Self {
        let mut tcp = HttpConnector::new();
        // Whether there is TLS is decided here, not there.
        tcp.enforce_http(false);
        // Without it small messages would wait for acknowledgements of TCP.
        tcp.set_nodelay(true);
        tcp.set_local_address(local_address);
        Self {
            tcp,
            #[cfg(feature = "proxy")]
            proxy: None,
            #[cfg(feature = "tls")]
            tls: Tls::default(),
        }
    }

    #[cfg(feature = "proxy")]
    pub(crate) fn with_proxy(mut self, proxy: Option<Proxy>) -> Self {
        self.proxy = proxy;
        self
    }

    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Connects to the host of a URI, with TLS if its scheme is `https`.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the attempt.
    pub(crate) async fn dial(&self, to: Uri) -> Result<Stream, DialError> {
        let is_secure = to.scheme_str() == Some("https");
        #[cfg(not(feature = "tls"))]
        if is_secure {
            return Err(DialError::TlsMissing);
        }
        let tcp = self.dial_tcp(&to).await?;
        #[cfg(feature = "tls")]
        if is_secure {
            return self.tls.connect(&to, tcp).await.map(|stream| Stream::Tls(Box::new(stream)));
        }
        Ok(Stream::Tcp(tcp))
    }

    async fn dial_tcp(&self, to: &Uri) -> Result<TcpStream, DialError> {
        #[cfg(feature = "proxy")]
        if let Some(proxy) = &self.proxy
            && let Some(stream) = proxy.connect(to, &self.tcp).await?
        {
            return Ok(stream);
        }
        let connecting = self.tcp.clone().call(to.clone());
        let stream = connecting.await.map_err(|error| DialError::Unreachable(Arc::new(error)))?;
        Ok(TokioIo::into_inner(stream))
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable(_) => "the host cannot be reached",
            Self::Proxy(_) => "there is no way through the proxy",
            Self::Tls(_) => "there is no trusted connection to the host",
            Self::TlsMissing => "TLS is asked for, and not built in",
        })
    }
}

impl Error for DialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreachable(source) | Self::Proxy(source) | Self::Tls(source) => Some(&**source),
            Self::TlsMissing => None,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
