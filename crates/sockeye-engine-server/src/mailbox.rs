//! Where HTTP requests leave what they have for a session, and wait for what it has for them.
//!
//! A session is owned by the task that polls its [`Connection`](crate::Connection). Requests run in other tasks; they meet
//! it here, in slots of which there is one for each kind: a poll, a push, a transport to change to. Nothing queues up.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use sockeye_engine_codec::Revision;
use sockeye_message::{Compression, Message, TransportName};

use crate::{carrier::Carrier, manner::Manner};

/// The meeting place of one session.
#[derive(Debug)]
pub(crate) struct Mailbox {
    mail: AtomicU16,
    revision: Revision,
    slots: Mutex<Slots>,
}

#[derive(Debug)]
struct Slots {
    /// Of whoever polls the connection.
    waker: Option<Waker>,
    transport: TransportName,
    /// There while the session is polled for, and then until the last answer was fetched.
    http: Option<Box<Http>>,
    candidate: Option<Box<Carrier>>,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Http {
    poll: Exchange,
    push: Exchange,
    body: Option<Body>,
    manner: Manner,
}

/// What a push brought, as its content type says.
#[derive(Debug)]
pub(crate) enum Body {
    /// Text, if it is.
    Text(Bytes),
    /// A binary payload.
    Binary(Bytes),
}

/// One request and its answer.
#[derive(Debug, Default)]
enum Exchange {
    #[default]
    None,
    Waiting(Option<Waker>),
    Answered(Answer),
}

/// What a session says to a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// To a poll: what was waiting for it, and whether that may be compressed.
    Payload(Message, Compression),
    /// To a push: its packets were taken.
    Taken,
    /// The session is over, or speaks elsewhere now.
    Ended,
}

/// Something happened that the session must be told of; several at once make a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mail(u16);

/// The session takes no such request now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// One of the kind is already waiting.
    Overlap,
    /// The session is over, or speaks elsewhere.
    Gone,
}

/// Which of the two requests that a session has at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A `GET`, which waits for packets.
    Poll,
    /// A `POST`, which brings some.
    Push,
}

impl Mail {
    pub(crate) const POLL: Self = Self(1);
    pub(crate) const POLL_ABORTED: Self = Self(1 << 1);
    pub(crate) const POLL_OVERLAP: Self = Self(1 << 2);
    pub(crate) const PUSH: Self = Self(1 << 3);
    pub(crate) const PUSH_ABORTED: Self = Self(1 << 4);
    pub(crate) const PUSH_OVERLAP: Self = Self(1 << 5);
    /// Something happened to a request that no session should survive.
    pub(crate) const BROKEN: Self = Self(1 << 6);
    pub(crate) const CANDIDATE: Self = Self(1 << 7);
    pub(crate) const SHUT_DOWN: Self = Self(1 << 8);

    pub(crate) fn contains(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }
}

impl Mailbox {
    /// Of a session that is polled for.
    pub(crate) fn polled(revision: Revision, manner: Manner) -> Self {
        let http = Http { manner, ..Http::default() };
        Self::new(revision, TransportName::POLLING, Some(Box::new(http)))
    }

    /// Of a session that is carried by a transport.
    pub(crate) fn carried(revision: Revision, transport: TransportName) -> Self {
        Self::new(revision, transport, None)
    }

    fn new(revision: Revision, transport: TransportName, http: Option<Box<Http>>) -> Self {
        Self {
            mail: AtomicU16::new(0),
            revision,
            slots: Mutex::new(Slots { waker: None, transport, http, candidate: None, is_closed: false }),
        }
    }

    /// What the session speaks: the transport may change at any moment.
    pub(crate) fn speaks(&self) -> (TransportName, Revision) {
        (self.slots().transport.clone(), self.revision)
    }

    /// The revision that the session speaks.
    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// How its requests are to be read and answered.
    pub(crate) fn manner(&self) -> Manner {
        self.slots().http.as_ref().map(|http| http.manner.clone()).unwrap_or_default()
    }

    // For requests.

