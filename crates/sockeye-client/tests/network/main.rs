//! A client over the network: HTTP, long-polling and WebSocket to our own server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use bytes::Bytes;
use sockeye_client::{Ack, Client, ConnectError, Data, DisconnectReason, Occurrence, TransportName, engine};
use sockeye_server::{self as server, Args, Namespace, Server};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

const MINUTE: Duration = Duration::from_secs(60);

/// A server, and where it is.
async fn serve() -> (Server, String) {
    let namespace = |name: &'static str| {
        Namespace::new(name).on("echo", |args: Args| args).on("ask", async |socket: server::Socket| {
            socket.emit("sum", &(1, 2)).timeout(MINUTE).ack::<u32>().await.map(Ack)
        })
    };
    listening(Server::builder().namespace(namespace("/")).namespace(namespace("/a")).build()).await
}

async fn listening(server: Server) -> (Server, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let engine = server.engine().clone();
    tokio::spawn(async move { engine.serve(listener).await });
    (server, url)
}

/// The ways to go.
fn transports() -> [Vec<TransportName>; 3] {
    let (polling, websocket) = (TransportName::POLLING, TransportName::WEBSOCKET);
    [vec![polling.clone()], vec![websocket.clone()], vec![polling, websocket]]
}

#[tokio::test]
async fn events_and_answers_go_both_ways_on_every_transport() {
    let (_server, url) = serve().await;
    for transports in transports() {
        let engine = engine::Config::new().with_transports(transports.clone());
        let client = Client::builder(&*url).engine(engine).build().unwrap();
        for namespace in ["/", "/a"] {
            let builder = client.socket(namespace).on("sum", |Data((a, b)): Data<(u32, u32)>| Ack(a + b));
            let socket = timeout(MINUTE, builder.connect()).await.unwrap().unwrap();

            let bytes = Bytes::from_static(&[0, 1, 255]);
            let back: (u32, Bytes) = socket.emit("echo", &(7, &bytes)).timeout(MINUTE).ack().await.unwrap();
            let sum: u32 = socket.emit("ask", &()).timeout(MINUTE).ack().await.unwrap();

            assert_eq!((back, sum), ((7, bytes), 3), "{transports:?} {namespace}");
        }
        client.close().await;
    }
}

#[tokio::test]
async fn answers_come_after_what_was_emitted_before_them() {
    let namespace = Namespace::new("/").on("count", |socket: server::Socket, Data(count): Data<u32>| {
        (0..count).try_for_each(|number| socket.try_emit("number", &number)).map(|()| Ack(count))
    });
    let (_server, url) = listening(Server::builder().namespace(namespace).build()).await;
    for transports in transports() {
        let (told, mut numbers) = mpsc::channel(64);
        let engine = engine::Config::new().with_transports(transports);
        let client = Client::builder(&*url).engine(engine).build().unwrap();
        let note = move |Data(number): Data<u32>| told.try_send(number).unwrap();
        let socket = timeout(MINUTE, client.socket("/").on("number", note).connect()).await.unwrap().unwrap();

        for count in [0, 1, 0, 5, 0] {
            let answer: u32 = socket.emit("count", &count).timeout(MINUTE).ack().await.unwrap();
            let come: Vec<u32> = std::iter::from_fn(|| numbers.try_recv().ok()).collect();

            assert_eq!((answer, come), (count, (0..count).collect()));
        }
        client.close().await;
    }
}

#[tokio::test]
async fn the_path_of_requests_may_be_another_one() {
    let config = server::Config::new().path("/chat/");
    let (_server, url) =
        listening(Server::builder().config(config).namespace(Namespace::new("/")).build()).await;
    let client = |path| Client::builder(&*url).path(path).without_reconnection().build().unwrap();

    let socket = timeout(MINUTE, client("/chat").socket("/").connect()).await.unwrap().unwrap();
    let elsewhere = timeout(MINUTE, client("/socket.io").socket("/").connect()).await.unwrap();

    assert!(socket.is_connected() && matches!(elsewhere, Err(ConnectError::Failed(_))));
}

#[tokio::test]
async fn nothing_is_lost_or_reordered_by_the_upgrade() {
    let (_server, url) = serve().await;
    let (told, mut occurrences) = mpsc::channel(64);
    let builder = Client::builder(&*url).on_occurrence(move |occurrence| {
        if let Occurrence::Upgrade(name) = occurrence {
            told.try_send(name.clone()).unwrap();
        }
    });
    let socket = builder.build().unwrap().socket("/").connect().await.unwrap();

    for n in 0..2000_u32 {
        assert_eq!(socket.emit("echo", &n).timeout(MINUTE).ack::<u32>().await, Ok(n));
    }

    assert_eq!(timeout(MINUTE, occurrences.recv()).await.unwrap(), Some(TransportName::WEBSOCKET));
}

#[tokio::test]
async fn the_server_knows_what_a_socket_speaks_on() {
    let speaks = |socket: server::Socket| Ack(socket.transport().map(|name| name.to_string()));
    let namespace = Namespace::new("/").on("transport", speaks);
    let (_server, url) = listening(Server::builder().namespace(namespace).build()).await;
    for (transports, name) in transports().into_iter().zip(["polling", "websocket", "websocket"]) {
        let engine = engine::Config::new().with_transports(transports);
        let client = Client::builder(&*url).engine(engine).build().unwrap();
        let socket = timeout(MINUTE, client.socket("/").connect()).await.unwrap().unwrap();

        // It begins on the first of its transports, and the upgrade takes its time.
        let changed = async { while socket.emit("transport", &()).ack::<String>().await.unwrap() != name {} };
        timeout(MINUTE, changed).await.unwrap();
        client.close().await;
    }
}

#[tokio::test]
async fn a_socket_is_connected_by_its_url() {
    let (server, url) = serve().await;
    let (told, mut reasons) = mpsc::channel(64);

    let socket = sockeye_client::connect(&format!("{url}/a")).await.unwrap();
    socket.on("disconnect", move |reason: DisconnectReason| told.try_send(reason).unwrap());
    assert_eq!(socket.namespace().as_str(), "/a");
    server.of("/a").unwrap().disconnect(server::Closing::Connection).await.unwrap();

    assert_eq!(timeout(MINUTE, reasons.recv()).await.unwrap(), Some(DisconnectReason::ServerDisconnect));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_forgotten_of_many_who_emit_at_once() {
    let (_server, url) = serve().await;
    let socket = sockeye_client::connect(&url).await.unwrap();

    let emitting: Vec<_> = (0..8_u32)
        .map(|task| {
            let socket = socket.clone();
            tokio::spawn(async move {
                for n in 0..500_u32 {
                    let back = socket.emit("echo", &(task, n)).timeout(MINUTE).ack::<(u32, u32)>().await;
                    assert_eq!(back, Ok((task, n)));
                }
            })
        })
        .collect();

    for task in emitting {
        task.await.unwrap();
    }
}
