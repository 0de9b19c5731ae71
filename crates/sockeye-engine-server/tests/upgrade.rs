//! From long-polling to WebSocket, over HTTP/1.1 as it stands on the wire.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_server::{CloseReason, Config, Cors, Engine, Origin, SessionConfig};
use sockeye_transport::{Message, Transport, TransportName};
use support::{Client, echo, engine, once, settle};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, advance},
};
use websocket::{CLOSE, HANDSHAKE, TEXT, ask, attached, connect, masked, probed};

/// The answer to a whole request, as text.
async fn exchange(engine: &Engine, request: &str) -> String {
    let mut socket = connect(engine);
    socket.0.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.0.read_to_string(&mut answer).await.unwrap();
    without_date(&answer)
}

fn without_date(answer: &str) -> String {
    answer.split_inclusive("\r\n").filter(|line| !line.starts_with("date: ")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_session_may_open_on_a_websocket() {
    let (engine, _reasons) = echo(Config::new());
    let mut socket = connect(&engine);

    let head = ask(&mut socket, "EIO=4&transport=websocket", HANDSHAKE).await;

    assert_eq!(
        without_date(&head),
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
    socket.opened().await;
    socket.send("4hello").await;
    assert_eq!(socket.text().await, "4hello");
    assert_eq!(engine.upgrades_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_header_may_stand_in_several_lines() {
    let (engine, _reasons) = echo(Config::new());
    let mut socket = connect(&engine);

    ask(&mut socket, "EIO=4&transport=websocket", &format!("Connection: keep-alive\r\n{HANDSHAKE}")).await;

    socket.opened().await;
}

#[tokio::test(start_paused = true)]
async fn frames_right_behind_the_request_are_not_lost() {
    let (engine, _reasons) = echo(Config::new());
    let mut socket = connect(&engine);
    let mut request =
        format!("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n{HANDSHAKE}").into_bytes();
    request.extend(masked(TEXT, b"4early"));

    socket.0.write_all(&request).await.unwrap();

    socket.head().await;
    socket.opened().await;
    assert_eq!(socket.text().await, "4early");
}

#[tokio::test(start_paused = true)]
async fn bad_frames_right_behind_the_request_end_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let mut socket = connect(&engine);
    let mut request =
        format!("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n{HANDSHAKE}").into_bytes();
    request.extend([0xff; 16]);

    socket.0.write_all(&request).await.unwrap();

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn the_whole_dance() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let connection = connections.recv().await.unwrap();
    let echo = tokio::spawn(echo_until_closed(connection));
    let mut socket = probed(&client).await;
    let poll = client.waiting_get().await;
    let asked = Instant::now();

    assert_eq!(poll.await.unwrap().brief(), (200, "6"), "a poll that waits is sent home");
    assert!(asked.elapsed() <= Duration::from_millis(101), "{:?}", asked.elapsed());
    socket.send("5").await;
    socket.send("4over here").await;

    assert_eq!(socket.text().await, "4over here");
    for seen in [client.get().await, client.post("4a").await] {
        assert_eq!(seen.brief(), (400, r#"{"code":3,"message":"Bad request"}"#));
    }
    drop(socket);
    assert!(echo.await.unwrap(), "the connection knows that it was upgraded");
}

async fn echo_until_closed(mut connection: sockeye_engine_server::Connection) -> bool {
    while let Some(Ok(message)) = connection.next().await {
        assert_eq!(connection.name(), TransportName::WEBSOCKET);
        connection.send(message).await.unwrap();
    }
    connection.is_upgraded()
}

#[tokio::test(start_paused = true)]
async fn what_waits_goes_out_on_the_new_transport() {
    let (engine, mut connections) = engine(Config::new());
    let client = Client::open(&engine).await;
    let mut connection = connections.recv().await.unwrap();
    let mut socket = attached(&client).await;
    for text in ["a", "b", "c"] {
        connection.feed(text.into()).await.unwrap();
    }
    let driven = tokio::spawn(async move { connection.next().await });

    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    socket.send("5").await;

    for expected in ["4a", "4b", "4c"] {
        assert_eq!(socket.text().await, expected);
    }
    socket.send("4d").await;
    assert_eq!(driven.await.unwrap().unwrap().unwrap(), Message::from("d"));
}

#[tokio::test(start_paused = true)]
async fn polling_goes_on_while_a_candidate_is_tried() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let _socket = probed(&client).await;

    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
    assert_eq!(client.get().await.brief(), (200, "4a"));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_waits_at_the_switch_is_told_that_it_is_over() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = probed(&client).await;
    let poll = client.waiting_get().await;

    socket.send("5").await;

    assert_eq!(poll.await.unwrap().brief(), (200, "1"));
    socket.send("4on").await;
    assert_eq!(socket.text().await, "4on");
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_says_anything_else_is_dropped() {
    for first in ["4a", "2", "abc", "1", "3probe"] {
        let (engine, _reasons) = echo(Config::new());
        let client = Client::open(&engine).await;
        let mut socket = attached(&client).await;

        socket.send(first).await;

        assert_eq!(socket.rest().await, [(CLOSE, vec![])], "{first}");
        assert_eq!(client.post("4b").await.brief(), (200, "ok"));
        assert_eq!(client.get().await.brief(), (200, "4b"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_never_probes_is_dropped() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = attached(&client).await;
    let began = Instant::now();

    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);

    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(client.post("4b").await.brief(), (200, "ok"));
    assert_eq!(client.get().await.brief(), (200, "4b"));
    probed(&client).await;
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_breaks_is_forgotten() {
    for sent in [&b""[..], b"\x81", b"\xff\xff\xff\xff"] {
        let (engine, _reasons) = echo(Config::new());
        let client = Client::open(&engine).await;
        let mut socket = probed(&client).await;

        socket.0.write_all(sent).await.unwrap();
        drop(socket);
        settle().await;

        assert_eq!(client.post("4b").await.brief(), (200, "ok"));
        assert_eq!(client.get().await.brief(), (200, "4b"));
        probed(&client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_candidate_is_accepted_and_closed() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut first = probed(&client).await;

    let mut second = attached(&client).await;
    assert_eq!(second.rest().await, [(CLOSE, vec![])]);

    first.send("5").await;
    first.send("4a").await;
    assert_eq!(first.text().await, "4a");
    let mut third = attached(&client).await;
    assert_eq!(third.rest().await, [(CLOSE, vec![])], "an upgraded session stays where it is");
}

#[tokio::test(start_paused = true)]
async fn closing_the_session_closes_its_candidate() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = probed(&client).await;

    client.post("1").await;

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportClose));
    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);
}

#[tokio::test(start_paused = true)]
async fn without_upgrades_none_is_offered_and_none_accepted() {
    let (engine, _reasons) = echo(Config::new().session(SessionConfig::new().without_upgrades()));
    let seen = support::get(&engine, "/engine.io/?EIO=4&transport=polling").await;
    assert!(seen.body.contains(r#""upgrades":[]"#), "{}", seen.body);

    let client = Client::open(&engine).await;
    let mut socket = attached(&client).await;

    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_doubled_whenever_the_switch_comes() {
    for switch_after in 0..12 {
        let (engine, mut connections) = engine(Config::new());
        let client = Client::open(&engine).await;
        let connection = connections.recv().await.unwrap();
        let numbers = tokio::spawn(send_numbers(connection));
        let polls = tokio::spawn(poll_all(client.clone()));
        let mut socket = probed(&client).await;

        for _ in 0..switch_after {
            tokio::task::yield_now().await;
            advance(Duration::from_millis(7)).await;
        }
        socket.send("5").await;

        let mut seen = Vec::new();
        while seen.last().is_none_or(|last| last != "4end") {
            seen.push(socket.text().await);
        }
        let mut all = polls.await.unwrap();
        all.extend(seen);
        let expected: Vec<_> = (0..100).map(|number| format!("4{number}")).chain(["4end".into()]).collect();
        assert_eq!(all, expected, "switched after {switch_after}");
        numbers.abort();
    }
}

/// Sends a number each millisecond.
async fn send_numbers(mut connection: sockeye_engine_server::Connection) {
    let mut clock = tokio::time::interval(Duration::from_millis(1));
    for number in 0..100 {
        connection.feed(number.to_string().into()).await.unwrap();
        clock.tick().await;
        assert!(once(connection.next()).await.is_pending());
    }
    connection.feed("end".into()).await.unwrap();
    connection.next().await;
}

/// Polls until polling is over; returns the messages.
async fn poll_all(client: Client) -> Vec<String> {
    let mut messages = Vec::new();
    loop {
        let seen = client.get().await;
        let is_over = seen.status != 200 || seen.body == "1";
        if is_over {
            return messages;
        }
        messages.extend(seen.body.split('\u{1e}').filter(|packet| packet.starts_with('4')).map(String::from));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_upgrades_read_as_the_reference_writes_them() {
    let (engine, _reasons) = echo(Config::new());
    for (query, message) in [
        ("", "Transport unknown"),
        ("EIO=4&transport=constructor", "Transport unknown"),
        ("EIO=4&transport=websocket&sid=abc", "Session ID unknown"),
        ("EIO=3&transport=websocket", "Unsupported protocol version"),
        ("transport=websocket", "Unsupported protocol version"),
        ("EIO=4&transport=polling", "Bad request"),
    ] {
        let answer = exchange(&engine, &format!("GET /engine.io/?{query} HTTP/1.1\r\n{HANDSHAKE}")).await;

        let len = message.len();
        assert_eq!(
            answer,
            format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\nconnection: close\r\n\
                 content-length: {len}\r\n\r\n{message}"
            )
        );
    }
}

#[tokio::test(start_paused = true)]
async fn handshakes_that_are_none_are_refused() {
    let (engine, _reasons) = echo(Config::new());
    for (from, to) in [
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12"),
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
        ("dGhlIHNhbXBsZSBub25jZQ==", "short"),
        ("Upgrade: websocket", "Upgrade: h2c"),
    ] {
        let headers = HANDSHAKE.replace(from, to);
        let request = format!("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n{headers}");

        let answer = exchange(&engine, &request).await;

        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert_eq!(engine.upgrades_in_flight(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_at_any_byte_of_the_handshake_leaves_nothing_behind() {
    let (engine, _reasons) = echo(Config::new());
    let mut request =
        format!("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n{HANDSHAKE}").into_bytes();
    request.extend(masked(TEXT, b"4early"));

    for cut in 0..=request.len() {
        let mut socket = connect(&engine);
        socket.0.write_all(&request[..cut]).await.unwrap();
        drop(socket);
        settle().await;
    }

    assert_eq!(engine.sessions(), 0);
    assert_eq!(engine.upgrades_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_subprotocol_is_taken() {
    let (engine, _reasons) = echo(Config::new());
    for (offered, taken) in [
        ("Sec-WebSocket-Protocol: one, two\r\n", Some("sec-websocket-protocol: one\r\n")),
        ("Sec-WebSocket-Protocol:             ,a\r\n", None),
        ("Sec-WebSocket-Protocol: caf\u{e9}\r\n", None),
        ("Sec-WebSocket-Extensions: constructor\r\n", None),
    ] {
        let mut socket = connect(&engine);

        let head = ask(&mut socket, "EIO=4&transport=websocket", &format!("{offered}{HANDSHAKE}")).await;

        assert!(head.starts_with("HTTP/1.1 101 "), "{offered}: {head}");
        match taken {
            Some(line) => assert!(head.contains(line), "{head}"),
            None => assert!(!head.contains("protocol:"), "{head}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn browsers_get_their_headers_with_the_upgrade() {
    let (engine, _reasons) = echo(Config::new().cors(Cors::new(Origin::Any)));
    let mut socket = connect(&engine);

    let head = ask(&mut socket, "EIO=4&transport=websocket", HANDSHAKE).await;

    assert!(head.contains("access-control-allow-origin: *\r\n"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn upgrades_in_flight_are_bounded() {
    let (engine, _reasons) = echo(Config::new().max_upgrades_in_flight(0));
    let mut socket = connect(&engine);

    let head = ask(&mut socket, "EIO=4&transport=websocket", HANDSHAKE).await;

    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn polling_over_the_wire_reads_as_it_should() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let query = format!("EIO=4&transport=polling&sid={}", client.sid);
    let post =
        format!("POST /engine.io/?{query} HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n4a");
    let get = format!("GET /engine.io/?{query} HTTP/1.1\r\nConnection: close\r\n\r\n");

    assert_eq!(
        exchange(&engine, &post).await,
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncache-control: no-store\r\nconnection: close\r\n\
         content-length: 2\r\n\r\nok"
    );
    assert_eq!(
        exchange(&engine, &get).await,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=UTF-8\r\ncache-control: no-store\r\n\
         connection: close\r\ncontent-length: 2\r\n\r\n4a"
    );
}

#[tokio::test(start_paused = true)]
async fn a_large_body_is_refused_before_it_is_read() {
    let (engine, _reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let query = format!("EIO=4&transport=polling&sid={}", client.sid);
    let mut socket = connect(&engine);
    let post = format!("POST /engine.io/?{query} HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n4");

    socket.0.write_all(post.as_bytes()).await.unwrap();

    let head = without_date(&socket.head().await);
    assert_eq!(head, "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n\r\n");
    assert!(socket.rest().await.is_empty(), "the connection is closed, for nobody reads the body");
    assert_eq!(client.post("4a").await.brief(), (200, "ok"));
}

#[tokio::test(start_paused = true)]
async fn a_poll_whose_connection_breaks_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = connect(&engine);
    let get = format!("GET /engine.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\n\r\n", client.sid);
    socket.0.write_all(get.as_bytes()).await.unwrap();
    settle().await;

    drop(socket);

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_cut_ends_the_session() {
    let (engine, mut reasons) = echo(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = connect(&engine);
    let post = format!(
        "POST /engine.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nContent-Length: 10\r\n\r\n4a",
        client.sid
    );
    socket.0.write_all(post.as_bytes()).await.unwrap();
    settle().await;

    drop(socket);

    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}
