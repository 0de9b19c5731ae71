//! Socket.IO, revision 5.

mod ack;
mod attachment;
mod binary;
mod breach;
mod broadcast;
mod broadcast_ack;
mod connect;
mod deadline;
mod disconnect;
mod entry;
mod event;
mod handshake;
mod malformed;
mod membership;
mod name;
mod namespaces;
mod order;
mod question;
mod reason;
mod recovery;
mod refusal;
mod room;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [
        connect::cases(),
        refusal::cases(),
        entry::cases(),
        namespaces::cases(),
        event::cases(),
        name::cases(),
        order::cases(),
        ack::cases(),
        question::cases(),
        deadline::cases(),
        binary::cases(),
        attachment::cases(),
        malformed::cases(),
        disconnect::cases(),
        reason::cases(),
        membership::cases(),
        room::cases(),
        broadcast::cases(),
        broadcast_ack::cases(),
        handshake::cases(),
        recovery::cases(),
    ]
    .concat()
}
