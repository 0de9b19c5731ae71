//! The cases for clients, one file for each topic.

mod acks;
mod beating;
mod binary;
mod connecting;
mod events;
mod frames;
mod leaving;
mod opening;
mod polling;
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
    ]
    .concat()
}
