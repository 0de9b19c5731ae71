//! Frames on a blocking socket.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use sockeye_transport::{
    Message,
    frame::{FrameCodec, FrameError},
};

pub(crate) struct Wire {
    stream: TcpStream,
    codec: FrameCodec,
    input: BytesMut,
    output: BytesMut,
}

/// What waiting for the peer has brought.
pub(crate) enum Arrival {
    Bytes,
    End,
    Nothing,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // A peer that does not read for so long is gone.
        stream.set_write_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self {
            stream,
            codec: FrameCodec::new(1_000_000),
            input: BytesMut::new(),
            output: BytesMut::new(),
        })
    }

    /// Waits for the peer, but not beyond the deadline.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> io::Result<Arrival> {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // Zero would mean for ever.
        self.stream.set_read_timeout(left.map(|left| left.max(Duration::from_millis(1))))?;
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => Ok(Arrival::End),
            Ok(count) => {
                self.input.extend_from_slice(&buffer[..count]);
                Ok(Arrival::Bytes)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(Arrival::Nothing),
                _ => Err(error),
            },
        }
    }

    /// The next message, if all of it has arrived.
    pub(crate) fn receive(&mut self) -> Result<Option<Message>, FrameError> {
        self.codec.decode(&mut self.input)
    }

    /// Appends a message to what [`flush`](Self::flush) writes.
    pub(crate) fn send(&mut self, message: &Message) -> io::Result<()> {
        self.codec.encode(message, &mut self.output).map_err(io::Error::other)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.output)?;
        self.output.clear();
        Ok(())
    }
}
