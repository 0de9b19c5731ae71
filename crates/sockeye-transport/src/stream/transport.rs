//! A transport over a byte stream: reading and writing what [`input`](super::input) and [`output`](super::output) say.

use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Form, Message, Prepared, TransportName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    input::{self, Input},
    output::{Output, PIECES},
};
use crate::{
    ErrorKind, Transport, TransportError,
    frame::{FrameCodec, FrameError},
};

/// A byte stream that carries messages in [frames](crate::frame).
///
/// All that one read brings is handed out before the next; all that was sent leaves in one write, as far as the stream
/// takes it. A transport on which nothing happens holds no buffers. Dropping it drops the stream, which aborts it.
///
/// ```
/// use futures_util::{SinkExt, StreamExt};
/// use sockeye_transport::{TransportName, stream::StreamTransport};
///
/// const PIPE: TransportName = TransportName::from_static("pipe");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sockeye_transport::TransportError> {
/// let (here, there) = tokio::io::duplex(1024);
/// let mut here = StreamTransport::new(here, PIPE, 1_000_000);
/// let mut there = StreamTransport::new(there, PIPE, 1_000_000);
///
/// here.send("hello".into()).await?;
/// assert_eq!(there.next().await.unwrap()?, "hello".into());
/// # Ok(())
/// # }
/// ```
pub struct StreamTransport<Io> {
    io: Io,
    name: TransportName,
    codec: FrameCodec,
    input: Input,
    output: Output,
    is_reading: bool,
    closing: Closing,
}

/// How far the end has got on this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    Open,
    /// Nothing more is taken; what waits is still written.
    Draining,
    /// The stream has been shut down.
    Done,
    /// The stream has failed.
    Broken,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> StreamTransport<Io> {
    /// A transport between two ends of this kind; a message of the peer may have `max_message` bytes, or none.
    pub fn new(io: Io, name: TransportName, max_message: usize) -> Self {
        Self::with_codec(io, name, FrameCodec::new(max_message).with_empty_messages())
    }

    /// A transport with frames as the codec has them: for peers that know no empty ones.
    pub fn with_codec(io: Io, name: TransportName, codec: FrameCodec) -> Self {
        Self {
            io,
            name,
            codec,
            input: Input::default(),
            output: Output::default(),
            is_reading: true,
            closing: Closing::Open,
        }
    }

    /// The stream, for what it knows of itself, such as the peer's address or credentials.
    pub fn io(&self) -> &Io {
        &self.io
    }

    /// The next message; `None` when the stream has ended between two of them.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>, TransportError>> {
        for _ in 0..READS {
            if let Some(message) = self.input.next(self.codec)? {
                return Poll::Ready(Ok(Some(message)));
            }
            let Poll::Ready(count) = self.poll_read(cx) else {
                self.input.settle();
                return Poll::Pending;
            };
            match count? {
                0 if self.input.is_empty() => return Poll::Ready(Ok(None)),
                0 => return Poll::Ready(Err(TransportError::new(ErrorKind::Lost))),
                _ => {}
            }
        }
        // A large message comes without a pause: others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Self { io, input, .. } = self;
        input::with_buffer(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(io).poll_read(cx, &mut buffer))?;
            input.feed(buffer.filled());
            Poll::Ready(Ok(buffer.filled().len()))
        })
    }

    /// Writes until no more than so many bytes wait.
    fn poll_drain(&mut self, cx: &mut Context<'_>, rest: usize) -> Poll<Result<(), TransportError>> {
        while self.output.len() > rest {
            match ready!(self.poll_write(cx)) {
                Ok(written @ 1..) => self.output.advance(written),
                Ok(_) => return Poll::Ready(Err(self.broken(io::ErrorKind::WriteZero.into()))),
                Err(error) => return Poll::Ready(Err(self.broken(error))),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); PIECES];
        let count = self.output.pieces(&mut slices);
        match &slices[..count] {
            [piece] => Pin::new(&mut self.io).poll_write(cx, piece),
            pieces => Pin::new(&mut self.io).poll_write_vectored(cx, pieces),
        }
    }

    fn poll_flush_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_drain(cx, 0))?;
        let flushed = ready!(Pin::new(&mut self.io).poll_flush(cx));
        Poll::Ready(flushed.map_err(|error| self.broken(error)))
    }

    fn broken(&mut self, error: io::Error) -> TransportError {
        self.output.clear();
        self.closing = Closing::Broken;
        error.into()
    }

    fn check_open(&self) -> Result<(), TransportError> {
        match self.closing {
            Closing::Open => Ok(()),
            Closing::Draining | Closing::Done => Err(TransportError::new(ErrorKind::Closed)),
            Closing::Broken => Err(TransportError::new(ErrorKind::Lost)),
        }
    }
}

impl<Io: AsyncRead + AsyncWrite + Send + Unpin> Transport for StreamTransport<Io> {
    fn name(&self) -> TransportName {
        self.name.clone()
    }

    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        // The shared frame is made without regard to what this codec takes.
        if message.message().is_empty() {
            return self.start_send(message.message().clone());
        }
        self.check_open()?;
        self.get_mut().output.push_shared(message.form(&FRAME, frame).clone());
        Ok(())
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Stream for StreamTransport<Io> {
    type Item = Result<Message, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !this.is_reading {
            return Poll::Ready(None);
        }
        let message = ready!(this.poll_message(cx)).transpose();
        if !matches!(message, Some(Ok(_))) {
            this.is_reading = false;
            this.input = Input::default();
        }
        Poll::Ready(message)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Sink<Message> for StreamTransport<Io> {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.check_open()?;
        self.get_mut().poll_drain(cx, HIGH_WATER)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.check_open()?;
        let this = self.get_mut();
        let sent = this.output.push(this.codec, message);
        sent.map_err(|error| TransportError::with_source(ErrorKind::Unsendable, error))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match self.closing {
            Closing::Open | Closing::Draining => self.get_mut().poll_flush_all(cx),
            Closing::Done => Poll::Ready(Ok(())),
            Closing::Broken => Poll::Ready(Err(TransportError::new(ErrorKind::Lost))),
        }
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        if matches!(this.closing, Closing::Done | Closing::Broken) {
            return Poll::Ready(Ok(()));
        }
        this.closing = Closing::Draining;
        ready!(this.poll_flush_all(cx))?;
        let shut_down = ready!(Pin::new(&mut this.io).poll_shutdown(cx));
        this.closing = Closing::Done;
        Poll::Ready(shut_down.map_err(|error| this.broken(error)))
    }
}

impl<Io> fmt::Debug for StreamTransport<Io> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTransport")
            .field("name", &self.name)
            .field("closing", &self.closing)
            .finish_non_exhaustive()
    }
}

/// A whole frame, which is the same on every stream.
static FRAME: Form = Form::new("stream frame");

fn frame(message: &Message) -> Bytes {
    let mut frame = BytesMut::new();
    let encoded = FrameCodec::new(0).encode(message, &mut frame);
    debug_assert_ne!(encoded, Err(FrameError::Empty), "the caller sees to that");
    frame.freeze()
}

/// How many bytes may wait before more are refused.
const HIGH_WATER: usize = 64 * 1024;
/// How often a stream is read for one message before others have their turn.
const READS: usize = 32;
