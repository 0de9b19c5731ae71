//! Our own server behind TLS, with certificates of its own.

use std::sync::Arc;

use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sockeye_engine_client::rustls::{
    RootCertStore, ServerConfig as TlsConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use sockeye_engine_server::{Config as ServerConfig, Engine};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Server;

/// An authority that nobody else knows.
#[allow(dead_code, reason = "each test binary uses a part")]
pub(crate) struct Authority {
    pub(crate) pem: String,
    pub(crate) der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
#[allow(dead_code, reason = "each test binary uses a part")]
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
    der: Vec<u8>,
    key_der: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), der: certificate.der().to_vec(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for this host, or for a client.
    pub(crate) fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().to_vec(),
            key_der: key.serialize_der(),
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.der.clone())).unwrap();
        roots
    }
}

/// What a server shows, and whom it wants to see certificates of.
pub(crate) fn acceptor(identity: &Identity, clients: Option<&Authority>) -> TlsAcceptor {
    let provider = Arc::new(ring::default_provider());
    let builder = TlsConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        Some(authority) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(authority.roots().into(), provider).build().unwrap(),
        ),
        None => builder.with_no_client_auth(),
    };
    let certificates = vec![CertificateDer::from(identity.der.clone())];
    let key = PrivateKeyDer::try_from(identity.key_der.clone()).unwrap();
    TlsAcceptor::from(Arc::new(builder.with_single_cert(certificates, key).unwrap()))
}

/// An echo that is reached by `https` on this host.
pub(crate) async fn echo(host: &str, acceptor: TlsAcceptor) -> Server {
    let mut server = Server::echo(ServerConfig::new()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    server.url = format!("https://{host}:{}", listener.local_addr().unwrap().port()).parse().unwrap();
    tokio::spawn(serve(listener, acceptor, server.engine.clone()));
    server
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, engine: Engine) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, engine) = (acceptor.clone(), engine.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = TowerToHyperService::new(engine.service());
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            let _ = connection.await;
        });
    }
}
