//! An open WebSocket: messages for those who keep to the protocol, frames and bytes for those who do not.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::frame::FRAME_LIMIT;
use super::{Frame, Role, opcode};
use crate::wire::{Error, Message, Tcp, TcpReader, TcpWriter, Watch};

/// An open WebSocket in either role.
#[derive(Debug)]
pub struct WebSocket {
    reader: WebSocketReader,
    writer: WebSocketWriter,
}

/// What comes over a WebSocket.
#[derive(Debug)]
pub struct WebSocketReader {
    tcp: TcpReader,
    message: Option<(u8, BytesMut)>,
    frame_limit: usize,
}

/// What goes over a WebSocket.
#[derive(Debug)]
pub struct WebSocketWriter {
    tcp: TcpWriter,
    role: Role,
}

/// What came: a whole message, or something about the WebSocket itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole message.
    Message(Message),
    /// A ping, which wants its payload back in a pong.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// A close frame with its code.
    Close(Option<u16>),
}

impl WebSocket {
    /// Takes a connection after its handshake.
    pub fn new(tcp: Tcp, role: Role) -> Self {
        Self {
            reader: WebSocketReader { tcp: tcp.reader, message: None, frame_limit: FRAME_LIMIT },
            writer: WebSocketWriter { tcp: tcp.writer, role },
        }
    }

    /// Sends a message in one frame.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), Error> {
        self.writer.send(message).await
    }

    /// Sends a frame as it is, right or wrong.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send_frame(&mut self, frame: Frame) -> Result<(), Error> {
        self.writer.send_frame(frame).await
    }

    /// Sends bytes as they are, which need not be a frame.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send_bytes(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        self.writer.tcp.send(bytes).await
    }

    /// The next message, waited for with the patience. Pings of the WebSocket's own are answered.
    ///
    /// # Errors
    /// [`Error::Closed`] at a close frame or the end; [`Error::Nothing`].
    pub async fn next(&mut self) -> Result<Message, Error> {
        let watch = self.watch().clone();
        watch.wait_for("WebSocket message", self.next_without_limit()).await
    }

    /// The next frame, waited for with the patience. Nothing is answered.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_frame(&mut self) -> Result<Frame, Error> {
        let watch = self.watch().clone();
        watch.wait_for("WebSocket frame", self.reader.read_frame()).await
    }

    /// Expects exactly this message next.
    ///
    /// # Errors
    /// [`Error::Unexpected`] with what came instead; else as [`next`](Self::next).
    pub async fn expect(&mut self, message: impl Into<Message>) -> Result<(), Error> {
        let expected = message.into();
        let came = self.next().await?;
        if came == expected {
            return Ok(());
        }
        Err(Error::Unexpected { expected: expected.to_string(), came: came.to_string() })
    }

    /// Expects the peer to close: the code of its close frame, none when it sent an empty one or ended without.
    /// Messages before it are passed over.
    ///
    /// # Errors
    /// [`Error::Nothing`] when it did not.
    pub async fn expect_close(&mut self) -> Result<Option<u16>, Error> {
        self.expect_close_within(Duration::ZERO).await
    }

    /// The same, waited for that much longer than the patience.
    ///
    /// # Errors
    /// As [`expect_close`](Self::expect_close).
    pub async fn expect_close_within(&mut self, time: Duration) -> Result<Option<u16>, Error> {
        let watch = self.watch().clone();
        let closing = async {
            loop {
                match self.reader.read().await {
                    Ok(Incoming::Close(code)) => return Ok(code),
                    Ok(_) => {}
                    Err(Error::Closed { .. } | Error::Broken(_)) => return Ok(None),
                    Err(error) => return Err(error),
                }
            }
        };
        watch.wait_longer_for("close of the WebSocket", time, closing).await
    }

    /// Expects the connection below to end.
    ///
    /// # Errors
    /// [`Error::Nothing`] when it did not.
    pub async fn expect_end(&mut self) -> Result<(), Error> {
        self.reader.tcp.expect_end().await
    }

    /// Says goodbye with a close frame; the peer's answer is not waited for.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn close(&mut self, code: u16) -> Result<(), Error> {
        self.send_frame(Frame::close(code, "")).await
    }

    /// The connection below, for those who want to break it.
    pub fn into_tcp(self) -> Tcp {
        Tcp { reader: self.reader.tcp, writer: self.writer.tcp }
    }

    /// In two, for one who reads all the time.
    pub fn split(self) -> (WebSocketReader, WebSocketWriter) {
        (self.reader, self.writer)
    }

    /// The transcript and the patience.
    pub fn watch(&self) -> &Watch {
        self.reader.tcp.watch()
    }

    async fn next_without_limit(&mut self) -> Result<Message, Error> {
        loop {
            match self.reader.read().await? {
                Incoming::Message(message) => return Ok(message),
                Incoming::Ping(payload) => self.send_frame(Frame::pong(payload)).await?,
                Incoming::Pong(_) => {}
                Incoming::Close(code) => {
                    let code = code.map_or_else(String::new, |code| format!(" (close frame with {code})"));
                    return Err(Error::closed(format!("a WebSocket message{code}")));
                }
            }
        }
    }
}

