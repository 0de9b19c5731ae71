//! Engine.IO, revision 4.

mod handshake;
mod heartbeat;
mod message;
mod polling;
mod upgrade;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [handshake::cases(), heartbeat::cases(), message::cases(), polling::cases(), upgrade::cases()].concat()
}
