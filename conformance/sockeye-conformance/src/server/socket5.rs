//! Socket.IO, revision 5.

mod connect;
mod event;
mod room;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [connect::cases(), event::cases(), room::cases()].concat()
}