impl WebSocketReader {
    /// With another limit of a frame, in bytes.
    #[must_use]
    pub fn limited(mut self, frame_limit: usize) -> Self {
        self.frame_limit = frame_limit;
        self
    }

    /// What comes below the frames.
    pub fn tcp(&mut self) -> &mut TcpReader {
        &mut self.tcp
    }

    /// The next whole message, or what it says about itself. Without a limit of time.
    ///
    /// # Errors
    /// [`Error::Closed`] at the end; [`Error::Malformed`] for text that is no UTF-8 and fragments out of order.
    pub async fn read(&mut self) -> Result<Incoming, Error> {
        loop {
            let frame = self.read_frame().await?;
            match frame.opcode {
                opcode::CLOSE => return Ok(Incoming::Close(frame.close_code())),
                opcode::PING => return Ok(Incoming::Ping(frame.payload)),
                opcode::PONG => return Ok(Incoming::Pong(frame.payload)),
                _ => {
                    if let Some(message) = self.assemble(&frame)? {
                        return Ok(Incoming::Message(message));
                    }
                }
            }
        }
    }

    /// The next frame. Without a limit of time.
    ///
    /// # Errors
    /// [`Error::Closed`] at the end; [`Error::TooLarge`].
    pub async fn read_frame(&mut self) -> Result<Frame, Error> {
        loop {
            if let Some(frame) = Frame::parse_within(&mut self.tcp.buffer, self.frame_limit)? {
                self.tcp.note_received(&frame.to_text());
                return Ok(frame);
            }
            if !self.tcp.read_more().await? {
                return Err(Error::closed("a WebSocket frame"));
            }
        }
    }

    fn assemble(&mut self, frame: &Frame) -> Result<Option<Message>, Error> {
        if frame.rsv != 0 {
            return Err(Error::malformed(format!("a frame with rsv {:03b}", frame.rsv)));
        }
        let (kind, payload) = match (frame.opcode, self.message.take()) {
            (opcode::CONTINUATION, Some((kind, mut begun))) => {
                begun.extend_from_slice(&frame.payload);
                (kind, begun)
            }
            (kind @ (opcode::TEXT | opcode::BINARY), None) => (kind, BytesMut::from(&frame.payload[..])),
            (opcode, _) => return Err(Error::malformed(format!("opcode {opcode} out of order"))),
        };
        if payload.len() > MESSAGE_LIMIT {
            return Err(Error::TooLarge { what: "a message", limit: MESSAGE_LIMIT });
        }
        if !frame.is_final {
            self.message = Some((kind, payload));
            return Ok(None);
        }
        if kind == opcode::BINARY {
            return Ok(Some(Message::Binary(payload.freeze())));
        }
        let text =
            String::from_utf8(payload.to_vec()).map_err(|_| Error::malformed("text that is no UTF-8"))?;
        Ok(Some(Message::Text(text)))
    }
}

impl WebSocketWriter {
    /// Sends a message in one frame.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), Error> {
        self.send_frame(Frame::from(&message.into())).await
    }

    /// Sends a frame as it is, right or wrong.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send_frame(&mut self, frame: Frame) -> Result<(), Error> {
        self.tcp.note_sent(&frame.to_text());
        self.tcp.write(&frame.to_bytes(self.role)).await
    }

    /// The connection below, for bytes that are no frame.
    pub fn tcp(&mut self) -> &mut TcpWriter {
        &mut self.tcp
    }
}

const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;
