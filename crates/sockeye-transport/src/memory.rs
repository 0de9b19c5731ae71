//! Two transports connected to each other in memory: for tests, and for peers in one process.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Message, TransportName};

use crate::{ErrorKind, Transport, TransportError};

/// One end of a [`pair`].
#[derive(Debug)]
pub struct MemoryTransport {
    incoming: Arc<Mutex<Pipe>>,
    outgoing: Arc<Mutex<Pipe>>,
    name: TransportName,
}

/// Two connected ends, each of which holds up to `capacity` messages that the other has not taken.
///
/// ```
/// use futures_executor::block_on;
/// use futures_util::{SinkExt, StreamExt};
/// use sockeye_transport::memory;
///
/// let (mut here, mut there) = memory::pair(8);
/// block_on(async {
///     here.send("hello".into()).await.unwrap();
///     assert_eq!(there.next().await.unwrap().unwrap(), "hello".into());
/// });
/// ```
pub fn pair(capacity: usize) -> (MemoryTransport, MemoryTransport) {
    let pipe = || Arc::new(Mutex::new(Pipe { capacity: capacity.max(1), ..Pipe::default() }));
    let (forth, back) = (pipe(), pipe());
    let end = |incoming: &Arc<_>, outgoing: &Arc<_>| MemoryTransport {
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
        name: NAME,
    };
    (end(&forth, &back), end(&back, &forth))
}

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    queue: VecDeque<Message>,
    capacity: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
    end: End,
}

/// How a direction has ended, if it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    /// The writer has closed it; what is queued can still be read.
    Closed,
    /// One of the ends was dropped.
    Broken,
}

impl MemoryTransport {
    /// The same transport under another name.
    #[must_use]
    pub fn with_name(mut self, name: TransportName) -> Self {
        self.name = name;
        self
    }

    fn outgoing(&self) -> Result<MutexGuard<'_, Pipe>, TransportError> {
        let pipe = lock(&self.outgoing);
        match pipe.end {
            End::Open => Ok(pipe),
            End::Closed => Err(TransportError::new(ErrorKind::Closed)),
            End::Broken => Err(TransportError::new(ErrorKind::Lost)),
        }
    }
}

impl Transport for MemoryTransport {
    fn name(&self) -> TransportName {
        self.name.clone()
    }
}

impl Stream for MemoryTransport {
    type Item = Result<Message, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut pipe = lock(&self.incoming);
        if let Some(message) = pipe.queue.pop_front() {
            wake(&mut pipe.writer);
            return Poll::Ready(Some(Ok(message)));
        }
        if pipe.end != End::Open {
            return Poll::Ready(None);
        }
        pipe.reader = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Sink<Message> for MemoryTransport {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut pipe = self.outgoing()?;
        if pipe.queue.len() < pipe.capacity {
            return Poll::Ready(Ok(()));
        }
        pipe.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        let mut pipe = self.outgoing()?;
        pipe.queue.push_back(message);
        wake(&mut pipe.reader);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(self.outgoing().map(drop))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        lock(&self.outgoing).end(End::Closed);
        Poll::Ready(Ok(()))
    }
}

impl Drop for MemoryTransport {
    fn drop(&mut self) {
        lock(&self.outgoing).end(End::Broken);
        lock(&self.incoming).end(End::Broken);
    }
}

impl Pipe {
    /// An orderly end stands: what follows it changes nothing for the reader.
    fn end(&mut self, end: End) {
        if self.end == End::Open {
            self.end = end;
        }
        wake(&mut self.reader);
        wake(&mut self.writer);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// A pipe is whole between any two statements, so a panic elsewhere leaves it usable.
fn lock(pipe: &Mutex<Pipe>) -> MutexGuard<'_, Pipe> {
    pipe.lock().unwrap_or_else(PoisonError::into_inner)
}

const NAME: TransportName = TransportName::from_static("memory");
