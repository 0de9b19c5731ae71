//! Talks to the server in the wire's own words.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let program = env!("CARGO_BIN_EXE_sans-io");
        let mut process = Command::new(program).env("PORT", "0").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("ready: ").unwrap().to_owned();
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

struct Client(TcpStream);

impl Client {
    fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(stream)
    }

    /// A client that has opened a session and joined the namespace `/`.
    fn join(server: &Server) -> Self {
        let mut client = Self::connect(server);
        client.send(0, b"0");
        assert!(client.text().starts_with(r#"0{"sid":""#));
        client.send(0, b"40");
        assert!(client.text().starts_with(r#"40{"sid":""#));
        client
    }

    /// A frame: its length with the mark of its kind, then the content.
    fn send(&mut self, kind: u8, content: &[u8]) {
        let length = u8::try_from(content.len()).unwrap();
        assert!(length < 126);
        self.0.write_all(&[&[kind | length], content].concat()).unwrap();
    }

    fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut header = [0];
        self.0.read_exact(&mut header).unwrap();
        let mut content = vec![0; usize::from(header[0] & 0x7f)];
        self.0.read_exact(&mut content).unwrap();
        (header[0] & BINARY, content)
    }

    fn text(&mut self) -> String {
        let (kind, content) = self.receive();
        assert_eq!(kind, 0);
        String::from_utf8(content).unwrap()
    }

    fn expect_end(&mut self) {
        assert_eq!(self.0.read(&mut [0]).unwrap(), 0);
    }
}

const BINARY: u8 = 0x80;

#[test]
fn what_is_said_comes_back_and_is_acknowledged() {
    let server = Server::start();
    let mut client = Client::join(&server);

    client.send(0, br#"427["say","hello"]"#);

    assert_eq!(client.text(), r#"42["say","hello"]"#);
    assert_eq!(client.text(), r#"437["hello"]"#);
}

#[test]
fn attachments_come_back() {
    let server = Server::start();
    let mut client = Client::join(&server);

    client.send(0, br#"451-["picture",{"_placeholder":true,"num":0}]"#);
    client.send(BINARY, &[1, 2, 3]);

    assert_eq!(client.text(), r#"451-["picture",{"_placeholder":true,"num":0}]"#);
    assert_eq!(client.receive(), (BINARY, vec![1, 2, 3]));
}

#[test]
fn an_unknown_namespace_is_refused() {
    let server = Server::start();
    let mut client = Client::join(&server);

    client.send(0, b"40/nowhere,");

    assert_eq!(client.text(), r#"44/nowhere,{"message":"Invalid namespace"}"#);
}

#[test]
fn whoever_does_not_speak_the_protocol_is_disconnected() {
    let server = Server::start();
    let mut stranger = Client::connect(&server);
    stranger.send(0, b"hello");
    stranger.expect_end();

    let mut rude = Client::join(&server);
    rude.send(0, b"4nonsense");
    rude.expect_end();
}
