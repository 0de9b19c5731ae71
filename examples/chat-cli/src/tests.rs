//! Two people at their command lines, in the real chat.

use std::{
    io::{self, Write},
    time::Duration,
};

use sockeye::client::Client;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use crate::talk::talk;

/// Somebody at a keyboard and a screen.
struct Person {
    keyboard: mpsc::Sender<String>,
    screen: mpsc::Receiver<String>,
}

/// What is written comes line by line.
struct Paper(Vec<u8>, mpsc::Sender<String>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        while let Some(end) = self.0.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.0.drain(..=end).collect();
            self.1.try_send(String::from_utf8(line).unwrap().trim_end().to_owned()).unwrap();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Person {
    fn sit_down(url: &str, name: &'static str) -> Self {
        let (keyboard, lines) = mpsc::channel(1);
        let (written, screen) = mpsc::channel(64);
        let client = Client::builder(url).build().unwrap();
        tokio::spawn(async move {
            talk(&client, name, "lobby", lines, &mut Paper(Vec::new(), written)).await.unwrap();
            client.close().await;
        });
        Self { keyboard, screen }
    }

    async fn reads(&mut self, expected: &str) {
        let line = timeout(Duration::from_secs(60), self.screen.recv()).await;
        assert_eq!(line.expect(expected).as_deref(), Some(expected));
    }

    async fn types(&self, line: &str) {
        self.keyboard.send(line.to_owned()).await.unwrap();
    }
}

#[tokio::test]
async fn what_one_types_the_other_reads() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { chat::server().serve_http(listener).await });

    let mut ann = Person::sit_down(&url, "Ann");
    ann.reads("* here are Ann").await;
    ann.types("anybody here?").await;
    ann.types("").await;
    ann.reads("* not said: A message has 1 to 4,000 characters.").await;
    let mut bob = Person::sit_down(&url, "Bob");
    ann.reads("* Bob came").await;
    bob.reads("Ann: anybody here?").await;
    bob.reads("* here are Ann, Bob").await;

    bob.types("I am").await;
    ann.reads("Bob: I am").await;
    drop(bob.keyboard);
    ann.reads("* Bob left").await;
}
