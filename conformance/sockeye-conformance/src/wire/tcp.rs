//! One TCP connection in either role: bytes out as given, bytes in as they come.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::{Error, Watch};
use crate::transcript::Direction;

/// A TCP connection whose conversation is noted.
#[derive(Debug)]
pub struct Tcp {
    /// What comes.
    pub reader: TcpReader,
    /// What goes.
    pub writer: TcpWriter,
}

/// What comes over a TCP connection.
#[derive(Debug)]
pub struct TcpReader {
    half: OwnedReadHalf,
    /// What has come and was not taken yet.
    pub buffer: BytesMut,
    line: String,
    watch: Watch,
}

/// What goes over a TCP connection.
#[derive(Debug)]
pub struct TcpWriter {
    half: OwnedWriteHalf,
    line: String,
    watch: Watch,
}

impl Tcp {
    /// Connects to a server. `kind` names the connection in the transcript (`polling`, `websocket`).
    ///
    /// # Errors
    /// [`Error::Unreachable`], or [`Error::Nothing`] after the patience.
    pub async fn connect(address: SocketAddr, kind: &str, watch: &Watch) -> Result<Self, Error> {
        let connecting = async {
            TcpStream::connect(address)
                .await
                .map_err(|error| Error::Unreachable(format!("{address}: {error}")))
        };
        let stream = watch.wait_for("TCP connection", connecting).await?;
        Ok(Self::new(stream, kind, watch))
    }

    /// Takes a connection that exists, such as one that a client has opened.
    pub fn new(stream: TcpStream, kind: &str, watch: &Watch) -> Self {
        // Small writes must leave one by one: cases depend on what a peer has seen.
        let _ = stream.set_nodelay(true);
        let line = watch.transcript.line(kind);
        let (read, write) = stream.into_split();
        Self {
            reader: TcpReader {
                half: read,
                buffer: BytesMut::new(),
                line: line.clone(),
                watch: watch.clone(),
            },
            writer: TcpWriter { half: write, line, watch: watch.clone() },
        }
    }

    /// Sends bytes as they are, and notes them.
    ///
    /// # Errors
    /// [`Error::Broken`], or [`Error::Nothing`] when the peer does not read.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        self.writer.send(bytes).await
    }

    /// Waits until the peer has closed, whatever it sends before.
    ///
    /// # Errors
    /// [`Error::Nothing`] when it did not within the patience. A reset is an end too.
    pub async fn expect_end(&mut self) -> Result<(), Error> {
        self.reader.expect_end().await
    }

    /// Ends with a reset instead of an orderly close, as a peer whose machine crashed.
    ///
    /// # Errors
    /// [`Error::Broken`] when the system refuses.
    pub fn reset(self) -> Result<(), Error> {
        self.writer.watch.transcript.note(&self.writer.line, "reset by the suite");
        let stream =
            self.reader.half.reunite(self.writer.half).map_err(|_| Error::malformed("two halves"))?;
        stream.set_zero_linger()?;
        drop(stream);
        Ok(())
    }

    /// The name in the transcript.
    pub fn line(&self) -> &str {
        &self.writer.line
    }

    /// The transcript and the patience.
    pub fn watch(&self) -> &Watch {
        &self.writer.watch
    }
}

impl TcpReader {
    /// Waits for more bytes and appends them to [`buffer`](Self::buffer); `false` at the end of the stream. Without a
    /// limit of time.
    ///
    /// # Errors
    /// [`Error::Broken`]
    pub async fn read_more(&mut self) -> Result<bool, Error> {
        self.buffer.reserve(READ_SIZE);
        match self.half.read_buf(&mut self.buffer).await {
            Ok(read) => Ok(read > 0),
            Err(error) => Err(error.into()),
        }
    }

    /// As [`Tcp::expect_end`].
    ///
    /// # Errors
    /// As [`Tcp::expect_end`].
    pub async fn expect_end(&mut self) -> Result<(), Error> {
        let watch = self.watch.clone();
        let ending = async {
            loop {
                match self.read_more().await {
                    Ok(true) => self.buffer.clear(),
                    Ok(false) | Err(Error::Broken(io::ErrorKind::ConnectionReset)) => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        };
        watch.wait_for("end of the connection", ending).await?;
        watch.transcript.note(&self.line, "closed by the peer");
        Ok(())
    }

    /// The name in the transcript.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The transcript and the patience.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(crate) fn note_received(&self, text: &str) {
        self.watch.transcript.text(&self.line, Direction::Received, text);
    }
}

impl TcpWriter {
    /// As [`Tcp::send`].
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        self.watch.transcript.bytes(&self.line, Direction::Sent, bytes.as_ref());
        self.write(bytes.as_ref()).await
    }

    /// Sends each byte in a write of its own, `pause` apart.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn dribble(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> Result<(), Error> {
        self.watch.transcript.bytes(&self.line, Direction::Sent, bytes.as_ref());
        for byte in bytes.as_ref() {
            self.write(&[*byte]).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// Says that no more will be sent, and keeps on reading.
    ///
    /// # Errors
    /// [`Error::Broken`]
    pub async fn shut_down(&mut self) -> Result<(), Error> {
        self.watch.transcript.note(&self.line, "no more is sent by the suite");
        Ok(self.half.shutdown().await?)
    }

    /// Sends bytes that were noted in words of their own.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Self { half, watch, .. } = self;
        let writing = async { Ok(half.write_all(bytes).await?) };
        watch.wait_for("room to send", writing).await
    }

    pub(crate) fn note_sent(&self, text: &str) {
        self.watch.transcript.text(&self.line, Direction::Sent, text);
    }
}

const READ_SIZE: usize = 16 * 1024;
