//! One session and what carries it, as a transport of its own.
//!
//! The session machine decides; here it is given packets, time and wake-ups, and what it has to say is sent. Nothing is
//! spawned: whoever polls the connection drives it.
//!
//! This file has the public face. How one poll goes stands in `turn`, what becomes of carriers in `links`, and of transports
//! that may take over in `upgrade`.

mod links;
mod turn;
mod upgrade;

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::{Instant, SystemTime},
};

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_engine_codec::{Handshake, Sid};
use sockeye_engine_proto::client::{
    CloseReason, Fault, LinkId, LinkKind, Outgoing, SendError, Session, Shutdown,
};
use sockeye_message::{Message, Prepared, TransportName};
use sockeye_transport::{ErrorKind, Transport, TransportError};

use self::upgrade::Candidate;
use crate::{
    Config, Failure,
    alarm::{self, Alarm},
    carrier::Carrier,
    polling::Polling,
};

/// An open Engine.IO session of a client: an ordered duplex of messages that survives a change of transport.
///
/// It lives as long as somebody polls its stream, because that drives heartbeats, upgrades and long-polling as well. After
/// the stream has ended, [`close_reason`](Self::close_reason) and [`failure`](Self::failure) tell why. Dropping it ends the
/// session at once, without a word to the server, which may find out by its heartbeat alone if no poll waits there;
/// [`poll_close`](Sink::poll_close) says good-bye.
///
/// Its `poll_*` methods may be called by several tasks in turn as long as they all pass on the waker of one. They are cancel
/// safe: whatever was begun is kept here.
pub struct Connection {
    session: Session,
    link: LinkId,
    carrier: Link,
    config: Config,
    handshake: Option<Box<Handshake>>,
    rare: Option<Box<Rare>>,
    alarm: Alarm,
    /// Whom the alarm knows.
    waker: Option<Waker>,
    /// Read once for each batch of polls.
    now: Instant,
    wall: SystemTime,
    polls_left: u8,
    /// The carrier has taken everything that was sent, and said that it takes more.
    is_clear: bool,
    /// The carrier could not get rid of everything when it was last flushed.
    is_stuck: bool,
    is_upgraded: bool,
    stage: Stage,
}

/// What the session speaks on.
#[derive(Debug)]
pub(crate) enum Link {
    Stream(Carrier),
    Polling(Box<Polling>),
    /// It is closed.
    Gone,
}

/// What few sessions have, and none has for long.
#[derive(Debug, Default)]
struct Rare {
    candidates: Vec<Candidate>,
    failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Running,
    /// The session has ended, and whoever reads the stream was not told yet.
    Ended,
    Told,
}

impl Connection {
    /// Begins a session on this link; it is not open before [`opened`](Self::opened) says so.
    pub(crate) fn begin(config: Config, kind: LinkKind, carrier: Link) -> Self {
        let (session, link) = Session::open(Arc::clone(config.session()), kind);
        Self {
            session,
            link,
            carrier,
            config,
            handshake: None,
            rare: None,
            alarm: Alarm::default(),
            waker: None,
            now: alarm::now(),
            wall: SystemTime::now(),
            polls_left: 0,
            is_clear: false,
            is_stuck: false,
            is_upgraded: false,
            stage: Stage::Running,
        }
    }

    /// Waits for the handshake.
    ///
    /// # Cancel safety
    /// It can be called again.
    pub(crate) async fn opened(&mut self) -> Result<(), Failure> {
        poll_fn(|cx| self.poll_opened(cx)).await
    }

    /// Ends the session: with what is still to be sent, or without.
    ///
    /// The connection must be polled on until its stream ends. [`poll_close`](Sink::poll_close) does both, and waits until
    /// the server was told.
    pub fn shut_down(&mut self, how: Shutdown) {
        self.session.close(how, alarm::now());
        self.polls_left = 0;
        self.wake();
    }

