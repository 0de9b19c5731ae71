//! Somebody else who is connected: what is done to one client must not be felt by another.

use super::{Server, Session, random_word};
use crate::case::Transport;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict};

/// A second client, connected before the first does something hostile. Its session lasts until it is dropped.
#[derive(Debug)]
pub struct Neighbour {
    session: Session,
}

impl Neighbour {
    pub(super) async fn arrive(server: &Server) -> Verdict<Self> {
        Ok(Self { session: visit(server).await? })
    }

    /// Expects its session to be served as before, and a new client to be let in.
    ///
    /// # Errors
    /// [`Failure::Departed`] if one of them is not.
    pub async fn is_served(&self) -> Verdict {
        let still = self.session.echo(&random_word()).await;
        still.map_err(|failure| about(failure, "a client that was connected before to be served still"))?;
        let new = visit(self.session.server()).await;
        new.map_err(|failure| about(failure, "a new client to be let in and served")).map(drop)
    }
}

/// Opens a session, over WebSocket if the server has it, and expects an echo.
async fn visit(server: &Server) -> Verdict<Session> {
    let speaks_websocket = server.has(Feature::WebSocket);
    let transport = if speaks_websocket { Transport::WebSocket } else { Transport::Polling };
    let session = server.open(transport).await?;
    session.echo(&random_word()).await?;
    Ok(session)
}

fn about(failure: Failure, expected: &str) -> Failure {
    match failure {
        Failure::Unreachable(why) => Failure::departed(expected, format!("the server is gone: {why}")),
        other => other.instead_of(expected),
    }
}
