//! Where packets of Engine.IO can be sent and come: a session, or a WebSocket that is not yet one's session.

use super::Session;
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;
use crate::wire::websocket::WebSocket;

/// Where packets can be sent and come, pings aside.
pub trait Channel: Send {
    /// Sends one packet.
    fn put(&mut self, packet: Message) -> impl Future<Output = Verdict> + Send;

    /// The next packet that is no ping.
    fn take(&mut self) -> impl Future<Output = Verdict<Message>> + Send;
}

impl Channel for WebSocket {
    async fn put(&mut self, packet: Message) -> Verdict {
        Ok(self.send(packet).await?)
    }

    async fn take(&mut self) -> Verdict<Message> {
        loop {
            match self.next().await? {
                Message::Text(ping) if ping == "2" => self.send("3").await?,
                packet => return Ok(packet),
            }
        }
    }
}

impl Channel for &Session {
    async fn put(&mut self, packet: Message) -> Verdict {
        self.send(packet).await
    }

    async fn take(&mut self) -> Verdict<Message> {
        self.next().await
    }
}

/// Expects exactly this packet next.
pub(super) async fn expect(channel: &mut impl Channel, expected: &Message) -> Verdict {
    let came = channel.take().await.map_err(|failure| failure.instead_of(expected.to_string()))?;
    if came == *expected {
        return Ok(());
    }
    Err(Failure::departed(expected.to_string(), format!("{came} came")))
}
