//! One session and what carries it, as a transport of its own.
//!
//! The session machine decides; here it is given packets, time and wake-ups, and what it has to say is sent. Nothing is
//! spawned: whoever polls the connection drives it.
//!
//! This file has the public face. How one poll goes stands in `turn`, what requests bring in `requests`, and what becomes
//! of carriers in `links`.

mod links;
mod requests;
mod turn;

use std::{
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Instant,
};

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_engine_codec::{Revision, Sid, payload};
use sockeye_engine_proto::{
    CloseReason, Fault,
    server::{LinkId, LinkKind, Outgoing, SendError, Session, Shutdown},
};
use sockeye_message::{Message, Prepared, TransportName};
use sockeye_transport::{ErrorKind, Transport, TransportError};

use crate::{
    HandshakeInfo,
    admission::Admission,
    alarm::{self, Alarm},
    carrier::Carrier,
    engine::Shared,
    error::OpenError,
    mailbox::Mailbox,
    manner::Manner,
    random,
};

/// An open Engine.IO session: an ordered duplex of messages that survives a change of transport.
///
/// It lives as long as somebody polls it, because that drives heartbeats, upgrades and long-polling as well. After the
/// stream has ended, [`close_reason`](Self::close_reason) tells why. Dropping it ends the session at once.
///
/// Its `poll_*` methods may be called by several tasks in turn as long as they all pass on the waker of one.
pub struct Connection {
    session: Session,
    link: LinkId,
    /// `None` while the session is polled for, and when the carrier is gone.
    carrier: Option<Carrier>,
    mailbox: Arc<Mailbox>,
    engine: Arc<Shared>,
    info: HandshakeInfo,
    rare: Option<Box<Rare>>,
    alarm: Alarm,
    /// Whom mailbox and alarm know.
    waker: Option<Waker>,
    /// Read once for each batch of polls.
    now: Instant,
    polls_left: u8,
    /// The carrier has taken everything that was sent, and said that it takes more.
    is_clear: bool,
    /// The carrier could not get rid of everything when it was last flushed.
    is_stuck: bool,
    is_upgraded: bool,
    stage: Stage,
}

/// What a session begins on.
#[allow(clippy::large_enum_variant, reason = "it lives for one call")]
#[derive(Debug)]
pub(crate) enum Start {
    Carried(Carrier),
    Polled(Manner),
}

/// What few sessions have, and none has for long.
#[derive(Debug, Default)]
struct Rare {
    candidate: Option<(LinkId, Carrier)>,
    /// What is left of a push.
    pushed: Option<payload::Splitter>,
    /// What was still to be sent at the end.
    unsent: Vec<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// The session has ended, and whoever reads the stream was not told yet.
    Ended,
    Told,
}

impl Connection {
    pub(crate) fn open(
        engine: &Arc<Shared>,
        Admission { revision, sid }: Admission,
        start: Start,
        info: HandshakeInfo,
    ) -> Result<Self, OpenError> {
        let sid = match sid {
            Some(sid) => sid,
            None => random::sid().map_err(|_| OpenError::NoRandomness)?,
        };
        let (mailbox, kind, carrier) = match start {
            Start::Polled(manner) => (Mailbox::polled(revision, manner), LinkKind::Polling, None),
            Start::Carried(carrier) => {
                let name = carrier.name();
                (Mailbox::carried(revision, name.clone()), LinkKind::Stream(name), Some(carrier))
            }
        };
        let mailbox = Arc::new(mailbox);
        engine.enter(&sid, &mailbox, info.ip())?;
        let now = alarm::now();
        let (session, link) = Session::open(Arc::clone(&engine.config.session), sid, revision, kind, now);
        Ok(Self {
            session,
            link,
            carrier,
            mailbox,
            engine: Arc::clone(engine),
            info,
            rare: None,
            alarm: Alarm::default(),
            waker: None,
            now,
            polls_left: 0,
            is_clear: false,
            is_stuck: false,
            is_upgraded: false,
            stage: Stage::Open,
        })
    }

    /// Ends the session: with what is still to be sent, or without.
    ///
    /// The connection must be polled on until its stream ends. [`poll_close`](Sink::poll_close) does both.
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

    /// The messages that no transport had taken when the session ended, in their order; the reference's `writeBuffer` in a
    /// handler of `close`. There are none unless the [configuration](crate::SessionConfig::keep_unsent) keeps them, nor
    /// when asked again.
    pub fn take_unsent(&mut self) -> Vec<Message> {
        self.rare.as_mut().map(|rare| mem::take(&mut rare.unsent)).unwrap_or_default()
    }

