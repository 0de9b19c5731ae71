//! The handles of what happens to requests and sessions, as the engine tells it.

use metrics::{Counter, counter};
use sockeye_engine_server::Occurrence;

use super::{Limit, Meters};
use crate::metrics::{REFUSED_REQUESTS_TOTAL, UPGRADES_TOTAL};

pub(super) struct RequestMeters {
    upgraded: Counter,
    not_upgraded: Counter,
    /// By code.
    refused: [Counter; 6],
}

impl RequestMeters {
    pub(super) fn new() -> Self {
        let refused = |code: &'static str| counter!(REFUSED_REQUESTS_TOTAL, "code" => code);
        Self {
            upgraded: counter!(UPGRADES_TOTAL, "outcome" => "done"),
            not_upgraded: counter!(UPGRADES_TOTAL, "outcome" => "failed"),
            refused: ["0", "1", "2", "3", "4", "5"].map(refused),
        }
    }
}

impl Meters {
    /// Something happened in the engine.
    pub(crate) fn note(&self, occurrence: Occurrence) {
        match occurrence {
            Occurrence::Refused(code) => {
                if let Some(refused) = self.requests.refused.get(usize::from(code.number())) {
                    refused.increment(1);
                }
            }
            Occurrence::Upgraded => self.requests.upgraded.increment(1),
            Occurrence::UpgradeFailed => self.requests.not_upgraded.increment(1),
            Occurrence::TooManySessions => self.limit(Limit::Sessions),
            Occurrence::TooManySessionsFromAddress => self.limit(Limit::AddressSessions),
            Occurrence::TooManyHandshakes => self.limit(Limit::Handshakes),
            Occurrence::TooManyUpgrades => self.limit(Limit::Upgrades),
            _ => {}
        }
    }
}
