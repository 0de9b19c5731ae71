//! What carries a session that is not polled for: a WebSocket or any other transport.
//!
//! The kinds that are shipped stand in an enum, so that the common path has no virtual call. Packets are put on the wire
//! here, each kind in the way that is cheapest for it.

use std::{
    any::Any,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;
use sockeye_engine_codec::{Packet, Revision};
use sockeye_engine_proto::server::Transmit;
use sockeye_message::{Message, Prepared, TransportName};
use sockeye_transport::{BoxTransport, Transport, TransportError};
use sockeye_websocket::{DeflateAgreement, Kind, SharedFrame, WebSocket};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::Config;

/// A byte stream of any kind.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

pub(crate) type BoxIo = Box<dyn Io>;

/// One transport, and how its peer wants binary content.
pub(crate) struct Carrier {
    kind: CarrierKind,
    binary: Binary,
}

enum CarrierKind {
    Tcp(WebSocket<TcpStream>),
    Stream(Box<WebSocket<BoxIo>>),
    Other(BoxTransport),
}

/// What was agreed upon with the peer of a WebSocket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) binary: Binary,
    pub(crate) deflate: Option<DeflateAgreement>,
}

/// How binary content travels to a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Binary {
    /// As it is.
    #[default]
    Raw,
    /// As base64 in text, for peers that asked for it.
    Base64,
}

impl Carrier {
    /// A WebSocket on a stream whose handshake is over and of which `read` was read already.
    pub(crate) fn websocket<T: Io + 'static>(stream: T, read: &[u8], config: &Config, terms: &Terms) -> Self {
        let kind = match tcp_or_boxed(stream) {
            Ok(tcp) => CarrierKind::Tcp(websocket(tcp, read, config, terms)),
            Err(stream) => CarrierKind::Stream(Box::new(websocket(stream, read, config, terms))),
        };
        Self { kind, binary: terms.binary }
    }

    pub(crate) fn other(transport: BoxTransport) -> Self {
        Self { kind: CarrierKind::Other(transport), binary: Binary::Raw }
    }

    pub(crate) fn name(&self) -> TransportName {
        match &self.kind {
            CarrierKind::Tcp(_) | CarrierKind::Stream(_) => TransportName::WEBSOCKET,
            CarrierKind::Other(transport) => transport.name(),
        }
    }

    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, TransportError>>> {
        match &mut self.kind {
            CarrierKind::Tcp(socket) => Pin::new(socket).poll_next(cx),
            CarrierKind::Stream(socket) => Pin::new(&mut **socket).poll_next(cx),
            CarrierKind::Other(transport) => transport.as_mut().poll_next(cx),
        }
    }

    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.kind {
            CarrierKind::Tcp(socket) => Pin::new(socket).poll_ready(cx),
            CarrierKind::Stream(socket) => Pin::new(&mut **socket).poll_ready(cx),
            CarrierKind::Other(transport) => transport.as_mut().poll_ready(cx),
        }
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.kind {
            CarrierKind::Tcp(socket) => Pin::new(socket).poll_flush(cx),
            CarrierKind::Stream(socket) => Pin::new(&mut **socket).poll_flush(cx),
            CarrierKind::Other(transport) => transport.as_mut().poll_flush(cx),
        }
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.kind {
            CarrierKind::Tcp(socket) => Pin::new(socket).poll_close(cx),
            CarrierKind::Stream(socket) => Pin::new(&mut **socket).poll_close(cx),
            CarrierKind::Other(transport) => transport.as_mut().poll_close(cx),
        }
    }

    pub(crate) fn send(&mut self, transmit: Transmit, revision: Revision) -> Result<(), TransportError> {
        match (transmit, self.binary) {
            (Transmit::Packet(packet), Binary::Base64) => {
                self.send_message(revision.encode_text(&packet).into())
            }
            (Transmit::Packet(Packet::Message(message)), _) => self.send_content(message, revision),
            (Transmit::Packet(packet), _) => self.send_message(revision.encode(&packet)),
            (Transmit::Prepared(prepared), Binary::Raw) => self.send_prepared(&prepared, revision),
            (Transmit::Prepared(prepared), Binary::Base64) => {
                let packet = Packet::Message(prepared.message().clone());
                self.send_message(revision.encode_text(&packet).into())
            }
        }
    }

    /// Sends a message packet with this content.
    fn send_content(&mut self, content: Message, revision: Revision) -> Result<(), TransportError> {
        let prefix = revision.prefix(&content).as_bytes();
        match &mut self.kind {
            CarrierKind::Tcp(socket) => {
                socket.start_send_parts((&content).into(), prefix, content.into_bytes())
            }
            CarrierKind::Stream(socket) => {
                socket.start_send_parts((&content).into(), prefix, content.into_bytes())
            }
            CarrierKind::Other(transport) => {
                transport.as_mut().start_send(revision.encode(&Packet::Message(content)))
            }
        }
    }

    /// Whether [`send_text`](Self::send_text) needs no `poll_ready` before it.
    pub(crate) fn takes_text(&self) -> bool {
        match &self.kind {
            CarrierKind::Tcp(socket) => socket.has_room(),
            CarrierKind::Stream(socket) => socket.has_room(),
            CarrierKind::Other(_) => false,
        }
    }

    /// Sends a message packet with this text.
    pub(crate) fn send_text(&mut self, text: &str, revision: Revision) -> Result<(), TransportError> {
        match &mut self.kind {
            CarrierKind::Tcp(socket) => socket.start_send_copy(Kind::Text, TEXT_PREFIX, text.as_bytes()),
            CarrierKind::Stream(socket) => socket.start_send_copy(Kind::Text, TEXT_PREFIX, text.as_bytes()),
            CarrierKind::Other(_) => self.send_content(text.into(), revision),
        }
    }

    /// Sends a message packet whose content goes to many: the frame is made for the first of them.
    fn send_prepared(&mut self, prepared: &Prepared, revision: Revision) -> Result<(), TransportError> {
        let frame = shared_frame(prepared.message(), revision);
        match &mut self.kind {
            CarrierKind::Tcp(socket) => socket.start_send_shared(frame, prepared),
            CarrierKind::Stream(socket) => socket.start_send_shared(frame, prepared),
            CarrierKind::Other(transport) => {
                let packet = Packet::Message(prepared.message().clone());
                transport.as_mut().start_send(revision.encode(&packet))
            }
        }
    }

    fn send_message(&mut self, message: Message) -> Result<(), TransportError> {
        match &mut self.kind {
            CarrierKind::Tcp(socket) => Pin::new(socket).start_send(message),
            CarrierKind::Stream(socket) => Pin::new(&mut **socket).start_send(message),
            CarrierKind::Other(transport) => transport.as_mut().start_send(message),
        }
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Carrier").field(&self.name()).finish()
    }
}

