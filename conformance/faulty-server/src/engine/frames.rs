//! Frames as they come, until they are whole messages: what RFC 6455 forbids ends the WebSocket.

use bytes::{Bytes, BytesMut};
use sockeye_conformance::wire::websocket::{Frame, Inflater, Masking, WebSocketReader, opcode};
use sockeye_conformance::wire::{Error, Message};

use crate::fault::{Fault, Switch};
use crate::figures::MAX_PAYLOAD;

/// Reads whole messages of one WebSocket.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) reader: WebSocketReader,
    fault: Switch,
    is_compressed: bool,
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    opcode: u8,
    is_compressed: bool,
    payload: BytesMut,
}

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    Message(Message),
    Ping(Bytes),
    Close(Option<u16>),
}

/// Why no more can come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Broken {
    /// The connection has ended.
    Ended,
    /// The peer broke a rule that has this code.
    Rule(u16),
}

impl Frames {
    /// `is_compressed`: whether permessage-deflate was agreed upon, without windows kept on either side.
    pub(super) fn new(reader: WebSocketReader, fault: Switch, is_compressed: bool) -> Self {
        let limit = if fault.is(Fault::NoLimitOfAMessage) { 64 * 1024 * 1024 } else { MAX_PAYLOAD };
        Self { reader: reader.limited(limit), fault, is_compressed, begun: None }
    }

    /// The next message, or a ping or a close frame.
    pub(super) async fn next(&mut self) -> Result<Came, Broken> {
        loop {
            let frame = match self.reader.read_frame().await {
                Ok(frame) => frame,
                Err(Error::TooLarge { .. }) => return Err(Broken::Rule(TOO_BIG)),
                Err(_) => return Err(Broken::Ended),
            };
            if let Some(came) = self.take(frame)? {
                return Ok(came);
            }
        }
    }

    fn take(&mut self, frame: Frame) -> Result<Option<Came>, Broken> {
        if frame.masking == Masking::Without && !self.fault.is(Fault::UnmaskedTaken) {
            return Err(Broken::Rule(PROTOCOL_ERROR));
        }
        if frame.is_control() { self.control(frame) } else { self.data(&frame) }
    }

    fn control(&self, frame: Frame) -> Result<Option<Came>, Broken> {
        let is_short = frame.payload.len() <= 125 || self.fault.is(Fault::LongPingTaken);
        if !frame.is_final || frame.rsv != 0 || !is_short {
            return Err(Broken::Rule(PROTOCOL_ERROR));
        }
        match frame.opcode {
            opcode::PING if self.fault.is(Fault::WebSocketPingNotAnswered) => Ok(None),
            opcode::PING if self.fault.is(Fault::WebSocketPongWithoutPayload) => {
                Ok(Some(Came::Ping(Bytes::new())))
            }
            opcode::PING => Ok(Some(Came::Ping(frame.payload))),
            opcode::PONG => Ok(None),
            opcode::CLOSE => self.close(&frame),
            _ if self.fault.is(Fault::ReservedOpcodeTaken) => Ok(None),
            _ => Err(Broken::Rule(PROTOCOL_ERROR)),
        }
    }

    fn close(&self, frame: &Frame) -> Result<Option<Came>, Broken> {
        if self.fault.is(Fault::AnyCloseCodeTaken) {
            return Ok(Some(Came::Close(frame.close_code())));
        }
        match (frame.close_code(), frame.payload.len()) {
            (None, 1) => Err(Broken::Rule(PROTOCOL_ERROR)),
            (Some(code), _) if !is_allowed(code) => Err(Broken::Rule(PROTOCOL_ERROR)),
            (Some(_), _) if std::str::from_utf8(&frame.payload[2..]).is_err() => Err(Broken::Rule(NOT_UTF_8)),
            (code, _) => Ok(Some(Came::Close(code))),
        }
    }

    fn data(&mut self, frame: &Frame) -> Result<Option<Came>, Broken> {
        let may_be_compressed = self.is_compressed && frame.opcode != opcode::CONTINUATION;
        let is_compressed = may_be_compressed && frame.rsv == 0b100;
        if frame.rsv != 0 && !is_compressed && !self.fault.is(Fault::ReservedBitTaken) {
            return Err(Broken::Rule(PROTOCOL_ERROR));
        }
        let mut message = match (frame.opcode, self.begun.take()) {
            (opcode::CONTINUATION, Some(begun)) => begun,
            (opcode @ (opcode::TEXT | opcode::BINARY), None) => {
                Begun { opcode, is_compressed, payload: BytesMut::new() }
            }
            (opcode::CONTINUATION | opcode::TEXT | opcode::BINARY, begun)
                if self.fault.is(Fault::FragmentsOutOfOrderTaken) =>
            {
                self.begun = begun;
                return Ok(None);
            }
            (3..=7, begun) if self.fault.is(Fault::ReservedOpcodeTaken) => {
                self.begun = begun;
                return Ok(None);
            }
            _ => return Err(Broken::Rule(PROTOCOL_ERROR)),
        };
        let is_first_lost = self.fault.is(Fault::OnlyTheLastFragmentTaken);
        if is_first_lost {
            message.payload.clear();
        }
        message.payload.extend_from_slice(&frame.payload);
        if message.payload.len() > self.limit() && !self.fault.is(Fault::LimitForEachFragment) {
            return Err(Broken::Rule(TOO_BIG));
        }
        if !frame.is_final {
            self.begun = Some(message);
            return Ok(None);
        }
        self.finish(message).map(Some)
    }

    fn finish(&self, message: Begun) -> Result<Came, Broken> {
        let mut payload = message.payload.freeze();
        if message.is_compressed {
            payload = Inflater::new().inflate(&payload).map_err(|_| Broken::Rule(NOT_UTF_8))?;
            if payload.len() > self.limit() && !self.fault.is(Fault::LimitBeforeInflating) {
                return Err(Broken::Rule(TOO_BIG));
            }
        }
        if message.opcode == opcode::BINARY {
            return Ok(Came::Message(payload.into()));
        }
        match std::str::from_utf8(&payload) {
            Ok(text) => Ok(Came::Message(text.into())),
            Err(_) if self.fault.is(Fault::BrokenTextTaken) => {
                Ok(Came::Message(String::from_utf8_lossy(&payload).into_owned().into()))
            }
            Err(_) => Err(Broken::Rule(NOT_UTF_8)),
        }
    }

    fn limit(&self) -> usize {
        if self.fault.is(Fault::NoLimitOfAMessage) { usize::MAX } else { MAX_PAYLOAD }
    }
}

fn is_allowed(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF_8: u16 = 1007;
const TOO_BIG: u16 = 1009;
