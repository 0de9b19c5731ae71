//! What servers of long-polling do that they should not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_client::{
    CloseReason, Config, ConnectError, DialError, Failure, Fault, HttpError, RequestError, Url, connect,
};
use sockeye_transport::ErrorKind;
use support::{
    polling,
    raw::{self, Peer, open_packet},
};
use tokio::time::timeout;

/// How a session that should begin by long-polling fails.
async fn refused(url: &Url, config: &Config) -> Failure {
    match connect(url, config).await {
        Err(ConnectError::Transport { name, failure }) => {
            assert_eq!(name.as_str(), "polling");
            failure
        }
        other => panic!("{other:?}"),
    }
}

/// How a session fails whose handshake is answered by these bytes.
async fn refused_by(answer: &'static str) -> RequestError {
    let url = raw::server(async move |mut peer: Peer| {
        peer.request().await;
        peer.write(answer.as_bytes()).await;
    })
    .await;
    match refused(&url, &polling()).await {
        Failure::Poll(error) => error,
        other => panic!("{other:?}"),
    }
}

/// How a session ends that was opened, and whose next poll is answered by this body.
async fn ended_by(body: &'static str) -> (Option<CloseReason>, Option<Fault>, Option<ErrorKind>) {
    let url = raw::server(async move |mut peer: Peer| {
        peer.request().await;
        peer.answer(&open_packet("[]", 60_000)).await;
        while let Some(request) = peer.request().await {
            peer.answer(if request.line.starts_with("GET") { body } else { "ok" }).await;
        }
    })
    .await;
    let mut client = connect(&url, &polling()).await.unwrap();
    let item = client.next().await;
    assert!(client.next().await.is_none());
    (client.close_reason(), client.fault(), item.map(|item| item.unwrap_err().kind()))
}

#[tokio::test]
async fn an_engine_that_refuses_says_why() {
    let body = r#"{"code":1,"message":"Session ID unknown"}"#;
    let url = raw::server(async move |mut peer: Peer| {
        peer.request().await;
        peer.answer_with("400 Bad Request", "", body).await;
    })
    .await;

    let error = connect(&url, &polling()).await.unwrap_err();

    assert_eq!(error.to_string(), "xhr poll error");
    let ConnectError::Transport { failure: Failure::Poll(RequestError::Refused(refusal)), .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!((refusal.status, refusal.code), (400, Some(1)));
    assert_eq!(refusal.message.as_deref(), Some("Session ID unknown"));
}

#[tokio::test]
async fn any_other_status_is_an_error() {
    for (answer, status) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", 502),
        ("HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\n0{}", 500),
    ] {
        let error = refused_by(answer).await;
        let RequestError::Refused(refusal) = error else { panic!("{error:?}") };
        assert_eq!((refusal.status, refusal.code), (status, None));
    }
}

