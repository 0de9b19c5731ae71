//! A WebSocket over a byte stream: reading and writing what [`input`](crate::input) and [`output`](crate::output) say.

use std::{
    fmt,
    io::IoSlice,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Form, Message, Prepared, TransportName};
use sockeye_transport::{ErrorKind, Transport, TransportError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    Kind, buffer, encode_server_frame,
    frame::{Header, Opcode, Role},
    input::{Input, Item, Offence},
    output::{Output, PIECES},
};

/// A WebSocket whose opening handshake is over.
///
/// After an error or the end nothing more arrives; the close frame that the protocol asks for is sent as far as the stream
/// takes it.
pub struct WebSocket<Io> {
    io: Io,
    role: Role,
    input: Input,
    output: Output,
    /// The answer to the peer's last ping; earlier ones need none, so that a flood of pings costs nothing.
    pong: Option<Bytes>,
    is_reading: bool,
    is_closing: bool,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> WebSocket<Io> {
    /// The server's side. `read_ahead` is what was read of the stream already; a message may have `max_message` bytes in
    /// `max_fragments` fragments.
    pub fn server(io: Io, read_ahead: &[u8], max_message: usize, max_fragments: usize) -> Self {
        Self::new(io, Role::Server, read_ahead, max_message, max_fragments)
    }

    /// The client's side.
    pub fn client(io: Io, read_ahead: &[u8], max_message: usize, max_fragments: usize) -> Self {
        Self::new(io, Role::Client, read_ahead, max_message, max_fragments)
    }

    fn new(io: Io, role: Role, read_ahead: &[u8], max_message: usize, max_fragments: usize) -> Self {
        let input = Input::new(role, read_ahead, max_message, max_fragments);
        Self { io, role, input, output: Output::default(), pong: None, is_reading: true, is_closing: false }
    }

    /// Sends a message whose content is `prefix` and `payload` joined, as `start_send` does.
    ///
    /// # Errors
    /// If the socket has been closed on this side.
    pub fn start_send_parts(
        &mut self,
        kind: Kind,
        prefix: &[u8],
        payload: Bytes,
    ) -> Result<(), TransportError> {
        self.check_open()?;
        self.push(Opcode::Data(kind), prefix, payload);
        Ok(())
    }

    /// Sends a frame made by [`encode_server_frame`] without copying it. On the client's side it is taken apart, for a
    /// client's frame has to be masked.
    ///
    /// # Errors
    /// If the socket has been closed on this side.
    pub fn start_send_frame(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.check_open()?;
        match (self.role, Header::read(&frame, Role::Client)) {
            (Role::Client, Ok(Some(header))) => self.push(header.opcode, b"", frame.slice(header.length..)),
            _ => self.output.push_shared(frame),
        }
        Ok(())
    }

    /// Whether nothing is held: no bytes to be written, and no part of a message.
    pub fn is_idle(&self) -> bool {
        self.output.is_empty() && self.input.is_empty() && self.pong.is_none()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<Item, TransportError>> {
        if let Some(item) = self.input.next().map_err(|offence| self.offended(offence, cx))? {
            return Poll::Ready(Ok(item));
        }
        loop {
            let Self { io, input, .. } = self;
            let read = buffer::with(|buffer| {
                let mut buffer = ReadBuf::new(buffer);
                let read = Pin::new(&mut *io).poll_read(cx, &mut buffer);
                read.map_ok(|()| (buffer.filled().len(), input.feed(buffer.filled_mut())))
            });
            let Poll::Ready(read) = read else {
                self.input.settle();
                return Poll::Pending;
            };
            match read? {
                (0, _) => return Poll::Ready(Err(TransportError::new(ErrorKind::Lost))),
                (_, Ok(Some(item))) => return Poll::Ready(Ok(item)),
                (_, Ok(None)) => {}
                (_, Err(offence)) => return Poll::Ready(Err(self.offended(offence, cx))),
            }
        }
    }

    /// Tells the peer what it did.
    fn offended(&mut self, offence: Offence, cx: &mut Context<'_>) -> TransportError {
        self.start_close(Some(offence.code()));
        // If the stream takes it at once the peer learns why; the connection ends in any case.
        let _ = self.poll_write_all(cx);
        match offence {
            Offence::TooLarge => TransportError::new(ErrorKind::TooLarge),
            Offence::NotUtf8 => TransportError::with_source(ErrorKind::Malformed, "text is not UTF-8"),
            Offence::Malformed(what) => TransportError::with_source(ErrorKind::Malformed, what),
        }
    }

    fn start_close(&mut self, code: Option<u16>) {
        if !self.is_closing {
            let payload = code.map_or_else(Bytes::new, |code| Bytes::copy_from_slice(&code.to_be_bytes()));
            self.push(Opcode::Close, b"", payload);
            self.is_closing = true;
        }
    }

    fn push(&mut self, opcode: Opcode, prefix: &[u8], payload: Bytes) {
        match self.role {
            Role::Server => self.output.push(opcode, prefix, payload),
            Role::Client => self.output.push_masked(opcode, prefix, &payload, mask_key()),
        }
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if let Some(pong) = self.pong.take_if(|_| !self.is_closing) {
            self.push(Opcode::Pong, b"", pong);
        }
        while !self.output.is_empty() {
            let mut slices = [IoSlice::new(&[]); PIECES];
            let count = self.output.pieces(&mut slices);
            let io = Pin::new(&mut self.io);
            let written = match &slices[..count] {
                [piece] => ready!(io.poll_write(cx, piece))?,
                pieces => ready!(io.poll_write_vectored(cx, pieces))?,
            };
            if written == 0 {
                return Poll::Ready(Err(TransportError::new(ErrorKind::Lost)));
            }
            self.output.advance(written);
        }
        Pin::new(&mut self.io).poll_flush(cx).map_err(TransportError::from)
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.is_closing { Err(TransportError::new(ErrorKind::Closed)) } else { Ok(()) }
    }
}

impl<Io: AsyncRead + AsyncWrite + Send + Unpin> Transport for WebSocket<Io> {
    fn name(&self) -> TransportName {
        TransportName::WEBSOCKET
    }

    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        match self.role {
            Role::Client => self.start_send(message.message().clone()),
            Role::Server => self.get_mut().start_send_frame(message.form(&FRAME, frame).clone()),
        }
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Stream for WebSocket<Io> {
    type Item = Result<Message, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while this.is_reading {
            match ready!(this.poll_item(cx)) {
                Ok(Item::Message(message)) => return Poll::Ready(Some(Ok(message))),
                Ok(Item::Ping(payload)) => {
                    this.pong = Some(payload);
                    // What is left is written with the next flush; an error shows when reading.
                    let _ = this.poll_write_all(cx);
                }
                Ok(Item::Close(code)) => {
                    this.is_reading = false;
                    this.start_close(code);
                    let _ = this.poll_write_all(cx);
                }
                Err(error) => {
                    this.is_reading = false;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Sink<Message> for WebSocket<Io> {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        this.check_open()?;
        if this.output.len() < HIGH_WATER { Poll::Ready(Ok(())) } else { this.poll_write_all(cx) }
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.get_mut().start_send_parts(kind(&message), b"", message.into_bytes())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.get_mut().poll_write_all(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        this.start_close(None);
        ready!(this.poll_write_all(cx))?;
        Pin::new(&mut this.io).poll_shutdown(cx).map_err(TransportError::from)
    }
}

impl<Io> fmt::Debug for WebSocket<Io> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("role", &self.role)
            .field("is_closing", &self.is_closing)
            .finish_non_exhaustive()
    }
}

/// A server's frame around a message as it is.
static FRAME: Form = Form::new("WebSocket frame");

fn frame(message: &Message) -> Bytes {
    encode_server_frame(kind(message), b"", message.as_bytes())
}

fn kind(message: &Message) -> Kind {
    match message {
        Message::Text(_) => Kind::Text,
        Message::Binary(_) => Kind::Binary,
    }
}

/// A key for one frame. It keeps proxies from mistaking payloads for requests and is no secret, but must not be foreseen
/// by whoever chose the payload.
fn mask_key() -> [u8; 4] {
    use std::hash::{BuildHasher, RandomState};
    let [a, b, c, d, ..] = RandomState::new().hash_one(()).to_ne_bytes();
    [a, b, c, d]
}

/// How many bytes may wait before more are refused.
const HIGH_WATER: usize = 64 * 1024;
