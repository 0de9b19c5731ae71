//! One Engine.IO session as its server has it: packets in and out, over either transport.

use serde_json::Value;

use super::handshake::Handshake;
use super::listener::Exchange;
use super::polling::Polling;
use crate::case::Transport;
use crate::verdict::{Failure, Verdict};
use crate::wire::http::Response;
use crate::wire::websocket::WebSocket;
use crate::wire::{Error, Message, Watch};

/// An open session with the client under test.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) handshake: Handshake,
    carrier: Carrier,
    watch: Watch,
}

#[derive(Debug)]
enum Carrier {
    Polling(Polling),
    WebSocket(Box<WebSocket>),
}

impl Session {
    pub(crate) fn polling(handshake: Handshake, polling: Polling, watch: &Watch) -> Self {
        Self { handshake, carrier: Carrier::Polling(polling), watch: watch.clone() }
    }

    pub(crate) fn websocket(handshake: Handshake, websocket: WebSocket, watch: &Watch) -> Self {
        Self { handshake, carrier: Carrier::WebSocket(Box::new(websocket)), watch: watch.clone() }
    }

    pub(crate) fn transport(&self) -> Transport {
        match self.carrier {
            Carrier::Polling(_) => Transport::Polling,
            Carrier::WebSocket(_) => Transport::WebSocket,
        }
    }

    // Packets out.

    /// Sends a packet of Engine.IO as it stands: `42["hello"]`, `2`, or bytes.
    pub(crate) async fn send(&mut self, packet: impl Into<Message>) -> Verdict {
        self.send_all([packet.into()]).await
    }

    /// Sends several: in one payload, or frame after frame.
    pub(crate) async fn send_all<M: Into<Message>>(
        &mut self,
        packets: impl IntoIterator<Item = M>,
    ) -> Verdict {
        let packets: Vec<Message> = packets.into_iter().map(Into::into).collect();
        match &mut self.carrier {
            Carrier::Polling(polling) => polling.send(packets).await?,
            Carrier::WebSocket(websocket) => {
                for packet in packets {
                    websocket.send(packet).await?;
                }
            }
        }
        Ok(())
    }

    // Packets in.

    /// The client's next packet, waited for with the patience.
    pub(crate) async fn next(&mut self) -> Verdict<Message> {
        let watch = self.watch.clone();
        match &mut self.carrier {
            Carrier::Polling(polling) => Ok(watch.wait_for("packet of the client", polling.next()).await?),
            Carrier::WebSocket(websocket) => Ok(websocket.next().await?),
        }
    }

    /// Expects this packet next. JSON in it is compared by its value.
    pub(crate) async fn expect(&mut self, packet: impl Into<Message>) -> Verdict {
        let expected = packet.into();
        let came = self.next().await?;
        if is_same(&expected, &came) {
            return Ok(());
        }
        Err(Failure::departed(expected.to_string(), format!("{came} came")))
    }

    /// Asks for a pong, and expects it next: so nothing was sent before it.
    pub(crate) async fn ping(&mut self) -> Verdict {
        self.send("2").await?;
        self.expect("3").await
    }

    // The carrier itself.

    /// The WebSocket, for those who send frames.
    pub(crate) fn frames(&mut self) -> Verdict<&mut WebSocket> {
        match &mut self.carrier {
            Carrier::WebSocket(websocket) => Ok(websocket),
            Carrier::Polling(_) => Err(not_over("a WebSocket")),
        }
    }

    /// Polling, for those who answer requests in their own way.
    pub(crate) fn requests(&mut self) -> Verdict<&mut Polling> {
        match &mut self.carrier {
            Carrier::Polling(polling) => Ok(polling),
            Carrier::WebSocket(_) => Err(not_over("polling")),
        }
    }

    /// The client's request for a WebSocket of this session.
    pub(crate) async fn expect_upgrade(&mut self) -> Verdict<Exchange> {
        let watch = self.watch.clone();
        let polling = self.requests()?;
        Ok(watch.wait_for("request for a WebSocket", polling.next_upgrade()).await?)
    }

    /// Expects a poll to wait for its answer.
    pub(crate) async fn expect_poll(&mut self) -> Verdict {
        let watch = self.watch.clone();
        let polling = self.requests()?;
        Ok(watch.wait_for("GET of the client", polling.polled()).await?)
    }

    /// Plays the whole upgrade, and goes on over the WebSocket.
    pub(crate) async fn upgrade(mut self) -> Verdict<Self> {
        let mut websocket = self.expect_upgrade().await?.accept().await?;
        websocket.expect("2probe").await?;
        websocket.send("3probe").await?;
        // Ends the poll that waits.
        self.send("6").await?;
        websocket.expect("5").await?;
        Ok(Self::websocket(self.handshake, websocket, &self.watch))
    }

    /// Answers the next poll with something else than packets.
    pub(crate) async fn answer_poll(&mut self, response: Response) -> Verdict {
        Ok(self.requests()?.answer_poll(response).await?)
    }

    /// Answers the next POST with something else than `ok`.
    pub(crate) async fn answer_post(&mut self, response: Response) -> Verdict {
        Ok(self.requests()?.answer_post(response).await?)
    }

    /// Expects the client to end the session in the way of its transport: a close packet, or the end of the WebSocket.
    /// Packets before it are passed over.
    pub(crate) async fn expect_end(&mut self) -> Verdict {
        match &mut self.carrier {
            Carrier::Polling(_) => {
                while self.next().await? != Message::from("1") {}
                Ok(())
            }
            Carrier::WebSocket(websocket) => {
                websocket.expect_close().await?;
                Ok(())
            }
        }
    }
}

/// Whether two packets are the same but for how their JSON is written.
pub(crate) fn is_same(expected: &Message, came: &Message) -> bool {
    let (Message::Text(expected), Message::Text(came)) = (expected, came) else { return expected == came };
    let (head, data) = split(expected);
    let (came_head, came_data) = split(came);
    head == came_head
        && (data == came_data || matches!((json(data), json(came_data)), (Some(a), Some(b)) if a == b))
}

/// The head of a packet, and the JSON behind it.
fn split(packet: &str) -> (&str, &str) {
    packet.split_at(packet.find(['[', '{', '"']).unwrap_or(packet.len()))
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn not_over(transport: &str) -> Failure {
    Error::Malformed(format!("a step of this case is for {transport} alone")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_compared_by_the_value_of_their_json() {
        let same = |expected: &str, came: &str| is_same(&expected.into(), &came.into());

        assert!(same(r#"42/a,7["e",{"x":1,"y":2}]"#, r#"42/a,7[ "e", {"y":2,"x":1} ]"#));
        assert!(same("40", "40"));
        assert!(!same("427[]", "428[]"));
        assert!(!same("43[1]", "43[2]"));
        assert!(!same("40", "40{}"));
    }
}
