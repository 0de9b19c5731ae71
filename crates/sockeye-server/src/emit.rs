//! An event on its way to one socket.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use sockeye_adapter::Delivery;
use sockeye_parser::{AckId, Args, ArgsError, EncodeError, EventName, is_reserved};
use sockeye_proto::Awaited;
use tokio::sync::oneshot;

use crate::{
    AckError, EmitError, Socket,
    link::{Waiter, Waiting},
    recorded::Recorded,
};

/// An event for one socket: sent when awaited.
///
/// It waits for room in the peer's queue, so a sender is never faster than its peer for long.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example(socket: sockeye_server::Socket) -> Result<(), Box<dyn std::error::Error>> {
/// socket.emit("news", &("sunny", 21)).await?;
/// socket.emit("position", &(3.5, 7.25)).volatile().await?;
/// let answer: String = socket.emit("question", "who?").timeout(Duration::from_secs(5)).ack().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent unless this is awaited"]
pub struct Emit {
    socket: Socket,
    event: Result<Outgoing, EmitError>,
    delivery: Delivery,
    timeout: Option<Duration>,
}

/// An event that is not a packet yet.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) name: EventName,
    pub(crate) args: Args,
}

impl Outgoing {
    pub(crate) fn new(name: EventName, args: Result<Args, EncodeError>) -> Result<Self, EmitError> {
        if is_reserved(&name) {
            return Err(EmitError::ReservedName);
        }
        Ok(Self { name, args: args.map_err(EmitError::Encode)? })
    }
}

impl Emit {
    pub(crate) fn new(socket: Socket, event: Result<Outgoing, EmitError>) -> Self {
        Self { socket, event, delivery: Delivery::Kept, timeout: None }
    }

    /// Drops the event unless the transport would take it at once.
    pub fn volatile(mut self) -> Self {
        self.delivery = Delivery::Volatile;
        self
    }

    /// How long [`ack`](Self::ack) waits for the answer, counted from when the event is queued; for ever, if not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Asks the peer to acknowledge the event, which fails at once with [`EmitError::Dropped`] if it is volatile and the
    /// transport would not take it; and reads the answer as a `T`, as
    /// [`Args::parse`](sockeye_parser::Args::parse) does.
    pub fn ack<T: DeserializeOwned>(self) -> EmitAck<T> {
        self.ack_by(|args| args.parse())
    }

    /// The same, with the answer as it came: for those who pass it on, or read it in several ways.
    pub fn ack_raw(self) -> EmitAck<Args> {
        self.ack_by(Ok)
    }

    fn ack_by<T>(self, read: Read<T>) -> EmitAck<T> {
        let Self { socket, event, delivery, timeout } = self;
        let state = match event {
            Err(error) => AckState::Ended(Some(error)),
            Ok(event) => AckState::Queued(Box::new(QueuedAck::new(&socket, event, delivery, timeout))),
        };
        EmitAck { socket, state, read }
    }
}

impl IntoFuture for Emit {
    type Output = Result<(), EmitError>;
    type IntoFuture = EmitFuture;

    fn into_future(self) -> EmitFuture {
        let Self { socket, event, delivery, .. } = self;
        let state = match event {
            Err(error) => EmitState::Ended(Some(error)),
            Ok(event) if socket.recorder().is_some() => {
                EmitState::Recorded(Box::new(Recorded::new(&socket, event)))
            }
            Ok(event) => {
                socket.tell_outgoing(&event.name, &event.args);
                EmitState::Plain(Waiting { packet: Some(socket.encode(event, None)), place: None })
            }
        };
        EmitFuture { socket, state, delivery }
    }
}

/// An event that waits for room in the peer's queue.
///
/// # Cancel safety
/// Dropped before it is ready, the event is not sent.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct EmitFuture {
    socket: Socket,
    state: EmitState,
    delivery: Delivery,
}

#[derive(Debug)]
enum EmitState {
    /// It was not sent, or all is over.
    Ended(Option<EmitError>),
    Plain(Waiting),
    /// It is kept in case the peer gets lost.
    Recorded(Box<Recorded>),
}

impl Future for EmitFuture {
    type Output = Result<(), EmitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { socket, state, delivery } = self.get_mut();
        let sent = match state {
            EmitState::Ended(error) => error.take().map_or(Ok(()), Err),
            EmitState::Plain(waiting) => ready!(poll_plain(socket, waiting, *delivery, cx)),
            EmitState::Recorded(event) => match socket.recorder() {
                Some(recover) => ready!(event.poll(socket, recover, *delivery, cx)),
                None => Ok(()),
            },
        };
        *state = EmitState::Ended(None);
        Poll::Ready(sent)
    }
}

