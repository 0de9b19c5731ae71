//! The transport: messages as lines on a byte stream.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use sockeye_transport::{ErrorKind, Message, Transport, TransportError, TransportName};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader};

use crate::line;

/// Messages as lines on a byte stream.
#[derive(Debug)]
pub struct LineTransport<Io> {
    io: BufReader<Io>,
    /// The beginning of a line.
    line: Vec<u8>,
    output: Vec<u8>,
    has_ended: bool,
    is_closed: bool,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> LineTransport<Io> {
    /// A transport on a stream that is open.
    pub fn new(io: Io) -> Self {
        let io = BufReader::new(io);
        Self { io, line: Vec::new(), output: Vec::new(), has_ended: false, is_closed: false }
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>, TransportError>> {
        loop {
            let bytes = ready!(Pin::new(&mut self.io).poll_fill_buf(cx))?;
            if bytes.is_empty() {
                let lost = || Err(TransportError::new(ErrorKind::Lost));
                return Poll::Ready(if self.line.is_empty() { Ok(None) } else { lost() });
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            self.line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            let taken = end.map_or(bytes.len(), |end| end + 1);
            Pin::new(&mut self.io).consume(taken);
            if self.line.len() > line::LONGEST {
                return Poll::Ready(Err(TransportError::new(ErrorKind::TooLarge)));
            }
            if end.is_some() {
                return Poll::Ready(line::decode(&std::mem::take(&mut self.line)).map(Some));
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, rest: usize) -> Poll<Result<(), TransportError>> {
        while self.output.len() > rest {
            match ready!(Pin::new(&mut self.io).poll_write(cx, &self.output))? {
                0 => return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into())),
                written => drop(self.output.drain(..written)),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.is_closed { Err(TransportError::new(ErrorKind::Closed)) } else { Ok(()) }
    }
}

impl<Io: AsyncRead + AsyncWrite + Send + Unpin> Transport for LineTransport<Io> {
    fn name(&self) -> TransportName {
        TransportName::from_static("lines")
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Stream for LineTransport<Io> {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let next = ready!(self.poll_line(cx)).transpose();
        self.has_ended = !matches!(next, Some(Ok(_)));
        Poll::Ready(next)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Sink<Message> for LineTransport<Io> {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.check_open()?;
        self.poll_write(cx, 64 * 1024)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.check_open()?;
        line::encode(&message, &mut self.output)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_write(cx, 0))?;
        Pin::new(&mut self.io).poll_flush(cx).map_err(TransportError::from)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.is_closed = true;
        ready!(self.poll_write(cx, 0))?;
        Pin::new(&mut self.io).poll_shutdown(cx).map_err(TransportError::from)
    }
}
