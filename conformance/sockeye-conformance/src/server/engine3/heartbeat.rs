//! The client pings, the server answers with the same data.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.heartbeat.pong")
            .cites(["EIO3-05", "EIO3-27"])
            .expects("a ping is answered by a pong")
            .needs([Feature::Eio3])
            .over(Transport::BOTH, a_ping_is_answered),
    ]
}

async fn a_ping_is_answered(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.mute_pings();

    session.send("2").await?;

    session.expect("3").await
}
