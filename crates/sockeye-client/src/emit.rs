//! An event on its way to the server.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use serde::de::DeserializeOwned;
use sockeye_message::Compression;
use sockeye_parser::{Args, ArgsError, EncodeError, EventName};
use sockeye_proto::client::{Emission, Emitted, Receipt};
use tokio::sync::{futures::OwnedNotified, oneshot};

use crate::{
    AckError, EmitError, Socket,
    shared::{Answer, Waiter},
};

/// An event: sent when awaited, or kept until the socket is connected.
///
/// It waits for room in the queue, so a program is never faster than its server for long, and does not fill the memory
/// while there is none.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example(socket: sockeye_client::Socket) -> Result<(), Box<dyn std::error::Error>> {
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
    event: Result<Emission<Waiter>, EmitError>,
}

impl Emit {
    pub(crate) fn new(socket: Socket, name: EventName, args: Result<Args, EncodeError>) -> Self {
        Self { socket, event: args.map(|args| Emission::new(name, args)).map_err(EmitError::Encode) }
    }

    /// Drops the event unless it would be on its way at once.
    pub fn volatile(self) -> Self {
        Self { event: self.event.map(Emission::volatile), ..self }
    }

    /// How long [`ack`](Self::ack) waits for the answer, counted from when the event is queued, whether there is a
    /// connection or not; with retries, for the answer to each of them. If not given, it is the client's
    /// [`ack_timeout`](crate::ClientBuilder::ack_timeout), or for ever.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { event: self.event.map(|event| event.timeout(timeout)), ..self }
    }

    /// Does not compress the event, whatever was agreed upon with the server; the reference's `compress(false)`.
    pub fn uncompressed(self) -> Self {
        Self { event: self.event.map(|event| event.compression(Compression::Off)), ..self }
    }

    /// Asks the server to acknowledge the event, and reads the answer as a `T`, as
    /// [`Args::parse`](sockeye_parser::Args::parse) does.
    pub fn ack<T: DeserializeOwned>(self) -> EmitAck<T> {
        self.ack_by(|args| args.parse())
    }

    /// The same, with the answer as it came: for those who pass it on, or read it in several ways.
    pub fn ack_raw(self) -> EmitAck<Args> {
        self.ack_by(Ok)
    }

    fn ack_by<T>(self, read: Read<T>) -> EmitAck<T> {
        let (waiter, answered) = oneshot::channel();
        let event = self.event.map(|event| event.awaiting(waiter));
        EmitAck { queued: Queued::new(Self { event, ..self }), receipt: None, answered, read }
    }

    /// Sends without waiting for room.
    pub(crate) fn now(self) -> Result<(), EmitError> {
        let Self { socket, event } = self;
        let taken = socket.inner().shared().emit(socket.namespace(), event?);
        taken.map(drop).map_err(|refused| refused.error.into())
    }
}

impl IntoFuture for Emit {
    type Output = Result<(), EmitError>;
    type IntoFuture = EmitFuture;

    fn into_future(self) -> EmitFuture {
        EmitFuture(Queued::new(self))
    }
}

/// An event that waits for room in the queue.
///
/// # Cancel safety
/// Dropped before it is ready, the event is not sent.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct EmitFuture(Queued);

impl Future for EmitFuture {
    type Output = Result<(), EmitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx).map_ok(drop)
    }
}

/// An event that waits to be acknowledged.
///
/// # Cancel safety
/// Dropped before the event is queued, it is not sent. Dropped later, the answer is ignored.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct EmitAck<T> {
    queued: Queued,
    /// Under what the answer is waited for.
    receipt: Option<Receipt>,
    answered: oneshot::Receiver<Answer>,
    read: Read<T>,
}

/// How an answer is read.
type Read<T> = fn(Args) -> Result<T, ArgsError>;

impl<T> Future for EmitAck<T> {
    type Output = Result<T, AckError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Some(emitted) = ready!(this.queued.poll(cx))? {
            match emitted {
                Emitted::Sent(receipt) | Emitted::Kept(receipt) => this.receipt = receipt,
                _ => return Poll::Ready(Err(EmitError::Dropped.into())),
            }
        }
        let answer = ready!(Pin::new(&mut this.answered).poll(cx));
        this.receipt = None;
        Poll::Ready(match answer {
            Ok(Ok(args)) => (this.read)(args).map_err(AckError::Parse),
            Ok(Err(error)) => Err(error),
            // The client is gone.
            Err(_) => Err(AckError::Disconnected),
        })
    }
}

/// Nobody waits any more.
impl<T> Drop for EmitAck<T> {
    fn drop(&mut self) {
        if let Some(receipt) = self.receipt.take() {
            let Queued { socket, .. } = &self.queued;
            socket.inner().shared().forget(socket.namespace(), receipt);
        }
    }
}

/// An event that is not queued yet, because there was no room for it or nobody has asked.
#[derive(Debug)]
struct Queued {
    socket: Socket,
    event: Option<Result<Emission<Waiter>, EmitError>>,
    /// Tells when there may be room.
    room: Option<Pin<Box<OwnedNotified>>>,
}

impl Queued {
    fn new(emit: Emit) -> Self {
        Self { socket: emit.socket, event: Some(emit.event), room: None }
    }

    /// Ready with what has become of the event, once.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Emitted<Waiter>>, EmitError>> {
        loop {
            if let Some(room) = &mut self.room {
                ready!(room.as_mut().poll(cx));
                self.room = None;
            }
            let Some(event) = self.event.take() else { return Poll::Ready(Ok(None)) };
            let Self { socket, .. } = self;
            match socket.inner().shared().emit_or_wait(socket.namespace(), event?) {
                Ok(emitted) => return Poll::Ready(Ok(Some(emitted))),
                Err((refused, None)) => return Poll::Ready(Err(refused.error.into())),
                Err((refused, room)) => {
                    self.event = Some(Ok(*refused.emission));
                    self.room = room;
                }
            }
        }
    }
}
