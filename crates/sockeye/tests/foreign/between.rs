//! What may lie between a client and its server: TLS, balancers that keep clients by a cookie, proxies, and an address that
//! is not the right one any more.

use std::error::Error;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use sockeye::client::{
    ClientBuilder, ConnectError,
    engine::{self, Failure, Proxy, RequestError, Tls, WebSocketError},
};

use crate::support::{client::Mode, server::Server};

in_each_mode!(
    a_certificate_of_an_added_root_is_trusted,
    a_certificate_that_nobody_vouches_for_is_not,
    cookies_keep_a_client_on_its_server,
    who_brings_no_cookies_back_is_lost,
    a_redirection_is_not_followed,
    a_proxy_leads_to_the_server,
    a_proxy_may_refuse,
);

async fn a_certificate_of_an_added_root_is_trusted(mode: Mode) {
    let (server, tls) = encrypted();

    let socket = mode.connect(mode.client(server.url()).engine(mode.engine().with_tls(tls))).await;

    assert_eq!(socket.emit("mirror", &"secret").ack::<String>().await.unwrap(), "secret");
}

async fn a_certificate_that_nobody_vouches_for_is_not(mode: Mode) {
    let (server, _) = encrypted();

    let error = failure(mode.client(server.url())).await;

    assert!(chain(&error).contains("certificate"), "{}", chain(&error));
}

async fn cookies_keep_a_client_on_its_server(mode: Mode) {
    let server = Server::node("cookies.mjs", &[]);

    let socket = mode.connect(mode.client(server.url()).engine(mode.engine().with_cookies())).await;

    assert_eq!(socket.emit("mirror", &1).ack::<u32>().await.unwrap(), 1);
}

/// A WebSocket is one request and stays where it is.
async fn who_brings_no_cookies_back_is_lost(mode: Mode) {
    let server = Server::node("cookies.mjs", &[]);
    let socket = mode.client(server.url()).without_reconnection().build().unwrap().socket("/");

    let connected = socket.connect().await;

    assert_eq!(connected.is_ok(), mode == Mode::WebSocket);
}

async fn a_redirection_is_not_followed(mode: Mode) {
    let server = Server::node("moved.mjs", &[]);

    let ConnectError::Failed(error) = failure(mode.client(server.url())).await else { panic!("no failure") };

    let Some(engine::ConnectError::Transport { failure, .. }) = error.downcast_ref() else {
        panic!("{error:?}")
    };
    let (Failure::Poll(RequestError::Redirected { status, location })
    | Failure::WebSocket(WebSocketError::Redirected { status, location })) = failure
    else {
        panic!("{failure:?}")
    };
    assert_eq!(*status, 307);
    assert_eq!(location.as_deref(), Some("http://elsewhere.test/socket.io/"));
}

/// Nobody but the proxy knows where that host is.
async fn a_proxy_leads_to_the_server(mode: Mode) {
    let (server, tls) = encrypted();
    let proxy = Server::node("proxy.mjs", &[("TARGET_PORT", server.port())]);
    let engine = mode.engine().with_tls(tls).with_proxy(by_way_of(&proxy, "fish:water"));

    let socket = mode.connect(mode.client("https://sockeye.test").engine(engine)).await;

    assert_eq!(socket.emit("mirror", &1).ack::<u32>().await.unwrap(), 1);
}

async fn a_proxy_may_refuse(mode: Mode) {
    let proxy = Server::node("proxy.mjs", &[]);
    let engine = mode.engine().with_proxy(by_way_of(&proxy, "fish:sand"));

    let error = failure(mode.client("http://sockeye.test").engine(engine)).await;

    assert!(chain(&error).contains("proxy"), "{}", chain(&error));
}

/// A server that is reached by TLS alone, and whom its clients have to trust.
fn encrypted() -> (Server, Tls) {
    let names = ["localhost".to_owned(), "sockeye.test".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let pem = cert.pem();
    let server = Server::node("https.mjs", &[("CERTIFICATE", &pem), ("KEY", &signing_key.serialize_pem())]);
    (server, Tls::builder().add_roots_from_pem(pem.as_bytes()).unwrap().build().unwrap())
}

fn by_way_of(proxy: &Server, credentials: &str) -> Proxy {
    Proxy::new(&format!("http://{credentials}@127.0.0.1:{}", proxy.port())).unwrap()
}

/// Why the only attempt to connect fails.
async fn failure(builder: ClientBuilder) -> ConnectError {
    let client = builder.without_reconnection().build().unwrap();
    client.socket("/").connect().await.expect_err("it connects")
}

/// An error and what is behind it, in words.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
