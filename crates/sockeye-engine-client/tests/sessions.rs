//! Sessions with our own server, over each transport and from one to the other.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{pin::Pin, time::Duration};

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_client::{CloseReason, Config, Occurrence, Shutdown, TransportName, connect};
use sockeye_engine_server::{
    CloseReason as ServerReason, Config as ServerConfig, SessionConfig as ServerSession,
};
use sockeye_message::{Compression, Message, Prepared};
use sockeye_transport::Transport;
use support::{Server, exchange, listen, observed, polling, until_upgraded, websocket};

/// Text, what separates packets of text, binary, much of both, and what a packet of the protocol looks like.
fn messages() -> Vec<Message> {
    vec![
        "hello".into(),
        "".into(),
        "2probe".into(),
        "é€😀".into(),
        vec![0, 1, 2, 255].into(),
        vec![].into(),
        "x".repeat(100_000).into(),
        vec![7; 100_000].into(),
    ]
}

async fn echoes_everything(config: &Config) {
    let server = Server::echo(ServerConfig::new()).await;
    let mut connection = server.connect(config).await;

    for message in messages() {
        assert_eq!(exchange(&mut connection, message.clone()).await, message);
    }
}

#[tokio::test]
async fn everything_comes_back_over_long_polling() {
    echoes_everything(&polling()).await;
}

#[tokio::test]
async fn everything_comes_back_over_a_websocket() {
    echoes_everything(&websocket()).await;
}

#[tokio::test]
async fn everything_comes_back_while_the_transport_changes() {
    echoes_everything(&Config::new()).await;
}

#[tokio::test]
async fn everything_comes_back_as_base64() {
    echoes_everything(&polling().force_base64()).await;
    echoes_everything(&websocket().force_base64()).await;
}

#[tokio::test]
async fn a_session_opens_as_the_server_says() {
    let session = ServerSession::new().with_ping_interval(Duration::from_secs(7));
    let server = Server::echo(ServerConfig::new().session(session)).await;

    let connection = server.connect(&polling()).await;

    let handshake = connection.handshake();
    assert_eq!(handshake.ping_interval, Duration::from_secs(7));
    assert_eq!(handshake.upgrades, [TransportName::WEBSOCKET]);
    assert_eq!(connection.sid().as_str().len(), 20);
    assert_eq!(connection.name(), TransportName::POLLING);
}

#[tokio::test]
async fn what_is_sent_in_a_row_comes_back_in_order_from_before_the_upgrade_to_behind_it() {
    let server = Server::echo(ServerConfig::new()).await;
    let mut connection = server.connect(&Config::new()).await;
    let mut sent = 0_u32;

    // One after the other, until the session has moved and some more.
    let mut rest = 100;
    let mut received = 0;
    while rest > 0 {
        connection.feed(sent.to_string().into()).await.unwrap();
        connection.feed(vec![1].into()).await.unwrap();
        connection.flush().await.unwrap();
        sent += 1;
        rest -= u32::from(connection.is_upgraded());
        if sent - received > 10 {
            assert_eq!(connection.next().await.unwrap().unwrap(), received.to_string().into());
            assert_eq!(connection.next().await.unwrap().unwrap(), vec![1].into());
            received += 1;
        }
    }

    for number in received..sent {
        assert_eq!(connection.next().await.unwrap().unwrap(), number.to_string().into());
        assert_eq!(connection.next().await.unwrap().unwrap(), vec![1].into());
    }
    assert_eq!(connection.name(), TransportName::WEBSOCKET);
}

#[tokio::test]
async fn messages_of_the_server_survive_the_change_of_transport() {
    let (url, sending) = listen(ServerConfig::new(), async |mut server| {
        for number in 0..200_u32 {
            server.send(number.to_string().into()).await.unwrap();
        }
        while server.next().await.is_some() {}
        server.is_upgraded()
    })
    .await;
    let mut client = connect(&url, &Config::new()).await.unwrap();

    for number in 0..200_u32 {
        assert_eq!(client.next().await.unwrap().unwrap(), number.to_string().into());
    }

    until_upgraded(&mut client).await;
    client.close().await.unwrap();
    assert!(sending.await.unwrap());
}

#[tokio::test]
async fn an_upgrade_is_told() {
    let server = Server::echo(ServerConfig::new()).await;
    let (config, mut occurrences) = observed(Config::new());

    let mut connection = server.connect(&config).await;
    until_upgraded(&mut connection).await;

    let told = [occurrences.recv().await, occurrences.recv().await];
    let [Some(Occurrence::Upgrading(first)), Some(Occurrence::Upgraded(second))] = told else {
        panic!("{told:?}");
    };
    assert_eq!((first, second), (TransportName::WEBSOCKET, TransportName::WEBSOCKET));
}

