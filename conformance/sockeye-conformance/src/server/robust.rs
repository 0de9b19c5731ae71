//! Hostile peers.
use super::Server;
use crate::case::Case;
pub(super) fn cases() -> Vec<Case<Server>> { vec![] }
pub(super) fn cases_of_socket_io() -> Vec<Case<Server>> { vec![] }
