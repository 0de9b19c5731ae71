//! Servers made of bytes, which need not be good ones.

use std::future::Future;

use sockeye_engine_client::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// One connection of a client.
#[derive(Debug)]
pub(crate) struct Peer {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A server that treats every connection in the same way.
pub(crate) async fn server<F, Treated>(treat: F) -> Url
where
    F: Fn(Peer) -> Treated + Send + Sync + 'static,
    Treated: Future<Output = ()> + Send + 'static,
{
    let (url, peers) = listen().await;
    tokio::spawn(async move {
        loop {
            tokio::spawn(treat(peers.accept().await));
        }
    });
    url
}

/// A server that opens sessions by this packet, takes what is pushed and leaves polls waiting. All requests can be seen.
pub(crate) async fn session(open: String) -> (Url, mpsc::Receiver<Request>) {
    let (sender, requests) = mpsc::channel(64);
    let url = server(move |mut peer: Peer| {
        let (sender, open) = (sender.clone(), open.clone());
        async move {
            while let Some(request) = peer.request().await {
                let (is_push, is_known) = (request.line.starts_with("POST"), request.line.contains("sid="));
                let _ = sender.send(request).await;
                match (is_push, is_known) {
                    (true, _) => peer.answer("ok").await,
                    (false, true) => return peer.closed().await,
                    (false, false) => peer.answer(&open).await,
                }
            }
        }
    })
    .await;
    (url, requests)
}

/// A server whose connections a test accepts one by one.
pub(crate) async fn listen() -> (Url, Peers) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    (url, Peers(listener))
}

#[derive(Debug)]
pub(crate) struct Peers(TcpListener);

impl Peers {
    pub(crate) async fn accept(&self) -> Peer {
        let (stream, _) = self.0.accept().await.unwrap();
        Peer { stream, read: Vec::new() }
    }
}

/// A request: its first line, its headers in lower case, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Peer {
    /// The next request; none if the client closes instead.
    pub(crate) async fn request(&mut self) -> Option<Request> {
        let end = loop {
            match find(&self.read, b"\r\n\r\n") {
                Some(end) => break end + 4,
                None if !self.more().await => return None,
                None => {}
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let line = head.lines().next().unwrap().to_owned();
        let mut request = Request { line, head, body: String::new() };
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            if !self.more().await {
                return None;
            }
        }
        request.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        Some(request)
    }

    /// Answers with status 200 and this body.
    pub(crate) async fn answer(&mut self, body: &str) {
        self.answer_with("200 OK", "", body).await;
    }

    /// Answers with a status, headers that each end their line, and a body.
    pub(crate) async fn answer_with(&mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        self.write(
            format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").as_bytes(),
        )
        .await;
    }

    /// Accepts a WebSocket.
    pub(crate) async fn switch(&mut self, request: &Request) {
        self.switch_with(request, "").await;
    }

    /// The same, with more headers that each end their line.
    pub(crate) async fn switch_with(&mut self, request: &Request, headers: &str) {
        let key = request.header("sec-websocket-key").unwrap();
        let accept = sockeye_websocket::handshake::accept_key(key.as_bytes());
        let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
        self.write(format!("{head}{headers}Sec-WebSocket-Accept: {accept}\r\n\r\n").as_bytes()).await;
    }

    /// Sends a WebSocket frame of text.
    pub(crate) async fn frame(&mut self, text: &str) {
        let mut frame = vec![0x81, u8::try_from(text.len()).unwrap()];
        frame.extend(text.as_bytes());
        self.write(&frame).await;
    }

    /// The next WebSocket frame, unmasked, however it is meant; none if the client closes instead.
    pub(crate) async fn next_frame(&mut self) -> Option<String> {
        while self.read.len() < 6 || self.read.len() < 6 + usize::from(self.read[1] & 0x7f) {
            if !self.more().await {
                return None;
            }
        }
        let length = usize::from(self.read[1] & 0x7f);
        let frame: Vec<u8> = self.read.drain(..6 + length).collect();
        let key = frame[2..6].iter().cycle();
        let payload = frame[6..].iter().zip(key).map(|(byte, key)| byte ^ key).collect();
        Some(String::from_utf8(payload).unwrap())
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        // A client that is gone is what some tests are about.
        self.try_write(bytes).await;
    }

    /// Whether the client took it.
    pub(crate) async fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Waits until the client closes.
    pub(crate) async fn closed(mut self) {
        while self.more().await {}
    }

    async fn more(&mut self) -> bool {
        let mut some = [0; 4096];
        let count = self.stream.read(&mut some).await.unwrap_or(0);
        self.read.extend_from_slice(&some[..count]);
        count > 0
    }
}

/// The `open` packet of a session with these upgrades, a list in JSON, and a heartbeat in milliseconds.
pub(crate) fn open_packet(upgrades: &str, heartbeat: u32) -> String {
    format!(
        r#"0{{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":{upgrades},"pingInterval":{heartbeat},"pingTimeout":{heartbeat},"maxPayload":100}}"#
    )
}

/// What a test does beside the client.
pub(crate) fn beside<T: Send + 'static>(doing: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(doing)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
