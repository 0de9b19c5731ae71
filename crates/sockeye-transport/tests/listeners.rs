//! Listeners accept whatever happens.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{env, fs::File, process::Command, time::Duration};

use futures_util::{FutureExt, SinkExt, StreamExt};
use sockeye_transport::{
    Listener, Transport, TransportName,
    stream::{StreamTransport, TcpListener, UnixListener},
};
use tokio::net::{self, TcpStream, UnixStream};

const LIMIT: usize = 1_000_000;

#[tokio::test]
async fn what_tcp_accepts_speaks_in_frames() {
    let listener = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut listener = TcpListener::new(listener, LIMIT);

    let stream = TcpStream::connect(address).await.unwrap();
    let expected = stream.local_addr().unwrap();
    let (mut server, peer) = listener.accept().await;

    let mut client = StreamTransport::new(stream, TransportName::from_static("tcp"), LIMIT);
    client.send("hello".into()).await.unwrap();
    assert_eq!(server.next().await.unwrap().unwrap(), "hello".into());
    assert_eq!((server.name(), peer), (client.name(), expected));
    assert!(server.io().nodelay().unwrap());
}

#[tokio::test]
async fn what_a_unix_socket_accepts_speaks_in_frames() {
    let path = env::temp_dir().join(format!("sockeye-listener-{}.sock", std::process::id()));
    let mut listener = UnixListener::new(net::UnixListener::bind(&path).unwrap(), LIMIT);

    let stream = UnixStream::connect(&path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let (mut server, _) = listener.accept().await;

    let mut client = StreamTransport::new(stream, TransportName::from_static("unix"), LIMIT);
    client.send("hello".into()).await.unwrap();
    assert_eq!(server.next().await.unwrap().unwrap(), "hello".into());
    assert_eq!(server.name(), client.name());
}

#[tokio::test]
async fn an_accept_that_was_given_up_loses_nobody() {
    let listener = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut listener = TcpListener::new(listener, LIMIT);

    assert!(listener.accept().now_or_never().is_none());
    let client = TcpStream::connect(address).await.unwrap();

    let (_, peer) = listener.accept().await;
    assert_eq!(peer, client.local_addr().unwrap());
}

/// In a process of its own, for the limit is that of a process.
#[test]
fn a_lack_of_descriptors_is_waited_out() {
    let program = env::current_exe().unwrap();
    let limited = r#"ulimit -n 64 && exec "$0" --ignored --exact with_64_descriptors"#;

    let output = Command::new("sh").arg("-c").arg(limited).arg(&program).output().unwrap();

    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
}

#[tokio::test]
#[ignore = "run by the test above, under its limit"]
async fn with_64_descriptors() {
    let listener = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let mut listener = TcpListener::new(listener, LIMIT);
    let hoard = hoard(64);

    let waiting = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(waiting.is_err(), "there is no descriptor for a peer");
    drop(hoard);

    let (_, peer) = listener.accept().await;
    assert_eq!(peer, client.local_addr().unwrap());
}

/// Takes all descriptors that are left.
fn hoard(most: usize) -> Vec<File> {
    let mut hoard = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => hoard.push(file),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(24), "{error}");
                return hoard;
            }
        }
        assert!(hoard.len() < most, "the limit is not in force");
    }
}
