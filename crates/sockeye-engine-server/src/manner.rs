//! How the polls of a session are answered: what the request that opened it has said about its client.

use sockeye_engine_codec::{Revision, Script};
use sockeye_engine_proto::request::Opening;

/// What holds for every request of a session on long-polling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    pub(crate) payloads: Payloads,
    /// For pages that fetch answers as scripts and bring packets in forms.
    pub(crate) script: Option<Script>,
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
        let script = opening.script().cloned();
        // A script could hold no bytes; the reference writes them there as something that no client reads.
        let takes_binary = opening.takes_binary() && script.is_none();
        let is_able = revision == Revision::V3 && takes_binary;
        Self { payloads: if is_able { Payloads::Binary } else { Payloads::Text }, script }
    }
}