    /// Whether a message sent now would be on its way at once; if not, a volatile one is better dropped.
    pub fn is_writable(&self) -> bool {
        self.session.is_writable() && (self.carrier.is_none() || self.is_clear && !self.is_stuck)
    }

    /// What is known of the request that opened the session.
    pub fn handshake(&self) -> &HandshakeInfo {
        &self.info
    }

    /// The id of the session. It is the client's secret.
    pub fn sid(&self) -> &Sid {
        self.session.sid()
    }

    /// The revision of the protocol that the client speaks.
    pub fn revision(&self) -> Revision {
        self.session.revision()
    }

    /// Whether the session has changed its transport.
    pub fn is_upgraded(&self) -> bool {
        self.is_upgraded
    }

    fn start_send_outgoing(&mut self, outgoing: Outgoing) -> Result<(), TransportError> {
        // The carrier takes more: the way through the session's outbox would end right here.
        if self.nothing_waits()
            && let Some(carrier) = &mut self.carrier
        {
            let sent = carrier.send(outgoing.into(), self.session.revision());
            return sent.inspect_err(|_| self.carrier_failed());
        }
        self.session.send(outgoing).map_err(|error| match error {
            SendError::Full => TransportError::with_source(ErrorKind::TooLarge, error),
            _ => TransportError::new(ErrorKind::Closed),
        })?;
        self.transmit_if_clear()
    }

    /// Whether [`start_send_text`](Self::start_send_text) may be called without `poll_ready` before it, and would have the
    /// text on its way at once. Some transports never say so.
    pub fn takes_text(&self) -> bool {
        self.is_writable() && self.carrier.as_ref().is_none_or(Carrier::takes_text)
    }

    /// Sends a text that stays the caller's, to a connection that [takes it](Self::takes_text) or was asked by `poll_ready`.
    /// Over a WebSocket that takes it at once it is copied straight into its frame.
    ///
    /// # Errors
    /// As `start_send`.
    pub fn start_send_text(&mut self, text: &str) -> Result<(), TransportError> {
        if self.nothing_waits()
            && let Some(carrier) = &mut self.carrier
        {
            let sent = carrier.send_text(text, self.session.revision());
            return sent.inspect_err(|_| self.carrier_failed());
        }
        self.start_send_outgoing(Outgoing::Message(text.into()))
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
        if this.stage == Stage::Open {
            this.begin_poll(cx);
        }
        match ready!(this.poll_message(cx)) {
            Some(message) => Poll::Ready(Some(Ok(message))),
            None if this.stage == Stage::Ended => {
                this.stage = Stage::Told;
                let kind = this.close_reason().and_then(error_kind);
                Poll::Ready(kind.map(|kind| Err(TransportError::new(kind))))
            }
            None => Poll::Ready(None),
        }
    }
}

impl Sink<Message> for Connection {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        if this.nothing_waits()
            && let Some(carrier) = &mut this.carrier
            && let Poll::Ready(Ok(())) = carrier.poll_ready(cx)
        {
            return Poll::Ready(Ok(()));
        }
        ready!(this.poll_transmit(cx));
        this.check_open()?;
        if this.is_full() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.get_mut().start_send_outgoing(Outgoing::Message(message))
    }

    /// On long-polling it does not wait for the client to fetch what was sent: a client may well send more before it does.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        ready!(this.poll_flush_carrier(cx));
        Poll::Ready(this.check_open())
    }

    /// Sends what waits, ends the session and closes its transport; what the peer still says is not read. A peer that does
    /// not take it is waited for as long as the session's close timeout says.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        if this.stage == Stage::Open {
            this.begin_poll(cx);
            this.session.close(Shutdown::Graceful, this.now);
            this.handle_events(cx);
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

impl Drop for Connection {
    fn drop(&mut self) {
        if self.stage == Stage::Open {
            let mut cx = Context::from_waker(Waker::noop());
            self.session.close(Shutdown::Discard, alarm::now());
            self.handle_events(&mut cx);
            self.end(&mut cx);
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("transport", &self.name())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// How a transport says that it ended for this reason; nothing if it ended in order.
fn error_kind(reason: CloseReason) -> Option<ErrorKind> {
    match reason {
        CloseReason::TransportClose | CloseReason::ForcedClose => None,
        CloseReason::ParseError => Some(ErrorKind::Malformed),
        _ => Some(ErrorKind::Lost),
    }
}
