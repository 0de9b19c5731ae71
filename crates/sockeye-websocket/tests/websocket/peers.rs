//! Two other crates understand what the socket sends, and the socket what they send, in both roles.

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use proptest::prelude::*;
use sockeye_transport::Message;
use sockeye_websocket::WebSocket;
use tokio::{
    io::{DuplexStream, duplex},
    runtime::{Builder, Runtime},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message as Tungstenite,
        protocol::{CloseFrame, Role},
    },
};
use tokio_websockets::{ClientBuilder, Message as TokioWebSockets, ServerBuilder};

use crate::{
    chunks::messages,
    wire::{MAX_FRAGMENTS, MAX_MESSAGE},
};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// How much the stream between the two holds.
fn capacities() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![50, 4000, 300_000])
}

fn server(io: DuplexStream) -> WebSocket<DuplexStream> {
    WebSocket::server(io, &[], MAX_MESSAGE, MAX_FRAGMENTS)
}

fn client(io: DuplexStream) -> WebSocket<DuplexStream> {
    WebSocket::client(io, &[], MAX_MESSAGE, MAX_FRAGMENTS)
}

/// Sends the messages, takes as many from the peer, which echoes them, and closes.
async fn converse(socket: WebSocket<DuplexStream>, messages: &[Message]) -> Vec<Message> {
    let (mut sink, mut stream) = socket.split();
    let outward = async {
        for message in messages {
            sink.send(message.clone()).await.unwrap();
        }
    };
    let inward = async {
        let mut received = Vec::new();
        while received.len() < messages.len() {
            received.push(stream.next().await.unwrap().unwrap());
        }
        received
    };
    let ((), received) = tokio::join!(outward, inward);
    sink.close().await.unwrap();
    assert!(stream.next().await.is_none(), "the peer answers the close");
    received
}

/// The peer: sends back whatever `is_data`, until the end. How much that was.
async fn echo<M, E>(
    mut peer: impl Stream<Item = Result<M, E>> + Sink<M, Error = E> + Unpin,
    is_data: impl Fn(&M) -> bool,
) -> usize {
    let mut count = 0;
    while let Some(Ok(message)) = peer.next().await {
        if is_data(&message) && peer.send(message).await.is_ok() {
            count += 1;
        }
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tungstenite_agrees(sent in messages(), serves: bool, capacity in capacities()) {
        let (count, received) = runtime().block_on(async {
            let (near, far) = duplex(capacity);
            let (socket, role) = if serves { (server(near), Role::Client) } else { (client(near), Role::Server) };
            let peer = WebSocketStream::from_raw_socket(far, role, None).await;
            tokio::join!(
                echo(peer, |message: &Tungstenite| message.is_text() || message.is_binary()),
                converse(socket, &sent),
            )
        });

        prop_assert_eq!(count, sent.len());
        prop_assert_eq!(received, sent);
    }

    #[test]
    fn tokio_websockets_agrees(sent in messages(), serves: bool, capacity in capacities()) {
        let (count, received) = runtime().block_on(async {
            let (near, far) = duplex(capacity);
            let (socket, peer) = if serves {
                (server(near), ClientBuilder::new().take_over(far))
            } else {
                (client(near), ServerBuilder::new().serve(far))
            };
            tokio::join!(
                echo(peer, |message: &TokioWebSockets| message.is_text() || message.is_binary()),
                converse(socket, &sent),
            )
        });

        prop_assert_eq!(count, sent.len());
        prop_assert_eq!(received, sent);
    }
}

#[tokio::test]
async fn a_peer_that_closes_first_gets_its_code_back() {
    let (near, far) = duplex(1000);
    let mut socket = server(near);
    let mut peer = WebSocketStream::from_raw_socket(far, Role::Client, None).await;
    peer.send(Tungstenite::Ping(Bytes::from_static(b"hi"))).await.unwrap();
    peer.close(Some(CloseFrame { code: 3001.into(), reason: "x".into() })).await.unwrap();

    assert!(socket.next().await.is_none());
    socket.close().await.unwrap();

    let answers: Vec<Tungstenite> = peer.filter_map(async |answer| answer.ok()).collect().await;
    let Some(Tungstenite::Close(Some(close))) = answers.last() else { panic!("{answers:?}") };
    assert_eq!(u16::from(close.code), 3001);
}
