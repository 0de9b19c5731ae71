//! Socket.IO, revision 4, as clients of the versions 1 and 2 speak it over revision 3 of Engine.IO.

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    Vec::new()
}
