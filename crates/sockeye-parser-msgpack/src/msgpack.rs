//! The format as `sockeye-parser` sees it.

use sockeye_parser::{Decoder, Encoded, Format, Limits, Packet};

use crate::{decode::MsgpackDecoder, encode};

/// One packet is one binary message: a map of `type`, `nsp`, `data` and `id`. An example stands on the
/// [first page](crate).
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to set, as in `Json`")]
pub struct Msgpack;

impl Format for Msgpack {
    fn encode(&self, packet: &Packet) -> Encoded {
        encode::encode(packet)
    }

    fn decoder(&self, limits: Limits) -> Box<dyn Decoder> {
        Box::new(MsgpackDecoder::new(limits))
    }
}
