//! How what a session sends leaves: by POSTs, one at a time, or as frames.

use super::super::{Handshake, Revision, Server};
use crate::case::Transport;
use crate::verdict::{Failure, Verdict, same};
use crate::wire::Message;
use crate::wire::http::Request;
use crate::wire::payload::{v3, v4};
use crate::wire::websocket::WebSocketWriter;

/// How what a session sends leaves.
#[derive(Debug)]
pub(super) enum Link {
    Polling(Poster),
    WebSocket(Revision, WebSocketWriter),
    /// It went without a goodbye.
    Gone,
}

#[derive(Debug)]
pub(super) struct Poster {
    server: Server,
    target: String,
    revision: Revision,
}

impl Link {
    pub(super) fn polling(server: &Server, handshake: &Handshake) -> Self {
        Self::Polling(Poster {
            server: server.clone(),
            target: server.target(&handshake.query_over(Transport::Polling)),
            revision: handshake.revision,
        })
    }

    pub(super) async fn send(&mut self, packets: &[Message]) -> Verdict {
        match self {
            Self::Polling(poster) => poster.send(packets).await,
            Self::WebSocket(revision, writer) => {
                for packet in packets {
                    writer.send(as_frame(packet, *revision)).await?;
                }
                Ok(())
            }
            Self::Gone => Err(Failure::came("the suite has closed this session itself")),
        }
    }

    /// What frames and bytes are sent by.
    pub(super) fn websocket(&mut self) -> Verdict<&mut WebSocketWriter> {
        match self {
            Self::WebSocket(_, writer) => Ok(writer),
            Self::Polling(_) | Self::Gone => Err(Failure::came("the session has no WebSocket")),
        }
    }
}

impl Poster {
    async fn send(&self, packets: &[Message]) -> Verdict {
        let body = match self.revision {
            Revision::V3 => v3::join_text(packets),
            Revision::V4 => v4::join(packets),
        };
        let response = self.server.request(Request::post(self.target.clone(), body)).await?;
        // Its body is a case of its own: no other depends on it.
        same("the status of a POST", &200, &response.status)
    }
}

/// Revision 3 writes the type of bytes before them.
fn as_frame(packet: &Message, revision: Revision) -> Message {
    match packet {
        Message::Binary(bytes) if revision == Revision::V3 => [&[4], &bytes[..]].concat().into(),
        packet => packet.clone(),
    }
}
