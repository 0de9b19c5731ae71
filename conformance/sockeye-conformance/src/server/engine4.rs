//! Engine.IO, revision 4.

mod by_hand;

mod candidate;
mod close;
mod handshake;
mod heartbeat;
mod jsonp;
mod limit;
mod message;
mod overlap;
mod packet;
mod payload;
mod polling;
mod reason;
mod refusal;
mod second;
mod upgrade;
mod websocket;

pub(super) use by_hand::ByHand;

use self::refusal::refused;
use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [
        handshake::cases(),
        refusal::cases(),
        polling::cases(),
        payload::cases(),
        overlap::cases(),
        limit::cases(),
        jsonp::cases(),
        websocket::cases(),
        message::cases(),
        packet::cases(),
        heartbeat::cases(),
        upgrade::cases(),
        candidate::cases(),
        second::cases(),
        close::cases(),
        reason::cases(),
    ]
    .concat()
}
