//! What a server may do with a WebSocket that it should not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_client::{
    AnswerError, CloseReason, Config, ConnectError, Connection, Failure, Fault, Occurrence, ProbeError,
    SessionConfig, TransportName, Url, WebSocketError, connect,
};
use sockeye_transport::{ErrorKind, Transport};
use support::{
    observed,
    raw::{self, Peer, Request, open_packet},
    until, websocket,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// How a session fails whose WebSocket is answered by these bytes.
async fn refused_by(answer: impl AsRef<[u8]> + Clone + Send + Sync + 'static) -> WebSocketError {
    let url = raw::server(move |mut peer: Peer| {
        let answer = answer.clone();
        async move {
            peer.request().await;
            peer.write(answer.as_ref()).await;
        }
    })
    .await;
    match connect(&url, &websocket()).await {
        Err(ConnectError::Transport { failure: Failure::WebSocket(error), .. }) => error,
        other => panic!("{other:?}"),
    }
}

/// A server that opens each session on its WebSocket and then says this.
async fn opens_and_says(bytes: &'static [u8]) -> Url {
    raw::server(async move |mut peer: Peer| {
        let request = peer.request().await.unwrap();
        peer.switch(&request).await;
        peer.frame(&open_packet("[]", 60_000)).await;
        peer.write(bytes).await;
        peer.closed().await;
    })
    .await
}

/// A server of long-polling on which sessions stay open, and which treats each WebSocket in this way.
async fn probed<F, Treated>(upgrades: &'static str, treat: F) -> Url
where
    F: Fn(Peer, Request) -> Treated + Clone + Send + Sync + 'static,
    Treated: Future<Output = ()> + Send + 'static,
{
    raw::server(move |mut peer: Peer| {
        let treat = treat.clone();
        async move {
            while let Some(request) = peer.request().await {
                if request.line.contains("transport=websocket") {
                    return treat(peer, request).await;
                }
                match request.line.contains("sid=") {
                    // Pushes are taken, and polls wait.
                    true if request.line.starts_with("POST") => peer.answer("ok").await,
                    true => return peer.closed().await,
                    false => peer.answer(&open_packet(upgrades, 60_000)).await,
                }
            }
        }
    })
    .await
}

/// The first failed upgrade of a session, which goes on afterwards.
async fn failed_upgrade(url: &Url) -> (ProbeError, Option<Arc<Failure>>) {
    failed_upgrade_of(url, SessionConfig::new()).await
}

async fn failed_upgrade_of(url: &Url, session: SessionConfig) -> (ProbeError, Option<Arc<Failure>>) {
    let (config, mut occurrences) = observed(Config::new().with_session(session));
    let mut client = connect(url, &config).await.unwrap();

    let failed = first(&mut client, &mut occurrences).await;

    client.send("goes on".into()).await.unwrap();
    assert_eq!(client.name(), TransportName::POLLING);
    assert_eq!(client.close_reason(), None);
    match failed {
        Occurrence::UpgradeFailed { transport, error, cause } => {
            assert_eq!(transport, TransportName::WEBSOCKET);
            (error, cause)
        }
        other => panic!("{other:?}"),
    }
}

async fn first(client: &mut Connection, occurrences: &mut UnboundedReceiver<Occurrence>) -> Occurrence {
    let mut heard = None;
    until(client, |_| {
        heard = heard.take().or_else(|| occurrences.try_recv().ok());
        heard.is_some()
    })
    .await;
    heard.unwrap()
}

#[tokio::test]
async fn an_answer_that_is_no_websocket_is_an_error() {
    for (answer, error) in [
        ("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", AnswerError::Status(400)),
        ("HTTP/1.1 200 OK\r\n\r\n", AnswerError::Status(200)),
        ("HTTP/1.1 101 Yes\r\n\r\n", AnswerError::Connection),
        ("HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\n\r\n", AnswerError::Upgrade),
        (
            "HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            AnswerError::Accept,
        ),
    ] {
        let refused = refused_by(answer).await;
        assert!(matches!(refused, WebSocketError::Answer(found) if found == error), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_or_too_much_of_it_is_an_error() {
    let long = format!("HTTP/1.1 101 Yes\r\nX-Long: {}", "x".repeat(100_000));
    for answer in [String::from("SSH-2.0-OpenSSH_9.2\r\n"), long, "HTTP/1.1 100 Wait\r\n\r\n".repeat(10_000)]
    {
        let refused = refused_by(answer).await;
        assert!(matches!(refused, WebSocketError::NoHttp | WebSocketError::Lost(_)), "{refused:?}");
    }
    assert!(matches!(refused_by("").await, WebSocketError::Lost(_)));
}

#[tokio::test]
async fn nobody_follows_a_redirection() {
    let refused = refused_by("HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\n\r\n").await;

    let WebSocketError::Redirected { status: 301, location: Some(location) } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(location, "/elsewhere");
}

#[tokio::test]
async fn what_was_not_offered_cannot_be_agreed_to() {
    for header in ["Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Extensions: permessage-deflate\r\n"] {
        let url = raw::server(async move |mut peer: Peer| {
            let request = peer.request().await.unwrap();
            peer.switch_with(&request, header).await;
            peer.closed().await;
        })
        .await;

        let error = connect(&url, &websocket()).await.unwrap_err();

        assert_eq!(error.to_string(), "websocket error");
        let ConnectError::Transport { failure: Failure::WebSocket(error), .. } = error else {
            panic!("{error:?}");
        };
        assert!(
            matches!(error, WebSocketError::Extensions | WebSocketError::Answer(AnswerError::Protocol)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_server_says_first_that_it_goes_on() {
    let url = raw::server(async |mut peer: Peer| {
        let request = peer.request().await.unwrap();
        peer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").await;
        peer.switch(&request).await;
        peer.frame(&open_packet("[]", 60_000)).await;
        peer.frame("4hello").await;
        peer.closed().await;
    })
    .await;

    let mut client = connect(&url, &websocket()).await.unwrap();

    assert_eq!(client.next().await.unwrap().unwrap(), "hello".into());
}

#[tokio::test]
async fn a_websocket_that_opens_no_session_is_an_error() {
    for (frame, reason) in [
        ("4hello", CloseReason::TransportError),
        ("1", CloseReason::TransportClose),
        ("0", CloseReason::TransportError),
    ] {
        let url = raw::server(async move |mut peer: Peer| {
            let request = peer.request().await.unwrap();
            peer.switch(&request).await;
            peer.frame(frame).await;
            peer.closed().await;
        })
        .await;

        let error = connect(&url, &websocket()).await.unwrap_err();

        let ConnectError::Transport { failure: Failure::Ended(found, _), .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(found, reason, "{frame}");
    }
}

#[tokio::test]
async fn frames_that_break_the_rules_end_the_session() {
    for (bytes, fault) in [
        // A reserved opcode, a masked frame, text that is none, and text that is no packet.
        (&b"\x83\x00"[..], Fault::Carrier),
        (b"\x81\x81\x01\x02\x03\x044", Fault::Carrier),
        (b"\x81\x02\xc3(", Fault::Carrier),
        (b"\x81\x01x", Fault::Malformed),
        // Node's engine writes its refusal like this if it finds out late.
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", Fault::Carrier),
    ] {
        let url = opens_and_says(bytes).await;
        let mut client = connect(&url, &websocket()).await.unwrap();

        let error = client.next().await.unwrap().unwrap_err();

        assert_eq!((error.kind(), client.fault()), (ErrorKind::Malformed, Some(fault)), "{bytes:?}");
        assert_eq!(client.close_reason(), Some(CloseReason::TransportError));
        assert!(client.next().await.is_none());
    }
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_session() {
    let url = opens_and_says(b"\x82\x7f\0\0\0\x01\0\0\0\0").await;
    let config = websocket().with_session(SessionConfig::new().with_max_payload(1000));
    let mut client = connect(&url, &config).await.unwrap();

    assert_eq!(client.next().await.unwrap().unwrap_err().kind(), ErrorKind::TooLarge);

    assert_eq!(client.fault(), Some(Fault::TooLarge));
    assert!(matches!(client.failure(), Some(Failure::Transport(_))));
}

#[tokio::test]
async fn a_message_in_too_many_fragments_ends_the_session() {
    let url = opens_and_says(b"\x01\x01a\x00\x01b\x00\x01c\x80\x01d").await;
    let mut client = connect(&url, &websocket().with_max_message_fragments(3)).await.unwrap();

    assert_eq!(client.next().await.unwrap().unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_connection_that_goes_away_is_a_transport_that_closes() {
    let url = raw::server(async |mut peer: Peer| {
        let request = peer.request().await.unwrap();
        peer.switch(&request).await;
        peer.frame(&open_packet("[]", 60_000)).await;
    })
    .await;
    let mut client = connect(&url, &websocket()).await.unwrap();

    assert!(client.next().await.is_none());

    assert_eq!(client.close_reason(), Some(CloseReason::TransportClose));
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let url = raw::server(async |mut peer: Peer| {
        let request = peer.request().await.unwrap();
        peer.switch(&request).await;
        peer.frame(&open_packet("[]", 50)).await;
        peer.closed().await;
    })
    .await;
    let mut client = connect(&url, &websocket()).await.unwrap();

    assert!(client.next().await.unwrap().is_err());

    assert_eq!(client.close_reason(), Some(CloseReason::PingTimeout));
}

#[tokio::test]
async fn a_probe_that_nobody_answers_leaves_the_session_where_it_is() {
    let url = probed(r#"["websocket"]"#, async |mut peer: Peer, request| {
        peer.switch(&request).await;
        peer.closed().await;
    })
    .await;

    let session = SessionConfig::new().with_upgrade_timeout(Duration::from_millis(50));
    let (error, cause) = failed_upgrade_of(&url, session).await;

    assert_eq!(error, ProbeError::TimedOut);
    assert!(cause.is_none());
}

#[tokio::test]
async fn a_probe_that_is_answered_wrongly_leaves_the_session_where_it_is() {
    for answer in ["3", "3prob", "4hello", "x", "5", "0{}", "1"] {
        let url = probed(r#"["websocket"]"#, async move |mut peer: Peer, request| {
            peer.switch(&request).await;
            assert_eq!(peer.next_frame().await.as_deref(), Some("2probe"));
            peer.frame(answer).await;
            peer.closed().await;
        })
        .await;

        let (error, cause) = failed_upgrade(&url).await;

        assert_eq!(error, ProbeError::WrongAnswer, "{answer}");
        assert!(cause.is_none());
    }
}

#[tokio::test]
async fn an_upgrade_that_is_offered_and_refused_leaves_the_session_where_it_is() {
    let url = probed(r#"["websocket"]"#, async |mut peer: Peer, _| {
        peer.answer_with("404 Not Found", "", "").await;
    })
    .await;

    let (error, cause) = failed_upgrade(&url).await;

    assert_eq!(error, ProbeError::Failed);
    assert!(
        matches!(
            cause.as_deref(),
            Some(Failure::WebSocket(WebSocketError::Answer(AnswerError::Status(404))))
        ),
        "{cause:?}"
    );
}

#[tokio::test]
async fn a_candidate_that_goes_away_leaves_the_session_where_it_is() {
    let url = probed(r#"["websocket"]"#, async |mut peer: Peer, request| {
        peer.switch(&request).await;
        peer.next_frame().await;
    })
    .await;

    assert_eq!(failed_upgrade(&url).await.0, ProbeError::Closed);
}

#[tokio::test]
async fn upgrades_that_nobody_knows_are_passed_over_and_none_is_tried_twice() {
    let upgrades = r#"["nonsense","polling","webtransport","websocket","websocket","../.."]"#;
    let url = probed(upgrades, async |mut peer: Peer, _| {
        peer.answer_with("404 Not Found", "", "").await;
    })
    .await;
    let (config, mut occurrences) = observed(Config::new());
    let mut client = connect(&url, &config).await.unwrap();

    let heard = first(&mut client, &mut occurrences).await;

    assert!(matches!(heard, Occurrence::UpgradeFailed { .. }), "{heard:?}");
    client.send("goes on".into()).await.unwrap();
    assert!(occurrences.try_recv().is_err());
}

#[tokio::test]
async fn the_next_transport_is_tried_if_all_are_to_be() {
    let url = raw::server(async |mut peer: Peer| {
        let request = peer.request().await.unwrap();
        if request.line.contains("transport=polling") {
            return peer.answer_with("400 Bad Request", "", "").await;
        }
        peer.switch(&request).await;
        peer.frame(&open_packet("[]", 60_000)).await;
        peer.closed().await;
    })
    .await;

    assert!(connect(&url, &Config::new()).await.is_err());
    let client = connect(&url, &Config::new().try_all_transports()).await.unwrap();

    assert_eq!(client.name(), TransportName::WEBSOCKET);
}

#[tokio::test]
async fn an_error_makes_a_client_forget_that_a_websocket_worked() {
    let url = opens_and_says(b"\x81\x01x").await;
    let config = websocket().remember_upgrade();
    let mut client = connect(&url, &config).await.unwrap();
    let both = config.clone().with_transports([TransportName::POLLING, TransportName::WEBSOCKET]);

    assert!(client.next().await.unwrap().is_err());

    // It begins with long-polling again, of which this server knows nothing.
    let error = connect(&url, &both).await.unwrap_err();
    assert!(matches!(error, ConnectError::Transport { name, .. } if name == TransportName::POLLING));
}
