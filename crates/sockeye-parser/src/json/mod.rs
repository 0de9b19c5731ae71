//! The format that everybody speaks: JSON text, with attachments as messages of their own.

mod decode;
mod encode;
mod name;
mod payload;
mod placeholders;
mod syntax;

pub(crate) use encode::push_string;
pub(crate) use payload::{read_event, read_list};
pub(crate) use placeholders::check_placeholders;
pub(crate) use syntax::check_syntax;

use crate::{AckId, Args, Decoder, Encoded, Format, Limits, NamespaceName, Packet};

/// The default format: `<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`, then one binary message for each
/// attachment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Format for Json {
    fn encode(&self, packet: &Packet) -> Encoded {
        encode::encode(packet)
    }

    fn write_ack(&self, namespace: &NamespaceName, id: AckId, args: &Args, text: &mut String) -> bool {
        encode::write_ack(namespace, id, args, text)
    }

    fn decoder(&self, limits: Limits) -> Box<dyn Decoder> {
        Box::new(decode::JsonDecoder::new(limits))
    }
}
