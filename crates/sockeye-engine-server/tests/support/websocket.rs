//! A WebSocket client made of bytes.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::io;

use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use sockeye_engine_server::Engine;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};

use crate::support::Client;

/// The headers that turn a request into one for a WebSocket, and the end of its head.
pub(crate) const HANDSHAKE: &str = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;

/// A connection to the engine, served by hyper.
pub(crate) fn connect(engine: &Engine) -> Socket<DuplexStream> {
    connect_through(engine, 64 * 1024)
}

/// The same, where this many bytes are on the way at most.
pub(crate) fn connect_through(engine: &Engine, capacity: usize) -> Socket<DuplexStream> {
    let (ours, theirs) = duplex(capacity);
    let service = TowerToHyperService::new(engine.service());
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(theirs), service)
        .with_upgrades();
    tokio::spawn(connection);
    Socket(ours)
}

/// Asks for an upgrade; returns the head of the answer.
pub(crate) async fn ask(socket: &mut Socket<DuplexStream>, query: &str, rest: &str) -> String {
    let request = format!("GET /engine.io/?{query} HTTP/1.1\r\n{rest}");
    socket.0.write_all(request.as_bytes()).await.unwrap();
    socket.head().await
}

/// A WebSocket beside a session on long-polling, which has said nothing yet.
pub(crate) async fn attached(client: &Client) -> Socket<DuplexStream> {
    let mut socket = connect(&client.engine);
    let head = ask(&mut socket, &attaching(client), HANDSHAKE).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    socket
}

/// The same, probed already.
pub(crate) async fn probed(client: &Client) -> Socket<DuplexStream> {
    let mut socket = attached(client).await;
    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    socket
}

/// The query of a WebSocket for this session.
pub(crate) fn attaching(client: &Client) -> String {
    format!("EIO=4&transport=websocket&sid={}", client.sid)
}

/// A byte stream on which frames travel.
#[derive(Debug)]
pub(crate) struct Socket<Io>(pub(crate) Io);

impl<Io: AsyncRead + AsyncWrite + Unpin> Socket<Io> {
    /// Sends a text frame.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_frame(TEXT, text.as_bytes()).await;
    }

    pub(crate) async fn send_frame(&mut self, opcode: u8, payload: &[u8]) {
        self.0.write_all(&masked(opcode, payload)).await.unwrap();
    }

    /// The next frame: its opcode and content. An error if the stream ends instead.
    pub(crate) async fn frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).await?;
        assert_eq!(head[0] & 0xf0, 0x80, "a final frame without extensions");
        let len = match head[1] {
            126 => self.0.read_u16().await?.into(),
            127 => usize::try_from(self.0.read_u64().await?).unwrap(),
            len => len.into(),
        };
        let mut payload = vec![0; len];
        self.0.read_exact(&mut payload).await?;
        Ok((head[0] & 0x0f, payload))
    }

    /// The next frame, which is text.
    pub(crate) async fn text(&mut self) -> String {
        let (opcode, payload) = self.frame().await.unwrap();
        assert_eq!(opcode, TEXT, "{payload:?}");
        String::from_utf8(payload).unwrap()
    }

    /// The `open` packet, and the session id in it.
    pub(crate) async fn opened(&mut self) -> String {
        let open = self.text().await;
        let (_, rest) = open.split_once(r#""sid":""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Reads until the stream ends: the frames before that.
    pub(crate) async fn rest(&mut self) -> Vec<(u8, Vec<u8>)> {
        let mut frames = Vec::new();
        while let Ok(frame) = self.frame().await {
            frames.push(frame);
        }
        frames
    }

    /// Reads the head of an HTTP answer.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }
}

/// A client's frame.
pub(crate) fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 4];
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        len @ 0..=125 => frame.push(0x80 | u8::try_from(len).unwrap()),
        len => {
            frame.push(0x80 | 0x7e);
            frame.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}
