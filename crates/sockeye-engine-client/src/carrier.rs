//! What carries a session: long-polling, a WebSocket, or a transport of the application's.
//!
//! The kinds that are shipped stand in an enum, so that the common path has no virtual call. Packets are put on the wire
//! here, each kind in the way that is cheapest for it; what is polled for stands in `polling`.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream as _;
use futures_sink::Sink;
use sockeye_engine_codec::{Packet, Revision};
use sockeye_engine_proto::client::Transmit;
use sockeye_message::{Message, Prepared};
use sockeye_transport::{BoxTransport, TransportError};
use sockeye_websocket::{DeflateAgreement, SharedFrame, WebSocket};
use tokio::net::TcpStream;

use crate::{Config, dial::Stream};

/// A stream of packets, and how binary content travels on it.
pub(crate) struct Carrier {
    kind: Kind,
    binary: Binary,
}

enum Kind {
    Tcp(WebSocket<TcpStream>),
    #[cfg(feature = "tls")]
    Tls(Box<WebSocket<Stream>>),
    Other(BoxTransport),
}

/// How binary content travels to a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Binary {
    /// As it is, where that is possible.
    #[default]
    Raw,
    /// As base64 in text.
    Base64,
}

impl Carrier {
    /// A WebSocket on a stream whose handshake is over and of which `read` was read already.
    pub(crate) fn websocket(
        stream: Stream,
        read: &[u8],
        config: &Config,
        deflate: Option<&DeflateAgreement>,
    ) -> Self {
        let (max, fragments) = (config.session().max_payload(), config.max_message_fragments());
        let kind = match stream {
            Stream::Tcp(tcp) => Kind::Tcp(WebSocket::client(tcp, read, max, fragments).with_deflate(deflate)),
            #[cfg(feature = "tls")]
            stream @ Stream::Tls(_) => {
                Kind::Tls(Box::new(WebSocket::client(stream, read, max, fragments).with_deflate(deflate)))
            }
        };
        Self { kind, binary: config.binary() }
    }

    pub(crate) fn other(transport: BoxTransport, config: &Config) -> Self {
        Self { kind: Kind::Other(transport), binary: config.binary() }
    }

    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, TransportError>>> {
        match &mut self.kind {
            Kind::Tcp(socket) => Pin::new(socket).poll_next(cx),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => Pin::new(&mut **socket).poll_next(cx),
            Kind::Other(transport) => transport.as_mut().poll_next(cx),
        }
    }

    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.kind {
            Kind::Tcp(socket) => Pin::new(socket).poll_ready(cx),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => Pin::new(&mut **socket).poll_ready(cx),
            Kind::Other(transport) => transport.as_mut().poll_ready(cx),
        }
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.kind {
            Kind::Tcp(socket) => Pin::new(socket).poll_flush(cx),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => Pin::new(&mut **socket).poll_flush(cx),
            Kind::Other(transport) => transport.as_mut().poll_flush(cx),
        }
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.kind {
            Kind::Tcp(socket) => Pin::new(socket).poll_close(cx),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => Pin::new(&mut **socket).poll_close(cx),
            Kind::Other(transport) => transport.as_mut().poll_close(cx),
        }
    }

    pub(crate) fn send(&mut self, transmit: Transmit) -> Result<(), TransportError> {
        match (transmit, self.binary) {
            (Transmit::Packet(packet), Binary::Base64) => self.send_message(V4.encode_text(&packet).into()),
            (Transmit::Packet(Packet::Message(message)), _) => self.send_content(message),
            (Transmit::Packet(packet), _) => self.send_message(V4.encode(&packet)),
            (Transmit::Prepared(prepared), Binary::Raw) => self.send_prepared(&prepared),
            (Transmit::Prepared(prepared), Binary::Base64) => {
                let packet = Packet::Message(prepared.message().clone());
                self.send_message(V4.encode_text(&packet).into())
            }
        }
    }

    /// Sends a message packet with this content.
    fn send_content(&mut self, content: Message) -> Result<(), TransportError> {
        let prefix = V4.prefix(&content).as_bytes();
        match &mut self.kind {
            Kind::Tcp(socket) => socket.start_send_parts((&content).into(), prefix, content.into_bytes()),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => socket.start_send_parts((&content).into(), prefix, content.into_bytes()),
            Kind::Other(transport) => transport.as_mut().start_send(V4.encode(&Packet::Message(content))),
        }
    }

    /// Sends a message packet that says itself whether it may be compressed.
    fn send_prepared(&mut self, prepared: &Prepared) -> Result<(), TransportError> {
        let frame = match prepared.message() {
            Message::Text(_) => &TEXT_FRAME,
            Message::Binary(_) => &BINARY_FRAME,
        };
        match &mut self.kind {
            Kind::Tcp(socket) => socket.start_send_shared(frame, prepared),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => socket.start_send_shared(frame, prepared),
            Kind::Other(transport) => {
                let packet = Packet::Message(prepared.message().clone());
                transport.as_mut().start_send(V4.encode(&packet))
            }
        }
    }

    fn send_message(&mut self, message: Message) -> Result<(), TransportError> {
        match &mut self.kind {
            Kind::Tcp(socket) => Pin::new(socket).start_send(message),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => Pin::new(&mut **socket).start_send(message),
            Kind::Other(transport) => transport.as_mut().start_send(message),
        }
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Tcp(_) => "Tcp",
            #[cfg(feature = "tls")]
            Kind::Tls(_) => "Tls",
            Kind::Other(_) => "Other",
        };
        f.debug_tuple("Carrier").field(&kind).finish()
    }
}

/// Clients speak no other.
const V4: Revision = Revision::V4;

static TEXT_FRAME: SharedFrame = SharedFrame::new("text packet in a client's WebSocket frame", b"4");
static BINARY_FRAME: SharedFrame = SharedFrame::new("binary packet in a client's WebSocket frame", b"");
