//! Sessions on a WebSocket that somebody else has upgraded: frames in, frames out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::{mem::size_of, pin::Pin};

use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Uri};
use sockeye_engine_server::{
    AcceptError, CloseReason, Config, Connection, Engine, Fault, HandshakeInfo, SessionConfig, Shutdown, Sid,
};
use sockeye_transport::{ErrorKind, Message, Prepared, Transport, TransportName};
use support::{Client, echo, engine, get, once, settle};
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use websocket::{BINARY, CLOSE, Socket, TEXT, masked};

const OPEN: &str = "/engine.io/?EIO=4&transport=websocket";

/// Brings a stream to the engine as if a request to this URL had been upgraded.
async fn bring(engine: &Engine, url: &str) -> (Socket<DuplexStream>, Result<(), AcceptError>) {
    let (ours, theirs) = duplex(64 * 1024);
    let info = HandshakeInfo::of_request(&url.parse::<Uri>().unwrap(), &HeaderMap::new());
    let accepted = engine.accept_upgraded(theirs, info).await;
    (Socket(ours), accepted)
}

async fn opened(engine: &Engine) -> Socket<DuplexStream> {
    let (mut socket, accepted) = bring(engine, OPEN).await;
    accepted.unwrap();
    socket.opened().await;
    socket
}

/// An engine, and the two ends of a session with it.
async fn pair(config: Config) -> (Engine, Socket<DuplexStream>, Connection) {
    let (engine, mut connections) = engine(config);
    let (socket, _) = bring(&engine, OPEN).await;
    let connection = connections.recv().await.unwrap();
    (engine, socket, connection)
}

#[tokio::test(start_paused = true)]
async fn a_session_opens_with_the_open_packet() {
    let (engine, _reasons) = echo(Config::new());
    let (mut socket, accepted) = bring(&engine, OPEN).await;
    accepted.unwrap();

    let open = socket.text().await;

    assert!(open.starts_with(r#"0{"sid":""#), "{open}");
    assert!(
        open.ends_with(r#"","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#),
        "{open}"
    );
}

#[tokio::test(start_paused = true)]
async fn text_and_binary_come_back_as_they_were() {
    let (engine, _reasons) = echo(Config::new());
    let mut socket = opened(&engine).await;

    socket.send("4é€😀").await;
    socket.send_frame(BINARY, &[1, 2, 3]).await;
    socket.send("bAQIDBA==").await;

    assert_eq!(socket.text().await, "4é€😀");
    assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![1, 2, 3]));
    assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![1, 2, 3, 4]));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_asks_for_base64_gets_it() {
    let (engine, mut connections) = engine(Config::new());
    let (mut socket, _) = bring(&engine, &format!("{OPEN}&b64=1")).await;
    let mut connection = connections.recv().await.unwrap();

    connection.feed(vec![1, 2, 3].into()).await.unwrap();
    Pin::new(&mut connection).start_send_prepared(&Prepared::new(vec![4].into())).unwrap();
    connection.flush().await.unwrap();

    socket.opened().await;
    assert_eq!(socket.text().await, "bAQID");
    assert_eq!(socket.text().await, "bBA==");
}

#[tokio::test(start_paused = true)]
async fn a_text_that_stays_the_callers_comes_in_its_turn() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;

    // Nobody has asked yet whether the WebSocket takes anything: this one has to wait for it.
    connection.start_send_text("one").unwrap();
    connection.flush().await.unwrap();
    assert!(once(connection.next()).await.is_pending() && connection.is_writable());
    connection.start_send_text("two").unwrap();
    connection.feed(vec![3].into()).await.unwrap();
    connection.start_send_text("four").unwrap();
    connection.flush().await.unwrap();

    socket.opened().await;
    assert_eq!((socket.text().await, socket.text().await), ("4one".into(), "4two".into()));
    assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![3]));
    assert_eq!(socket.text().await, "4four");
}

#[tokio::test(start_paused = true)]
async fn no_more_text_is_taken_than_a_websocket_holds() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;
    socket.opened_by(&mut connection).await;
    let text = "x".repeat(2000);

    let mut taken = 0;
    while connection.takes_text() && taken < 1_000_000 {
        connection.start_send_text(&text).unwrap();
        taken += text.len();
    }

    assert!((60_000..70_000).contains(&taken), "{taken}");
    socket.frame_beside(&mut connection).await;
    assert!(connection.takes_text());
}

