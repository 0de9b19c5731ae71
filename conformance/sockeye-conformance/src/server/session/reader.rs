//! The tasks behind a session: one reads all that comes, in revision 3 another pings.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::super::endpoint::decode_payload;
use super::super::{Handshake, Revision, Server};
use super::inbox::{Arrival, Inbox, Item};
use super::link::Link;
use super::pulse::Pulse;
use super::{Ending, Transport};
use crate::wire::http::Request;
use crate::wire::websocket::{Frame, Incoming, WebSocket, WebSocketReader};
use crate::wire::{Error, Message};

/// What a session and the tasks behind it have in common.
#[derive(Debug)]
pub(super) struct Shared {
    server: Server,
    handshake: Handshake,
    pub(super) link: Mutex<Link>,
    pub(super) pulse: Pulse,
    pub(super) is_paused: AtomicBool,
    items: mpsc::Sender<Item>,
}

/// The tasks behind a session; dropping it ends them.
#[derive(Debug)]
pub(super) struct Reader {
    reading: JoinHandle<()>,
    pinging: Option<JoinHandle<()>>,
}

pub(super) fn shared(server: &Server, handshake: &Handshake) -> (Arc<Shared>, Inbox) {
    let (items, inbox) = Inbox::new();
    let shared = Shared {
        server: server.clone(),
        handshake: handshake.clone(),
        link: Mutex::new(Link::polling(server, handshake)),
        pulse: Pulse::default(),
        is_paused: AtomicBool::new(false),
        items,
    };
    (Arc::new(shared), inbox)
}

pub(super) fn over_polling(shared: &Arc<Shared>) -> Reader {
    let reading = Arc::clone(shared);
    Reader::new(shared, async move { reading.read_polling().await })
}

pub(super) async fn over_websocket(shared: &Arc<Shared>, ws: WebSocket) -> Reader {
    let (reader, writer) = ws.split();
    *shared.link.lock().await = Link::WebSocket(shared.handshake.revision, writer);
    let reading = Arc::clone(shared);
    Reader::new(shared, async move { reading.read_websocket(reader).await })
}

impl Reader {
    fn new(shared: &Arc<Shared>, reading: impl Future<Output = ()> + Send + 'static) -> Self {
        let pinging = Arc::clone(shared);
        let pings = shared.handshake.revision == Revision::V3;
        Self {
            reading: tokio::spawn(reading),
            pinging: pings.then(|| tokio::spawn(async move { pinging.ping().await })),
        }
    }

    /// Waits until all is read.
    pub(super) async fn end(&mut self) -> Result<(), Error> {
        if !self.reading.is_finished() {
            let _ = (&mut self.reading).await;
        }
        Ok(())
    }

    pub(super) fn abort(&self) {
        self.reading.abort();
        if let Some(pinging) = &self.pinging {
            pinging.abort();
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.abort();
    }
}

impl Shared {
    async fn read_polling(&self) {
        let target = self.server.target(&self.handshake.query_over(Transport::Polling));
        while !self.is_paused.load(Ordering::Relaxed) {
            // A GET is answered at the next ping at the latest; an idle one may hang that long.
            let ending = match self.poll(&target).await {
                Ok(packets) => self.handle_all(packets).await.err(),
                Err(ending) => Some(ending),
            };
            if let Some(ending) = ending {
                let _ = self.items.send(Item::Ended(ending)).await;
                return;
            }
        }
    }

    async fn poll(&self, target: &str) -> Result<Vec<Message>, Ending> {
        let garbled = |error: &dyn std::fmt::Display| Ending::Garbled(error.to_string());
        let pending = self.server.start(Request::get(target)).await.map_err(|error| garbled(&error))?;
        let mut tcp = pending.into_tcp();
        let response = match crate::wire::http::read_response(&mut tcp, "GET").await {
            Ok(response) => response,
            Err(Error::Closed { .. } | Error::Broken(_)) => return Err(Ending::Dropped),
            Err(error) => return Err(garbled(&error)),
        };
        if response.status != 200 {
            return Err(Ending::Refused { status: response.status, body: response.text() });
        }
        decode_payload(&response, self.handshake.revision).map_err(|error| garbled(&error))
    }

    async fn handle_all(&self, packets: Vec<Message>) -> Result<(), Ending> {
        for packet in packets {
            self.handle(packet).await?;
        }
        Ok(())
    }

    async fn read_websocket(&self, mut reader: WebSocketReader) {
        let ending = loop {
            let packet = match reader.read().await {
                Ok(Incoming::Message(packet)) => self.without_type(packet),
                Ok(Incoming::Ping(payload)) => {
                    self.send_frame(Frame::pong(payload)).await;
                    continue;
                }
                Ok(Incoming::Pong(_)) => continue,
                Ok(Incoming::Close(code)) => {
                    self.send_frame(Frame::close(code.unwrap_or(1000), "")).await;
                    break Ending::CloseFrame(code);
                }
                Err(Error::Closed { .. } | Error::Broken(_)) => break Ending::Dropped,
                Err(error) => break Ending::Garbled(error.to_string()),
            };
            if let Err(ending) = self.handle(packet).await {
                break ending;
            }
        };
        let _ = self.items.send(Item::Ended(ending)).await;
    }

    /// What a case looks at goes into the inbox; heartbeats and what only releases a GET do not.
    async fn handle(&self, packet: Message) -> Result<(), Ending> {
        let at = Instant::now();
        let text = packet.as_text().unwrap_or_default();
        match (self.handshake.revision, text) {
            (_, "6") => return Ok(()),
            (_, "1") => return Err(Ending::ClosePacket),
            (Revision::V4, "2") => {
                self.pulse.note(at);
                if !self.pulse.is_muted() {
                    self.answer_ping(at).await;
                    return Ok(());
                }
            }
            (Revision::V3, "3") => {
                self.pulse.note(at);
                if !self.pulse.is_muted() {
                    return Ok(());
                }
            }
            _ => {}
        }
        let _ = self.items.send(Item::Arrived(Arrival { at, message: packet })).await;
        Ok(())
    }

    async fn answer_ping(&self, at: Instant) {
        // That it cannot be sent is seen where the session ends.
        let _ = self.link.lock().await.send(&["3".into()]).await;
        if at.elapsed() > self.handshake.ping_timeout / 2 {
            self.server.watch().note_late("a ping was answered late");
        }
    }

    async fn ping(&self) {
        let pause = self.handshake.ping_interval / 2;
        loop {
            let before = Instant::now();
            tokio::time::sleep(pause.max(Duration::from_millis(10))).await;
            if self.pulse.is_muted() {
                continue;
            }
            if self.link.lock().await.send(&["2".into()]).await.is_err() {
                return;
            }
            if before.elapsed() > self.handshake.ping_interval + self.handshake.ping_timeout / 2 {
                self.server.watch().note_late("a ping was sent late");
            }
        }
    }

    async fn send_frame(&self, frame: Frame) {
        if let Link::WebSocket(_, writer) = &mut *self.link.lock().await {
            let _ = writer.send_frame(frame).await;
        }
    }

    /// Revision 3 writes the type of bytes before them.
    fn without_type(&self, packet: Message) -> Message {
        match packet {
            Message::Binary(bytes)
                if self.handshake.revision == Revision::V3 && bytes.first() == Some(&4) =>
            {
                bytes.slice(1..).into()
            }
            packet => packet,
        }
    }
}
