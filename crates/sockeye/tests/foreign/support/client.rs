//! Clients, and the ways in which they reach a server.

use std::{sync::Arc, time::Duration};

use sockeye::client::{
    Client, ClientBuilder, ConnectError, DisconnectDetails, DisconnectReason, Occurrence, Socket,
    TransportName, engine,
};
use tokio::sync::{Notify, mpsc};

/// How a client reaches a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Polling,
    WebSocket,
    /// By long-polling, until it has changed to a WebSocket.
    Upgraded,
}

impl Mode {
    pub(crate) fn engine(self) -> engine::Config {
        let transports = match self {
            Self::Polling => vec![TransportName::POLLING],
            Self::WebSocket => vec![TransportName::WEBSOCKET],
            Self::Upgraded => vec![TransportName::POLLING, TransportName::WEBSOCKET],
        };
        engine::Config::new().with_path("/socket.io/").with_transports(transports)
    }

    /// A client that comes back soon.
    pub(crate) fn client(self, url: impl Into<String>) -> ClientBuilder {
        let soon = Duration::from_millis(50);
        Client::builder(url).engine(self.engine()).reconnection_delay(soon).reconnection_delay_max(4 * soon)
    }

    /// Connects to the namespace `/`, and waits until the transport is the one that it is to be.
    pub(crate) async fn connect(self, builder: ClientBuilder) -> Socket {
        let upgraded = Arc::new(Notify::new());
        let told = upgraded.clone();
        let client = builder.on_occurrence(move |occurrence| {
            if let Occurrence::Upgrade(_) = occurrence {
                told.notify_one();
            }
        });
        let socket = client.build().unwrap().socket("/").connect().await.unwrap();
        if self == Self::Upgraded {
            upgraded.notified().await;
        }
        socket
    }
}

/// The ends of a socket's stays, in order.
pub(crate) fn ends(socket: &Socket) -> mpsc::Receiver<(DisconnectReason, DisconnectDetails)> {
    let (sender, receiver) = mpsc::channel(16);
    socket.on("disconnect", move |reason: DisconnectReason, details: DisconnectDetails| {
        sender.try_send((reason, details)).unwrap();
    });
    receiver
}

/// What a server has refused a socket with.
pub(crate) fn refusal(outcome: Result<Socket, ConnectError>) -> sockeye::client::Refused {
    match outcome {
        Err(ConnectError::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}
