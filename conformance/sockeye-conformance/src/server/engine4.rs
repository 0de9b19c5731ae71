//! Cases.

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    Vec::new()
}
