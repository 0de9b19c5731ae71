//! Requests whose revision is not that of their session: in 2024 one of them killed servers.

use super::is_refused;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Revision, Server, Session};
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.revision.get")
            .cites(["ROB-004"])
            .expects(
                "a GET of revision 3, or of none, for a session of 4 is answered by 400, and it lives \
                 on",
            )
            .needs([Feature::Polling])
            .checks(async |server: &Server| {
                gets_are_refused(&server.open(Transport::Polling).await?, OTHER_THAN_4).await
            }),
        Case::robust("robust.revision.post")
            .cites(["ROB-004"])
            .expects(
                "a POST of revision 3, or of none, for a session of 4 is answered by 400, and it lives \
                 on",
            )
            .needs([Feature::Polling])
            .checks(async |server: &Server| {
                posts_are_refused(&server.open(Transport::Polling).await?, OTHER_THAN_4).await
            }),
        Case::robust("robust.revision.upgrade")
            .cites(["ROB-004"])
            .expects("an upgrade of revision 3, or of none, for a session of 4 is refused, and it lives on")
            .needs([Feature::Polling, Feature::Upgrade, Feature::WebSocket])
            .checks(async |server: &Server| {
                upgrades_are_refused(&server.open(Transport::Polling).await?, OTHER_THAN_4).await
            }),
        Case::robust("robust.revision.get-of-old")
            .cites(["ROB-004"])
            .expects("a GET of revision 4 for a session of 3 is answered by 400, and it lives on")
            .needs([Feature::Polling, Feature::Eio3])
            .checks(async |server: &Server| {
                gets_are_refused(&server.open_v3(Transport::Polling).await?, &["EIO=4&"]).await
            }),
        Case::robust("robust.revision.post-of-old")
            .cites(["ROB-004"])
            .expects("a POST of revision 4 for a session of 3 is answered by 400, and it lives on")
            .needs([Feature::Polling, Feature::Eio3])
            .checks(async |server: &Server| {
                posts_are_refused(&server.open_v3(Transport::Polling).await?, &["EIO=4&"]).await
            }),
        Case::robust("robust.revision.upgrade-of-old")
            .cites(["ROB-004"])
            .expects("an upgrade of revision 4 for a session of 3 is refused, and it lives on")
            .needs([Feature::Polling, Feature::Upgrade, Feature::WebSocket, Feature::Eio3])
            .checks(async |server: &Server| {
                upgrades_are_refused(&server.open_v3(Transport::Polling).await?, &["EIO=4&"]).await
            }),
        Case::robust("robust.revision.over-websocket")
            .cites(["ROB-004", "ROB-051"])
            .expects(
                "a second WebSocket of another revision for a session over WebSocket is refused, and \
                 it lives on",
            )
            .needs([Feature::WebSocket])
            .checks(async |server: &Server| {
                let session = server.open(Transport::WebSocket).await?;
                session.ready().await?;
                upgrades_are_refused(&session, OTHER_THAN_4).await
            }),
        Case::robust("robust.revision.none-that-exists")
            .cites(["ROB-004"])
            .expects(
                "the revisions 0, 2, 5, -4, 4.0 and `constructor` open a session of another one, or \
                 are refused",
            )
            .needs([Feature::Polling])
            .checks(revisions_that_do_not_exist_harm_nobody),
        Case::robust("robust.revision.heartbeat-of-the-other")
            .cites(["ROB-004", "ROB-047"])
            .expects("pings of a client in revision 4, and pongs in 3, end the session or are passed over")
            .needs([Feature::WebSocket])
            .checks(the_heartbeat_of_the_other_revision_harms_nobody),
    ]
}

async fn gets_are_refused(session: &Session, revisions: &[&str]) -> Verdict {
    session.ready().await?;
    for revision in revisions {
        let query = format!("{revision}transport=polling&sid={}", session.sid());
        same(&query, &400, &session.server().get(&query).await?.status)?;
    }
    session.echo("still here").await
}

async fn posts_are_refused(session: &Session, revisions: &[&str]) -> Verdict {
    session.ready().await?;
    for revision in revisions {
        let query = format!("{revision}transport=polling&sid={}", session.sid());
        same(&query, &400, &session.server().post(&query, "1").await?.status)?;
    }
    session.echo("still here").await
}

async fn upgrades_are_refused(session: &Session, revisions: &[&str]) -> Verdict {
    let server = session.server();
    session.ready().await?;
    let neighbour = server.neighbour().await?;
    for revision in revisions {
        let request =
            server.websocket_request(&format!("{revision}transport=websocket&sid={}", session.sid()));
        is_refused(server.say(request.header("Host", server.host()).to_bytes()).await?.as_ref())?;
    }
    session.echo("still here").await?;
    neighbour.is_served().await
}

async fn revisions_that_do_not_exist_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for revision in ["0", "2", "5", "-4", "4.0", "04", "constructor", "", "99999999999999999999"] {
        let response = server.get(&format!("EIO={revision}&transport=polling")).await?;
        let is_right = matches!(response.status, 200 | 400);
        ensure(is_right, "200 or 400", || format!("{} came for {revision}", response.status))?;
    }
    neighbour.is_served().await
}

async fn the_heartbeat_of_the_other_revision_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;
    session.send("2").await?;
    session.aftermath().await?;
    if server.has(Feature::Eio3) {
        let session = server.open_with(Revision::V3, Transport::WebSocket, "").await?;
        session.ready().await?;
        session.send("3").await?;
        session.aftermath().await?;
    }
    neighbour.is_served().await
}

const OTHER_THAN_4: &[&str] = &["EIO=3&", ""];
