//! How a session opens.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Revision, Server};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::payload::v4;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine4.handshake.fields")
            .cites(["EIO4-39", "EIO4-40", "EIO4-41", "EIO4-42", "EIO4-43", "EIO4-44"])
            .expects("the open packet has sid, upgrades, pingInterval, pingTimeout and maxPayload, each of its type")
            .over(Transport::BOTH, the_open_packet_has_its_fields),
        Case::must("engine4.handshake.open-packet")
            .cites(["EIO4-02", "EIO4-20", "EIO4-21", "EIO4-22", "EIO4-29", "EIO4-30", "EIO4-39", "EP-034"])
            .expects("the first packet is of the type 0, followed by a JSON object")
            .over(Transport::BOTH, the_first_packet_is_an_open_packet),
        Case::interop("engine4.handshake.key-order")
            .cites(["EP-035"])
            .expects("the keys of the open packet come as sid, upgrades, pingInterval, pingTimeout, maxPayload")
            .over(Transport::BOTH, the_keys_have_their_order),
        Case::interop("engine4.handshake.alone")
            .cites(["EP-041"])
            .expects("the GET that opens a session brings the open packet and nothing else")
            .needs([Feature::Polling])
            .checks(the_open_packet_comes_alone),
        Case::interop("engine4.handshake.content-type")
            .cites(["EP-009"])
            .expects("the open packet comes as text/plain; charset=UTF-8")
            .needs([Feature::Polling])
            .checks(the_open_packet_is_plain_text),
        Case::must("engine4.handshake.upgrades")
            .cites(["EIO4-41"])
            .expects("over polling the upgrades are exactly websocket")
            .needs([Feature::Polling, Feature::WebSocket, Feature::Upgrade])
            .checks(polling_offers_websocket),
        Case::interop("engine4.handshake.no-upgrades")
            .cites(["EP-036"])
            .expects("over WebSocket there is nothing to upgrade to")
            .needs([Feature::WebSocket])
            .checks(websocket_offers_nothing),
        Case::must("engine4.handshake.figures")
            .cites(["EIO4-42", "EIO4-43", "EIO4-44"])
            .expects("pingInterval, pingTimeout and maxPayload are more than zero, and the same over each transport")
            .needs([Feature::Polling, Feature::WebSocket])
            .checks(figures_are_the_same_over_each_transport),
        Case::interop("engine4.handshake.sid-alphabet")
            .cites(["EP-038"])
            .expects("a sid has 20 characters of A-Z, a-z, 0-9, - and _")
            .over(Transport::BOTH, a_sid_has_its_length_and_alphabet),
        Case::robust("engine4.handshake.sid-unlike")
            .cites(["ROB-006"])
            .expects("no sid comes twice, and any two differ in eight places or more")
            .needs([Feature::Polling])
            .checks(sids_are_unlike),
        Case::interop("engine4.handshake.cache-buster")
            .cites(["EP-027"])
            .expects("the parameter t changes nothing")
            .over(Transport::BOTH, t_changes_nothing),
        Case::interop("engine4.handshake.empty-sid")
            .cites(["EP-026"])
            .expects("a sid that is empty opens a session")
            .over(Transport::BOTH, an_empty_sid_is_none),
        Case::interop("engine4.handshake.repeated-parameter")
            .cites(["EP-030"])
            .expects("of two transports in a query the last one counts")
            .needs([Feature::Polling])
            .checks(the_last_parameter_counts),
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

async fn the_first_packet_is_an_open_packet(server: &Server, transport: Transport) -> Verdict {
    let open = open_packet(server, transport).await?;

    ensure(open.starts_with("0{") && open.ends_with('}'), "0{…}", || format!("{open} came"))
}

async fn the_keys_have_their_order(server: &Server, transport: Transport) -> Verdict {
    let open = open_packet(server, transport).await?;

    let keys = ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"];
    let places: Vec<_> = keys.iter().map(|key| open.find(&format!("\"{key}\":"))).collect();
    ensure(places.is_sorted() && !places.contains(&None), &keys.join(", "), || format!("{open} came"))
}

async fn the_open_packet_comes_alone(server: &Server) -> Verdict {
    let response = server.get("EIO=4&transport=polling").await?;

    same("the number of packets", &1, &v4::split(&response.body)?.len())
}

async fn the_open_packet_is_plain_text(server: &Server) -> Verdict {
    let response = server.get("EIO=4&transport=polling").await?;

    let content_type = response.header_value("content-type").unwrap_or_default();
    same("the content type", "text/plain; charset=utf-8", content_type.to_ascii_lowercase().as_str())
}

async fn polling_offers_websocket(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;

    same("upgrades", &["websocket"][..], session.handshake().upgrades.as_slice())
}

async fn websocket_offers_nothing(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;

    same("upgrades", &[""; 0][..], session.handshake().upgrades.as_slice())
}

async fn figures_are_the_same_over_each_transport(server: &Server) -> Verdict {
    let (one, other) = (server.open(Transport::Polling).await?, server.open(Transport::WebSocket).await?);

    for figure in ["pingInterval", "pingTimeout", "maxPayload"] {
        let (one, other) = (&one.handshake().json[figure], &other.handshake().json[figure]);
        same(&format!("{figure} over WebSocket"), one, other)?;
        ensure(one.as_u64() > Some(0), &format!("{figure} to be more than 0"), || format!("{one} came"))?;
    }
    Ok(())
}

async fn a_sid_has_its_length_and_alphabet(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let sid = session.sid();

    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ensure(sid.len() == 20 && sid.bytes().all(belongs), "20 characters of the alphabet", || {
        format!("{sid} came")
    })
}

async fn sids_are_unlike(server: &Server) -> Verdict {
    let mut sids = Vec::new();
    for _ in 0..20 {
        sids.push(server.handshake("EIO=4&transport=polling").await?.sid);
    }

    for (index, sid) in sids.iter().enumerate() {
        let alike = sids[..index].iter().find(|other| differences(sid, other) < 8);
        if let Some(other) = alike {
            return Err(Failure::departed(
                "sids that have little in common",
                format!("{other} and {sid} came"),
            ));
        }
    }
    Ok(())
}

async fn t_changes_nothing(server: &Server, transport: Transport) -> Verdict {
    server.open_with(Revision::V4, transport, "t=N8hyd6w").await?.echo("hello").await
}

async fn an_empty_sid_is_none(server: &Server, transport: Transport) -> Verdict {
    server.open_with(Revision::V4, transport, "sid=").await?.echo("hello").await
}

async fn the_last_parameter_counts(server: &Server) -> Verdict {
    let opened = server.get("EIO=4&transport=nothing&transport=polling").await?;
    let refused = server.get("EIO=4&transport=polling&transport=nothing").await?;

    same("the status where the last one is polling", &200, &opened.status)?;
    same("the status where the last one is unknown", &400, &refused.status)
}

/// The first packet as it is written.
async fn open_packet(server: &Server, transport: Transport) -> Verdict<String> {
    let query = format!("EIO=4&transport={transport}");
    Ok(match transport {
        Transport::Polling => server.get(&query).await?.text(),
        Transport::WebSocket => {
            let first = server.websocket(&query).await?.next().await?;
            first.as_text().unwrap_or_default().to_owned()
        }
    })
}

/// In how many places two ids differ.
fn differences(one: &str, other: &str) -> usize {
    let unlike = one.bytes().zip(other.bytes()).filter(|(one, other)| one != other).count();
    unlike + one.len().abs_diff(other.len())
}
