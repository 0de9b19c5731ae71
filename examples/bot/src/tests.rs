//! The bot in the real chat, over the network.

use std::{
    net::{SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use serde::Deserialize;
use sockeye::{
    Server,
    client::{Client, ClientBuilder, Events},
};
use tokio::{runtime::Runtime, time::timeout};

use crate::bot::Bot;

/// The chat in a runtime of its own, so that it can be gone without a word, as a process can.
struct Host {
    runtime: Runtime,
    server: Server,
    address: SocketAddr,
}

impl Host {
    fn start(address: impl Into<SocketAddr>) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = TcpListener::bind(address.into()).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (server, address) = (chat::server(), listener.local_addr().unwrap());
        let serving = server.clone();
        runtime.spawn(async move { serving.serve_http(listener.try_into().unwrap()).await });
        Self { runtime, server, address }
    }

    /// Ends it in the midst of whatever it does.
    fn kill(self) {
        thread::spawn(move || drop(self.runtime)).join().unwrap();
    }

    fn client(&self) -> ClientBuilder {
        Client::builder(format!("http://{}", self.address)).reconnection_delay(Duration::from_millis(10))
    }
}

#[derive(Deserialize)]
struct View {
    people: Vec<String>,
}

#[derive(Deserialize)]
struct Said {
    from: String,
    text: String,
}

/// Somebody who is in the room together with the bot, and what she hears.
async fn ann(host: &Host) -> Events {
    let ann = host.client().build().unwrap().socket("/").connect().await.unwrap();
    let mut events = ann.events(64);
    let view: View = ann.emit("join", &("Ann", "lobby")).timeout(MINUTE).ack().await.unwrap();
    if !view.people.contains(&String::from("Robby")) {
        while events.next().await.unwrap().name() != "came" {}
    }
    events
}

/// What the bot says to this.
async fn reply(events: &mut Events, text: &str) -> String {
    events.socket().emit("say", text).await.unwrap();
    loop {
        let event = events.next().await.unwrap();
        if let ("entry", Ok(said)) = (event.name(), event.data::<Said>())
            && said.from == "Robby"
            && !said.text.starts_with("Hello")
        {
            return said.text;
        }
    }
}

#[tokio::test]
async fn the_bot_answers_people_and_the_server_and_comes_back_after_a_restart() {
    let test = async {
        let host = Host::start(([127, 0, 0, 1], 0));
        let robby = Bot::new("Robby", "lobby").start(host.client()).unwrap();
        let mut events = ann(&host).await;

        assert_eq!(reply(&mut events, "!sum 1 2 3.5").await, "6.5");
        assert_eq!(reply(&mut events, "!sum up").await, "up are no numbers");
        let asked = host.server.to(robby.id().unwrap()).timeout(MINUTE).emit("who are you?", &());
        assert_eq!(asked.ack::<String>().await.unwrap(), ["Robby, a bot"]);

        let address = host.address;
        host.kill();
        let host = Host::start(address);

        assert_eq!(reply(&mut ann(&host).await, "!sum 2 2").await, "4");
        host.kill();
    };
    timeout(MINUTE, test).await.expect("the bot is there and answers");
}

const MINUTE: Duration = Duration::from_secs(60);
