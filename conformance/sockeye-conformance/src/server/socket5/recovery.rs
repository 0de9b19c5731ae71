//! Connection state recovery: who has lost the connection comes back as the same socket.

mod offset;
mod refused;
mod replay;
mod same;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Event, Server, Socket};
use crate::verdict::{Failure, Verdict};

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [offset::cases(), same::cases(), replay::cases(), refused::cases()].concat();
    let needs = |mut case: Case<Server>| {
        // Whether somebody has gone is asked for, lest he come back too early.
        case.needs.extend([Feature::Recovery, Feature::Reasons]);
        case
    };
    cases.into_iter().map(needs).collect()
}

/// What somebody who has gone knows of his session.
#[derive(Debug)]
struct Gone {
    namespace: String,
    id: String,
    pid: String,
    /// Of the last event that he has seen.
    offset: String,
    at: Instant,
}

impl Gone {
    /// Loses the connection of a socket, as soon as it has seen an event; another one watches until the server knows.
    async fn lose(socket: &Socket, watcher: &Socket) -> Verdict<Self> {
        let gone = Self::after(socket, last_offset(socket).await?);
        go(socket).await;
        watcher.reason_of(socket.id()).await?;
        Ok(gone)
    }

    /// As [`lose`](Self::lose), for who has come back already: why its id went is known since the first time. So the
    /// watcher asks for a companion on the same connection.
    async fn lose_again(socket: &Socket, watcher: &Socket) -> Verdict<Self> {
        let companion = socket.session().connect("/custom", None).await?;
        let gone = Self::after(socket, last_offset(socket).await?);
        go(socket).await;
        watcher.reason_of(companion.id()).await?;
        Ok(gone)
    }

    fn after(socket: &Socket, offset: String) -> Self {
        let pid = socket.connected()["pid"].as_str().unwrap_or_default().to_owned();
        let (namespace, id) = (socket.namespace().to_owned(), socket.id().to_owned());
        Self { namespace, id, pid, offset, at: Instant::now() }
    }

    /// With what it is asked to be let in again.
    fn auth(&self) -> Value {
        json!({"pid": self.pid, "offset": self.offset})
    }

    /// Comes back over a new session: the socket, and the events that it has missed.
    async fn come_back(&self, server: &Server, transport: Transport) -> Verdict<(Socket, Vec<Event>)> {
        let came = server.open(transport).await?.come_back(&self.namespace, self.auth()).await?;
        if self.at.elapsed() > DURATION {
            return Err(Failure::TooSlow("coming back took longer than the server remembers".into()));
        }
        Ok(came)
    }
}

/// As a polling client goes, and as any WebSocket ends: both are noticed at once.
async fn go(socket: &Socket) {
    let _ = socket.session().close().await;
    socket.session().vanish().await;
}

/// The offset of an event that comes now.
async fn last_offset(socket: &Socket) -> Verdict<String> {
    socket.emit("message", json!([0])).await?;
    let event = socket.next_event().await?;
    event
        .offset
        .ok_or_else(|| Failure::departed("an event with an offset", format!("{} came without", event.name)))
}

/// One that is to go and one that watches, in `/`.
async fn two(server: &Server, transport: Transport) -> Verdict<(Socket, Socket)> {
    Ok((server.connect(transport, "/").await?, server.connect(transport, "/").await?))
}

/// Names and arguments, without offsets.
fn told(events: &[Event]) -> Vec<(&str, &Value)> {
    events.iter().map(|event| (event.name.as_str(), &event.args)).collect()
}

/// As the profile has it: how long the server remembers who has gone.
const DURATION: Duration = Duration::from_secs(2);
