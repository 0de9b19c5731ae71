//! One peer's conversation: which namespaces it is in, what it may send, what it is still owed.
//!
//! ```text
//!           CONNECT               accept
//! (absent) ---------> Connecting -------> Connected ---> (absent): DISCONNECT by the peer
//!     ^                |      ^               |
//!     +----------------+      | CONNECT       | DISCONNECT by us
//!          refuse             |               v
//!                             +---------- Dismissed
//! ```
//!
//! The reference knows no `Dismissed`: there, an event that was on its way when the server took its sender out of a
//! namespace ends the connection, and with it the peer's other namespaces. Here it is ignored.

use std::{sync::Arc, time::Instant};

use sockeye_message::{Message, Prepared};
use sockeye_parser::{AckId, Args, Decoder, Encoded, Format, NamespaceName, Packet, SocketId};

use crate::{
    Awaited, Config, Event, Expired, Outgoing, ProtocolError, Revision, SendError,
    acks::Acks,
    outbox::{Outbox, Share},
};

/// One Socket.IO connection over any transport, without the transport.
///
/// Messages go in by [`handle_message`](Self::handle_message), time by [`poll_expired`](Self::poll_expired), and what is to
/// be sent comes out of [`poll_transmit`](Self::poll_transmit). `W` is what the application wants back when the peer
/// acknowledges something.
#[derive(Debug)]
pub struct Connection<W> {
    config: Arc<Config>,
    revision: Revision,
    format: Arc<dyn Format>,
    decoder: Box<dyn Decoder>,
    /// Few, as a rule one: looked up by comparison.
    namespaces: Vec<(NamespaceName, State<W>)>,
    outbox: Outbox,
    /// Until when the peer has to join a namespace; gone once it has.
    connect_by: Option<Instant>,
    /// Until when the attachments of a packet have to arrive.
    attached_by: Option<Instant>,
}

#[derive(Debug)]
enum State<W> {
    /// The application has not decided yet.
    Connecting,
    Connected(Acks<W>),
    /// We took the peer out, and it may not have heard of it.
    Dismissed,
}

impl<W> Connection<W> {
    /// The server's side of a connection that has just been opened.
    pub fn server(config: Arc<Config>, format: Arc<dyn Format>, now: Instant) -> Self {
        Self {
            decoder: format.decoder(config.parser.clone()),
            namespaces: Vec::new(),
            outbox: Outbox::default(),
            connect_by: now.checked_add(config.connect_timeout),
            attached_by: None,
            config,
            revision: Revision::default(),
            format,
        }
    }

    /// The same for a peer that speaks this revision; before the first message.
    #[must_use]
    pub fn speaking(self, revision: Revision) -> Self {
        Self { revision, ..self }
    }

    /// What happens without a message, once, before the first: a peer of [`Revision::V4`] wants to join `/`.
    pub fn begin(&mut self) -> Option<Event<W>> {
        let namespace = NamespaceName::root();
        if self.revision != Revision::V4 || self.state(&namespace).is_some() {
            return None;
        }
        self.namespaces.push((namespace.clone(), State::Connecting));
        Some(Event::Connect { namespace, auth: None, query: None })
    }

    /// Takes one message of the peer. Gives what it completes, which is at most one event.
    ///
    /// # Errors
    /// If the peer broke the protocol. The connection is of no further use; the reference closes it with the reason
    /// `forced close`.
    pub fn handle_message(&mut self, message: Message) -> Result<Option<Event<W>>, ProtocolError> {
        let packet = self.decoder.feed(message).map_err(ProtocolError::Decode)?;
        packet.map_or(Ok(None), |packet| {
            self.attached_by = None;
            self.handle_packet(packet)
        })
    }

    /// To be called when a message has completed nothing: if attachments are missing, they have to arrive in time from now on.
    pub fn note_time(&mut self, now: Instant) {
        if self.attached_by.is_none() && self.decoder.is_waiting() {
            self.attached_by = now.checked_add(self.config.attachment_timeout);
        }
    }

    /// Lets the peer into a namespace under the given id. Without effect unless it is waiting there.
    ///
    /// # Errors
    /// [`SendError::NotConnected`] if the peer is not waiting for an answer; [`SendError::Full`] if even the reserve of
    /// the outbox is used up.
    pub fn accept(&mut self, namespace: &NamespaceName, id: &SocketId) -> Result<(), SendError> {
        self.let_in(namespace, id, None)
    }

