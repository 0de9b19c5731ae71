//! Engine.IO, revision 3.

mod heartbeat;
mod payload;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [heartbeat::cases(), payload::cases()].concat()
}