#[tokio::test]
async fn nobody_follows_a_redirection() {
    let error = refused_by(
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://localhost:1/engine.io/\r\nContent-Length: 0\r\n\r\n",
    )
    .await;

    let RequestError::Redirected { status: 307, location: Some(location) } = error else {
        panic!("{error:?}");
    };
    assert_eq!(location, "http://localhost:1/engine.io/");
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let url = raw::server(async |mut peer: Peer| {
        peer.request().await;
        peer.answer_with("200 OK", "Content-Type: image/png\r\n", &open_packet("[]", 60_000)).await;
        peer.closed().await;
    })
    .await;

    assert!(connect(&url, &polling()).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n0{\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let error = refused_by(answer).await;
        assert!(matches!(error, RequestError::Http(HttpError::Failed(_))), "{answer:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_limit() {
    let url = raw::server(async |mut peer: Peer| {
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        let chunk = format!("2000\r\n{}\r\n", "4".repeat(0x2000));
        // Until the client has had enough.
        while peer.try_write(chunk.as_bytes()).await {}
    })
    .await;

    let failure = refused(&url, &polling().with_max_answer(100_000)).await;

    assert!(matches!(failure, Failure::Poll(RequestError::Http(HttpError::BodyTooLarge))), "{failure:?}");
}

#[tokio::test]
async fn a_head_without_end_is_an_error() {
    let url = raw::server(async |mut peer: Peer| {
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\n").await;
        while peer.try_write(format!("X-Long: {}\r\n", "x".repeat(1000)).as_bytes()).await {}
    })
    .await;

    let failure = refused(&url, &polling()).await;

    assert!(matches!(failure, Failure::Poll(RequestError::Http(HttpError::Failed(_)))), "{failure:?}");
}

#[tokio::test]
async fn a_body_that_is_not_coded_as_it_says_is_an_error() {
    let error = refused_by("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n0{}").await;

    assert!(matches!(error, RequestError::Coding), "{error:?}");
}

#[tokio::test]
async fn what_does_not_open_a_session_is_an_error() {
    for (body, fault) in [
        ("", Fault::Malformed),
        ("x", Fault::Malformed),
        ("0", Fault::Handshake),
        ("0{}", Fault::Handshake),
        (r#"0{"sid":"","upgrades":[],"pingInterval":1,"pingTimeout":1}"#, Fault::Handshake),
        (r#"0{"sid":"a\r\nb","upgrades":[],"pingInterval":1,"pingTimeout":1}"#, Fault::Handshake),
        (r#"0{"sid":"a","upgrades":[],"pingInterval":-1,"pingTimeout":1}"#, Fault::Handshake),
        ("4hello", Fault::HandshakeMissing),
        ("6", Fault::HandshakeMissing),
    ] {
        let url = raw::server(async move |mut peer: Peer| {
            peer.request().await;
            peer.answer(body).await;
            peer.closed().await;
        })
        .await;

        let failure = refused(&url, &polling()).await;

        let Failure::Ended(CloseReason::TransportError, Some(found)) = failure else {
            panic!("{body}: {failure:?}");
        };
        assert_eq!(found, fault, "{body}");
    }
}

#[tokio::test]
async fn what_is_no_packet_ends_an_open_session() {
    for body in ["", "x", "7", "4a\u{1e}"] {
        let url = raw::server(async move |mut peer: Peer| {
            peer.request().await;
            peer.answer(&open_packet("[]", 60_000)).await;
            peer.request().await;
            peer.answer(body).await;
            peer.closed().await;
        })
        .await;
        let mut client = connect(&url, &polling()).await.unwrap();

        let last = loop {
            match client.next().await.unwrap() {
                Ok(message) => assert_eq!(message, "a".into()),
                Err(error) => break error,
            }
        };

        assert_eq!(last.kind(), ErrorKind::Malformed, "{body}");
        assert_eq!(client.close_reason(), Some(CloseReason::TransportError));
        assert_eq!(client.fault(), Some(Fault::Malformed));
    }
}

#[tokio::test]
async fn a_close_packet_ends_a_session_in_order() {
    let ended = ended_by("1").await;

    assert_eq!(ended, (Some(CloseReason::TransportClose), None, None));
}

#[tokio::test]
async fn a_second_handshake_is_an_error() {
    let ended = ended_by(r#"0{"sid":"b","upgrades":[],"pingInterval":1,"pingTimeout":1}"#).await;

    let kind = Some(ErrorKind::Malformed);
    assert_eq!(ended, (Some(CloseReason::TransportError), Some(Fault::HandshakeRepeated), kind));
}

#[tokio::test]
async fn a_body_that_is_no_text_is_an_error() {
    let url = raw::server(async |mut peer: Peer| {
        peer.request().await;
        peer.answer(&open_packet("[]", 60_000)).await;
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4\xff").await;
        peer.closed().await;
    })
    .await;
    let mut client = connect(&url, &polling()).await.unwrap();

    assert_eq!(client.next().await.unwrap().unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_refused_push_ends_the_session() {
    let url = raw::server(async |mut peer: Peer| {
        while let Some(request) = peer.request().await {
            match &*request.line {
                line if line.starts_with("POST") => {
                    peer.answer_with("413 Payload Too Large", "", "").await;
                }
                line if line.contains("sid=") => return peer.closed().await,
                _ => peer.answer(&open_packet("[]", 60_000)).await,
            }
        }
    })
    .await;
    let mut client = connect(&url, &polling()).await.unwrap();

    assert!(client.send("hello".into()).await.is_err());
    assert!(client.next().await.unwrap().is_err());

    assert_eq!(client.close_reason(), Some(CloseReason::TransportError));
    let Some(Failure::Push(RequestError::Refused(refusal))) = client.failure() else {
        panic!("{:?}", client.failure());
    };
    assert_eq!(refusal.status, 413);
    assert_eq!(client.failure().unwrap().to_string(), "xhr post error");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let url = raw::server(async |mut peer: Peer| {
        peer.request().await;
        peer.answer(&open_packet("[]", 50)).await;
        peer.closed().await;
    })
    .await;
    let mut client = connect(&url, &polling()).await.unwrap();

    assert!(client.next().await.unwrap().is_err());

    assert_eq!(client.close_reason(), Some(CloseReason::PingTimeout));
}

#[tokio::test]
async fn somebody_who_only_sends_finds_out_as_well() {
    let url = raw::server(async |mut peer: Peer| match peer.request().await {
        Some(request) if request.line.starts_with("GET") => {
            peer.answer(&open_packet("[]", 50)).await;
            peer.closed().await;
        }
        _ => peer.closed().await,
    })
    .await;
    let mut client = connect(&url, &polling()).await.unwrap();

    assert_eq!(client.send("hello".into()).await.unwrap_err().kind(), ErrorKind::Closed);

    assert_eq!(client.close_reason(), Some(CloseReason::PingTimeout));
}

#[tokio::test]
async fn a_request_may_have_a_time_limit() {
    let url = raw::server(async |mut peer: Peer| {
        peer.request().await;
        peer.answer(&open_packet("[]", 60_000)).await;
        peer.closed().await;
    })
    .await;
    let config = polling().with_request_timeout(Duration::from_millis(50));
    let mut client = connect(&url, &config).await.unwrap();

    assert!(client.next().await.unwrap().is_err());

    let failure = client.failure();
    assert!(matches!(failure, Some(Failure::Poll(RequestError::TimedOut))), "{failure:?}");
}

#[tokio::test]
async fn a_handshake_without_end_ends_when_it_is_dropped() {
    let (url, peers) = raw::listen().await;
    let config = polling();
    let connecting = timeout(Duration::from_millis(50), connect(&url, &config));
    let peer = raw::beside(async move {
        let mut peer = peers.accept().await;
        peer.request().await.unwrap();
        peer.closed().await;
    });

    assert!(connecting.await.is_err());

    peer.await.unwrap();
}

#[tokio::test]
async fn a_limit_of_one_byte_makes_each_message_a_request_of_its_own() {
    let (url, mut requests) = raw::session(open_packet("[]", 60_000).replace("100}", "1}")).await;
    let mut client = connect(&url, &polling()).await.unwrap();

    for text in ["a", "b", "c"] {
        client.feed(text.into()).await.unwrap();
    }
    client.flush().await.unwrap();

    let mut bodies = Vec::new();
    while let Ok(request) = requests.try_recv() {
        bodies.extend(request.line.starts_with("POST").then_some(request.body));
    }
    assert_eq!(bodies, ["4a", "4b", "4c"]);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told_apart() {
    let (closed, peers) = raw::listen().await;
    drop(peers);
    for url in [closed, "http://nobody.invalid".parse().unwrap()] {
        let failure = refused(&url, &polling()).await;
        let Failure::Poll(RequestError::Http(HttpError::Dial(DialError::Unreachable(_)))) = failure else {
            panic!("{failure:?}");
        };
    }
}

#[tokio::test]
async fn without_transports_there_is_an_error() {
    let url = "http://localhost".parse().unwrap();
    let error = connect(&url, &Config::new().with_transports([])).await.unwrap_err();

    assert_eq!(error.to_string(), "No transports available");
}
