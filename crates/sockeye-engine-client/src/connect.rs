//! How a session comes about: one transport after the other, until one opens.

use std::sync::Arc;

use sockeye_engine_codec::Sid;
use sockeye_engine_proto::client::LinkKind;
use sockeye_message::TransportName;
use sockeye_transport::{ErrorKind, TransportError};

use crate::{
    Config, ConnectError, Connection, Failure, Url, carrier::Carrier, connection::Link, polling::Polling,
    requests::Requests, websocket,
};

/// Opens a session with a server.
///
/// It begins on the first of the configured [transports](Config::with_transports), or on the first that works if
/// [all are tried](Config::try_all_transports). It has no time limit: a server that says nothing is waited for as long as
/// the caller likes, who drops the future to give up.
///
/// Must be called within a tokio runtime with input, output and time.
///
/// ```no_run
/// use futures_util::{SinkExt, StreamExt};
/// use sockeye_engine_client::{Config, connect};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut connection = connect(&"http://localhost:3000".parse()?, &Config::new()).await?;
/// connection.send("hello".into()).await?;
/// println!("{:?}", connection.next().await);
/// connection.close().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Of the last transport that was tried.
///
/// # Cancel safety
/// Dropping the future gives up the attempt, without a word to the server.
pub async fn connect(url: &Url, config: &Config) -> Result<Connection, ConnectError> {
    let requests = Arc::new(Requests::new(url, config)?);
    let mut outcome = Err(ConnectError::NoTransports);
    for name in config.tried() {
        match open(&name, &requests).await {
            Ok(connection) => return Ok(connection),
            Err(failure) => outcome = Err(ConnectError::Transport { name, failure }),
        }
        config.remember(false);
    }
    outcome
}

/// Opens a session on this transport.
async fn open(name: &TransportName, requests: &Arc<Requests>) -> Result<Connection, Failure> {
    let config = &requests.config;
    let (kind, link) = if is_polled(name, config) {
        (LinkKind::Polling, Link::Polling(Box::new(Polling::new(Arc::clone(requests)))))
    } else {
        let (kind, carrier) = connect_stream(name, requests, None).await?;
        (kind, Link::Stream(carrier))
    };
    let mut connection = Connection::begin(config.clone(), kind, link);
    connection.opened().await?;
    Ok(connection)
}

/// Connects a transport that is a stream, for the session with this id if there is one.
pub(crate) async fn connect_stream(
    name: &TransportName,
    requests: &Requests,
    sid: Option<&Sid>,
) -> Result<(LinkKind, Carrier), Failure> {
    let config = &requests.config;
    if let Some(connector) = config.connector(name) {
        let transport = connector.connect().await.map_err(Failure::Transport)?;
        return Ok((LinkKind::InBand(name.clone()), Carrier::other(transport, config)));
    }
    if *name == TransportName::WEBSOCKET {
        let carrier = websocket::open(requests, sid).await.map_err(Failure::WebSocket)?;
        return Ok((LinkKind::Stream(name.clone()), carrier));
    }
    Err(Failure::Transport(TransportError::new(ErrorKind::Closed)))
}

/// Whether sessions on this transport are polled for. The application may have one of its own under that name.
fn is_polled(name: &TransportName, config: &Config) -> bool {
    *name == TransportName::POLLING && config.connector(name).is_none()
}
