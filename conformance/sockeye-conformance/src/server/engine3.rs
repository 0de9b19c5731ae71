//! Engine.IO, revision 3.

mod by_hand;

mod binary;
mod close;
mod cors;
mod form;
mod handshake;
mod heartbeat;
mod jsonp;
mod message;
mod payload;
mod polling;
mod query;
mod upgrade;
mod websocket;
mod wrong;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [
        handshake::cases(),
        query::cases(),
        cors::cases(),
        message::cases(),
        payload::cases(),
        binary::cases(),
        wrong::cases(),
        polling::cases(),
        websocket::cases(),
        heartbeat::cases(),
        close::cases(),
        upgrade::cases(),
        jsonp::cases(),
        form::cases(),
    ]
    .concat()
}