    /// A request begins. A second one beside it is refused, and the session told.
    pub(crate) fn begin(&self, side: Side) -> Result<(), Refused> {
        let mut slots = self.slots();
        if !slots.is_polling() {
            return Err(Refused::Gone);
        }
        let exchange = slots.exchange(side).ok_or(Refused::Gone)?;
        let (outcome, mail) = match (&*exchange, side) {
            (Exchange::None, Side::Poll) => (Ok(()), Some(Mail::POLL)),
            // The session hears of a push when its body is complete.
            (Exchange::None, Side::Push) => (Ok(()), None),
            (_, Side::Poll) => (Err(Refused::Overlap), Some(Mail::POLL_OVERLAP)),
            (_, Side::Push) => (Err(Refused::Overlap), Some(Mail::PUSH_OVERLAP)),
        };
        if outcome.is_ok() {
            *exchange = Exchange::Waiting(None);
        }
        if let Some(mail) = mail {
            self.deliver(mail, slots);
        }
        outcome
    }

    /// The body of the push that began has arrived.
    pub(crate) fn push_body(&self, body: Body) {
        let mut slots = self.slots();
        if let Some(http) = &mut slots.http {
            http.body = Some(body);
            self.deliver(Mail::PUSH, slots);
        }
    }

    /// Waits for the answer to the request that began.
    pub(crate) fn poll_answer(&self, side: Side, cx: &Context<'_>) -> Poll<Answer> {
        let mut slots = self.slots();
        let Some(exchange) = slots.exchange(side) else {
            return Poll::Ready(Answer::Ended);
        };
        match exchange {
            Exchange::Waiting(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            Exchange::Answered(_) | Exchange::None => {
                let answered = std::mem::take(exchange);
                slots.tidy();
                Poll::Ready(match answered {
                    Exchange::Answered(answer) => answer,
                    _ => Answer::Ended,
                })
            }
        }
    }

    /// The request that began will not go on, and the session must live with that: it was too large or too slow.
    pub(crate) fn forget(&self, side: Side) {
        let mut slots = self.slots();
        if let Some(exchange) = slots.exchange(side) {
            *exchange = Exchange::None;
        }
        slots.tidy();
    }

    /// The peer went away in the midst of the request that began.
    pub(crate) fn abort(&self, side: Side) {
        let mut slots = self.slots();
        if let Some(exchange) = slots.exchange(side) {
            let mail = match (std::mem::take(exchange), side) {
                // What it was answered with is lost, and nobody will send it again.
                (Exchange::Answered(_), Side::Poll) => Mail::BROKEN,
                (_, Side::Poll) => Mail::POLL_ABORTED,
                (_, Side::Push) => Mail::PUSH_ABORTED,
            };
            slots.tidy();
            self.deliver(mail, slots);
        }
    }

    /// Brings a transport that the session may change to; gives it back if another is waiting already.
    pub(crate) fn offer(&self, carrier: Box<Carrier>) -> Result<(), Box<Carrier>> {
        let mut slots = self.slots();
        if slots.is_closed || slots.candidate.is_some() {
            return Err(carrier);
        }
        slots.candidate = Some(carrier);
        self.deliver(Mail::CANDIDATE, slots);
        Ok(())
    }

    /// Tells the session something that has no slot.
    pub(crate) fn tell(&self, mail: Mail) {
        let slots = self.slots();
        self.deliver(mail, slots);
    }

    // For the session.

    /// Whom to wake when there is mail.
    pub(crate) fn register(&self, waker: &Waker) {
        self.slots().waker = Some(waker.clone());
    }

    /// Everything that came since the last call; costs one load when there is nothing.
    pub(crate) fn take_mail(&self) -> Option<Mail> {
        if self.mail.load(Ordering::Acquire) == 0 {
            return None;
        }
        Some(Mail(self.mail.swap(0, Ordering::AcqRel)))
    }

    /// The body that a push brought.
    pub(crate) fn take_body(&self) -> Option<Body> {
        self.slots().http.as_mut()?.body.take()
    }

    /// The transport that wants to be changed to.
    pub(crate) fn take_candidate(&self) -> Option<Box<Carrier>> {
        self.slots().candidate.take()
    }

    /// Answers the request that waits, if one does.
    pub(crate) fn answer(&self, side: Side, answer: Answer) {
        let mut slots = self.slots();
        let waker = slots.exchange(side).and_then(|exchange| exchange.answer(answer));
        drop(slots);
        wake(waker);
    }

    /// The session speaks another transport from now on; requests that wait are sent away.
    pub(crate) fn change_transport(&self, name: TransportName) {
        let mut slots = self.slots();
        slots.transport = name;
        slots.dismiss();
    }

    /// The session is over; requests that wait are sent away.
    pub(crate) fn close(&self) {
        let mut slots = self.slots();
        slots.is_closed = true;
        slots.waker = None;
        slots.dismiss();
        let candidate = slots.candidate.take();
        drop(slots);
        drop(candidate);
    }

    fn deliver(&self, mail: Mail, slots: MutexGuard<'_, Slots>) {
        self.mail.fetch_or(mail.0, Ordering::AcqRel);
        let waker = slots.waker.clone();
        drop(slots);
        wake(waker);
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        // Every change under the lock is complete in itself, so a panic elsewhere leaves nothing half done.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn exchange(&mut self, side: Side) -> Option<&mut Exchange> {
        let http = self.http.as_mut()?;
        Some(match side {
            Side::Poll => &mut http.poll,
            Side::Push => &mut http.push,
        })
    }

    fn is_polling(&self) -> bool {
        !self.is_closed && self.transport == TransportName::POLLING
    }

    /// Sends away the requests that wait.
    fn dismiss(&mut self) {
        for side in [Side::Poll, Side::Push] {
            let waker = self.exchange(side).and_then(|exchange| exchange.answer(Answer::Ended));
            wake(waker);
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        let is_used = self.http.as_ref().is_some_and(|http| http.poll.is_some() || http.push.is_some());
        if !is_used && !self.is_polling() {
            self.http = None;
        }
    }
}

impl Exchange {
    fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    fn answer(&mut self, answer: Answer) -> Option<Waker> {
        let Self::Waiting(waker) = self else {
            return None;
        };
        let waker = waker.take();
        *self = Self::Answered(answer);
        waker
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;

    fn mailbox() -> Mailbox {
        Mailbox::polled(Revision::V4, Manner::default())
    }

    fn poll(mailbox: &Mailbox, side: Side) -> Poll<Answer> {
        mailbox.poll_answer(side, &Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_session_on_a_websocket_pays_for_no_requests() {
        assert!(size_of::<Mailbox>() <= 96, "{}", size_of::<Mailbox>());
        assert!(Mailbox::carried(Revision::V4, TransportName::WEBSOCKET).slots().http.is_none());
    }

    #[test]
    fn a_request_is_answered_once() {
        let mailbox = mailbox();
        mailbox.begin(Side::Poll).unwrap();
        assert_eq!(mailbox.take_mail(), Some(Mail::POLL));
        assert!(poll(&mailbox, Side::Poll).is_pending());

        mailbox.answer(Side::Poll, Answer::Payload("4a".into(), Compression::Allowed));

        assert!(
            matches!(poll(&mailbox, Side::Poll), Poll::Ready(Answer::Payload(body, _)) if body == "4a".into())
        );
        assert_eq!(mailbox.begin(Side::Poll), Ok(()));
    }

    #[test]
    fn an_answer_outlives_the_session() {
        let mailbox = mailbox();
        mailbox.begin(Side::Poll).unwrap();
        mailbox.begin(Side::Push).unwrap();
        mailbox.answer(Side::Poll, Answer::Payload("1".into(), Compression::Allowed));

        mailbox.close();

        assert!(matches!(poll(&mailbox, Side::Poll), Poll::Ready(Answer::Payload(..))));
        assert!(matches!(poll(&mailbox, Side::Push), Poll::Ready(Answer::Ended)));
        assert!(mailbox.slots().http.is_none(), "the slots are freed with the last answer");
        assert_eq!(mailbox.begin(Side::Poll), Err(Refused::Gone));
    }

    #[test]
    fn after_a_change_of_transport_there_are_no_requests() {
        let mailbox = mailbox();

        mailbox.change_transport(TransportName::WEBSOCKET);

        assert_eq!(mailbox.begin(Side::Push), Err(Refused::Gone));
        assert!(mailbox.slots().http.is_none());
    }

    #[test]
    fn a_second_request_is_refused_and_reported() {
        let mailbox = mailbox();
        mailbox.begin(Side::Push).unwrap();
        assert_eq!(mailbox.take_mail(), None);

        assert_eq!(mailbox.begin(Side::Push), Err(Refused::Overlap));

        assert_eq!(mailbox.take_mail(), Some(Mail::PUSH_OVERLAP));
    }
}
