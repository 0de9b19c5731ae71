//! Compressed messages over WebSocket.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use sockeye_engine_client::{ConnectError, Failure, PerMessageDeflate, WebSocketError, connect};
use sockeye_engine_server::Config as ServerConfig;
use support::{Server, exchange, raw, websocket};

fn deflate() -> PerMessageDeflate {
    PerMessageDeflate::new().threshold(100)
}

#[tokio::test]
async fn messages_are_compressed_with_servers_that_agree() {
    let server = Server::echo(ServerConfig::new().per_message_deflate(deflate())).await;
    let mut client = server.connect(&websocket().with_per_message_deflate(deflate())).await;

    for text in ["short".to_owned(), "long ".repeat(1000), "long ".repeat(1000)] {
        assert_eq!(exchange(&mut client, text.clone()).await, text.into());
    }
}

#[tokio::test]
async fn a_server_that_does_not_agree_gets_messages_as_they_are() {
    let server = Server::echo(ServerConfig::new()).await;
    let mut client = server.connect(&websocket().with_per_message_deflate(deflate())).await;
    let text = "long ".repeat(1000);

    assert_eq!(exchange(&mut client, text.clone()).await, text.into());
}

#[tokio::test]
async fn compression_is_offered_to_those_who_want_it() {
    for (config, offer) in [
        (websocket(), None),
        (websocket().with_per_message_deflate(deflate()), Some("permessage-deflate; client_max_window_bits")),
    ] {
        let (url, peers) = raw::listen().await;
        let client = raw::beside(async move { connect(&url, &config).await });

        let request = peers.accept().await.request().await.unwrap();

        assert_eq!(request.header("sec-websocket-extensions"), offer);
        assert!(client.await.unwrap().is_err());
    }
}

#[tokio::test]
async fn an_agreement_to_something_else_is_an_error() {
    for answer in
        ["permessage-bzip2", "permessage-deflate; nonsense", "permessage-deflate, permessage-deflate", ";"]
    {
        let header = format!("Sec-WebSocket-Extensions: {answer}\r\n");
        let url = raw::server(move |mut peer| {
            let header = header.clone();
            async move {
                let request = peer.request().await.unwrap();
                peer.switch_with(&request, &header).await;
                peer.closed().await;
            }
        })
        .await;

        let error = connect(&url, &websocket().with_per_message_deflate(deflate())).await.unwrap_err();

        assert!(
            matches!(
                error,
                ConnectError::Transport { failure: Failure::WebSocket(WebSocketError::Extensions), .. }
            ),
            "{error:?}"
        );
    }
}
