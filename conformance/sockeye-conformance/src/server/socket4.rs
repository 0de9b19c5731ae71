//! Socket.IO, revision 4, as clients of the versions 1 and 2 speak it over revision 3 of Engine.IO.

mod ack;
mod across;
mod bytes;
mod connect;
mod disconnect;
mod event;
mod identity;
mod refusal;
mod wrong;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [
        connect::cases(),
        refusal::cases(),
        identity::cases(),
        event::cases(),
        bytes::cases(),
        ack::cases(),
        disconnect::cases(),
        wrong::cases(),
        across::cases(),
    ]
    .concat()
}
