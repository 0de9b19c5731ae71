//! Events as a stream, for programs that prefer a loop to handlers.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use serde::{Serialize, de::DeserializeOwned};
use sockeye_event::{AckSender, AnswerError, ListenerId};
use sockeye_parser::{Args, ArgsError, EventName};
use tokio::sync::mpsc;

use crate::Socket;

/// The events of a socket, in order, from [`Socket::events`]. It goes on over reconnections, and ends only with the
/// client.
///
/// ```no_run
/// # async fn example(socket: sockeye_client::Socket) -> Result<(), Box<dyn std::error::Error>> {
/// let mut events = socket.events(64);
/// while let Some(event) = events.next().await {
///     match event.name() {
///         "sum" => event.ack(&event.data::<Vec<i64>>()?.iter().sum::<i64>())?,
///         name => println!("{name} {}", event.args().to_json()),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Events {
    socket: Socket,
    listener: ListenerId,
    queue: mpsc::Receiver<Received>,
}

/// An event of the server.
#[derive(Debug)]
pub struct Received {
    name: EventName,
    args: Args,
    ack: Option<AckSender>,
}

impl Events {
    pub(crate) fn new(socket: Socket, capacity: usize) -> Self {
        let (sender, queue) = mpsc::channel(capacity);
        // A handler like any other: while it waits for room it is one of those whose number is limited.
        let listener = socket.inner().with_handlers(|handlers| {
            handlers.add_any(move |name: EventName, args: Args, ack: Option<AckSender>| {
                let sender = sender.clone();
                async move {
                    // Nobody looks any more, and the listener is about to go.
                    let _ = sender.send(Received { name, args, ack }).await;
                }
            })
        });
        Self { socket, listener, queue }
    }

    /// The next event.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, no event is lost.
    pub async fn next(&mut self) -> Option<Received> {
        self.queue.recv().await
    }

    /// The socket whose events these are.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }
}

impl Stream for Events {
    type Item = Received;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Received>> {
        self.queue.poll_recv(cx)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.socket.inner().with_handlers(|handlers| handlers.remove_one(self.listener));
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl Received {
    /// What happened.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The arguments as they are.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// Reads the arguments: a tuple several, anything else the first.
    ///
    /// # Errors
    /// If they are none of that type.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        self.args.parse()
    }

    /// Whether the server waits for an answer. If nobody gives one, none is sent.
    pub fn wants_ack(&self) -> bool {
        self.ack.is_some()
    }

    /// Answers the event: a tuple is several arguments, `()` none. To a server that does not wait for an answer, nothing is
    /// sent.
    ///
    /// # Errors
    /// If it was answered before, by a handler too, or the answer has no form on the wire.
    pub fn ack(&self, answer: &(impl Serialize + ?Sized)) -> Result<(), AnswerError> {
        self.ack.as_ref().map_or(Ok(()), |ack| ack.send(answer))
    }
}
