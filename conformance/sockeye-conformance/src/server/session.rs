//! An open session of Engine.IO, read in the background so that no ping is lost.

mod ending;
mod inbox;
mod link;
mod pulse;
mod reader;
mod waits;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Mutex;

pub use ending::Ending;
pub use inbox::Arrival;

use self::inbox::Inbox;
use self::link::Link;
use self::reader::{Reader, Shared};
use super::{Handshake, Revision, Server, Socket, echo};
use crate::case::{Profile, Transport};
use crate::verdict::Verdict;
use crate::wire::Message;
use crate::wire::http::{Request, Response};
use crate::wire::websocket::{Frame, WebSocket};

/// An open session. It answers pings by itself (revision 4) or sends them (revision 3) until it is muted. Clones are
/// the same session; when the last one is dropped its connections are closed without a goodbye.
#[derive(Clone, Debug)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    server: Server,
    handshake: Handshake,
    shared: Arc<Shared>,
    inbox: Mutex<Inbox>,
    /// The task that reads, and in revision 3 the one that pings.
    reader: Mutex<Reader>,
    is_ready: AtomicBool,
}

impl Session {
    pub(super) async fn open(
        server: &Server,
        revision: Revision,
        transport: Transport,
        more: &str,
    ) -> Verdict<Self> {
        let more = if more.is_empty() { String::new() } else { format!("&{more}") };
        let query = format!("{}&transport={transport}{more}", revision.query());
        match transport {
            Transport::Polling => {
                let handshake = server.handshake(&query).await?;
                Ok(Self::start(server, handshake, None).await)
            }
            Transport::WebSocket => {
                let asked_at = Instant::now();
                let mut ws = server.websocket(&query).await?;
                let handshake = Handshake::parse(&ws.next().await?, revision, asked_at)?;
                Ok(Self::start(server, handshake, Some(ws)).await)
            }
        }
    }

    /// Takes on a session that a case has opened by hand: over a WebSocket, or by polling.
    pub async fn start(server: &Server, handshake: Handshake, ws: Option<WebSocket>) -> Self {
        let (shared, inbox) = reader::shared(server, &handshake);
        let reader = match ws {
            Some(ws) => reader::over_websocket(&shared, ws).await,
            None => reader::over_polling(&shared),
        };
        let inner = Inner {
            server: server.clone(),
            handshake,
            shared,
            inbox: Mutex::new(inbox),
            reader: Mutex::new(reader),
            is_ready: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Sends one packet: text with its type (`4hello`), or the bytes of a message. Over polling its POST must be
    /// answered by 200 and `ok`.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if it cannot be sent.
    pub async fn send(&self, packet: impl Into<Message>) -> Verdict {
        self.send_all([packet.into()]).await
    }

    /// Sends packets: over polling in one payload.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_all(&self, packets: impl IntoIterator<Item = Message>) -> Verdict {
        let packets: Vec<Message> = packets.into_iter().collect();
        self.inner.shared.link.lock().await.send(&packets).await
    }

    /// Sends frames as they are, right or wrong, over its WebSocket: nothing of the session's own comes between them.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if they cannot be sent, or it speaks by polling.
    pub async fn send_frames(&self, frames: impl IntoIterator<Item = Frame>) -> Verdict {
        let mut link = self.inner.shared.link.lock().await;
        let writer = link.websocket()?;
        for frame in frames {
            writer.send_frame(frame).await?;
        }
        Ok(())
    }

    /// As [`send_frames`](Self::send_frames), with bytes that need be none.
    ///
    /// # Errors
    /// As [`send_frames`](Self::send_frames).
    pub async fn send_bytes(&self, bytes: impl AsRef<[u8]>) -> Verdict {
        Ok(self.inner.shared.link.lock().await.websocket()?.tcp().send(bytes).await?)
    }

    /// As [`send_bytes`](Self::send_bytes), each byte in a write of its own.
    ///
    /// # Errors
    /// As [`send_frames`](Self::send_frames).
    pub async fn dribble(&self, bytes: impl AsRef<[u8]>, pause: Duration) -> Verdict {
        Ok(self.inner.shared.link.lock().await.websocket()?.tcp().dribble(bytes, pause).await?)
    }

    /// Posts a body as it is, right or wrong, and gives the answer. No ping is answered meanwhile, so that two POSTs
    /// never meet by accident.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if no answer comes; an answer of any status is none.
    pub async fn post(&self, body: impl AsRef<[u8]>) -> Verdict<Response> {
        let target = self.inner.server.target(&self.query_over(Transport::Polling));
        self.request(Request::post(target, body)).await
    }

    /// As [`post`](Self::post), with any request.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn request(&self, request: Request) -> Verdict<Response> {
        let _nobody_else_posts = self.inner.shared.link.lock().await;
        self.inner.server.request(request).await
    }

