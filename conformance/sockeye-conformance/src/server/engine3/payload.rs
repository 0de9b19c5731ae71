//! Payloads with lengths before their packets, as text and as bytes.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::payload::v3;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.payload.length-prefix")
            .cites(["EIO3-08", "EIO3-34"])
            .expects("the handshake is one packet with the number of its characters before it")
            .needs([Feature::Eio3, Feature::Polling])
            .checks(the_handshake_has_its_length_before_it),
        Case::must("engine3.payload.units")
            .cites(["EIO3-33", "EIO3-34"])
            .expects("lengths count characters, not bytes: a message beyond ASCII comes back as it was sent")
            .needs([Feature::Eio3])
            .over(Transport::BOTH, lengths_count_characters),
        Case::must("engine3.payload.bytes")
            .cites(["EIO3-21", "EIO3-35"])
            .expects("a message of bytes comes back as bytes")
            .needs([Feature::Eio3, Feature::Binary])
            .over(Transport::BOTH, bytes_come_back),
    ]
}

async fn the_handshake_has_its_length_before_it(server: &Server) -> Verdict {
    let response = server.get("EIO=3&transport=polling").await?;

    let packets = v3::split_text(&response.body)?;
    let first = packets.first().map(ToString::to_string).unwrap_or_default();
    same("the status", &200, &response.status)?;
    ensure(first.starts_with("0{"), "an open packet first", || format!("{first} came"))
}

async fn lengths_count_characters(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("hello, €").await
}

async fn bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo_bytes(&[1, 2, 3, 4]).await
}
