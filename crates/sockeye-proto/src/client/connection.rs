//! The client's connection as a whole: the link below, and the namespaces on it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_message::Message;
use sockeye_parser::{Accepted, Args, Decoder, Format, NamespaceName, Packet, SocketId};

use crate::{Outgoing, SendError};

use super::{
    AckRequest, Config, DisconnectReason, Emission, Emitted, Event, NotTaken, ProtocolError, Receipt,
    namespace::{Incoming, Link, Namespace, Stay, decline},
    output::{Output, Tell},
    sending::Line,
};

/// A client's Socket.IO connection over whatever links it is given, one after another.
///
/// The link's coming and going is told by [`handle_open`](Self::handle_open) and [`handle_close`](Self::handle_close), what it
/// brings by [`handle_message`](Self::handle_message), and that time has passed by [`handle_timeout`](Self::handle_timeout).
/// After each of these, and after whatever the application wants, [`poll_event`](Self::poll_event) says what happened,
/// [`poll_transmit`](Self::poll_transmit) what to send and [`poll_timeout`](Self::poll_timeout) when to come back.
///
/// A namespace is known from the first call that names it. `W` is what the application wants back when the server
/// acknowledges something; it comes back once, unless the event was refused or discarded and it was given back at once.
#[derive(Debug)]
pub struct Connection<W> {
    /// There while the link is open.
    decoder: Option<Box<dyn Decoder>>,
    /// Few, as a rule one: looked up by comparison.
    namespaces: Vec<Namespace<W>>,
    /// How often a server was asked to let the client in.
    stays: Stay,
    /// The first id of an acknowledgement in a namespace that is named for the first time. Zero, unless others have been
    /// forgotten on this link: the server may still answer what was sent there.
    first_ack: u64,
    output: Output<W>,
}

impl<W> Connection<W> {
    /// A connection that waits for its first link and is in no namespace.
    pub fn new(config: Arc<Config>, format: Arc<dyn Format>) -> Self {
        Self {
            decoder: None,
            namespaces: Vec::new(),
            stays: 0,
            first_ack: 0,
            output: Output::new(config, format),
        }
    }

    /// The link is open: asks what to say in each namespace that is wanted. Without effect if it is open already.
    pub fn handle_open(&mut self) {
        if self.is_open() {
            return;
        }
        self.decoder = Some(self.output.format.decoder(self.output.config.parser.clone()));
        for namespace in &mut self.namespaces {
            namespace.handle_open(&mut self.output);
        }
    }

