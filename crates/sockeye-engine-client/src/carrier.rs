//! What carries a session: long-polling, a WebSocket, or a transport of the application's.
//!
//! Packets are put on the wire here, by each kind in the way that is cheapest for it; what is polled for stands in `polling`.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream as _;
use futures_sink::Sink;
use sockeye_engine_codec::{Packet, Revision};
use sockeye_engine_proto::client::Transmit;
use sockeye_message::{Message, Prepared};
use sockeye_transport::{BoxTransport, Known, TransportError};
use sockeye_websocket::{DeflateAgreement, SharedFrame, WebSocket};

use crate::{Config, dial::Stream};

/// A stream of packets, and how binary content travels on it.
#[derive(Debug)]
pub(crate) struct Carrier {
    transport: Known<WebSocket<Stream>>,
    binary: Binary,
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
        let socket = WebSocket::client(stream, read, max, fragments).with_deflate(deflate);
        Self { transport: Known::This(Box::new(socket)), binary: config.binary() }
    }

    pub(crate) fn other(transport: BoxTransport, config: &Config) -> Self {
        Self { transport: Known::Other(transport), binary: config.binary() }
    }

    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, TransportError>>> {
        Pin::new(&mut self.transport).poll_next(cx)
    }

    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.transport).poll_ready(cx)
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.transport).poll_close(cx)
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
        match &mut self.transport {
            Known::This(socket) => {
                let prefix = V4.prefix(&content).as_bytes();
                socket.start_send_parts((&content).into(), prefix, content.into_bytes())
            }
            Known::Other(transport) => transport.as_mut().start_send(V4.encode(&Packet::Message(content))),
        }
    }

    /// Sends a message packet that says itself whether it may be compressed.
    fn send_prepared(&mut self, prepared: &Prepared) -> Result<(), TransportError> {
        let content = prepared.message();
        match (&mut self.transport, content) {
            (Known::This(socket), Message::Text(_)) => socket.start_send_shared(&TEXT_FRAME, prepared),
            (Known::This(socket), Message::Binary(_)) => socket.start_send_shared(&BINARY_FRAME, prepared),
            (Known::Other(transport), _) => {
                transport.as_mut().start_send(V4.encode(&Packet::Message(content.clone())))
            }
        }
    }

    fn send_message(&mut self, message: Message) -> Result<(), TransportError> {
        Pin::new(&mut self.transport).start_send(message)
    }
}

/// Clients speak no other.
const V4: Revision = Revision::V4;

static TEXT_FRAME: SharedFrame = SharedFrame::new("text packet in a client's WebSocket frame", b"4");
static BINARY_FRAME: SharedFrame = SharedFrame::new("binary packet in a client's WebSocket frame", b"");
