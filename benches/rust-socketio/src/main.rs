//! The load of `bench-client`, made with `rust_socketio`. It is built by itself, for it needs OpenSSL.

#[path = "../../src/load.rs"]
mod load;
#[path = "../../src/process.rs"]
mod process;

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use load::{Connection, Counts};
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

struct Theirs(Client);

impl Connection for Theirs {
    async fn connect(url: &str, counts: Arc<Counts>) -> Self {
        let (sender, mut joined) = mpsc::channel(1);
        let client = ClientBuilder::new(url)
            .transport_type(TransportType::Websocket)
            .on(Event::Connect, move |_, _| {
                let sender = sender.clone();
                async move { sender.send(()).await.unwrap_or_default() }.boxed()
            })
            .on("echo", move |payload, client| {
                let Payload::Text(values) = &payload else { return async {}.boxed() };
                counts.note(values[0].as_str().unwrap_or_default());
                async move { client.emit("echo", payload).await.expect("room") }.boxed()
            })
            .connect()
            .await
            .expect("a server");
        joined.recv().await;
        Self(client)
    }

    async fn send(&self, text: &str) {
        self.0.emit("echo", text).await.expect("room");
    }

    async fn ask(&self, text: &str) -> bool {
        let (sender, answered) = oneshot::channel();
        let mut sender = Some(sender);
        let callback = move |answer, _| {
            let sender = sender.take();
            async move { drop(sender.map(|sender| sender.send(answer))) }.boxed()
        };
        if self.0.emit_with_ack("echo", text, PATIENCE, callback).await.is_err() {
            return false;
        }
        // All arguments of an acknowledgement come as one.
        matches!(answered.await, Ok(Payload::Text(values)) if values == [Value::from([text])])
    }
}

fn main() {
    load::run::<Theirs>();
}

const PATIENCE: Duration = Duration::from_secs(10);
