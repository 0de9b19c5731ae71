//! The cases for clients, one file for each topic.

mod acks;
mod beating;
mod binary;
mod connecting;
mod engine_packets;
mod events;
mod frames;
mod leaving;
mod older;
mod opening;
mod packets;
mod polling;
mod reconnecting;
mod recovery;
mod retries;
mod servers;
mod upgrading;
mod websocket;

use super::Client;
use crate::case::Case;
use crate::feature::Feature;

/// All of them.
pub fn cases() -> Vec<Case<Client>> {
    let of_today = [
        opening::cases(),
        polling::cases(),
        websocket::cases(),
        frames::cases(),
        beating::cases(),
        upgrading::cases(),
        connecting::cases(),
        leaving::cases(),
        events::cases(),
        acks::cases(),
        binary::cases(),
        reconnecting::cases(),
        recovery::cases(),
        retries::cases(),
        packets::cases(),
        engine_packets::cases(),
        servers::cases(),
    ]
    .concat();
    let needing = |mut case: Case<Client>, revision| {
        case.needs.insert(0, revision);
        case
    };
    let of_today = of_today.into_iter().map(|case| needing(case, Feature::Eio4));
    of_today.chain(older::cases().into_iter().map(|case| needing(case, Feature::Eio3))).collect()
}
