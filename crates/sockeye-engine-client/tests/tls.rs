//! Encrypted sessions, and those that do not come about.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/secure.rs"]
mod secure;
mod support;

use secure::{Authority, acceptor, echo};
use sockeye_engine_client::{
    Config, ConnectError, Connection, DialError, Failure, HttpError, RequestError, Tls, TlsError, Url,
    WebSocketError, connect,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};
use support::{Server, exchange, polling, raw, until_upgraded, websocket};

const HOST: &str = "localhost";

fn trusting(authority: &Authority) -> Tls {
    Tls::builder().add_roots_from_pem(authority.pem.as_bytes()).unwrap().build().unwrap()
}

async fn server(authority: &Authority) -> Server {
    echo(HOST, acceptor(&authority.issue(HOST), None)).await
}

/// What was wrong with the server.
fn dial_error(outcome: Result<Connection, ConnectError>) -> DialError {
    match outcome {
        Err(ConnectError::Transport {
            failure:
                Failure::Poll(RequestError::Http(HttpError::Dial(error)))
                | Failure::WebSocket(WebSocketError::Dial(error)),
            ..
        }) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn sessions_are_encrypted_on_both_transports_and_from_one_to_the_other() {
    let authority = Authority::new();
    let server = server(&authority).await;

    for config in [polling(), websocket(), Config::new()] {
        let mut client = server.connect(&config.with_tls(trusting(&authority))).await;
        assert_eq!(exchange(&mut client, "hello").await, "hello".into());
        assert_eq!(exchange(&mut client, vec![7; 100_000]).await, vec![7; 100_000].into());
    }
    let mut client = server.connect(&Config::new().with_tls(trusting(&authority))).await;
    until_upgraded(&mut client).await;
    assert_eq!(exchange(&mut client, "hello").await, "hello".into());
}

#[tokio::test]
async fn who_is_not_trusted_is_not_spoken_to() {
    let server = server(&Authority::new()).await;

    for config in [polling(), websocket()] {
        let own = config.clone().with_tls(trusting(&Authority::new()));
        let nobody = config.clone().with_tls(Tls::builder().trust_only_added().build().unwrap());
        for config in [config, own, nobody] {
            let error = dial_error(connect(&server.url, &config).await);
            assert!(matches!(error, DialError::Tls(_)), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_certificate_is_for_its_host() {
    let authority = Authority::new();
    let server = echo(HOST, acceptor(&authority.issue("example.com"), None)).await;

    let error = dial_error(connect(&server.url, &polling().with_tls(trusting(&authority))).await);

    assert!(matches!(error, DialError::Tls(_)), "{error:?}");
}

#[tokio::test]
async fn a_certificate_may_be_for_an_address() {
    let authority = Authority::new();
    let server = echo("127.0.0.1", acceptor(&authority.issue("127.0.0.1"), None)).await;

    let mut client = server.connect(&websocket().with_tls(trusting(&authority))).await;

    assert_eq!(exchange(&mut client, "hello").await, "hello".into());
}

#[tokio::test]
async fn a_server_without_tls_is_an_error() {
    let url = raw::server(async |mut peer| {
        peer.write(b"HTTP/1.1 400 Plain\r\n\r\n").await;
        peer.closed().await;
    })
    .await;
    let url: Url = format!("https://127.0.0.1:{}", url.port()).parse().unwrap();

    for config in [polling(), websocket()] {
        let error = dial_error(connect(&url, &config).await);
        assert!(matches!(error, DialError::Tls(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_client_shows_who_it_is() {
    let authority = Authority::new();
    let server = echo(HOST, acceptor(&authority.issue(HOST), Some(&authority))).await;
    let identity = authority.issue("client");

    let tls = Tls::builder().add_root_from_der(&authority.der).unwrap();
    let tls = tls.identity_from_pem(identity.certificate.as_bytes(), identity.key.as_bytes()).unwrap();
    let config = Config::new().with_tls(tls.build().unwrap());
    let mut client = server.connect(&config).await;
    assert_eq!(exchange(&mut client, "hello").await, "hello".into());

    assert!(connect(&server.url, &polling().with_tls(trusting(&authority))).await.is_err());
}

#[tokio::test]
async fn settings_of_rustls_are_taken_as_they_are() {
    let authority = Authority::new();
    let server = server(&authority).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.der.clone())).unwrap();
    let settings = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();

    let mut client = server.connect(&Config::new().with_tls(settings.into())).await;

    until_upgraded(&mut client).await;
}

#[cfg(feature = "platform-verifier")]
#[tokio::test]
async fn roots_are_added_to_those_of_the_operating_system() {
    let authority = Authority::new();
    let server = server(&authority).await;
    let tls = Tls::builder().trust_platform();
    let tls = tls.add_root_from_der(&authority.der).unwrap().build().unwrap();

    let mut client = server.connect(&websocket().with_tls(tls)).await;

    assert_eq!(exchange(&mut client, "hello").await, "hello".into());
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (identity, stranger) = (authority.issue("a"), other.issue("b"));
    let (certificate, key) = (identity.certificate.as_bytes(), identity.key.as_bytes());

    assert!(matches!(Tls::builder().add_roots_from_pem(b"nothing"), Err(TlsError::Certificate(_))));
    assert!(matches!(Tls::builder().add_roots_from_pem(key), Err(TlsError::Certificate(_))));
    assert!(matches!(Tls::builder().add_root_from_der(b"nothing"), Err(TlsError::Certificate(_))));
    assert!(matches!(Tls::builder().identity_from_pem(b"", key), Err(TlsError::Certificate(_))));
    assert!(matches!(Tls::builder().identity_from_pem(certificate, certificate), Err(TlsError::Key(_))));
    let foreign = Tls::builder().identity_from_pem(certificate, stranger.key.as_bytes()).unwrap().build();
    assert!(matches!(foreign, Err(TlsError::Key(_))));
}