fn poll_plain(
    socket: &Socket,
    waiting: &mut Waiting,
    delivery: Delivery,
    cx: &Context<'_>,
) -> Poll<Result<(), EmitError>> {
    socket.check_stay()?;
    let (link, namespace) = (socket.link(), socket.namespace());
    if delivery == Delivery::Volatile {
        let Some(packet) = waiting.packet.take() else { return Poll::Ready(Ok(())) };
        return Poll::Ready(
            link.emit_volatile(namespace, packet, || None).map(drop).map_err(EmitError::from),
        );
    }
    link.poll_emit(cx, namespace, waiting, || None).map_err(EmitError::from)
}

impl Drop for EmitFuture {
    fn drop(&mut self) {
        let place = match &self.state {
            EmitState::Plain(Waiting { packet: Some(_), place }) => place,
            EmitState::Recorded(event) => &event.place,
            _ => return,
        };
        if let Some(place) = place {
            self.socket.link().give_up(place);
        }
    }
}

/// An event that waits to be acknowledged.
///
/// # Cancel safety
/// Dropped before the event is queued, it is not sent. Dropped later, the answer is ignored.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct EmitAck<T> {
    socket: Socket,
    state: AckState,
    read: Read<T>,
}

/// How an answer is read.
type Read<T> = fn(Args) -> Result<T, ArgsError>;

#[derive(Debug)]
enum AckState {
    /// It was not sent, or all is over.
    Ended(Option<EmitError>),
    Queued(Box<QueuedAck>),
    Sent(SentAck),
}

#[derive(Debug)]
struct QueuedAck {
    waiting: Waiting,
    id: AckId,
    delivery: Delivery,
    timeout: Option<Duration>,
}

#[derive(Debug)]
struct SentAck {
    answer: oneshot::Receiver<Args>,
    id: AckId,
    deadline: Option<Instant>,
}

impl QueuedAck {
    fn new(socket: &Socket, event: Outgoing, delivery: Delivery, timeout: Option<Duration>) -> Self {
        let id = socket.next_ack_id();
        socket.tell_outgoing(&event.name, &event.args);
        let packet = Some(socket.encode(event, Some(id)));
        Self { waiting: Waiting { packet, place: None }, id, delivery, timeout }
    }

    fn poll(&mut self, socket: &Socket, cx: &Context<'_>) -> Poll<Result<SentAck, EmitError>> {
        socket.check_stay()?;
        // What no clock can show is for ever.
        let deadline = self.timeout.and_then(|timeout| now().checked_add(timeout));
        let (waiter, answer) = oneshot::channel();
        let awaited = || Some(Awaited { id: self.id, deadline, waiter: Waiter::One(waiter) });
        let (link, namespace) = (socket.link(), socket.namespace());
        if self.delivery == Delivery::Volatile
            && let Some(packet) = self.waiting.packet.take()
        {
            if !link.emit_volatile(namespace, packet, awaited)? {
                return Poll::Ready(Err(EmitError::Dropped));
            }
        } else {
            ready!(link.poll_emit(cx, namespace, &mut self.waiting, awaited))?;
        }
        Poll::Ready(Ok(SentAck { answer, id: self.id, deadline }))
    }
}

impl SentAck {
    fn poll<T>(&mut self, read: Read<T>, cx: &mut Context<'_>) -> Poll<Result<T, AckError>> {
        Poll::Ready(match ready!(Pin::new(&mut self.answer).poll(cx)) {
            Ok(args) => read(args).map_err(AckError::Parse),
            // Whoever waited was given up: by its deadline, or with the connection.
            Err(_) if self.deadline.is_some_and(|deadline| deadline <= now()) => Err(AckError::Timeout),
            Err(_) => Err(AckError::Disconnected),
        })
    }
}

impl<T> Future for EmitAck<T> {
    type Output = Result<T, AckError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let AckState::Queued(queued) = &mut this.state {
            this.state = match ready!(queued.poll(&this.socket, cx)) {
                Ok(sent) => AckState::Sent(sent),
                Err(error) => AckState::Ended(Some(error)),
            };
        }
        let outcome = match &mut this.state {
            AckState::Ended(error) => Err(error.take().unwrap_or(EmitError::Disconnected).into()),
            AckState::Sent(sent) => ready!(sent.poll(this.read, cx)),
            AckState::Queued(_) => return Poll::Pending,
        };
        this.state = AckState::Ended(None);
        Poll::Ready(outcome)
    }
}

/// Nobody waits any more: what is kept for the answer goes.
impl<T> Drop for EmitAck<T> {
    fn drop(&mut self) {
        let link = self.socket.link();
        match &self.state {
            AckState::Ended(_) => {}
            AckState::Queued(queued) => {
                if let Some(place) = &queued.waiting.place {
                    link.give_up(place);
                }
            }
            AckState::Sent(sent) => link.forget_ack(self.socket.namespace(), sent.id),
        }
    }
}

/// The end of a time that begins now. One that no clock can show is far away.
pub(crate) fn after(timeout: Duration) -> Instant {
    let now = now();
    now.checked_add(timeout).unwrap_or_else(|| now + FAR_AWAY)
}

/// Thirty years, which every clock can show.
const FAR_AWAY: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The time of the runtime, which tests may hold still.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
