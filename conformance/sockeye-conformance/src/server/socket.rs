//! A socket of Socket.IO in one namespace of a session, and the events of the profile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Revision, Session, random_word};
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict};
use crate::wire::packet::{Kind, Packet};

/// A socket in a namespace. Packets for other namespaces of its session are left for those.
///
/// Arguments are arrays of JSON; bytes among them are written by [`bytes`](crate::wire::packet::bytes).
#[derive(Clone, Debug)]
pub struct Socket {
    session: Session,
    namespace: String,
    connected: Value,
    auth: Value,
    acks: Arc<AtomicU64>,
}

/// An event from the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its arguments, an array.
    pub args: Value,
    /// The number under which it wants to be acknowledged.
    pub ack: Option<u64>,
    /// Where it stands among all that the server sent, if that recovers sessions: the string behind the arguments of
    /// an event that wants no acknowledgement. Of a volatile event, which has none, it is the last argument if that is
    /// a string.
    pub offset: Option<String>,
}

impl Socket {
    pub(super) async fn connect(session: &Session, namespace: &str, auth: Option<Value>) -> Verdict<Self> {
        let mut socket = Self::join(session, namespace, auth).await?;
        // In revision 4 of Socket.IO everybody is in `/` without asking, and a session that is ready knows it.
        if session.handshake().revision == Revision::V4 || namespace != "/" {
            let event = socket.next_event().await?;
            if event.name != "auth" {
                return Err(Failure::departed("the event auth", format!("{} came", event.name)));
            }
            socket.auth = event.args[0].clone();
        }
        Ok(socket)
    }

    pub(super) async fn join(session: &Session, namespace: &str, auth: Option<Value>) -> Verdict<Self> {
        let revision = session.handshake().revision;
        let mut connected = Value::Null;
        if revision == Revision::V4 || namespace != "/" {
            session.send_all(asking(namespace, auth).to_messages()).await?;
            let packet = session.next_packet(namespace).await?;
            let has_sid = packet.data.as_ref().is_some_and(|data| data["sid"].is_string());
            if packet.kind != Kind::Connect || !(has_sid || revision == Revision::V3) {
                return Err(Failure::departed(
                    format!("to be let into {namespace}"),
                    format!("{packet} came"),
                ));
            }
            connected = packet.data.unwrap_or_default();
        }
        Ok(Self {
            session: session.clone(),
            namespace: namespace.to_owned(),
            connected,
            auth: Value::Null,
            acks: Arc::default(),
        })
    }

    pub(super) async fn expect_refusal(
        session: &Session,
        namespace: &str,
        auth: Option<Value>,
    ) -> Verdict<Value> {
        session.send_all(asking(namespace, auth).to_messages()).await?;
        let packet = session.next_packet(namespace).await?;
        if packet.kind != Kind::ConnectError {
            return Err(Failure::departed(format!("to be refused by {namespace}"), format!("{packet} came")));
        }
        Ok(packet.data.unwrap_or_default())
    }

    /// Sends an event with its arguments, an array.
    ///
    /// # Errors
    /// [`Failure::Departed`] if it cannot be sent.
    pub async fn emit(&self, event: &str, args: Value) -> Verdict {
        self.send(&Packet::event(&self.namespace, event, &args)).await
    }

    /// Sends an event that wants to be acknowledged, and gives the number: 0 for the first, then 1.
    ///
    /// # Errors
    /// As [`emit`](Self::emit).
    pub async fn emit_with_ack(&self, event: &str, args: Value) -> Verdict<u64> {
        let ack = self.acks.fetch_add(1, Ordering::Relaxed);
        self.send(&Packet::event(&self.namespace, event, &args).with_ack(ack)).await?;
        Ok(ack)
    }