#[tokio::test(start_paused = true)]
async fn a_prepared_message_reaches_many() {
    let (engine, mut connections) = engine(Config::new());
    let (mut one, _) = bring(&engine, OPEN).await;
    let (mut other, _) = bring(&engine, OPEN).await;
    let text = Prepared::new("to all".into());
    let binary = Prepared::new(vec![7; 200].into());

    for _ in 0..2 {
        let mut connection = connections.recv().await.unwrap();
        assert!(once(connection.next()).await.is_pending());
        Pin::new(&mut connection).start_send_prepared(&text).unwrap();
        Pin::new(&mut connection).start_send_prepared(&binary).unwrap();
        connection.flush().await.unwrap();
    }

    for socket in [&mut one, &mut other] {
        socket.opened().await;
        assert_eq!(socket.text().await, "4to all");
        assert_eq!(socket.frame().await.unwrap(), (BINARY, vec![7; 200]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_ping_comes_after_the_interval_and_must_be_answered() {
    let (engine, mut reasons) = echo(Config::new());
    let mut socket = opened(&engine).await;
    let before = tokio::time::Instant::now();

    assert_eq!(socket.text().await, "2");
    assert_eq!(before.elapsed().as_secs(), 25);
    socket.send("3").await;
    assert_eq!(socket.text().await, "2");
    assert_eq!(before.elapsed().as_secs(), 50);

    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);
    assert_eq!(before.elapsed().as_secs(), 70);
    assert_eq!(reasons.recv().await, Some(CloseReason::PingTimeout));
}

#[tokio::test(start_paused = true)]
async fn what_ends_a_session_has_its_reason() {
    for (frame, reason) in [
        (masked(TEXT, b"1"), CloseReason::TransportClose),
        (masked(TEXT, b"2"), CloseReason::TransportError),
        (masked(TEXT, b"abc"), CloseReason::ParseError),
        (masked(TEXT, b""), CloseReason::ParseError),
        (masked(TEXT, b"4\xff"), CloseReason::TransportError),
        (masked(CLOSE, b""), CloseReason::TransportClose),
        (masked(3, b""), CloseReason::TransportError),
        (b"\x81\x024a".to_vec(), CloseReason::TransportError),
        (b"\xff\xff\xff\xff".to_vec(), CloseReason::TransportError),
    ] {
        let (engine, mut reasons) = echo(Config::new());
        let mut socket = opened(&engine).await;

        socket.0.write_all(&frame).await.unwrap();

        assert_eq!(reasons.recv().await, Some(reason), "{frame:?}");
        let rest = socket.rest().await;
        assert_eq!(rest.last().map(|frame| frame.0), Some(CLOSE), "{frame:?}: {rest:?}");
        assert_eq!(engine.sessions(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_over_the_limit_is_told_by_a_status() {
    let session = SessionConfig::new().with_max_payload(10);
    let (engine, mut reasons) = echo(Config::new().session(session));
    let mut socket = opened(&engine).await;

    socket.send("4123456789").await;
    assert_eq!(socket.text().await, "4123456789");
    socket.send("41234567890").await;

    assert_eq!(socket.rest().await[0].1[..2], 1009_u16.to_be_bytes());
    assert_eq!(reasons.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test(start_paused = true)]
async fn a_reset_at_any_byte_ends_the_session() {
    let frame = masked(TEXT, b"4hello");
    for cut in 0..frame.len() {
        let (engine, mut reasons) = echo(Config::new());
        let mut socket = opened(&engine).await;

        socket.0.write_all(&frame[..cut]).await.unwrap();
        drop(socket);

        assert_eq!(reasons.recv().await, Some(CloseReason::TransportClose), "after {cut} bytes");
        assert_eq!(engine.sessions(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn closing_sends_what_waits_and_an_empty_close_frame() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;
    connection.feed("last".into()).await.unwrap();

    connection.close().await.unwrap();

    socket.opened().await;
    assert_eq!(socket.rest().await, [(TEXT, b"4last".to_vec()), (CLOSE, vec![])]);
    assert_eq!(connection.close_reason(), Some(CloseReason::ForcedClose));
    assert!(connection.next().await.is_none());
    assert_eq!(connection.send("late".into()).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_ever_for_a_peer_that_does_not_read() {
    let (_engine, _socket, mut connection) = pair(Config::new()).await;
    connection.feed(vec![0; 100_000].into()).await.unwrap();
    let began = tokio::time::Instant::now();

    connection.close().await.unwrap();

    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(connection.close_reason(), Some(CloseReason::ForcedClose));
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_writable_until_its_peer_stops_reading() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;
    socket.opened_by(&mut connection).await;
    assert!(connection.is_writable());
    connection.send("small".into()).await.unwrap();
    assert!(connection.is_writable());

    assert!(once(connection.send(vec![0; 100_000].into())).await.is_pending());
    assert!(!connection.is_writable());
    let sending = once(connection.flush()).await;
    assert!(sending.is_pending());

    assert_eq!(socket.text().await, "4small");
    socket.frame_beside(&mut connection).await;
    assert!(connection.is_writable());
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_peer_that_does_not_read_is_bounded() {
    let session = SessionConfig::new().with_outbox_bytes(10_000);
    let (_engine, _socket, mut connection) = pair(Config::new().session(session)).await;

    let mut taken = 0;
    while once(connection.feed(vec![0; 10_000].into())).await.is_ready() {
        taken += 10_000;
    }

    assert!(taken <= 2 * 64 * 1024 + 20_000, "{taken}");
    let mut refused = None;
    for _ in 0..3 {
        refused = connection.start_send_unpin(vec![0; 10_000].into()).err().or(refused);
    }
    assert_eq!(refused.map(|error| error.kind()), Some(ErrorKind::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn discarding_closes_at_once() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;
    assert!(once(connection.next()).await.is_pending());

    connection.shut_down(Shutdown::Discard);

    assert!(connection.next().await.is_none());
    connection.close().await.unwrap();
    socket.opened().await;
    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_connection_says_goodbye() {
    let (engine, mut socket, mut connection) = pair(Config::new()).await;
    assert!(once(connection.next()).await.is_pending());

    drop(connection);

    socket.opened().await;
    assert_eq!(socket.rest().await, [(CLOSE, vec![])]);
    assert_eq!(engine.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn requests_do_not_reach_a_session_on_a_websocket() {
    let (engine, mut reasons) = echo(Config::new());
    let (mut socket, _) = bring(&engine, OPEN).await;
    let sid = socket.opened().await;
    let client = Client::known(&engine, sid);

    for seen in [client.get().await, client.post("4a").await] {
        assert_eq!(seen.brief(), (400, r#"{"code":3,"message":"Bad request"}"#));
    }
    let url = format!("{OPEN}&sid={}", client.sid);
    let (mut second, accepted) = bring(&engine, &url).await;
    accepted.unwrap();
    assert_eq!(second.rest().await, [(CLOSE, vec![])], "a session on a WebSocket is not taken over");

    socket.send("4still here").await;
    assert_eq!(socket.text().await, "4still here");
    assert!(reasons.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn requests_that_open_nothing_get_a_close_frame() {
    let (engine, _reasons) = echo(Config::new());
    for url in
        ["/", "/?EIO=3&transport=websocket", "/?EIO=4&transport=polling", "/?EIO=4&transport=websocket&sid=x"]
    {
        let (mut socket, accepted) = bring(&engine, url).await;

        assert!(matches!(accepted, Err(AcceptError::Refused(_))), "{url}");
        assert_eq!(socket.rest().await, [(CLOSE, vec![])], "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_client_is_pinged_as_well() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;
    socket.opened_by(&mut connection).await;

    for _ in 0..30 {
        for _ in 0..10 {
            socket.send("4busy").await;
        }
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        for _ in 0..10 {
            connection.next().await.unwrap().unwrap();
        }
    }
    connection.flush().await.unwrap();

    assert_eq!(socket.text().await, "2");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_pongs_leaves_room_for_others() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;
    let mut flood = Vec::new();
    for _ in 0..1000 {
        flood.extend(masked(TEXT, b"3"));
    }
    flood.extend(masked(TEXT, b"4end"));
    socket.0.write_all(&flood).await.unwrap();

    assert!(once(connection.next()).await.is_pending(), "it gives way in the midst of the flood");

    assert_eq!(connection.next().await.unwrap().unwrap(), Message::from("end"));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_small() {
    assert!(size_of::<Connection>() <= 640, "{} bytes", size_of::<Connection>());
}

#[tokio::test(start_paused = true)]
async fn upgraded_by_somebody_else_it_is_a_websocket() {
    let (engine, mut connections) = engine(Config::new());
    let (_socket, _) = bring(&engine, OPEN).await;

    let connection = connections.recv().await.unwrap();

    assert_eq!(connection.name(), TransportName::WEBSOCKET);
    assert_eq!(connection.handshake().url(), OPEN);
    settle().await;
    assert_eq!(get(&engine, "/").await.status, 400);
}

impl Socket<DuplexStream> {
    /// Reads a frame while the connection sends it.
    async fn frame_beside(&mut self, connection: &mut Connection) {
        let (frame, flushed) = futures_util::future::join(self.frame(), connection.flush()).await;
        frame.unwrap();
        flushed.unwrap();
    }

    /// Lets the connection send its `open` packet and reads it.
    async fn opened_by(&mut self, connection: &mut Connection) {
        assert!(once(connection.next()).await.is_pending());
        self.opened().await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_heartbeat_is_told_to_those_who_ask() {
    let (sender, mut beats) = tokio::sync::mpsc::channel(8);
    let (engine, _reasons) = echo(Config::new().on_heartbeat(move |sid: &Sid, request: &HandshakeInfo| {
        sender.try_send((sid.as_str().to_owned(), request.url().to_owned())).unwrap();
    }));
    let (mut socket, _) = bring(&engine, OPEN).await;
    let sid = socket.opened().await;
    assert_eq!(socket.text().await, "2");
    assert!(beats.try_recv().is_err(), "a ping is not enough");

    socket.send("3").await;

    assert_eq!(beats.recv().await, Some((sid, OPEN.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_was_behind_a_transport_error_can_be_told() {
    let (_engine, mut socket, mut connection) = pair(Config::new()).await;

    socket.send("2").await;

    assert!(connection.next().await.unwrap().is_err());
    assert_eq!(connection.fault(), Some(Fault::HeartbeatDirection));
}
