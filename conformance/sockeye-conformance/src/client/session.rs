//! One Engine.IO session as its server has it: packets in and out, over either transport.

use super::handshake::Handshake;
use super::listener::Exchange;
use super::polling::Polling;
use crate::case::Transport;
use crate::server::Revision;
use crate::verdict::{Failure, Verdict};
use crate::wire::http::Response;
use crate::wire::websocket::WebSocket;
use crate::wire::{Error, Message, Watch};

/// An open session with the client under test.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) handshake: Handshake,
    carrier: Carrier,
    /// Pings that were not answered yet.
    pings: usize,
    watch: Watch,
}

#[derive(Debug)]
enum Carrier {
    Polling(Polling),
    WebSocket(Box<WebSocket>),
}

impl Session {
    pub(crate) fn polling(handshake: Handshake, polling: Polling, watch: &Watch) -> Self {
        Self { handshake, carrier: Carrier::Polling(polling), pings: 0, watch: watch.clone() }
    }

    pub(crate) fn websocket(handshake: Handshake, websocket: WebSocket, watch: &Watch) -> Self {
        Self { handshake, carrier: Carrier::WebSocket(Box::new(websocket)), pings: 0, watch: watch.clone() }
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
        self.pings += packets.iter().filter(|packet| packet.as_text() == Some("2")).count();
        let revision = self.handshake.revision;
        match &mut self.carrier {
            Carrier::Polling(polling) => polling.send(packets).await?,
            Carrier::WebSocket(websocket) => {
                for packet in packets {
                    websocket.send(with_type(packet, revision)).await?;
                }
            }
        }
        Ok(())
    }

    // Packets in.

    /// The client's next packet, waited for with the patience.
    ///
    /// A pong that nobody asked for is harmless, and some clients open with one: it is passed over.
    pub(crate) async fn next(&mut self) -> Verdict<Message> {
        loop {
            let packet = self.any().await?;
            let is_pong = packet.as_text() == Some("3") && self.handshake.revision == Revision::V4;
            if !is_pong {
                return Ok(packet);
            }
            if self.pings > 0 {
                self.pings -= 1;
                return Ok(packet);
            }
        }
    }

    /// The client's next packet, whatever it is.
    pub(crate) async fn any(&mut self) -> Verdict<Message> {
        let watch = self.watch.clone();
        match &mut self.carrier {
            Carrier::Polling(polling) => Ok(watch.wait_for("packet of the client", polling.next()).await?),
            Carrier::WebSocket(websocket) => without_type(websocket.next().await?, self.handshake.revision),
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

    /// A ping has left by another way than [`send`](Self::send).
    pub(crate) fn expect_pong(&mut self) {
        self.pings += 1;
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

/// In revision 3 a binary frame begins with the packet's type.
fn with_type(packet: Message, revision: Revision) -> Message {
    match packet {
        Message::Binary(bytes) if revision == Revision::V3 => Message::from([&[4], &bytes[..]].concat()),
        other => other,
    }
}

fn without_type(packet: Message, revision: Revision) -> Verdict<Message> {
    match packet {
        Message::Binary(bytes) if revision == Revision::V3 => match bytes.split_first() {
            Some((4, rest)) => Ok(Message::from(rest)),
            _ => {
                Err(Failure::departed("bytes behind the type 4", format!("{} came", Message::Binary(bytes))))
            }
        },
        other => Ok(other),
    }
}

/// Whether two packets are the same but for how their JSON is written. CONNECT with an object that has nothing in it is
/// CONNECT.
pub(crate) fn is_same(expected: &Message, came: &Message) -> bool {
    let is_connect = |packet: &str| packet.starts_with("40") && !packet.ends_with('}');
    let came_bare = came.as_text().and_then(|came| came.strip_suffix("{}"));
    expected.says(came)
        || expected.as_text().is_some_and(|expected| is_connect(expected) && came_bare == Some(expected))
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
        assert!(same("40/a,", "40/a,{}"));
        assert!(!same("40", r#"40{"token":1}"#));
    }
}
