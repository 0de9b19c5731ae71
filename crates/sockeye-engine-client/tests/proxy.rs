//! Sessions through proxies.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/secure.rs"]
mod secure;
mod support;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use secure::{Authority, acceptor, echo};
use sockeye_engine_client::{
    Config, ConnectError, DialError, Failure, HttpError, Proxy, RequestError, Tls, WebSocketError, connect,
};
use sockeye_engine_server::Config as ServerConfig;
use support::{Server, exchange, polling, until_upgraded, websocket};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// A proxy that leads to whatever it is asked for, if names are those that it knows.
#[derive(Clone)]
struct Tunnels {
    hosts: HashMap<&'static str, u16>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    /// It knows this name, which is nobody's, as a port of this machine.
    fn new(port: u16) -> Self {
        Self { hosts: HashMap::from([("server.invalid", port)]), asked: Arc::default() }
    }

    async fn listen<F>(&self, treat: impl Fn(Self, TcpStream) -> F + Send + Sync + 'static) -> String
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let this = self.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(treat(this.clone(), stream));
            }
        });
        address.to_string()
    }

    /// As HTTP proxies do it, for those who say who they are.
    async fn connect(self, mut client: TcpStream) {
        let head = read_head(&mut client).await;
        self.asked.lock().unwrap().push(head.lines().next().unwrap().to_owned());
        if !head.contains("Basic dXNlcjpwQHNz") {
            let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
            return client.write_all(refusal).await.unwrap();
        }
        let target = head.split(' ').nth(1).unwrap();
        let port = target.split_once(':').and_then(|(host, _)| self.hosts.get(host));
        let Some(&port) = port else { return client.write_all(b"HTTP/1.1 502 No\r\n\r\n").await.unwrap() };
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        lead(client, port).await;
    }

    /// As SOCKS5 proxies do it, for anybody.
    async fn socks(self, mut client: TcpStream) {
        let mut greeting = [0; 3];
        client.read_exact(&mut greeting).await.unwrap();
        client.write_all(&[5, 0]).await.unwrap();
        let mut head = [0; 5];
        client.read_exact(&mut head).await.unwrap();
        assert_eq!(head[..4], [5, 1, 0, 3], "the name is looked up by the proxy");
        let mut name = vec![0; usize::from(head[4]) + 2];
        client.read_exact(&mut name).await.unwrap();
        name.truncate(name.len() - 2);
        let name = String::from_utf8(name).unwrap();
        let port = self.hosts.get(&*name).copied();
        self.asked.lock().unwrap().push(name);
        let Some(port) = port else {
            return client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        };
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        lead(client, port).await;
    }
}

async fn lead(mut client: TcpStream, port: u16) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn both_transports_go_through_an_http_proxy() {
    let server = Server::echo(ServerConfig::new()).await;
    let tunnels = Tunnels::new(server.url.port());
    let address = tunnels.listen(Tunnels::connect).await;
    let url = "http://server.invalid".parse().unwrap();

    for config in [polling(), websocket(), Config::new()] {
        let proxy = Proxy::new(&format!("http://user:p%40ss@{address}")).unwrap();
        let mut client = connect(&url, &config.with_proxy(proxy)).await.unwrap();
        assert_eq!(exchange(&mut client, "hello").await, "hello".into());
    }

    let asked = tunnels.asked.lock().unwrap();
    assert!(asked.iter().all(|line| line == "CONNECT server.invalid:80 HTTP/1.1"), "{asked:?}");
}

#[tokio::test]
async fn what_goes_through_a_proxy_is_encrypted_up_to_the_server() {
    let authority = Authority::new();
    let server = echo("server.invalid", acceptor(&authority.issue("server.invalid"), None)).await;
    let tunnels = Tunnels::new(server.url.port());
    let proxy = format!("http://user:p%40ss@{}", tunnels.listen(Tunnels::connect).await);
    let tls = Tls::builder().add_root_from_der(&authority.der).unwrap().build().unwrap();
    let config = Config::new().with_tls(tls).with_proxy(Proxy::new(&proxy).unwrap());

    let mut client = connect(&"https://server.invalid".parse().unwrap(), &config).await.unwrap();
    until_upgraded(&mut client).await;
    assert_eq!(exchange(&mut client, "hello").await, "hello".into());

    let asked = tunnels.asked.lock().unwrap();
    assert!(asked.iter().all(|line| line == "CONNECT server.invalid:443 HTTP/1.1"), "{asked:?}");
}

#[tokio::test]
async fn both_transports_go_through_a_socks_proxy() {
    let server = Server::echo(ServerConfig::new()).await;
    let tunnels = Tunnels::new(server.url.port());
    let proxy = format!("socks5://{}", tunnels.listen(Tunnels::socks).await);

    for config in [polling(), websocket()] {
        let config = config.with_proxy(Proxy::new(&proxy).unwrap());
        let mut client = connect(&"http://server.invalid:81".parse().unwrap(), &config).await.unwrap();
        assert_eq!(exchange(&mut client, "hello").await, "hello".into());
    }
}

#[tokio::test]
async fn a_proxy_that_lets_nobody_through_is_told_apart() {
    let tunnels = Tunnels::new(1);
    let proxies = [
        format!("http://{}", tunnels.listen(Tunnels::connect).await),
        format!("http://user:p%40ss@{}", tunnels.listen(Tunnels::connect).await),
        format!("socks5h://{}", tunnels.listen(Tunnels::socks).await),
        String::from("http://127.0.0.1:9"),
    ];
    let url = "http://elsewhere.invalid".parse().unwrap();
    for proxy in proxies {
        for config in [polling(), websocket()] {
            let config = config.with_proxy(Proxy::new(&proxy).unwrap());
            let Err(ConnectError::Transport { failure, .. }) = connect(&url, &config).await else {
                panic!("{proxy} let somebody through");
            };
            assert!(
                matches!(
                    failure,
                    Failure::Poll(RequestError::Http(HttpError::Dial(DialError::Proxy(_))))
                        | Failure::WebSocket(WebSocketError::Dial(DialError::Proxy(_)))
                ),
                "{proxy}: {failure:?}"
            );
        }
    }
}