/// Most streams are TCP, whatever the type says that they came by.
fn tcp_or_boxed<T: Io + 'static>(stream: T) -> Result<TcpStream, BoxIo> {
    let mut slot = Some(stream);
    let any: &mut dyn Any = &mut slot;
    match any.downcast_mut::<Option<TcpStream>>().and_then(Option::take) {
        Some(tcp) => Ok(tcp),
        None => Err(Box::new(slot.expect("nothing but a TCP stream was taken out"))),
    }
}

fn websocket<T: Io>(stream: T, read: &[u8], config: &Config, terms: &Terms) -> WebSocket<T> {
    let (max, fragments) = (config.session.max_payload(), config.max_message_fragments);
    WebSocket::server(stream, read, max, fragments).with_deflate(terms.deflate.as_ref())
}

/// The frame around a message packet with this content, whose prefix is that of [`Revision::prefix`].
fn shared_frame(content: &Message, revision: Revision) -> &'static SharedFrame {
    match (content, revision) {
        (Message::Text(_), _) => &TEXT_FRAME,
        (Message::Binary(_), Revision::V3) => &TYPED_FRAME,
        (Message::Binary(_), _) => &BINARY_FRAME,
    }
}

/// That of a text in any revision.
const TEXT_PREFIX: &[u8] = b"4";

static TEXT_FRAME: SharedFrame = SharedFrame::new("text packet in a WebSocket frame", TEXT_PREFIX);
static BINARY_FRAME: SharedFrame = SharedFrame::new("binary packet in a WebSocket frame", b"");
static TYPED_FRAME: SharedFrame =
    SharedFrame::new("binary packet of revision 3 in a WebSocket frame", b"\x04");
