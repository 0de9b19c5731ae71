//! Talks to the server over a Unix socket, line by line.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{env, path::PathBuf, process};

use custom_transport::{door, listener::LineListener};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

struct Client(BufReader<UnixStream>);

impl Client {
    async fn join(path: &PathBuf) -> Self {
        let mut client = Self(BufReader::new(UnixStream::connect(path).await.unwrap()));
        client.send("t0").await;
        assert!(client.line().await.starts_with(r#"t0{"sid":""#));
        client
    }

    async fn send(&mut self, line: &str) {
        self.0.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }
}

#[tokio::test]
async fn those_who_knock_are_answered_and_heard_by_the_others() {
    let path = env::temp_dir().join(format!("sockeye-door-{}.sock", process::id()));
    let listener = LineListener::new(UnixListener::bind(&path).unwrap());
    let server = door::server();
    let serving = tokio::spawn({
        let server = server.clone();
        async move { server.serve(listener).await }
    });
    let mut ada = Client::join(&path).await;
    let mut grace = Client::join(&path).await;
    std::fs::remove_file(&path).unwrap();

    ada.send(r#"t21["knock","Ada"]"#).await;

    assert_eq!(ada.line().await, r#"t31["Who is there? Ada!"]"#);
    assert_eq!(grace.line().await, r#"t2["knocked","Ada"]"#);

    serving.abort();
    server.close().await;
    assert_eq!(grace.line().await, "", "the end of the stream");
}
