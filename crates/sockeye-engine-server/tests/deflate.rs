//! Compressed messages: agreed upon by the handshake, used by what follows.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::pin::Pin;

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_server::{Config, PerMessageDeflate};
use sockeye_message::{Compression, Message, Prepared};
use sockeye_transport::Transport;
use sockeye_websocket::WebSocket;
use support::{echo, engine, once};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use websocket::{HANDSHAKE, Socket, ask, connect};

const QUERY: &str = "EIO=4&transport=websocket";

fn compressing() -> Config {
    Config::new().per_message_deflate(PerMessageDeflate::new())
}

/// The answer to a request with these headers of extensions, and the value of its own.
async fn offer(socket: &mut Socket<DuplexStream>, offers: &[&str]) -> (String, Option<String>) {
    let lines = offers.iter().map(|offer| format!("Sec-WebSocket-Extensions: {offer}\r\n"));
    let head = ask(socket, QUERY, &(lines.collect::<String>() + HANDSHAKE)).await;
    let value = head.lines().find_map(|line| line.strip_prefix("sec-websocket-extensions: "));
    (head.lines().next().unwrap().to_owned(), value.map(str::to_owned))
}

/// A client that has agreed with the server on compressing everything.
async fn client(mut socket: Socket<DuplexStream>, offer_more: &str) -> WebSocket<DuplexStream> {
    let settings = PerMessageDeflate::new().threshold(0);
    let (_, answer) = offer(&mut socket, &[&(settings.offer() + offer_more)]).await;
    let agreement = settings.confirm([answer.unwrap().as_bytes()]).unwrap();
    let mut client = WebSocket::client(socket.0, &[], 10_000_000, 10).with_deflate(agreement.as_ref());
    let Some(Ok(Message::Text(open))) = client.next().await else { panic!("no open packet") };
    assert!(open.starts_with("0{"));
    client
}

#[tokio::test]
async fn the_answer_says_what_was_agreed() {
    let (engine, _reasons) = echo(compressing());
    let cases: [(&[&str], Option<&str>); 6] = [
        (&[], None),
        (&["permessage-deflate; client_max_window_bits"], Some("permessage-deflate")),
        (
            &["mux", "permessage-deflate; server_max_window_bits=10"],
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (&["permessage-deflate; a, permessage-deflate"], Some("permessage-deflate")),
        (&["permessage-deflate; server_max_window_bits=3"], None),
        (&["x-webkit-deflate-frame"], None),
    ];
    for (offers, answer) in cases {
        let (status, value) = offer(&mut connect(&engine), offers).await;
        assert_eq!(status, "HTTP/1.1 101 Switching Protocols", "{offers:?}");
        assert_eq!(value.as_deref(), answer, "{offers:?}");
    }
}

#[tokio::test]
async fn what_is_no_list_of_extensions_is_refused() {
    let (engine, _reasons) = echo(compressing());
    for offers in
        [&["permessage-deflate;"][..], &["permessage-deflate", "a=b"], &["permessage-deflate; a=\"b"]]
    {
        let mut socket = connect(&engine);
        assert_eq!(offer(&mut socket, offers).await, ("HTTP/1.1 400 Bad Request".to_owned(), None));

        let mut body = String::new();
        socket.0.read_to_string(&mut body).await.unwrap();
        assert_eq!(body, "Invalid or unacceptable Sec-WebSocket-Extensions header");
    }
    assert_eq!((engine.sessions(), engine.upgrades_in_flight()), (0, 0));
}

#[tokio::test]
async fn nothing_is_compressed_unless_the_server_wants_it() {
    let (engine, _reasons) = echo(Config::new());
    for offers in [&["permessage-deflate"][..], &["permessage-deflate;"]] {
        let (status, value) = offer(&mut connect(&engine), offers).await;
        assert_eq!((&*status, value), ("HTTP/1.1 101 Switching Protocols", None));
    }

    let mut socket = connect(&engine);
    offer(&mut socket, &["permessage-deflate"]).await;
    socket.opened().await;
    socket.0.write_all(&[0xc1, 0x80, 1, 2, 3, 4]).await.unwrap();

    assert_eq!(socket.rest().await, [(8, 1002_u16.to_be_bytes().to_vec())]);
}

#[tokio::test]
async fn text_and_binary_come_back_as_they_were() {
    let (engine, _reasons) = echo(compressing());
    let mut client = client(connect(&engine), "").await;
    let large = "🐟 repeated ".repeat(10_000);
    let sent = [Message::from("4small"), format!("4{large}").as_str().into(), vec![7; 100_000].into()];

    for _ in 0..3 {
        for message in &sent {
            client.send(message.clone()).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), *message);
        }
    }
}

#[tokio::test]
async fn large_messages_take_few_bytes_and_small_ones_stay_plain() {
    let (engine, _reasons) = echo(compressing());
    let mut socket = connect(&engine);
    offer(&mut socket, &["permessage-deflate"]).await;
    socket.opened().await;

    socket.send(&format!("4{}", "a".repeat(1022))).await;
    assert_eq!(socket.text().await.len(), 1023);
    socket.send(&format!("4{}", "a".repeat(1023))).await;

    let mut head = [0; 2];
    socket.0.read_exact(&mut head).await.unwrap();
    assert_eq!(head[0], 0xc1);
    assert!(head[1] < 50, "{} bytes", head[1]);
}

#[tokio::test]
async fn a_prepared_message_reaches_those_who_compress_and_those_who_do_not() {
    let (engine, mut connections) = engine(compressing());
    let mut clients = Vec::new();
    for more in ["", "; server_no_context_takeover", "; server_max_window_bits=9"] {
        let mut socket = connect(&engine);
        let (_, answer) = offer(&mut socket, &[&format!("permessage-deflate{more}")]).await;
        let settings = PerMessageDeflate::new();
        let agreement = settings.confirm([answer.unwrap().as_bytes()]).unwrap();
        clients.push(WebSocket::client(socket.0, &[], 10_000_000, 10).with_deflate(agreement.as_ref()));
    }
    let mut socket = connect(&engine);
    offer(&mut socket, &[]).await;
    clients.push(WebSocket::client(socket.0, &[], 10_000_000, 10));
    let text = "to all of you: ".repeat(500);
    let messages = [
        Prepared::new(text.as_str().into()),
        Prepared::new(vec![7; 5000].into()),
        Prepared::with_compression(text.as_str().into(), Compression::Off),
        Prepared::new("small".into()),
    ];

    for _ in 0..4 {
        let mut connection = connections.recv().await.unwrap();
        assert!(once(connection.next()).await.is_pending());
        for message in &messages {
            Pin::new(&mut connection).start_send_prepared(message).unwrap();
        }
        connection.flush().await.unwrap();
    }

    for client in &mut clients {
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.push(client.next().await.unwrap().unwrap());
        }
        let text = Message::from(format!("4{text}"));
        assert_eq!(seen[1..], [text.clone(), vec![7; 5000].into(), text, "4small".into()]);
    }
}

#[tokio::test]
async fn a_bomb_ends_its_session() {
    let (engine, mut reasons) = echo(compressing());
    let mut client = client(connect(&engine), "").await;

    client.send(format!("4{}", "a".repeat(1_000_000)).into()).await.unwrap();

    assert!(client.next().await.is_none());
    assert_eq!(reasons.recv().await.unwrap().as_str(), "transport error");
}