    /// The same for a peer that may come back after its transport was lost: this private id is how.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn accept_recoverable(
        &mut self,
        namespace: &NamespaceName,
        id: &SocketId,
        private_id: &str,
    ) -> Result<(), SendError> {
        self.let_in(namespace, id, Some(private_id))
    }

    fn let_in(
        &mut self,
        namespace: &NamespaceName,
        id: &SocketId,
        private_id: Option<&str>,
    ) -> Result<(), SendError> {
        let Some(State::Connecting) = self.state(namespace) else {
            return Err(SendError::NotConnected);
        };
        let answer = self.revision.accept(namespace.clone(), id, private_id);
        self.answer(&answer)?;
        if let Some(state) = self.state(namespace) {
            *state = State::Connected(Acks::new());
        }
        self.connect_by = None;
        Ok(())
    }

    /// Turns the peer away from a namespace; it may try again.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn refuse(&mut self, namespace: &NamespaceName, error: Args) -> Result<(), SendError> {
        let Some(State::Connecting) = self.state(namespace) else {
            return Err(SendError::NotConnected);
        };
        self.remove(namespace);
        self.answer(&Packet::ConnectError { namespace: namespace.clone(), error })
    }

    /// Sends an event that is already encoded, and waits for its acknowledgement if `awaited` says so.
    ///
    /// # Errors
    /// [`SendError`] says which limit or state prevented it; then nothing is sent and `awaited` is dropped.
    pub fn emit(
        &mut self,
        namespace: &NamespaceName,
        packet: Encoded,
        awaited: Option<Awaited<W>>,
    ) -> Result<(), SendError> {
        self.check_emit(namespace, awaited.is_some())?;
        self.outbox.push(packet, Share::Events, &self.config.outbox)?;
        self.await_ack(namespace, awaited);
        Ok(())
    }

    /// As [`emit`](Self::emit), for an event that other connections send as well.
    ///
    /// # Errors
    /// As [`emit`](Self::emit).
    pub fn emit_prepared(
        &mut self,
        namespace: &NamespaceName,
        packet: &[Prepared],
        awaited: Option<Awaited<W>>,
    ) -> Result<(), SendError> {
        self.check_emit(namespace, awaited.is_some())?;
        self.outbox.push_prepared(packet, &self.config.outbox)?;
        self.await_ack(namespace, awaited);
        Ok(())
    }

    /// Sends an event that the peer has missed. There is room for it in any case: whoever keeps what peers have missed
    /// has a limit of their own.
    ///
    /// # Errors
    /// [`SendError::NotConnected`] if the peer is not in the namespace.
    pub fn replay(&mut self, namespace: &NamespaceName, packet: &[Prepared]) -> Result<(), SendError> {
        self.check_emit(namespace, false)?;
        self.outbox.push_missed(packet);
        Ok(())
    }

    /// Acknowledges an event of the peer.
    ///
    /// # Errors
    /// [`SendError::NotConnected`] if the namespace was left meanwhile, [`SendError::Full`] if even the reserve of the
    /// outbox is used up.
    pub fn acknowledge(&mut self, namespace: &NamespaceName, id: AckId, args: Args) -> Result<(), SendError> {
        self.check_emit(namespace, false)?;
        self.answer(&Packet::Ack { namespace: namespace.clone(), id, args })
    }

    /// Acknowledges an event by a text that is to be sent before anything else, and is written behind what `text` holds.
    /// False, with nothing written, unless nothing waits in the outbox and the acknowledgement is one text: then
    /// [`acknowledge`](Self::acknowledge) queues it.
    ///
    /// # Errors
    /// [`SendError::NotConnected`] if the namespace was left meanwhile.
    pub fn acknowledge_at_once(
        &mut self,
        namespace: &NamespaceName,
        id: AckId,
        args: &Args,
        text: &mut String,
    ) -> Result<bool, SendError> {
        self.check_emit(namespace, false)?;
        Ok(self.outbox.is_empty() && self.format.write_ack(namespace, id, args, text))
    }

    /// Takes the peer out of a namespace and tells it; says whether it was in there.
    pub fn disconnect(&mut self, namespace: &NamespaceName) -> bool {
        let Some(state @ (State::Connecting | State::Connected(_))) = self.state(namespace) else {
            return false;
        };
        *state = State::Dismissed;
        // A full outbox belongs to a peer that does not read; it will learn when its transport closes.
        let _ = self.answer(&Packet::Disconnect { namespace: namespace.clone() });
        true
    }

    /// Forgets a namespace without telling the peer, whose connection is about to close; gives up the acknowledgements
    /// that are awaited there.
    pub fn leave(&mut self, namespace: &NamespaceName) {
        self.remove(namespace);
    }

    /// Stops waiting for an acknowledgement.
    pub fn forget_ack(&mut self, namespace: &NamespaceName, id: AckId) -> Option<W> {
        self.acks(namespace)?.take(id)
    }

    /// The next message for the peer.
    pub fn poll_transmit(&mut self) -> Option<Outgoing> {
        self.outbox.pop()
    }

    /// What has not happened in time; ask until it gives `None`.
    pub fn poll_expired(&mut self, now: Instant) -> Option<Expired<W>> {
        if self.connect_by.is_some_and(|deadline| deadline <= now) {
            self.connect_by = None;
            return Some(Expired::Connect);
        }
        if self.attached_by.is_some_and(|deadline| deadline <= now) {
            self.attached_by = None;
            return Some(Expired::Attachments);
        }
        self.all_acks().find_map(|acks| acks.take_expired(now)).map(Expired::Ack)
    }

    /// When to call [`poll_expired`](Self::poll_expired) next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let acks = self.namespaces.iter().filter_map(|(_, state)| match state {
            State::Connected(acks) => acks.next_deadline(),
            State::Connecting | State::Dismissed => None,
        });
        acks.chain(self.connect_by).chain(self.attached_by).min()
    }

    /// How many acknowledgements are awaited, in all namespaces.
    pub fn pending_acks(&self) -> usize {
        let acks = self.namespaces.iter().map(|(_, state)| match state {
            State::Connected(acks) => acks.len(),
            State::Connecting | State::Dismissed => 0,
        });
        acks.sum()
    }

    /// The transport has gone: drops what waits to be sent, leaves all namespaces and gives up all acknowledgements.
    pub fn end(&mut self) {
        self.outbox.clear();
        self.namespaces = Vec::new();
        (self.connect_by, self.attached_by) = (None, None);
    }

    /// Whether nothing waits for the transport.
    pub fn is_drained(&self) -> bool {
        self.outbox.is_empty()
    }

    /// How many messages wait for the transport.
    pub fn queued_messages(&self) -> usize {
        self.outbox.len()
    }

    /// Whether [`emit`](Self::emit) would refuse this event now with [`SendError::Full`].
    pub fn must_wait(&self, namespace: &NamespaceName, packet: &Encoded) -> bool {
        self.namespaces.iter().any(|(name, state)| name == namespace && !matches!(state, State::Dismissed))
            && !self.outbox.has_room_for(packet, &self.config.outbox)
    }

    /// Whether [`emit_prepared`](Self::emit_prepared) would refuse this event now with [`SendError::Full`].
    pub fn must_wait_prepared(&self, namespace: &NamespaceName, packet: &[Prepared]) -> bool {
        self.namespaces.iter().any(|(name, state)| name == namespace && !matches!(state, State::Dismissed))
            && !self.outbox.has_room_for_prepared(packet, &self.config.outbox)
    }

    /// Whether every event would be refused with [`SendError::Full`].
    pub fn is_full(&self) -> bool {
        self.outbox.is_full(&self.config.outbox)
    }

    /// Whether the peer is in the namespace.
    pub fn is_connected(&self, namespace: &NamespaceName) -> bool {
        self.namespaces.iter().any(|(name, state)| name == namespace && matches!(state, State::Connected(_)))
    }

    /// The form that packets have on this connection.
    pub fn format(&self) -> &Arc<dyn Format> {
        &self.format
    }

    fn handle_packet(&mut self, packet: Packet) -> Result<Option<Event<W>>, ProtocolError> {
        match packet {
            Packet::Connect { namespace, auth } => self.handle_connect(namespace, auth).map(Some),
            Packet::Disconnect { namespace } => {
                if !self.is_in(&namespace)? {
                    return Ok(None);
                }
                self.remove(&namespace);
                Ok(Some(Event::Disconnect { namespace }))
            }
            Packet::Event { namespace, name, args, ack } => {
                if !self.is_in(&namespace)? {
                    return Ok(None);
                }
                Ok(Some(Event::Event { namespace, name, args, ack }))
            }
            Packet::Ack { namespace, id, args } => {
                self.is_in(&namespace)?;
                // An answer nobody waits for is harmless: it came twice, or after its deadline.
                let waiter = self.acks(&namespace).and_then(|acks| acks.take(id));
                Ok(waiter.map(|waiter| Event::Acked { waiter, args }))
            }
            Packet::ConnectError { .. } => Err(ProtocolError::UnexpectedPacket),
        }
    }

    fn handle_connect(&mut self, name: NamespaceName, auth: Option<Args>) -> Result<Event<W>, ProtocolError> {
        let (namespace, query) = self.revision.split_name(name);
        match self.state(&namespace) {
            None => {
                self.make_room()?;
                self.namespaces.push((namespace.clone(), State::Connecting));
            }
            Some(state @ State::Dismissed) => *state = State::Connecting,
            Some(_) => return Err(ProtocolError::AlreadyConnected(namespace)),
        }
        Ok(Event::Connect { namespace, auth, query })
    }

    /// Makes room for one more namespace, at the cost of one that the peer was dismissed from.
    fn make_room(&mut self) -> Result<(), ProtocolError> {
        if self.namespaces.len() < self.config.max_namespaces {
            return Ok(());
        }
        let dismissed = self.namespaces.iter().position(|(_, state)| matches!(state, State::Dismissed));
        self.namespaces.remove(dismissed.ok_or(ProtocolError::TooManyNamespaces)?);
        Ok(())
    }

    /// Whether the peer is in the namespace of its packet, or was dismissed and may not know yet.
    fn is_in(&self, namespace: &NamespaceName) -> Result<bool, ProtocolError> {
        match self.namespaces.iter().find(|(name, _)| name == namespace) {
            Some((_, State::Connected(_))) => Ok(true),
            Some((_, State::Dismissed)) => Ok(false),
            Some((_, State::Connecting)) | None => Err(ProtocolError::NotConnected(namespace.clone())),
        }
    }

    fn check_emit(&mut self, namespace: &NamespaceName, awaits: bool) -> Result<(), SendError> {
        let limit = self.config.max_pending_acks;
        match self.state(namespace) {
            None | Some(State::Dismissed) => Err(SendError::NotConnected),
            // What is emitted while the application decides reaches the peer before the answer, as in the reference; but
            // an acknowledgement could not come before it.
            Some(State::Connecting) if awaits => Err(SendError::NotConnected),
            Some(State::Connected(acks)) if awaits => acks.check_room(limit),
            Some(_) => Ok(()),
        }
    }

    fn await_ack(&mut self, namespace: &NamespaceName, awaited: Option<Awaited<W>>) {
        if let (Some(awaited), Some(acks)) = (awaited, self.acks(namespace)) {
            acks.insert(awaited);
        }
    }

    fn answer(&mut self, packet: &Packet) -> Result<(), SendError> {
        self.outbox.push(self.format.encode(packet), Share::Answers, &self.config.outbox)
    }

    fn state(&mut self, namespace: &NamespaceName) -> Option<&mut State<W>> {
        self.namespaces.iter_mut().find(|(name, _)| name == namespace).map(|(_, state)| state)
    }

    fn acks(&mut self, namespace: &NamespaceName) -> Option<&mut Acks<W>> {
        match self.state(namespace)? {
            State::Connected(acks) => Some(acks),
            State::Connecting | State::Dismissed => None,
        }
    }

    fn all_acks(&mut self) -> impl Iterator<Item = &mut Acks<W>> {
        self.namespaces.iter_mut().filter_map(|(_, state)| match state {
            State::Connected(acks) => Some(acks),
            State::Connecting | State::Dismissed => None,
        })
    }

    fn remove(&mut self, namespace: &NamespaceName) {
        self.namespaces.retain(|(name, _)| name != namespace);
    }
}
