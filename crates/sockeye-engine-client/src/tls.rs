//! Encrypted connections, and whom they are trusted with.

use std::{
    error::Error,
    fmt,
    sync::{Arc, OnceLock},
};

use http::Uri;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier,
        client::WantsClientCert,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};

use crate::DialError;

/// Who is trusted with `https` and `wss`, and how a client shows who it is. Cloning is cheap.
///
/// TLS is rustls with the cryptography of `ring`, whichever provider the process has installed. What is not offered here,
/// such as a verifier of the application's own (the reference's `rejectUnauthorized: false` and `checkServerIdentity`), other
/// versions or ciphers, goes by a [`ClientConfig`](rustls::ClientConfig).
///
/// ```
/// use sockeye_engine_client::{Config, Tls};
///
/// # fn example(pem: &[u8]) -> Result<(), sockeye_engine_client::TlsError> {
/// let tls = Tls::builder().add_roots_from_pem(pem)?.build()?;
/// let config = Config::new().with_tls(tls);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

/// Makes a [`Tls`].
#[derive(Debug)]
#[must_use]
pub struct TlsBuilder {
    trusted: Trusted,
    added: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

/// Whose certificates are trusted without being added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trusted {
    Mozilla,
    #[cfg(feature = "platform-verifier")]
    Platform,
    Nobody,
}

/// What was given for TLS cannot be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// There is no certificate, or none that can be read.
    Certificate(Arc<dyn Error + Send + Sync>),
    /// There is no key, none that can be read, or one that does not belong to the certificate.
    Key(Arc<dyn Error + Send + Sync>),
    /// What the operating system trusts cannot be found out.
    Platform(Arc<dyn Error + Send + Sync>),
}

impl Tls {
    /// Starts with the roots that Mozilla trusts, as they were when this was built.
    pub fn builder() -> TlsBuilder {
        TlsBuilder { trusted: Trusted::Mozilla, added: Vec::new(), identity: None }
    }

    /// TLS on a stream to the host of a URI.
    pub(crate) async fn connect(
        &self,
        to: &Uri,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, DialError> {
        let failed = |error: Arc<dyn Error + Send + Sync>| DialError::Tls(error);
        let host = to.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(Arc::new(error)))?;
        let connecting = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream);
        connecting.await.map_err(|error| failed(Arc::new(error)))
    }
}

/// The roots that Mozilla trusts, read once for all who want nothing else.
impl Default for Tls {
    fn default() -> Self {
        static DEFAULT: OnceLock<Tls> = OnceLock::new();
        DEFAULT.get_or_init(|| with_protocol(builder(roots(Trusted::Mozilla)).with_no_client_auth())).clone()
    }
}

/// Takes settings as they are, but for the protocol that is agreed upon in TLS, which is HTTP/1.1 alone.
impl From<ClientConfig> for Tls {
    fn from(config: ClientConfig) -> Self {
        with_protocol(config)
    }
}

impl TlsBuilder {
    /// Trusts what the operating system trusts, with its verifier, instead of Mozilla's roots.
    #[cfg(feature = "platform-verifier")]
    pub fn trust_platform(mut self) -> Self {
        self.trusted = Trusted::Platform;
        self
    }

    /// Trusts nobody but those that are added.
    pub fn trust_only_added(mut self) -> Self {
        self.trusted = Trusted::Nobody;
        self
    }

    /// Trusts the certificates of a PEM file as well; the reference's `ca`.
    ///
    /// # Errors
    /// If there is none, or one that cannot be read.
    pub fn add_roots_from_pem(self, pem: &[u8]) -> Result<Self, TlsError> {
        read_certificates(pem)?.into_iter().try_fold(self, Self::add_root)
    }

    /// Trusts a certificate in its binary form as well; the reference's `ca`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn add_root_from_der(self, der: &[u8]) -> Result<Self, TlsError> {
        self.add_root(CertificateDer::from(der.to_vec()))
    }

    /// Shows this certificate, with those between it and its root behind it, to servers that ask for one; the reference's
    /// `cert` and `key`. Both are PEM files, the key one without a passphrase.
    ///
    /// # Errors
    /// If the certificates or the key cannot be read.
    pub fn identity_from_pem(mut self, certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let certificates = read_certificates(certificates)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| TlsError::Key(Arc::new(error)))?;
        self.identity = Some((certificates, key));
        Ok(self)
    }

    /// The result.
    ///
    /// # Errors
    /// If the key does not belong to the certificate, or the operating system's verifier cannot be had.
    pub fn build(self) -> Result<Tls, TlsError> {
        let builder = self.verifier()?;
        let config = match self.identity {
            Some((certificates, key)) => builder
                .with_client_auth_cert(certificates, key)
                .map_err(|error| TlsError::Key(Arc::new(error)))?,
            None => builder.with_no_client_auth(),
        };
        Ok(with_protocol(config))
    }

    fn add_root(mut self, root: CertificateDer<'static>) -> Result<Self, TlsError> {
        RootCertStore::empty().add(root.clone()).map_err(certificate)?;
        self.added.push(root);
        Ok(self)
    }

    #[cfg_attr(
        not(feature = "platform-verifier"),
        expect(clippy::unnecessary_wraps, reason = "only the operating system's verifier can fail")
    )]
    fn verifier(&self) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TlsError> {
        #[cfg(feature = "platform-verifier")]
        if self.trusted == Trusted::Platform {
            return platform(&self.added);
        }
        let mut roots = roots(self.trusted);
        roots.add_parsable_certificates(self.added.iter().cloned());
        Ok(builder(roots))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate(_) => "the certificate cannot be used",
            Self::Key(_) => "the key cannot be used",
            Self::Platform(_) => "the operating system's verifier cannot be used",
        })
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Certificate(source) | Self::Key(source) | Self::Platform(source) => Some(&**source),
        }
    }
}

fn roots(trusted: Trusted) -> RootCertStore {
    match trusted {
        Trusted::Mozilla => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
        #[cfg(feature = "platform-verifier")]
        Trusted::Platform => RootCertStore::empty(),
        Trusted::Nobody => RootCertStore::empty(),
    }
}

fn builder(roots: RootCertStore) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    versions().with_root_certificates(roots)
}

/// The provider is named, so that nothing depends on what the process has installed.
fn versions() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has the ciphers of TLS 1.2 and 1.3")
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

#[cfg(feature = "platform-verifier")]
fn platform(
    added: &[CertificateDer<'static>],
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TlsError> {
    use rustls_platform_verifier::Verifier;

    let verifier = Verifier::new_with_extra_roots(added.iter().cloned(), provider())
        .map_err(|error| TlsError::Platform(Arc::new(error)))?;
    Ok(versions().dangerous().with_custom_certificate_verifier(Arc::new(verifier)))
}

fn with_protocol(mut config: ClientConfig) -> Tls {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Tls(Arc::new(config))
}

fn read_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(certificate)?;
    if certificates.is_empty() {
        return Err(certificate(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

fn certificate(error: impl Error + Send + Sync + 'static) -> TlsError {
    TlsError::Certificate(Arc::new(error))
}
