//! `transport` in the query: missing, unknown, or the name of a property of every object.

use super::is_refused;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.transport-name.get")
            .cites(["ROB-003"])
            .expects(
                "a GET with a transport that is missing, unknown, `constructor` or a list is answered by 400",
            )
            .checks(async |server: &Server| {
                let neighbour = server.neighbour().await?;
                for query in QUERIES {
                    same(query, &400, &server.get(query).await?.status)?;
                }
                neighbour.is_served().await
            }),
        Case::robust("robust.transport-name.post")
            .cites(["ROB-003"])
            .expects("a POST with such a transport is answered by 400")
            .checks(async |server: &Server| {
                let neighbour = server.neighbour().await?;
                for query in QUERIES {
                    same(query, &400, &server.post(query, "4hello").await?.status)?;
                }
                neighbour.is_served().await
            }),
        Case::robust("robust.transport-name.upgrade")
            .cites(["ROB-003"])
            .expects("an upgrade with such a transport is refused")
            .needs([Feature::WebSocket])
            .checks(upgrades_are_refused),
        Case::robust("robust.transport-name.of-a-session")
            .cites(["ROB-003"])
            .expects("requests with such a transport and the id of a session are refused, and it lives on")
            .needs([Feature::Polling])
            .checks(requests_for_a_session_are_refused),
    ]
}

async fn upgrades_are_refused(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for query in QUERIES {
        let mut request = server.websocket_request("EIO=4").header("Host", server.host());
        request.target = server.target(query);
        is_refused(server.say(request.to_bytes()).await?.as_ref())?;
    }
    neighbour.is_served().await
}

async fn requests_for_a_session_are_refused(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    for query in QUERIES {
        let query = format!("{query}&sid={}", session.sid());
        same(&query, &400, &server.get(&query).await?.status)?;
        same(&query, &400, &server.post(&query, "1").await?.status)?;
    }
    session.echo("still here").await
}

const QUERIES: [&str; 12] = [
    "EIO=4",
    "EIO=4&transport",
    "EIO=4&transport=",
    "EIO=4&transport=nothing",
    "EIO=4&transport=constructor",
    "EIO=4&transport=__proto__",
    "EIO=4&transport=toString",
    "EIO=4&transport=hasOwnProperty",
    "EIO=4&transport[]=polling",
    "EIO=4&transport[0]=websocket&transport[1]=polling",
    "EIO=4&transport=POLLING",
    "EIO=4&transport=polling%00",
];
