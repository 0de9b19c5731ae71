//! Sessions on transports of the application's own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use sockeye_engine_client::{
    Config, ConnectError, Connection, Failure, Occurrence, ProbeError, TransportName, connect,
};
use sockeye_engine_server::{
    Config as ServerConfig, HandshakeInfo, Security, SessionConfig as ServerSession,
};
use sockeye_transport::{Connector, ErrorKind, Transport, TransportError, connector, memory};
use support::{Server, exchange, observed, until};

const MEMORY: TransportName = TransportName::from_static("memory");

/// A server that knows the transport in memory beside the others.
async fn server() -> Server {
    let names = [TransportName::POLLING, TransportName::WEBSOCKET, MEMORY];
    Server::echo(ServerConfig::new().session(ServerSession::new().with_transports(names))).await
}

/// What joins a client to a server in memory.
fn joins(server: &Server) -> impl Connector + use<> {
    let engine = server.engine.clone();
    connector::from_fn(move || {
        let engine = engine.clone();
        async move {
            let (here, there) = memory::pair(8);
            tokio::spawn(async move {
                engine.accept(Box::pin(there), HandshakeInfo::without_request(Security::Plain)).await
            });
            Ok(here)
        }
    })
}

fn unreachable() -> impl Connector {
    connector::from_fn(async || Err::<memory::MemoryTransport, _>(TransportError::new(ErrorKind::Lost)))
}

#[tokio::test]
async fn a_session_begins_on_a_transport_of_the_application() {
    let server = server().await;
    let config = Config::new().with_transports([]).with_connector(MEMORY, joins(&server));

    let mut client = server.connect(&config).await;

    assert_eq!(client.name(), MEMORY);
    for message in ["hello".into(), vec![1, 2].into()] {
        assert_eq!(exchange(&mut client, Clone::clone(&message)).await, message);
    }
}

#[tokio::test]
async fn a_session_moves_from_long_polling_to_a_transport_of_the_application() {
    let server = server().await;
    let config =
        Config::new().with_transports([TransportName::POLLING]).with_connector(MEMORY, joins(&server));

    let mut client = server.connect(&config).await;
    assert_eq!(client.name(), TransportName::POLLING);
    until(&mut client, Connection::is_upgraded).await;

    assert_eq!(client.name(), MEMORY);
    assert_eq!(exchange(&mut client, "hello").await, "hello".into());
}

#[tokio::test]
async fn a_connector_may_take_the_place_of_a_transport_that_is_shipped() {
    let server = server().await;
    let config = Config::new()
        .with_transports([TransportName::WEBSOCKET])
        .with_connector(TransportName::WEBSOCKET, joins(&server));

    let mut client = connect(&"http://nobody.invalid".parse().unwrap(), &config).await.unwrap();

    assert_eq!(exchange(&mut client, "hello").await, "hello".into());
}

#[tokio::test]
async fn connectors_can_be_shared() {
    let server = server().await;
    let shared: Arc<dyn Connector> = Arc::new(joins(&server));
    for _ in 0..2 {
        let config = Config::new().with_transports([]).with_connector(MEMORY, Arc::clone(&shared));
        exchange(&mut server.connect(&config).await, "hello").await;
    }
}

#[tokio::test]
async fn a_transport_that_cannot_be_connected_is_an_error() {
    let config = Config::new().with_transports([]).with_connector(MEMORY, unreachable());

    let error = connect(&"http://localhost".parse().unwrap(), &config).await.unwrap_err();

    let ConnectError::Transport { name, failure: Failure::Transport(error) } = error else {
        panic!("{error:?}");
    };
    assert_eq!((name, error.kind()), (MEMORY, ErrorKind::Lost));
}

#[tokio::test]
async fn of_several_upgrades_the_first_that_works_is_taken() {
    let server = server().await;
    let (config, mut occurrences) = observed(Config::new().with_connector(MEMORY, unreachable()));

    let mut client = server.connect(&config).await;
    until(&mut client, Connection::is_upgraded).await;

    assert_eq!(client.name(), TransportName::WEBSOCKET);
    let Ok(Occurrence::UpgradeFailed { transport, error, cause }) = occurrences.try_recv() else {
        panic!("nothing failed");
    };
    assert_eq!((transport, error), (MEMORY, ProbeError::Failed));
    assert!(matches!(cause.as_deref(), Some(Failure::Transport(_))));
}
