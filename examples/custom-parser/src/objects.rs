//! The two traits: packets to messages, and messages to packets.

use sockeye::Message;
use sockeye_parser::{DecodeError, Decoder, Encoded, Format, Limits, Packet};

use crate::object::Object;

/// Packets as JSON objects, one text message each.
///
/// ```
/// use custom_parser::Objects;
/// use sockeye::Server;
///
/// let server = Server::builder().format(Objects).build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Objects;

/// Reads the objects of one connection. Nothing is kept from one message to the next.
#[derive(Debug)]
struct ObjectsDecoder {
    limits: Limits,
}

impl Format for Objects {
    fn encode(&self, packet: &Packet) -> Encoded {
        let text = serde_json::to_string(&Object::of(packet)).expect("text and numbers have a form in JSON");
        Encoded { head: Message::from(text), attachments: Vec::new() }
    }

    fn decoder(&self, limits: Limits) -> Box<dyn Decoder> {
        Box::new(ObjectsDecoder { limits })
    }
}

impl Decoder for ObjectsDecoder {
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        let text = message.as_text().ok_or(DecodeError::UnexpectedBinary)?;
        let object: Object = serde_json::from_str(text).map_err(|_| DecodeError::InvalidPayload)?;
        object.into_packet(&self.limits).map(Some)
    }
}
