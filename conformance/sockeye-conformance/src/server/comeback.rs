//! Back into a namespace after the connection was lost, where the server recovers sessions.

use serde_json::Value;

use super::{Event, Session, Socket};
use crate::verdict::{Failure, Verdict};
use crate::wire::packet::{Kind, Packet};

impl Session {
    /// Asks to come back with an auth that names `pid` and `offset`, and gives the socket with the events that came
    /// before the profile's own `auth`: what was missed, if the server knows the session. It may send that before it
    /// answers CONNECT, as the reference does, or behind.
    ///
    /// # Errors
    /// [`Failure::Departed`] if the namespace refuses.
    pub async fn come_back(&self, namespace: &str, auth: Value) -> Verdict<(Socket, Vec<Event>)> {
        self.send_all(Packet::new(Kind::Connect, namespace).with_data(auth).to_messages()).await?;
        let mut early = Vec::new();
        let connected = loop {
            let packet = self.next_packet(namespace).await?;
            match packet.kind {
                Kind::Connect => break packet.data.unwrap_or_default(),
                Kind::Event => early.push(packet),
                _ => {
                    return Err(Failure::departed(
                        format!("to be let into {namespace}"),
                        format!("{packet} came"),
                    ));
                }
            }
        };
        let socket = Socket::entered(self, namespace, connected);
        let mut missed = Vec::new();
        for packet in early {
            missed.push(socket.event_of(packet)?);
        }
        loop {
            let event = socket.next_event().await?;
            if event.name == "auth" {
                return Ok((socket, missed));
            }
            missed.push(event);
        }
    }
}