    /// Why the session has ended, if it has.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.session.close_reason()
    }

    /// What was behind a [`CloseReason::TransportError`], once the session has ended.
    pub fn fault(&self) -> Option<Fault> {
        self.session.fault()
    }

    /// How the transport failed that the session was on, once it has ended by that; the reference's details of a close.
    pub fn failure(&self) -> Option<&Failure> {
        self.rare.as_ref()?.failure.as_ref()
    }

    /// The same, to keep it. There is none when asked again.
    pub fn take_failure(&mut self) -> Option<Failure> {
        self.rare.as_mut().and_then(|rare| rare.failure.take())
    }

    /// Whether a message sent now would be on its way at once; if not, a volatile one is better dropped.
    pub fn is_writable(&self) -> bool {
        let is_carried = match self.carrier {
            Link::Stream(_) => self.is_clear && !self.is_stuck,
            Link::Polling(_) => true,
            Link::Gone => false,
        };
        is_carried && self.session.is_writable()
    }

    /// What the server has laid down when it opened the session.
    ///
    /// # Panics
    /// Never: a connection that can be had is open, or was.
    pub fn handshake(&self) -> &Handshake {
        self.handshake.as_deref().expect("a connection is given away when it is open")
    }

    /// The id of the session, which is a secret between it and its server.
    ///
    /// # Panics
    /// Never, as for [`handshake`](Self::handshake).
    pub fn sid(&self) -> &Sid {
        &self.handshake().sid
    }

    /// Whether the session has changed its transport.
    pub fn is_upgraded(&self) -> bool {
        self.is_upgraded
    }

    fn start_send_outgoing(&mut self, outgoing: Outgoing) -> Result<(), TransportError> {
        // The carrier takes more: the way through the session's outbox would end right here.
        if self.nothing_waits()
            && let Link::Stream(carrier) = &mut self.carrier
        {
            let sent = carrier.send(outgoing.into());
            return sent.map_err(|error| self.carrier_failed(error));
        }
        self.session.send(outgoing).map_err(|error| match error {
            SendError::Full => TransportError::with_source(ErrorKind::TooLarge, error),
            _ => TransportError::new(ErrorKind::Closed),
        })
    }

    /// Whether the session is open and has handed over all that it had to say.
    fn nothing_waits(&self) -> bool {
        self.is_clear && self.session.is_writable()
    }

    fn is_full(&self) -> bool {
        let config = self.session.config();
        self.session.outbox_packets() >= config.outbox_packets()
            || self.session.outbox_bytes() >= config.outbox_bytes()
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.close_reason().is_none() {
            return Ok(());
        }
        // The stream tells the reason when it is polled next.
        self.wake();
        Err(TransportError::new(ErrorKind::Closed))
    }

    /// How a transport says that it ended as this session did; nothing if it ended in order.
    fn error_kind(&self) -> Option<ErrorKind> {
        let fault = match self.close_reason()? {
            CloseReason::TransportClose | CloseReason::ForcedClose => return None,
            _ => self.fault(),
        };
        Some(match (fault, self.failure()) {
            (Some(Fault::TooLarge), _) => ErrorKind::TooLarge,
            (_, Some(Failure::Transport(error))) => error.kind(),
            (None | Some(Fault::Carrier), _) => ErrorKind::Lost,
            (Some(_), _) => ErrorKind::Malformed,
        })
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}

impl Stream for Connection {
    type Item = Result<Message, TransportError>;

    /// Ends with `None` when either side closed in order, otherwise with one error and then `None`.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.begin_poll(cx);
        match ready!(this.poll_message(cx)) {
            Some(message) => Poll::Ready(Some(Ok(message))),
            None if this.stage == Stage::Ended => {
                this.stage = Stage::Told;
                Poll::Ready(this.error_kind().map(|kind| Err(TransportError::new(kind))))
            }
            None => Poll::Ready(None),
        }
    }
}

impl Sink<Message> for Connection {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        // Whoever wakes up with something to say may have slept for too long.
        this.begin_send(cx);
        if this.nothing_waits()
            && let Link::Stream(carrier) = &mut this.carrier
            && let Poll::Ready(Ok(())) = carrier.poll_ready(cx)
        {
            return Poll::Ready(Ok(()));
        }
        let transmitted = this.poll_transmit(cx);
        this.check_open()?;
        if transmitted.is_pending() || this.is_full() {
            return this.wait(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.get_mut().start_send_outgoing(Outgoing::Message(message))
    }

    /// On long-polling it waits until the server has answered the request that carries what was sent. What was sent while the
    /// session is about to move to another transport follows when it has, and is not waited for.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        this.begin_send(cx);
        let flushed = this.poll_flush_carrier(cx);
        this.check_open()?;
        if flushed.is_pending() {
            return this.wait(cx);
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what waits, ends the session, and tells the server; what that still says is not read. A server that does not
    /// take it is waited for as long as the session's close timeout says.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        this.begin_poll(cx);
        if this.stage == Stage::Running {
            this.session.close(Shutdown::Graceful, this.now);
        }
        while ready!(this.poll_message(cx)).is_some() {}
        ready!(this.poll_close_carrier(cx));
        Poll::Ready(Ok(()))
    }
}

impl Transport for Connection {
    fn name(&self) -> TransportName {
        self.session.transport().clone()
    }

    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        self.get_mut().start_send_outgoing(Outgoing::Prepared(message.clone()))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("transport", &self.session.transport())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