    /// Says a text and expects it back with nothing before it. Of a Socket.IO server it enters `/` first.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) with what came instead.
    pub async fn echo(&self, text: &str) -> Verdict {
        self.ready().await?;
        echo::round(&mut &*self, &echo::Echo::of_text(self.profile(), text)).await
    }

    /// As [`echo`](Self::echo), with bytes.
    ///
    /// # Errors
    /// As [`echo`](Self::echo).
    pub async fn echo_bytes(&self, bytes: &[u8]) -> Verdict {
        self.ready().await?;
        echo::round(&mut &*self, &echo::Echo::of_bytes(self.profile(), bytes)).await
    }

    /// As [`echo`](Self::echo), over a WebSocket that a case upgraded to by hand.
    ///
    /// # Errors
    /// As [`echo`](Self::echo).
    pub async fn echo_over(&self, ws: &mut WebSocket, text: &str) -> Verdict {
        if self.profile() == Profile::Socket && !self.inner.is_ready.swap(true, Ordering::Relaxed) {
            echo::enter(ws, self.inner.handshake.revision).await?;
        }
        echo::round(ws, &echo::Echo::of_text(self.profile(), text)).await
    }

    /// Proves that nothing more came: an echo sent now comes back and nothing stands before it.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) with what stood before it.
    pub async fn fence(&self) -> Verdict {
        self.ready().await?;
        echo::fence(&mut &*self, self.profile()).await
    }

    /// Makes the server answer an echo: of a Socket.IO server it enters `/`, once. Cases that take longer than a moment
    /// begin so, for a Socket.IO server closes a session that has entered no namespace after a while.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if it is not let in.
    pub async fn ready(&self) -> Verdict {
        if self.profile() == Profile::Engine || self.inner.is_ready.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        echo::enter(&mut &*self, self.inner.handshake.revision).await
    }

    /// Moves from polling to WebSocket as clients do: probe, pause, upgrade.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if the server does not play its part.
    pub async fn upgrade(&self) -> Verdict {
        let mut ws = self.inner.server.websocket(&self.query()).await?;
        ws.send("2probe").await?;
        ws.expect("3probe").await?;
        self.pause_polling().await?;
        ws.send("5").await?;
        *self.inner.reader.lock().await = reader::over_websocket(&self.inner.shared, ws).await;
        Ok(())
    }

    /// Sends no more GETs and waits until the last one is answered, as a client does before it upgrades.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if the server lets it hang.
    pub async fn pause_polling(&self) -> Verdict {
        self.inner.shared.is_paused.store(true, Ordering::Relaxed);
        let mut reader = self.inner.reader.lock().await;
        Ok(self.inner.server.watch().wait_for("answer to the last GET", reader.end()).await?)
    }

    /// Closes as the protocol has it: with the packet `1`.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn close(&self) -> Verdict {
        self.send("1").await
    }

    /// Closes all connections without a goodbye, as when a machine goes to sleep.
    pub async fn vanish(&self) {
        self.inner.reader.lock().await.abort();
        *self.inner.shared.link.lock().await = Link::Gone;
    }

    /// Enters a namespace of Socket.IO and takes off the event `auth` that the profile's server emits to begin with.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if the namespace refuses.
    pub async fn connect(&self, namespace: &str, auth: Option<Value>) -> Verdict<Socket> {
        Socket::connect(self, namespace, auth).await
    }

    /// Asks for a namespace and gives the socket as soon as the server lets it in: the event `auth` is still to come.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn join(&self, namespace: &str, auth: Option<Value>) -> Verdict<Socket> {
        Socket::join(self, namespace, auth).await
    }

    /// Asks for a namespace that refuses, and gives what it says.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if it does not refuse.
    pub async fn expect_refusal(&self, namespace: &str, auth: Option<Value>) -> Verdict<Value> {
        Socket::expect_refusal(self, namespace, auth).await
    }

    /// Its id.
    pub fn sid(&self) -> &str {
        &self.inner.handshake.sid
    }

    /// What the server said when it opened.
    pub fn handshake(&self) -> &Handshake {
        &self.inner.handshake
    }

    /// The session as a query names it, without a transport: `EIO=4&sid=…`.
    pub fn query(&self) -> String {
        self.inner.handshake.query()
    }

    /// The session as a query names it over a transport.
    pub fn query_over(&self, transport: Transport) -> String {
        self.inner.handshake.query_over(transport)
    }

    /// The server that it is a session of.
    pub fn server(&self) -> &Server {
        &self.inner.server
    }

    /// What to say to this server so that a text comes back; call [`ready`](Self::ready) before.
    pub fn echo_of(&self, text: &str) -> echo::Echo {
        echo::Echo::of_text(self.profile(), text)
    }

    /// What to say to this server so that bytes come back; call [`ready`](Self::ready) before.
    pub fn echo_of_bytes(&self, bytes: &[u8]) -> echo::Echo {
        echo::Echo::of_bytes(self.profile(), bytes)
    }

    fn profile(&self) -> Profile {
        self.inner.server.profile()
    }
}