#[tokio::test]
async fn without_upgrades_a_session_stays() {
    let server = Server::echo(ServerConfig::new()).await;
    let (config, mut occurrences) = observed(Config::new().without_upgrades());
    let mut connection = server.connect(&config).await;

    for _ in 0..10 {
        exchange(&mut connection, "hello").await;
    }

    assert_eq!(connection.name(), TransportName::POLLING);
    assert!(occurrences.try_recv().is_err());
}

#[tokio::test]
async fn a_remembered_upgrade_is_where_the_next_session_begins() {
    let server = Server::echo(ServerConfig::new()).await;
    let config = Config::new().remember_upgrade();

    let mut first = server.connect(&config).await;
    assert_eq!(first.name(), TransportName::POLLING);
    until_upgraded(&mut first).await;

    let second = server.connect(&config).await;
    assert_eq!(second.name(), TransportName::WEBSOCKET);
    assert!(!second.is_upgraded());
}

#[tokio::test]
async fn heartbeats_are_answered_and_told() {
    for config in [polling(), websocket()] {
        let session = ServerSession::new()
            .with_ping_interval(Duration::from_millis(20))
            .with_ping_timeout(Duration::from_secs(5));
        let mut server = Server::echo(ServerConfig::new().session(session)).await;
        let (config, mut occurrences) = observed(config);
        let mut connection = server.connect(&config).await;

        for _ in 0..5 {
            tokio::select! {
                heard = occurrences.recv() => assert!(matches!(heard, Some(Occurrence::Heartbeat))),
                item = connection.next() => panic!("{item:?}"),
            }
        }

        exchange(&mut connection, "hello").await;
        assert!(server.ends.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_client_that_closes_sends_first_what_waits() {
    for config in [polling(), websocket(), Config::new()] {
        let (url, reading) = listen(ServerConfig::new(), async |mut server| {
            let mut count = 0;
            while let Some(Ok(_)) = server.next().await {
                count += 1;
            }
            (count, server.close_reason())
        })
        .await;
        let mut client = connect(&url, &config).await.unwrap();

        for _ in 0..50 {
            client.feed("hello".into()).await.unwrap();
        }
        client.close().await.unwrap();

        assert_eq!(client.close_reason(), Some(CloseReason::ForcedClose));
        assert!(client.next().await.is_none());
        assert_eq!(reading.await.unwrap(), (50, Some(ServerReason::TransportClose)));
    }
}

#[tokio::test]
async fn a_client_that_discards_says_good_bye_all_the_same() {
    for config in [polling(), websocket()] {
        let mut server = Server::echo(ServerConfig::new()).await;
        let mut client = server.connect(&config).await;

        client.shut_down(Shutdown::Discard);
        client.close().await.unwrap();

        assert_eq!(client.close_reason(), Some(CloseReason::ForcedClose));
        assert_eq!(server.ends.recv().await, Some(ServerReason::TransportClose));
    }
}

#[tokio::test]
async fn a_server_that_closes_ends_the_stream_in_order() {
    for config in [polling(), websocket()] {
        let (url, _) = listen(ServerConfig::new(), async |mut server| {
            server.send("last".into()).await.unwrap();
            server.close().await
        })
        .await;
        let mut client = connect(&url, &config).await.unwrap();

        assert_eq!(client.next().await.unwrap().unwrap(), "last".into());
        assert!(client.next().await.is_none());
        assert_eq!(client.close_reason(), Some(CloseReason::TransportClose));
        assert!(client.failure().is_none());
    }
}

#[tokio::test]
async fn a_dropped_client_is_gone() {
    for config in [polling(), websocket(), Config::new()] {
        // The request that would break may not have been sent yet; then it is the heartbeat that finds out.
        let session = ServerSession::new()
            .with_ping_interval(Duration::from_millis(20))
            .with_ping_timeout(Duration::from_millis(200));
        let mut server = Server::echo(ServerConfig::new().session(session)).await;
        let mut client = server.connect(&config).await;
        exchange(&mut client, "hello").await;

        drop(client);

        assert!(server.ends.recv().await.is_some());
    }
}

#[tokio::test]
async fn prepared_messages_keep_their_turn() {
    for config in [polling(), websocket(), websocket().force_base64()] {
        let server = Server::echo(ServerConfig::new()).await;
        let mut client = server.connect(&config).await;
        let prepared = Prepared::with_compression(vec![1, 2].into(), Compression::Off);

        client.feed("first".into()).await.unwrap();
        Pin::new(&mut client).start_send_prepared(&prepared).unwrap();
        client.send("last".into()).await.unwrap();

        for expected in ["first".into(), Message::from(vec![1, 2]), "last".into()] {
            assert_eq!(client.next().await.unwrap().unwrap(), expected);
        }
    }
}

#[tokio::test]
async fn nothing_can_be_sent_after_the_end() {
    let server = Server::echo(ServerConfig::new()).await;
    let mut client = server.connect(&websocket()).await;
    client.close().await.unwrap();

    assert!(client.send("late".into()).await.is_err());
    assert!(!client.is_writable());
}
