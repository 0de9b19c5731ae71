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
///
/// Closing is half of an end: what the other sends can be read until it closes as well. Dropping is the whole: the other
/// reads what had been sent, then `None`, and its sending fails with [`ErrorKind::Lost`].
#[derive(Debug)]
pub struct MemoryTransport {
    incoming: Arc<Mutex<Pipe>>,
    outgoing: Arc<Mutex<Pipe>>,
    name: TransportName,
}

/// Two connected ends, each of which takes up to `capacity` messages, at least one, that the other has not read.
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
            let writer = pipe.writer.take();
            wake(pipe, [writer]);
            return Poll::Ready(Some(Ok(message)));
        }
        if pipe.end != End::Open {
            return Poll::Ready(None);
        }
        let former = pipe.reader.replace(cx.waker().clone());
        release(pipe, former);
        Poll::Pending
    }
}

impl Sink<Message> for MemoryTransport {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut pipe = lock(&self.outgoing);
        pipe.check_open()?;
        if pipe.queue.len() < pipe.capacity {
            return Poll::Ready(Ok(()));
        }
        let former = pipe.writer.replace(cx.waker().clone());
        release(pipe, former);
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        let mut pipe = lock(&self.outgoing);
        pipe.check_open()?;
        pipe.queue.push_back(message);
        let reader = pipe.reader.take();
        wake(pipe, [reader]);
        Ok(())
    }

    /// The queue is the carrier: what was sent has been handed over, whatever became of the pipe.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let pipe = lock(&self.outgoing);
        Poll::Ready(match pipe.end {
            End::Open | End::Closed => Ok(()),
            End::Broken => Err(TransportError::new(ErrorKind::Lost)),
        })
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        end(lock(&self.outgoing), End::Closed);
        Poll::Ready(Ok(()))
    }
}

impl Drop for MemoryTransport {
    fn drop(&mut self) {
        end(lock(&self.outgoing), End::Broken);
        let mut incoming = lock(&self.incoming);
        let unread = std::mem::take(&mut incoming.queue);
        end(incoming, End::Broken);
        drop(unread);
    }
}

impl Pipe {
    fn check_open(&self) -> Result<(), TransportError> {
        match self.end {
            End::Open => Ok(()),
            End::Closed => Err(TransportError::new(ErrorKind::Closed)),
            End::Broken => Err(TransportError::new(ErrorKind::Lost)),
        }
    }
}

/// Ends a direction. The first end stands: what follows it changes nothing for the reader.
fn end(mut pipe: MutexGuard<'_, Pipe>, end: End) {
    if pipe.end == End::Open {
        pipe.end = end;
    }
    let waiting = [pipe.reader.take(), pipe.writer.take()];
    wake(pipe, waiting);
}

/// Wakes when the pipe is free again: a waker may run anything, the other end among it.
fn wake<const N: usize>(pipe: MutexGuard<'_, Pipe>, wakers: [Option<Waker>; N]) {
    drop(pipe);
    wakers.into_iter().flatten().for_each(Waker::wake);
}

/// Drops a waker when the pipe is free again: with it a whole task may go, the other end among it.
fn release(pipe: MutexGuard<'_, Pipe>, waker: Option<Waker>) {
    drop(pipe);
    drop(waker);
}

/// A pipe is whole between any two statements, so a panic elsewhere leaves it usable.
fn lock(pipe: &Mutex<Pipe>) -> MutexGuard<'_, Pipe> {
    pipe.lock().unwrap_or_else(PoisonError::into_inner)
}

const NAME: TransportName = TransportName::from_static("memory");
