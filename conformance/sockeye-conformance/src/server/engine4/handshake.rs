//! How a session opens.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine4.handshake.fields")
            .cites(["EIO4-39", "EIO4-40", "EIO4-41", "EIO4-42", "EIO4-43", "EIO4-44"])
            .expects("the open packet has sid, upgrades, pingInterval, pingTimeout and maxPayload, each of its type")
            .over(Transport::BOTH, the_open_packet_has_its_fields),
        Case::must("engine4.handshake.transport-missing")
            .cites(["EIO4-04", "EIO4-06"])
            .expects("a request without a transport is answered by 400")
            .needs([Feature::Polling])
            .checks(a_request_without_a_transport_is_refused),
    ]
}

async fn the_open_packet_has_its_fields(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let json = &session.handshake().json;

    ensure(json["sid"].is_string(), "sid to be a string", || json.to_string())?;
    ensure(json["upgrades"].is_array(), "upgrades to be an array", || json.to_string())?;
    for figure in ["pingInterval", "pingTimeout", "maxPayload"] {
        ensure(json[figure].is_u64(), &format!("{figure} to be a number"), || json.to_string())?;
    }
    Ok(())
}

async fn a_request_without_a_transport_is_refused(server: &Server) -> Verdict {
    let response = server.get("EIO=4").await?;

    same("the status", &400, &response.status)
}