    /// The link brought a message. Ignored while it is not open.
    ///
    /// # Errors
    /// If the server broke the protocol. The link is to be closed, and [`handle_close`](Self::handle_close) told of
    /// [`DisconnectReason::ParseError`].
    pub fn handle_message(&mut self, message: Message, now: Instant) -> Result<(), ProtocolError> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        match decoder.feed(message).map_err(ProtocolError::Decode)? {
            Some(packet) => self.handle_packet(packet, now),
            None => Ok(()),
        }
    }

    /// The link is closed: drops what waits for it, and takes all namespaces for left. What was wanted is wanted still.
    pub fn handle_close(&mut self, reason: DisconnectReason) {
        if self.decoder.take().is_none() {
            return;
        }
        self.output.outbox.clear();
        self.output.is_stalled = false;
        for namespace in &mut self.namespaces {
            namespace.handle_close(reason, &mut self.output);
        }
        self.prune();
        self.first_ack = 0;
    }

    /// It is as late as [`poll_timeout`](Self::poll_timeout) said.
    pub fn handle_timeout(&mut self, now: Instant) {
        for Namespace { name, sending, .. } in &mut self.namespaces {
            sending.handle_timeout(name, now, &mut self.output);
        }
    }

    /// Wants to be in a namespace from now on, on every link, until the server or the application decides otherwise.
    /// Without effect if that is so already.
    pub fn connect(&mut self, namespace: &NamespaceName) {
        let link = if self.is_open() { Link::Open } else { Link::Closed };
        let (namespace, output) = self.known(namespace);
        namespace.connect(link, output);
    }

    /// Leaves a namespace, and does not join again. What waits there to be sent waits on, in case the application wants to
    /// be in again.
    pub fn disconnect(&mut self, namespace: &NamespaceName) {
        if let Some((namespace, output)) = self.find(namespace) {
            namespace.disconnect(output);
        }
    }

    /// Answers [`Event::Authenticate`]: asks the server to be let in, with this object or without. What brings the client
    /// back to what it has missed is added. Ignored if nobody asked, or the link has been lost since.
    pub fn authenticate(&mut self, namespace: &NamespaceName, auth: Option<Args>) {
        self.stays += 1;
        let stay = self.stays;
        if let Some((namespace, output)) = self.find(namespace) {
            namespace.authenticate(auth, stay, output);
        }
    }

    /// Leaves a namespace and forgets it, with all that waits there to be sent or acknowledged.
    pub fn remove(&mut self, namespace: &NamespaceName) {
        if let Some((found, output)) = self.find(namespace) {
            found.vanish(output);
            self.prune();
        }
    }

    /// Changes [`Config::retries`] for one namespace. Events that wait for their turn keep it.
    pub fn set_retries(&mut self, namespace: &NamespaceName, retries: u32) {
        self.known(namespace).0.sending.max_retries = retries;
    }

    /// Changes [`Config::ack_timeout`] for one namespace, for events that are sent from now on.
    pub fn set_ack_timeout(&mut self, namespace: &NamespaceName, timeout: Option<Duration>) {
        self.known(namespace).0.sending.ack_timeout = timeout;
    }

    /// Tells of each event that goes to the server in a namespace from now on, by [`Event::Sent`].
    pub fn tell_sent(&mut self, namespace: &NamespaceName) {
        self.known(namespace).0.sending.tell = Tell::Sent;
    }

    /// Emits an event: at once if the namespace is connected, when it is if it is not, and in its turn if events are to be
    /// [sent again](Config::retries).
    ///
    /// # Errors
    /// [`EmitError`](super::EmitError) says which limit prevented it; the event is given back.
    pub fn emit(
        &mut self,
        namespace: &NamespaceName,
        emission: Emission<W>,
        now: Instant,
    ) -> Result<Emitted<W>, NotTaken<W>> {
        let (Namespace { name, sending, .. }, line, output) = self.known_with_line(namespace);
        sending.emit(name, line, emission, now, output)
    }

    /// Acknowledges an event of the server. To do so once is the caller's affair.
    ///
    /// # Errors
    /// [`SendError::NotConnected`] if the namespace was left since the event came: the server could take the answer for
    /// that to another event. [`SendError::Full`] if even the reserve of the outbox is used up.
    pub fn acknowledge(
        &mut self,
        namespace: &NamespaceName,
        request: AckRequest,
        args: Args,
    ) -> Result<(), SendError> {
        let AckRequest { id, stay } = request;
        let found = self.find(namespace).filter(|(namespace, _)| namespace.lasts(stay));
        let (namespace, output) = found.ok_or(SendError::NotConnected)?;
        output.answer(&Packet::Ack { namespace: namespace.name.clone(), id, args })
    }

    /// Nobody waits for this acknowledgement any more. The event is sent all the same.
    pub fn forget(&mut self, namespace: &NamespaceName, receipt: Receipt) -> Option<W> {
        self.find(namespace)?.0.sending.forget(receipt)
    }

    /// The next message for the server.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Outgoing> {
        let next = self.output.outbox.pop();
        if self.output.is_stalled && !self.output.is_full() {
            self.output.is_stalled = false;
            for namespace in &mut self.namespaces {
                namespace.proceed(now, &mut self.output);
            }
        }
        next
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<Event<W>> {
        self.output.events.pop()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.namespaces.iter().filter_map(|namespace| namespace.sending.next_deadline()).min()
    }

    /// How many acknowledgements are awaited, in all namespaces.
    pub fn pending_acks(&self) -> usize {
        self.namespaces.iter().map(|namespace| namespace.sending.pending_acks()).sum()
    }

    /// Whether there is a link that is open.
    pub fn is_open(&self) -> bool {
        self.decoder.is_some()
    }

    /// Whether the client is in the namespace.
    pub fn is_connected(&self, namespace: &NamespaceName) -> bool {
        self.id(namespace).is_some()
    }

    /// Whether the client is in the namespace, or will join it by itself as soon as it can.
    pub fn is_active(&self, namespace: &NamespaceName) -> bool {
        self.look(namespace).is_some_and(Namespace::is_active)
    }

    /// Whether any namespace is active. If none is, the reference closes the link and opens no other.
    pub fn has_active(&self) -> bool {
        self.namespaces.iter().any(Namespace::is_active)
    }

    /// Whether the client is in the namespace as the one that it was before, and got all that it had missed.
    pub fn is_recovered(&self, namespace: &NamespaceName) -> bool {
        self.look(namespace).is_some_and(Namespace::is_recovered)
    }

    /// The id that the client has in the namespace, if it is in.
    pub fn id(&self, namespace: &NamespaceName) -> Option<&SocketId> {
        self.look(namespace)?.id()
    }

    /// Whether [`emit`](Self::emit) would refuse any event now because too many wait, volatile ones apart.
    pub fn must_wait(&self, namespace: &NamespaceName) -> bool {
        self.look(namespace)
            .is_some_and(|namespace| namespace.sending.must_wait(namespace.line(), &self.output))
    }

    /// Whether nothing waits for the link.
    pub fn is_drained(&self) -> bool {
        self.output.outbox.is_empty()
    }

    /// How many messages wait for the link.
    pub fn queued_messages(&self) -> usize {
        self.output.outbox.len()
    }

    /// How many events wait until the namespace is connected, or for the acknowledgement of others.
    pub fn buffered_events(&self, namespace: &NamespaceName) -> usize {
        self.look(namespace).map_or(0, |namespace| namespace.sending.waiting())
    }

    /// The form that packets have on this connection.
    pub fn format(&self) -> &Arc<dyn Format> {
        &self.output.format
    }

    fn handle_packet(&mut self, packet: Packet, now: Instant) -> Result<(), ProtocolError> {
        let name = match &packet {
            Packet::Connect { namespace, .. }
            | Packet::Disconnect { namespace }
            | Packet::Event { namespace, .. }
            | Packet::Ack { namespace, .. }
            | Packet::ConnectError { namespace, .. } => namespace,
        };
        let Some((namespace, output)) = self.find(name) else {
            self.handle_stray(&packet);
            return Ok(());
        };
        match packet {
            Packet::Event { name, args, ack, .. } => {
                return namespace.handle_event(Incoming { name, args, ack }, output);
            }
            Packet::Ack { id, args, .. } => {
                namespace.handle_ack(id, args, now, output);
                return Ok(());
            }
            Packet::Connect { auth, .. } => namespace.handle_connect(auth.as_ref(), now, output)?,
            Packet::ConnectError { error, .. } => namespace.handle_refusal(error, output)?,
            Packet::Disconnect { .. } => namespace.handle_disconnect(output),
        }
        self.prune();
        Ok(())
    }

    /// A packet for a namespace that the application never named, or has forgotten.
    fn handle_stray(&mut self, packet: &Packet) {
        if let Packet::Connect { namespace, auth: Some(answer) } = packet
            && Accepted::of(answer).is_some()
        {
            decline(namespace, &mut self.output);
        }
    }

    fn prune(&mut self) {
        for gone in self.namespaces.extract_if(.., |namespace| namespace.is_gone()) {
            self.first_ack = self.first_ack.max(gone.sending.next_ack);
        }
    }

    fn known(&mut self, name: &NamespaceName) -> (&mut Namespace<W>, &mut Output<W>) {
        let at = self.namespaces.iter().position(|namespace| namespace.name == *name);
        let at = at.unwrap_or_else(|| {
            self.namespaces.reserve_exact(1);
            self.namespaces.push(Namespace::new(name.clone(), self.first_ack, &self.output));
            self.namespaces.len() - 1
        });
        self.namespaces[at].remember();
        (&mut self.namespaces[at], &mut self.output)
    }

    fn known_with_line(&mut self, name: &NamespaceName) -> (&mut Namespace<W>, Line, &mut Output<W>) {
        let (namespace, output) = self.known(name);
        let line = namespace.line();
        (namespace, line, output)
    }

    fn find(&mut self, name: &NamespaceName) -> Option<(&mut Namespace<W>, &mut Output<W>)> {
        let found = self.namespaces.iter_mut().find(|namespace| namespace.name == *name)?;
        Some((found, &mut self.output))
    }

    fn look(&self, name: &NamespaceName) -> Option<&Namespace<W>> {
        self.namespaces.iter().find(|namespace| namespace.name == *name)
    }
}
