//! A WebSocket over a byte stream: reading and writing what [`input`](crate::input) and [`output`](crate::output) say.

use std::{
    fmt,
    io::{self, IoSlice},
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use sockeye_message::{Compression, Message, Prepared, TransportName};
use sockeye_transport::{ErrorKind, Transport, TransportError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    DeflateAgreement, Kind, SharedFrame, buffer, deflate,
    frame::{Header, Opcode, Role, encode_deflated},
    input::{Input, Item, Offence},
    mask,
    output::{self, Output, PIECES},
};

/// A WebSocket whose opening handshake is over.
///
/// After an error or the end nothing more arrives; the close frame that the protocol asks for is sent as far as the stream
/// takes it. Pings are answered whenever one of the two directions is polled.
pub struct WebSocket<Io> {
    io: Io,
    role: Role,
    input: Input,
    output: Output,
    /// The answer to the peer's last ping. Earlier ones need none, so that a flood of pings costs nothing.
    /// Boxed, for it is seldom owed.
    pong: Option<Box<Bytes>>,
    is_reading: bool,
    /// Something was sent that its sender has not seen flushed: then it is the sender who is woken to write.
    is_sending: bool,
    closing: Closing,
}

/// How far the end has got on this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    Open,
    /// The close frame has been queued.
    Said,
    /// The stream has been shut down, or is broken.
    Done,
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
        Self {
            io,
            role,
            input: Input::new(role, read_ahead, max_message, max_fragments),
            output: Output::default(),
            pong: None,
            is_reading: true,
            is_sending: false,
            closing: Closing::Open,
        }
    }

    /// With what the handshake has agreed upon for compressed messages, if it has. It must be said before anything is sent
    /// or read.
    #[must_use]
    pub fn with_deflate(mut self, agreement: Option<&DeflateAgreement>) -> Self {
        self.input.extension = deflate::extension(agreement, self.role);
        self
    }

    /// Sends a message whose content is `prefix` and `payload` joined, as `start_send` does.
    ///
    /// # Errors
    /// If the socket has been closed on this side, or a client's system has no randomness.
    pub fn start_send_parts(
        &mut self,
        kind: Kind,
        prefix: &[u8],
        payload: Bytes,
    ) -> Result<(), TransportError> {
        self.check_open()?;
        self.is_sending = true;
        self.push(Opcode::Data(kind), prefix, payload)
    }

    /// The same with a payload that stays the caller's, while the socket [has room](Self::has_room). What is small enough to
    /// be joined with other frames goes straight there.
    ///
    /// # Errors
    /// As [`start_send_parts`](Self::start_send_parts).
    #[inline]
    pub fn start_send_copy(
        &mut self,
        kind: Kind,
        prefix: &[u8],
        payload: &[u8],
    ) -> Result<(), TransportError> {
        self.check_open()?;
        self.is_sending = true;
        if self.role == Role::Client || self.input.extension.is_some() || !output::is_joined(prefix, payload)
        {
            return self.push(Opcode::Data(kind), prefix, Bytes::copy_from_slice(payload));
        }
        self.output.push_joined(Opcode::Data(kind), prefix, payload);
        Ok(())
    }

    /// Sends a frame made by [`encode_server_frame`](crate::encode_server_frame) without copying it. A client copies it all
    /// the same, for its frames have to be masked.
    ///
    /// # Errors
    /// If the socket has been closed on this side, or this is no such frame.
    pub fn start_send_frame(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.check_open()?;
        self.is_sending = true;
        if self.role == Role::Server {
            self.output.push_shared(frame);
            return Ok(());
        }
        match Header::read(&frame, Role::Client) {
            Ok(Some(header)) => self.push(header.opcode, b"", frame.slice(header.length..)),
            _ => Err(TransportError::new(ErrorKind::Malformed)),
        }
    }

    /// Sends a message that goes to many, in a frame that is made for the first of them and kept in the [`Prepared`]. A
    /// client makes one of its own each time, for its frames have to be masked.
    ///
    /// Compressed, too, it is made once for all whose windows have the same size: without regard to what each of them has
    /// been sent before, which is forgotten then.
    ///
    /// # Errors
    /// If the socket has been closed on this side, or a client's system has no randomness.
    pub fn start_send_shared(
        &mut self,
        shared: &'static SharedFrame,
        message: &Prepared,
    ) -> Result<(), TransportError> {
        self.check_open()?;
        self.is_sending = true;
        if self.input.extension.is_some() {
            return self.push_shared_deflated(shared, message);
        }
        self.push_shared_plain(shared, message)
    }

    /// Whether a message may be sent without asking first: `poll_ready` would say yes at once.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.output.len() < HIGH_WATER
    }

    /// Whether nothing is held: no bytes to be written, and no part of a message.
    pub fn is_idle(&self) -> bool {
        self.output.is_empty() && self.input.is_empty() && self.pong.is_none()
    }

    /// The next thing that the peer says; `None` when its stream has ended between two messages.
    /// Takes one off `reads` for each look into the stream.
    fn poll_item(
        &mut self,
        reads: &mut Range<usize>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Item>, TransportError>> {
        if let Some(item) = self.input.next().map_err(|offence| self.offended(offence, cx))? {
            return Poll::Ready(Ok(Some(item)));
        }
        for _ in reads {
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
                (0, _) if self.input.is_empty() => return Poll::Ready(Ok(None)),
                (0, _) => return Poll::Ready(Err(TransportError::new(ErrorKind::Lost))),
                (_, Ok(Some(item))) => return Poll::Ready(Ok(Some(item))),
                (_, Ok(None)) => {}
                (_, Err(offence)) => return Poll::Ready(Err(self.offended(offence, cx))),
            }
        }
        // Much comes and nothing of it is a message: others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Tells the peer what it did.
    fn offended(&mut self, offence: Offence, cx: &mut Context<'_>) -> TransportError {
        self.say_close(Some(offence.code()));
        // If the stream takes it at once the peer learns why; the connection ends in any case.
        self.write_owed(cx);
        match offence {
            Offence::TooLarge => TransportError::new(ErrorKind::TooLarge),
            Offence::TooManyFragments => {
                TransportError::with_source(ErrorKind::TooLarge, "too many fragments")
            }
            Offence::NotUtf8 => TransportError::with_source(ErrorKind::Malformed, "text is not UTF-8"),
            Offence::NotDeflate => {
                TransportError::with_source(ErrorKind::Malformed, "compressed data is broken")
            }
            Offence::Malformed(what) => TransportError::with_source(ErrorKind::Malformed, what),
        }
    }

    fn say_close(&mut self, code: Option<u16>) {
        if self.closing == Closing::Open {
            let payload = code.map_or_else(Bytes::new, |code| Bytes::copy_from_slice(&code.to_be_bytes()));
            // Without randomness a client cannot say good-bye; it goes all the same.
            let _ = self.push(Opcode::Close, b"", payload);
            self.closing = Closing::Said;
            self.pong = None;
        }
    }

    fn push(&mut self, opcode: Opcode, prefix: &[u8], payload: Bytes) -> Result<(), TransportError> {
        if self.input.extension.is_some() {
            return self.push_deflated(opcode, prefix, payload);
        }
        self.push_plain(opcode, prefix, payload)
    }

    fn push_plain(&mut self, opcode: Opcode, prefix: &[u8], payload: Bytes) -> Result<(), TransportError> {
        match self.role {
            Role::Server => self.output.push(opcode, prefix, payload),
            Role::Client => self.output.push_masked(opcode, prefix, &payload, key()?),
        }
        Ok(())
    }

    /// Compresses a message if that is worth it.
    #[inline(never)]
    fn push_deflated(&mut self, opcode: Opcode, prefix: &[u8], payload: Bytes) -> Result<(), TransportError> {
        if let (Opcode::Data(kind), Some(deflate)) = (opcode, &mut self.input.extension)
            && let Some(deflated) = deflate.deflate(prefix, &payload)
        {
            let key = match self.role {
                Role::Server => None,
                Role::Client => Some(key()?),
            };
            self.output.push_frame(encode_deflated(kind, &deflated, key));
            return Ok(());
        }
        self.push_plain(opcode, prefix, payload)
    }

    /// Sends a message that goes to many as it is.
    fn push_shared_plain(
        &mut self,
        shared: &'static SharedFrame,
        message: &Prepared,
    ) -> Result<(), TransportError> {
        let content = message.message();
        match self.role {
            Role::Server => self.output.push_shared(shared.plain(message)),
            Role::Client => {
                let opcode = Opcode::Data(content.into());
                self.output.push_masked(opcode, shared.prefix, content.as_bytes(), key()?);
            }
        }
        Ok(())
    }

    /// Compresses a message that goes to many if that is worth it and wanted.
    #[inline(never)]
    fn push_shared_deflated(
        &mut self,
        shared: &'static SharedFrame,
        message: &Prepared,
    ) -> Result<(), TransportError> {
        if message.compression() == Compression::Off {
            return self.push_shared_plain(shared, message);
        }
        if self.role == Role::Client {
            let content = message.message();
            let opcode = Opcode::Data(content.into());
            return self.push_deflated(opcode, shared.prefix, content.clone().into_bytes());
        }
        if let Some(deflate) = &mut self.input.extension
            && let Some(frame) = deflate.shared_frame(shared, message)
        {
            self.output.push_shared(frame);
            return Ok(());
        }
        self.push_shared_plain(shared, message)
    }

    /// Writes everything that waits, an owed pong last.
    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        loop {
            if self.output.is_empty() {
                // Made into a frame only now, so that at most one is held, however many are owed.
                let Some(pong) = self.pong.take() else { break };
                self.push(Opcode::Pong, b"", *pong)?;
            }
            let Poll::Ready(result) = self.poll_write(cx) else {
                self.output.settle();
                return Poll::Pending;
            };
            match result {
                Ok(written @ 1..) => self.output.advance(written),
                broken => {
                    self.output.clear();
                    self.closing = Closing::Done;
                    return Poll::Ready(Err(
                        broken.map_or_else(TransportError::from, |_| TransportError::new(ErrorKind::Lost))
                    ));
                }
            }
        }
        Pin::new(&mut self.io).poll_flush(cx).map_err(TransportError::from)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); PIECES];
        let count = self.output.pieces(&mut slices);
        let io = Pin::new(&mut self.io);
        match &slices[..count] {
            [piece] => io.poll_write(cx, piece),
            pieces => io.poll_write_vectored(cx, pieces),
        }
    }

    /// Writes what this side owes by the protocol, unless a sender will write it together with its own.
    fn write_owed(&mut self, cx: &mut Context<'_>) {
        let owes = self.pong.is_some() || !self.output.is_empty();
        if owes && !self.is_sending {
            // What is left is tried again before the next read; an error shows when reading.
            let _ = self.poll_write_all(cx);
        }
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.closing == Closing::Open { Ok(()) } else { Err(TransportError::new(ErrorKind::Closed)) }
    }
}

