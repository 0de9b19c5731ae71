//! How a session opens.

use serde_json::Value;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Handshake, Revision, Server};
use crate::verdict::{Verdict, ensure, same};
use crate::wire::payload::v3;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.handshake.sid")
            .cites(["EIO3-01", "EIO3-23"])
            .expects("the open packet has a sid, which is a string")
            .over(Transport::BOTH, the_sid_is_a_string),
        Case::must("engine3.handshake.upgrades")
            .cites(["EIO3-02"])
            .expects("the open packet has upgrades, which are an array of strings")
            .over(Transport::BOTH, upgrades_are_strings),
        Case::must("engine3.handshake.figures")
            .cites(["EIO3-03", "EIO3-04"])
            .expects("the open packet has pingInterval and pingTimeout, which are numbers")
            .over(Transport::BOTH, the_figures_are_numbers),
        Case::must("engine3.handshake.length")
            .cites(["EIO3-08", "EIO3-34"])
            .expects(
                "the first answer is the open packet with the number of its characters and a colon before it",
            )
            .needs([Feature::Polling])
            .checks(the_open_packet_has_its_length_before_it),
        Case::must("engine3.handshake.websocket-alone")
            .cites(["EIO3-10", "EIO3-43", "EIO3-53"])
            .expects("over WebSocket the first frame is the open packet, without a length")
            .needs([Feature::WebSocket])
            .checks(a_websocket_opens_a_session_alone),
        Case::interop("engine3.handshake.keys")
            .cites(["EP-021", "EP-037"])
            .expects("the open packet has the keys of revision 4, maxPayload as well")
            .over(Transport::BOTH, the_keys_are_those_of_revision_4),
        Case::interop("engine3.handshake.alone")
            .cites(["EP-041"])
            .expects("the first answer brings nothing but the open packet")
            .needs([Feature::Polling])
            .checks(the_open_packet_comes_alone),
        Case::interop("engine3.handshake.to-websocket")
            .cites(["EP-036"])
            .expects("over polling upgrades name websocket")
            .needs([Feature::Polling, Feature::WebSocket, Feature::Upgrade])
            .checks(polling_can_move_to_websocket),
        Case::interop("engine3.handshake.from-websocket")
            .cites(["EP-036"])
            .expects("over WebSocket upgrades are empty")
            .needs([Feature::WebSocket])
            .checks(websocket_moves_nowhere),
    ]
}

async fn the_sid_is_a_string(server: &Server, transport: Transport) -> Verdict {
    let json = open(server, transport).await?.json;

    ensure(json["sid"].as_str().is_some_and(|sid| !sid.is_empty()), "sid to be a string", || json.to_string())
}

async fn upgrades_are_strings(server: &Server, transport: Transport) -> Verdict {
    let json = open(server, transport).await?.json;

    let are_strings =
        json["upgrades"].as_array().is_some_and(|upgrades| upgrades.iter().all(Value::is_string));
    ensure(are_strings, "upgrades to be an array of strings", || json.to_string())
}

async fn the_figures_are_numbers(server: &Server, transport: Transport) -> Verdict {
    let json = open(server, transport).await?.json;

    for figure in ["pingInterval", "pingTimeout"] {
        ensure(json[figure].is_u64(), &format!("{figure} to be a number"), || json.to_string())?;
    }
    Ok(())
}

async fn the_open_packet_has_its_length_before_it(server: &Server) -> Verdict {
    let body = server.get("EIO=3&transport=polling").await?.text();

    let (length, packets) = body.split_once(':').unwrap_or((&body, ""));
    ensure(packets.starts_with("0{"), "a length, a colon and an open packet", || format!("{body} came"))?;
    // An open packet that comes alone ends with its body; others may follow.
    let open = packets.get(..length.parse().unwrap_or(0)).unwrap_or_default();
    ensure(open.ends_with('}'), "the length to be that of the open packet", || format!("{body} came"))
}

async fn a_websocket_opens_a_session_alone(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=3").await?;

    let first = ws.next().await?;

    let is_open = first.as_text().is_some_and(|text| text.starts_with("0{"));
    ensure(is_open, "an open packet in a text frame", || format!("{first} came"))
}

async fn the_keys_are_those_of_revision_4(server: &Server, transport: Transport) -> Verdict {
    let handshake = open(server, transport).await?;

    let mut keys: Vec<&str> =
        handshake.json.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    same("the keys", &["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"][..], &keys[..])
}

async fn the_open_packet_comes_alone(server: &Server) -> Verdict {
    let response = server.get("EIO=3&transport=polling").await?;

    let packets = v3::split_text(&response.body)?;
    same("the number of packets in the first answer", &1, &packets.len())
}

async fn polling_can_move_to_websocket(server: &Server) -> Verdict {
    let handshake = open(server, Transport::Polling).await?;

    same("the upgrades", &["websocket".to_owned()][..], &handshake.upgrades[..])
}

async fn websocket_moves_nowhere(server: &Server) -> Verdict {
    let handshake = open(server, Transport::WebSocket).await?;

    ensure(handshake.upgrades.is_empty(), "no upgrades", || handshake.json.to_string())
}

async fn open(server: &Server, transport: Transport) -> Verdict<Handshake> {
    let session = server.open_with(Revision::V3, transport, "").await?;
    Ok(session.handshake().clone())
}
