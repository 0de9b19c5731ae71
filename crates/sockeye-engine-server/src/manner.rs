//! How the polls of a session are answered: what the request that opened it has said about its client.

use sockeye_engine_codec::Revision;
use sockeye_engine_proto::request::Opening;

/// What holds for every request of a session on long-polling.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    pub(crate) payloads: Payloads,
}

/// Which payloads a client can read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Payloads {
    /// Text: binary content becomes base64.
    #[default]
    Text,
    /// Binary ones as well; they are made when there is binary content.
    Binary,
}

impl Manner {
    pub(crate) fn of(opening: &Opening, revision: Revision) -> Self {
        let is_able = revision == Revision::V3 && opening.takes_binary();
        Self { payloads: if is_able { Payloads::Binary } else { Payloads::Text } }
    }
}