impl<Io: AsyncRead + AsyncWrite + Send + Unpin> Transport for WebSocket<Io> {
    fn name(&self) -> TransportName {
        TransportName::WEBSOCKET
    }

    fn start_send_prepared(self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        self.get_mut().start_send_shared(&FRAME, message)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Stream for WebSocket<Io> {
    type Item = Result<Message, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut reads = 0..READS;
        while this.is_reading {
            this.write_owed(cx);
            match ready!(this.poll_item(&mut reads, cx)) {
                Ok(Some(Item::Message(message))) => return Poll::Ready(Some(Ok(message))),
                Ok(Some(Item::Ping(payload))) if this.closing == Closing::Open => {
                    this.pong = Some(Box::new(payload));
                }
                Ok(Some(Item::Ping(_))) => {}
                Ok(Some(Item::Close(code))) => {
                    this.is_reading = false;
                    this.say_close(code);
                }
                Ok(None) => this.is_reading = false,
                Err(error) => {
                    this.is_reading = false;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        this.write_owed(cx);
        Poll::Ready(None)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Sink<Message> for WebSocket<Io> {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        this.check_open()?;
        if this.has_room() { Poll::Ready(Ok(())) } else { this.poll_write_all(cx) }
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.get_mut().start_send_parts(Kind::from(&message), b"", message.into_bytes())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        let flushed = ready!(this.poll_write_all(cx));
        this.is_sending = false;
        Poll::Ready(flushed)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        this.say_close(None);
        this.is_sending = true;
        ready!(this.poll_write_all(cx))?;
        if this.closing == Closing::Said {
            ready!(Pin::new(&mut this.io).poll_shutdown(cx))?;
            this.closing = Closing::Done;
        }
        Poll::Ready(Ok(()))
    }
}

impl<Io> fmt::Debug for WebSocket<Io> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("role", &self.role)
            .field("closing", &self.closing)
            .finish_non_exhaustive()
    }
}

/// What a client masks its next frame with.
fn key() -> Result<[u8; 4], TransportError> {
    mask::key().map_err(|error| TransportError::with_source(ErrorKind::Lost, error))
}

/// A server's frame around a message as it is.
static FRAME: SharedFrame = SharedFrame::new("WebSocket frame", b"");

/// How many bytes may wait before more are refused.
const HIGH_WATER: usize = 64 * 1024;
/// How often a stream is read in one poll before others have their turn.
const READS: usize = 32;
