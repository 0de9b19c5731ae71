//! What the reference does with plain HTTP around a session: cookies, CORS, compression, paths, the client's files.

mod client;
mod compression;
mod cookie;
mod cors;
mod path;
mod preflight;

use super::Server;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case<Server>> {
    [
        path::cases(),
        cookie::cases(),
        cors::cases(),
        preflight::cases(),
        compression::cases(),
        super::of_socket_io(client::cases()),
    ]
    .concat()
}
