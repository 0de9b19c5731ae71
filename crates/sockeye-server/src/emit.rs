//! An event on its way to one socket.

use std::{
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use sockeye_adapter::Delivery;
use sockeye_parser::{AckId, Args, EncodeError, Encoded, EventName, is_reserved};
use sockeye_proto::Awaited;
use tokio::sync::oneshot;

use crate::{AckError, EmitError, Socket, link::Waiter};

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

    /// Asks the peer to acknowledge the event, and reads the answer as a `T`, as
    /// [`Args::parse`](sockeye_parser::Args::parse) does.
    pub fn ack<T: DeserializeOwned>(self) -> EmitAck<T> {
        let Self { socket, event, timeout, .. } = self;
        let state = match event {
            Err(error) => AckState::Failed(Some(error)),
            Ok(event) => AckState::Queued(Box::new(QueuedAck::new(&socket, event, timeout))),
        };
        EmitAck { socket, state, value: PhantomData }
    }
}

impl IntoFuture for Emit {
    type Output = Result<(), EmitError>;
    type IntoFuture = EmitFuture;

    fn into_future(self) -> EmitFuture {
        let packet = self.event.map(|event| {
            self.socket.tell_outgoing(&event.name, &event.args);
            Some(self.socket.encode(event, None))
        });
        EmitFuture { socket: self.socket, packet, delivery: self.delivery }
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
    packet: Result<Option<Encoded>, EmitError>,
    delivery: Delivery,
}

impl Future for EmitFuture {
    type Output = Result<(), EmitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Ok(packet) = &mut this.packet else {
            return Poll::Ready(std::mem::replace(&mut this.packet, Ok(None)).map(drop));
        };
        let (link, namespace) = (this.socket.link(), this.socket.namespace_name());
        if this.delivery == Delivery::Volatile {
            let Some(packet) = packet.take() else { return Poll::Ready(Ok(())) };
            return Poll::Ready(link.emit_volatile(namespace, packet).map(drop).map_err(EmitError::from));
        }
        link.poll_emit(cx, namespace, packet, &mut None).map_err(EmitError::from)
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
    value: PhantomData<fn() -> T>,
}

#[derive(Debug)]
enum AckState {
    Failed(Option<EmitError>),
    Queued(Box<QueuedAck>),
    Sent(oneshot::Receiver<Args>, Option<Instant>),
}

#[derive(Debug)]
struct QueuedAck {
    packet: Option<Encoded>,
    id: AckId,
    timeout: Option<Duration>,
    waiter: Option<oneshot::Sender<Args>>,
    answer: oneshot::Receiver<Args>,
}

impl QueuedAck {
    fn new(socket: &Socket, event: Outgoing, timeout: Option<Duration>) -> Self {
        let id = socket.next_ack_id();
        let (waiter, answer) = oneshot::channel();
        socket.tell_outgoing(&event.name, &event.args);
        let packet = Some(socket.encode(event, Some(id)));
        Self { packet, id, timeout, waiter: Some(waiter), answer }
    }
}

impl<T: DeserializeOwned> Future for EmitAck<T> {
    type Output = Result<T, AckError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                AckState::Failed(error) => {
                    return Poll::Ready(Err(AckError::Emit(error.take().unwrap_or(EmitError::Disconnected))));
                }
                AckState::Queued(queued) => {
                    let deadline = queued.timeout.map(|timeout| now() + timeout);
                    let mut awaited = queued.waiter.take().map(|waiter| Awaited {
                        id: queued.id,
                        deadline,
                        waiter: Waiter::One(waiter),
                    });
                    let (link, namespace) = (this.socket.link(), this.socket.namespace_name());
                    let sent = link.poll_emit(cx, namespace, &mut queued.packet, &mut awaited);
                    if let Some(Awaited { waiter: Waiter::One(waiter), .. }) = awaited {
                        queued.waiter = Some(waiter);
                    }
                    ready!(sent).map_err(EmitError::from)?;
                    let (_, unused) = oneshot::channel();
                    let answer = std::mem::replace(&mut queued.answer, unused);
                    this.state = AckState::Sent(answer, deadline);
                }
                AckState::Sent(answer, deadline) => {
                    let answer = ready!(Pin::new(answer).poll(cx));
                    return Poll::Ready(match answer {
                        Ok(args) => args.parse().map_err(AckError::Parse),
                        // Whoever waited was given up: by its deadline, or with the connection.
                        Err(_) if deadline.is_some_and(|deadline| deadline <= now()) => {
                            Err(AckError::Timeout)
                        }
                        Err(_) => Err(AckError::Disconnected),
                    });
                }
            }
        }
    }
}

/// The time of the runtime, which tests may hold still.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
