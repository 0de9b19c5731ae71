//! The server that the tests of the client talk to, on socketioxide.
//!
//! `reference.mjs` of the interop tests is the same for Node, and has more to it.

use std::{
    collections::HashMap,
    env, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::extract::Query;
use bytes::Bytes;
use rmpv::Value;
use serde::{Deserialize, Serialize};
use serde_json::json;
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, Extension, SocketRef, TryData},
    handler::ConnectHandler,
    socket::DisconnectReason,
};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let milliseconds = |name, otherwise| Duration::from_millis(setting(name, otherwise));
    let (layer, io) = SocketIo::builder()
        .ping_interval(milliseconds("PING_INTERVAL_MS", 300))
        .ping_timeout(milliseconds("PING_TIMEOUT_MS", 200))
        .max_payload(setting("MAX_PAYLOAD", 1_000_000))
        // What exceeds this is lost, and the tests let a thousand events wait.
        .max_buffer_size(2000)
        .build_layer();
    let reasons = Reasons::default();
    io.ns("/", async move |socket: SocketRef, TryData(auth): TryData<serde_json::Value>| {
        root(&socket, auth.unwrap_or_default(), reasons.clone());
    });
    io.ns("/members", members.with(admit));
    let listener = TcpListener::bind(("127.0.0.1", setting("PORT", 3000) as u16)).await?;
    println!("ready: http://{}", listener.local_addr()?);
    axum::serve(listener, axum::Router::new().layer(layer)).await
}

fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// Why each client went, by the key that it had sent to be let in.
type Reasons = Arc<Mutex<HashMap<String, &'static str>>>;

fn root(socket: &SocketRef, auth: serde_json::Value, reasons: Reasons) {
    talk(socket);
    count(socket);
    let shown = auth.clone();
    socket.on("handshake", async move |socket: SocketRef, ack: AckSender| {
        let parts = socket.req_parts();
        let header = parts.headers.get("x-fixture").and_then(|value| value.to_str().ok());
        let query = Query::<HashMap<String, String>>::try_from_uri(&parts.uri).unwrap_or_default();
        ack.send(&json!({ "auth": shown, "header": header, "query": query.get("colour") })).ok();
    });
    socket.on("kick", async |socket: SocketRef| drop(socket.disconnect()));
    let known = reasons.clone();
    socket.on("reason-of", async move |Data(key): Data<String>, ack: AckSender| {
        let reason = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        ack.send(&reason).ok();
    });
    socket.on_disconnect(async move |reason: DisconnectReason| {
        let Some(key) = auth["key"].as_str() else { return };
        let mut reasons = reasons.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.insert(key.to_owned(), words(reason));
    });
}

fn talk(socket: &SocketRef) {
    socket.on("echo", async |socket: SocketRef, Data(value): Data<Value>| {
        socket.emit("echo", &value).ok();
    });
    socket.on("mirror", async |Data(value): Data<Value>, ack: AckSender| {
        ack.send(&value).ok();
    });
    socket.on("album", async |socket: SocketRef, Data(album): Data<Album>, ack: AckSender| {
        let album = album.turned();
        socket.emit("album", &album).ok();
        ack.send(&album).ok();
    });
    socket.on("ask", async |socket: SocketRef, Data(question): Data<Value>, ack: AckSender| {
        let Ok(asked) = socket.emit_with_ack::<_, Value>("question", &question) else { return };
        if let Ok(answer) = asked.await {
            ack.send(&answer).ok();
        }
    });
    socket.on("flood", async |socket: SocketRef, Data(count): Data<u32>, ack: AckSender| {
        for number in 0..count {
            socket.emit("tick", &number).ok();
        }
        ack.send(&count).ok();
    });
}

fn count(socket: &SocketRef) {
    let ups = Arc::new(Mutex::new((0, true)));
    let counted = ups.clone();
    // Without an await, events are handled in the order in which they come.
    socket.on("up", move |Data(number): Data<u32>| {
        let mut ups = ups.lock().unwrap_or_else(PoisonError::into_inner);
        *ups = (ups.0 + 1, ups.1 && ups.0 == number);
        async {}
    });
    socket.on("ups", async move |ack: AckSender| {
        let ups: (u32, bool) = *counted.lock().unwrap_or_else(PoisonError::into_inner);
        ack.send(&ups).ok();
    });
    let tries = Arc::new(AtomicU32::new(0));
    socket.on("third-time", async move |ack: AckSender| {
        let number = tries.fetch_add(1, Ordering::Relaxed) + 1;
        if number >= 3 {
            ack.send(&number).ok();
        }
    });
}

/// Binary data at several depths.
#[derive(Deserialize, Serialize)]
struct Album {
    title: String,
    cover: Bytes,
    pages: Vec<Page>,
}

#[derive(Deserialize, Serialize)]
struct Page {
    number: u32,
    scan: Bytes,
}

impl Album {
    fn turned(mut self) -> Self {
        self.cover = reversed(&self.cover);
        self.pages.reverse();
        for page in &mut self.pages {
            page.scan = reversed(&page.scan);
        }
        self
    }
}

fn reversed(bytes: &Bytes) -> Bytes {
    bytes.iter().rev().copied().collect()
}

#[derive(Clone, Deserialize)]
struct Member {
    name: String,
    token: String,
}

async fn admit(socket: SocketRef, TryData(member): TryData<Member>) -> Result<(), &'static str> {
    let member = member.ok().filter(|member| member.token == "sesame");
    // A refusal is a text here, and has no data.
    let member = member.ok_or("not a member")?;
    socket.extensions.insert(member);
    Ok(())
}

async fn members(socket: SocketRef) {
    socket.on("who", async |Extension(member): Extension<Member>, ack: AckSender| {
        ack.send(&member.name).ok();
    });
}

/// The words of the reference for the same.
fn words(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::TransportClose => "transport close",
        DisconnectReason::TransportError => "transport error",
        DisconnectReason::HeartbeatTimeout => "ping timeout",
        DisconnectReason::PacketParsingError => "parse error",
        DisconnectReason::ClientNSDisconnect => "client namespace disconnect",
        DisconnectReason::ServerNSDisconnect => "server namespace disconnect",
        _ => "other",
    }
}
