//! The cases for clients, one file for each topic.

mod acks;
mod beating;
mod binary;
mod connecting;
mod engine_packets;
mod events;
mod frames;
mod leaving;
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

/// All of them.
pub fn cases() -> Vec<Case<Client>> {
    [
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
    .concat()
}
