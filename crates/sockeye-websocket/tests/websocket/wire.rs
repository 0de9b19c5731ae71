//! A byte stream under the test's control: what it gives, what it takes, and whom it wakes.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::{Buf, Bytes};
use futures_util::{Sink, Stream};
use sockeye_transport::{Message, TransportError};
use sockeye_websocket::WebSocket;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Both ends of the stream: the socket has one clone, the test another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// What the socket has not read yet.
    pub(crate) incoming: Bytes,
    /// How much one read gives; everything if zero.
    pub(crate) step: usize,
    pub(crate) reads: usize,
    pub(crate) at_end: bool,
    pub(crate) is_reset: bool,
    pub(crate) writes: Vec<Write>,
    pub(crate) writing: Writing,
    pub(crate) is_shut: bool,
    writer: Option<Waker>,
}

/// How the stream takes what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Writing {
    #[default]
    Open,
    Blocked,
    /// It takes nothing and calls that a success.
    Zero,
}

/// One write that the socket made.
#[derive(Debug)]
pub(crate) struct Write {
    /// Where the first piece lay in memory.
    pub(crate) address: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Wire {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn give(&self, bytes: Vec<u8>) {
        self.state().incoming = bytes.into();
    }

    /// Takes bytes again, and wakes whoever waits for that.
    pub(crate) fn unblock(&self) {
        let writer = {
            let mut state = self.state();
            state.writing = Writing::Open;
            state.writer.take()
        };
        if let Some(writer) = writer {
            writer.wake();
        }
    }

    /// Everything that was written.
    pub(crate) fn written(&self) -> Vec<u8> {
        self.state().writes.iter().flat_map(|write| write.bytes.clone()).collect()
    }

    fn put(&self, cx: &Context<'_>, pieces: &[&[u8]]) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        match state.writing {
            Writing::Open => {
                let address = pieces.first().map_or(0, |piece| piece.as_ptr() as usize);
                let bytes = pieces.concat();
                let count = bytes.len();
                state.writes.push(Write { address, bytes });
                Poll::Ready(Ok(count))
            }
            Writing::Blocked => {
                state.writer = Some(cx.waker().clone());
                Poll::Pending
            }
            Writing::Zero => Poll::Ready(Ok(0)),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        state.reads += 1;
        if state.is_reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if state.incoming.is_empty() {
            return if state.at_end { Poll::Ready(Ok(())) } else { Poll::Pending };
        }
        let step = if state.step == 0 { usize::MAX } else { state.step };
        let count = state.incoming.len().min(buf.remaining()).min(step);
        buf.put_slice(&state.incoming[..count]);
        state.incoming.advance(count);
        if state.incoming.is_empty() {
            state.incoming = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.put(cx, &[bytes])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.put(cx, &slices.iter().map(|slice| &**slice).collect::<Vec<_>>())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state().is_shut = true;
        Poll::Ready(Ok(()))
    }
}

/// Something that polls, and counts how often it was woken.
#[derive(Debug)]
pub(crate) struct Task {
    wakes: Arc<Wakes>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    pub(crate) fn new() -> Self {
        let wakes = Arc::new(Wakes::default());
        Self { waker: wakes.clone().into(), wakes }
    }

    pub(crate) fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::SeqCst)
    }

    pub(crate) fn next(&self, socket: &mut WebSocket<Wire>) -> Poll<Option<Result<Message, TransportError>>> {
        Pin::new(socket).poll_next(&mut self.cx())
    }

    pub(crate) fn flush(&self, socket: &mut WebSocket<Wire>) -> Poll<Result<(), TransportError>> {
        Pin::new(socket).poll_flush(&mut self.cx())
    }

    pub(crate) fn close(&self, socket: &mut WebSocket<Wire>) -> Poll<Result<(), TransportError>> {
        Pin::new(socket).poll_close(&mut self.cx())
    }

    /// Polls until nothing more comes, as a runtime would: what arrived, and the error at its end.
    pub(crate) fn read(&self, socket: &mut WebSocket<Wire>) -> (Vec<Message>, Option<TransportError>) {
        let mut messages = Vec::new();
        loop {
            let wakes = self.wakes();
            match self.next(socket) {
                Poll::Ready(Some(Ok(message))) => messages.push(message),
                Poll::Ready(Some(Err(error))) => return (messages, Some(error)),
                Poll::Pending if self.wakes() > wakes => {}
                Poll::Ready(None) | Poll::Pending => return (messages, None),
            }
        }
    }

    fn cx(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }
}

/// A server on such a stream.
pub(crate) fn server() -> (Wire, WebSocket<Wire>) {
    let wire = Wire::default();
    (wire.clone(), WebSocket::server(wire, &[], MAX_MESSAGE, MAX_FRAGMENTS))
}

/// A client's frame, whose first byte is given as it stands on the wire.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    if let Ok(length @ 0..=125) = u8::try_from(payload.len()) {
        frame.push(0x80 | length);
    } else if let Ok(length) = u16::try_from(payload.len()) {
        frame.push(0xfe);
        frame.extend(length.to_be_bytes());
    } else {
        frame.push(0xff);
        frame.extend((payload.len() as u64).to_be_bytes());
    }
    frame.extend(KEY);
    frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

pub(crate) const MAX_MESSAGE: usize = 1_000_000;
pub(crate) const MAX_FRAGMENTS: usize = 100;
const KEY: [u8; 4] = [1, 2, 3, 4];
