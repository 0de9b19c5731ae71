//! The wire in both roles, against itself over real connections.

use std::time::Duration;

use sockeye_conformance::wire::http::{
    Framing, Request, Response, read_request, read_response, read_response_body, read_response_head,
};
use sockeye_conformance::wire::websocket::{self, Frame, Incoming, WebSocket};
use sockeye_conformance::wire::{Error, Message, Tcp, Watch};
use tokio::net::TcpListener;

/// A client's end and a server's end of one connection.
async fn pair() -> (Tcp, Tcp) {
    let watch = Watch::new(1.0);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let (client, accepted) = tokio::join!(Tcp::connect(address, "client", &watch), listener.accept());
    (client.expect("it connects"), Tcp::new(accepted.expect("it accepts").0, "server", &watch))
}

async fn websockets() -> (WebSocket, WebSocket) {
    let (client, mut server) = pair().await;
    let request = websocket::request("/engine.io/", &websocket::key()).header("Host", "x");
    let accepting = async {
        let request = read_request(&mut server).await.expect("it is a request").expect("one comes");
        websocket::accept(server, &request).await.expect("it has a key")
    };
    let (opened, accepted) = tokio::join!(websocket::open(client, &request), accepting);
    (opened.expect("it is accepted").0, accepted)
}

#[tokio::test]
async fn a_request_arrives_as_it_was_sent_however_it_is_framed() {
    for framing in [Framing::Length, Framing::Chunked(1), Framing::Chunked(1000)] {
        let (mut client, mut server) = pair().await;
        let request = Request::post("/a?b=c", "4hello").header("X-Own", "1").framed(framing);

        request.send(&mut client.writer).await.unwrap();

        let came = read_request(&mut server).await.unwrap().unwrap();
        assert_eq!((came.method.as_str(), came.path(), came.query_value("b")), ("POST", "/a", Some("c")));
        assert_eq!((came.headers.find("x-own"), &came.body[..]), (Some("1"), &b"4hello"[..]));
    }
}

#[tokio::test]
async fn requests_that_come_byte_by_byte_follow_each_other_on_one_connection() {
    let (mut client, mut server) = pair().await;
    let both = [Request::post("/1", "one").to_bytes(), Request::get("/2").to_bytes()].concat();

    client.writer.dribble(both, Duration::ZERO).await.unwrap();

    let first = read_request(&mut server).await.unwrap().unwrap();
    let second = read_request(&mut server).await.unwrap().unwrap();
    assert_eq!((&first.body[..], second.target.as_str()), (&b"one"[..], "/2"));
}

#[tokio::test]
async fn a_response_ends_by_its_length_its_last_chunk_or_the_stream() {
    for framing in [Framing::Length, Framing::Chunked(2), Framing::AsIs] {
        let (mut client, mut server) = pair().await;
        let response = Response::ok("40{}").framed(framing);

        response.send(&mut server.writer).await.unwrap();
        server.writer.shut_down().await.unwrap();

        assert_eq!(read_response(&mut client, "GET").await.unwrap().text(), "40{}");
    }
}

#[tokio::test]
async fn a_response_that_stops_in_its_middle_is_no_response() {
    let (mut client, mut server) = pair().await;
    let response = Response::ok("4hello").header("Content-Length", "100").framed(Framing::AsIs);

    response.send(&mut server.writer).await.unwrap();
    server.writer.shut_down().await.unwrap();

    let head = read_response_head(&mut client.reader).await.unwrap();
    let body = read_response_body(&mut client.reader, &head).await;
    assert_eq!(body, Err(Error::Closed { what: "the rest of a body of 100 bytes".into() }));
}

#[tokio::test]
async fn what_is_no_http_is_malformed() {
    let (mut client, mut server) = pair().await;

    server.send("HTP/9 what\r\n\r\n").await.unwrap();

    assert!(matches!(read_response(&mut client, "GET").await, Err(Error::Malformed(_))));
}

#[tokio::test]
async fn messages_cross_a_websocket_in_both_directions() {
    let (mut client, mut server) = websockets().await;
    let long: Vec<u8> = (0..=255).cycle().take(70_000).collect();

    client.send("2probe").await.unwrap();
    server.expect("2probe").await.unwrap();
    for length in [0, 125, 126, 65_535, 65_536, 70_000] {
        server.send(&long[..length]).await.unwrap();
        assert_eq!(client.next().await.unwrap(), Message::from(&long[..length]));
    }
}

#[tokio::test]
async fn fragments_become_one_message_and_a_ping_between_them_is_answered() {
    let (mut client, mut server) = websockets().await;

    client.send_frame(Frame::text("4he").unfinished()).await.unwrap();
    client.send_frame(Frame::ping("now")).await.unwrap();
    client.send_frame(Frame::continuation("llo")).await.unwrap();

    server.expect("4hello").await.unwrap();
    assert_eq!(client.next_frame().await.unwrap(), Frame::pong("now").unmasked());
}

#[tokio::test]
async fn wrong_frames_arrive_as_wrong_as_they_were_sent() {
    let (mut client, mut server) = websockets().await;
    let wrong = [
        Frame::text("rsv").rsv(0b011),
        Frame::text([0xff, 0xfe]),
        Frame::new(3, "reserved"),
        Frame::ping([7; 126]),
        Frame::ping("in part").unfinished(),
        Frame::close(1005, "never sent").unmasked(),
    ];

    for frame in &wrong {
        client.send_frame(frame.clone()).await.unwrap();
    }

    for frame in wrong {
        let came = server.next_frame().await.unwrap();
        assert_eq!((came.is_final, came.rsv, came.opcode), (frame.is_final, frame.rsv, frame.opcode));
        assert_eq!((came.payload, came.masking == frame.masking), (frame.payload, frame.opcode == 8));
    }
}

#[tokio::test]
async fn text_that_is_no_utf_8_and_a_frame_that_is_too_long_are_told_as_such() {
    let (mut client, mut server) = websockets().await;

    client.send_frame(Frame::text([0xff])).await.unwrap();
    assert!(matches!(server.next().await, Err(Error::Malformed(_))));

    server.send_frame(Frame::binary("").declaring(u64::MAX)).await.unwrap();
    assert!(matches!(client.next().await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn the_end_of_a_websocket_is_told_with_its_code() {
    let (mut client, server) = websockets().await;
    let (mut reader, mut writer) = server.split();

    client.close(1000).await.unwrap();
    assert_eq!(reader.read().await, Ok(Incoming::Close(Some(1000))));
    writer.send_frame(Frame::close(1001, "gone")).await.unwrap();

    assert_eq!(client.expect_close().await, Ok(Some(1001)));
}

#[tokio::test]
async fn what_does_not_come_is_not_waited_for_for_ever() {
    let watch = Watch::new(0.01);

    let result: Result<(), Error> = watch.wait_for("answer", std::future::pending()).await;

    let limit = Duration::from_millis(50);
    assert_eq!(result, Err(Error::Nothing { what: "answer".into(), limit }));
}

#[tokio::test]
async fn a_reset_is_seen_as_a_broken_connection() {
    let (client, mut server) = pair().await;

    client.reset().unwrap();

    assert_eq!(server.reader.read_more().await, Err(Error::Broken(std::io::ErrorKind::ConnectionReset)));
}
