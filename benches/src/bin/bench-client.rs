//! Our client under load. The README of this folder says what is measured.

use std::{sync::Arc, time::Duration};

use benches::load::{self, Connection, Counts};
use sockeye::client::{AckError, Client, Data, Socket, TransportName, engine};

struct Ours(Socket);

impl Connection for Ours {
    async fn connect(url: &str, counts: Arc<Counts>) -> Self {
        let engine = engine::Config::new().with_transports([TransportName::WEBSOCKET]);
        let client = Client::builder(url).engine(engine).build().expect("a URL");
        let socket = client.socket("/").on("echo", move |socket: Socket, Data(text): Data<String>| {
            counts.note(&text);
            socket.try_emit("echo", &text)
        });
        Self(socket.connect().await.expect("a server"))
    }

    async fn send(&self, text: &str) {
        self.0.emit("echo", text).await.expect("room");
    }

    async fn ask(&self, text: &str) -> bool {
        let answer: Result<String, AckError> = self.0.emit("echo", text).timeout(PATIENCE).ack().await;
        answer.is_ok_and(|answer| answer == text)
    }
}

fn main() {
    load::run::<Ours>();
}

const PATIENCE: Duration = Duration::from_secs(10);