    /// Sends an event and gives what it is acknowledged with, an array. Nothing else may come before.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn ask(&self, event: &str, args: Value) -> Verdict<Value> {
        let ack = self.emit_with_ack(event, args).await?;
        let packet = self.next().await?;
        if packet.kind != Kind::Ack || packet.ack != Some(ack) {
            return Err(Failure::departed(format!("an acknowledgement of {ack}"), format!("{packet} came")));
        }
        Ok(packet.data.unwrap_or_default())
    }

    /// Acknowledges an event of the server's.
    ///
    /// # Errors
    /// As [`emit`](Self::emit).
    pub async fn acknowledge(&self, ack: u64, args: Value) -> Verdict {
        self.send(&Packet::new(Kind::Ack, &self.namespace).with_ack(ack).with_data(args)).await
    }

    /// Sends any packet, right or wrong. What is no packet at all goes through [`Session::send`].
    ///
    /// # Errors
    /// As [`emit`](Self::emit).
    pub async fn send(&self, packet: &Packet) -> Verdict {
        self.session.send_all(packet.to_messages()).await
    }

    /// The next packet in this namespace, waited for with the patience.
    ///
    /// # Errors
    /// [`Failure::Departed`] if none came.
    pub async fn next(&self) -> Verdict<Packet> {
        self.session.next_packet(&self.namespace).await
    }

    /// The next packet, which must be an event. The offset that a server which recovers sessions adds to its events
    /// stands apart from the arguments.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn next_event(&self) -> Verdict<Event> {
        let (packet, offset) = self.take_offset(self.next().await?);
        let Some((name, args)) = packet.as_event() else {
            return Err(Failure::departed("an event", format!("{packet} came")));
        };
        Ok(Event { name: name.to_owned(), args, ack: packet.ack, offset })
    }

    /// Expects exactly this event next.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect_event(&self, name: &str, args: Value) -> Verdict {
        self.expect_packet(&Packet::event(&self.namespace, name, &args)).await
    }

    /// Expects this event next, wanting to be acknowledged, and gives the number.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect_question(&self, name: &str, args: Value) -> Verdict<u64> {
        let event = self.next_event().await?;
        match event.ack {
            Some(ack) if event.name == name && event.args == args => Ok(ack),
            _ => Err(Failure::departed(
                format!("{name} {args} with a number to acknowledge"),
                format!("{event:?} came"),
            )),
        }
    }

    /// Expects exactly this acknowledgement next.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect_ack(&self, ack: u64, args: Value) -> Verdict {
        self.expect_packet(&Packet::new(Kind::Ack, &self.namespace).with_ack(ack).with_data(args)).await
    }

    /// Expects exactly this packet next, the offset of an event aside.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect_packet(&self, expected: &Packet) -> Verdict {
        let came = self.next().await.map_err(|failure| failure.instead_of(expected.to_string()))?;
        if came == *expected || self.take_offset(came.clone()).0 == *expected {
            return Ok(());
        }
        Err(Failure::departed(expected.to_string(), format!("{came} came")))
    }

    /// Expects the server to disconnect this socket from its namespace.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect_disconnect(&self) -> Verdict {
        self.expect_packet(&Packet::new(Kind::Disconnect, &self.namespace)).await
    }

    /// Leaves the namespace.
    ///
    /// # Errors
    /// As [`emit`](Self::emit).
    pub async fn disconnect(&self) -> Verdict {
        self.send(&Packet::new(Kind::Disconnect, &self.namespace)).await
    }

    /// Sends arguments by `message` and expects them back with nothing before them.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn echo(&self, args: Value) -> Verdict {
        self.emit("message", args.clone()).await?;
        self.expect_event("message-back", args).await
    }

    /// Proves that nothing more came in this namespace: an echo sent now comes back and nothing stands before it.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what stood before it.
    pub async fn fence(&self) -> Verdict {
        self.echo(json!([random_word()])).await
    }

    /// Joins a room by the profile's `join`.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn join_room(&self, room: &str) -> Verdict {
        self.ask("join", json!([room])).await.map(drop)
    }

    /// Leaves a room by the profile's `leave`.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn leave_room(&self, room: &str) -> Verdict {
        self.ask("leave", json!([room])).await.map(drop)
    }

    /// Why the socket of an id went, by the profile's `reason-of`: asked again and again until the server has noticed.
    ///
    /// # Errors
    /// [`Failure::Departed`] if it has not within the patience.
    pub async fn reason_of(&self, id: &str) -> Verdict<String> {
        let watch = self.session.server().watch();
        let deadline = Instant::now() + watch.patience;
        while Instant::now() < deadline {
            let answer = self.ask("reason-of", json!([id])).await?;
            if let Some(reason) = answer[0].as_str() {
                return Ok(reason.to_owned());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Failure::departed(format!("a reason why {id} went"), "it is still there"))
    }

    /// Its id; empty in revision 4 of Socket.IO, where the server does not tell.
    pub fn id(&self) -> &str {
        self.connected["sid"].as_str().unwrap_or_default()
    }

    /// What the server said when it let the socket in: `{"sid":…}`, with recovery also `pid`.
    pub fn connected(&self) -> &Value {
        &self.connected
    }

    /// What the profile's server told as the client's auth.
    pub fn auth(&self) -> &Value {
        &self.auth
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The session below.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// In revision 4 of Socket.IO the server adds offsets as well, and does not tell.
    fn has_offsets(&self) -> bool {
        let is_old = self.session.handshake().revision == Revision::V3;
        self.connected["pid"].is_string() || (is_old && self.session.server().has(Feature::Recovery))
    }

    fn take_offset(&self, mut packet: Packet) -> (Packet, Option<String>) {
        if !self.has_offsets() || packet.kind != Kind::Event || packet.ack.is_some() {
            return (packet, None);
        }
        let data = packet.data.as_mut().and_then(Value::as_array_mut);
        let last = data.and_then(|data| data.pop_if(|last| last.is_string()));
        (packet, last.and_then(|last| last.as_str().map(str::to_owned)))
    }
}

fn asking(namespace: &str, auth: Option<Value>) -> Packet {
    let packet = Packet::new(Kind::Connect, namespace);
    match auth {
        Some(auth) => packet.with_data(auth),
        None => packet,
    }
}

/// Between two questions whether something has happened.
const PAUSE: Duration = Duration::from_millis(20);
