//! More than one WebSocket for a session.

use super::ByHand;
use super::websocket::shut_out;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, channel};
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    let upgrade = |case: Case<Server>| case.needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket]);
    vec![
        upgrade(Case::must("engine4.upgrade.second-websocket"))
            .cites(["EIO4-26"])
            .expects("a second WebSocket of an upgraded session is closed")
            .checks(a_second_websocket_after_the_upgrade_is_closed),
        upgrade(Case::must("engine4.upgrade.second-candidate"))
            .cites(["EIO4-26"])
            .expects("a second WebSocket while another one upgrades is closed")
            .checks(a_second_candidate_is_closed),
        upgrade(Case::interop("engine4.upgrade.second-harmless"))
            .cites(["EP-082"])
            .expects("a second WebSocket does not disturb the upgrade of the first, nor the session after it")
            .checks(the_first_candidate_goes_on),
        Case::must("engine4.websocket.second")
            .cites(["EIO4-26"])
            .expects(
                "a second WebSocket of a session that opened over WebSocket is closed, also when it probes",
            )
            .needs([Feature::WebSocket])
            .checks(a_second_websocket_is_closed),
        Case::robust("engine4.websocket.second-harmless")
            .cites(["ROB-051"])
            .expects("a second WebSocket that does not upgrade leaves the session with the first")
            .needs([Feature::WebSocket])
            .checks(the_first_websocket_keeps_the_session),
    ]
}

async fn a_second_websocket_after_the_upgrade_is_closed(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    session.upgrade().await?;

    shut_out(server, server.websocket_request(&session.query())).await
}

async fn a_second_candidate_is_closed(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let query = session.handshake().query();
    let mut first = server.websocket(&query).await?;
    first.send("2probe").await?;
    first.expect("3probe").await?;

    shut_out(server, server.websocket_request(&query)).await
}

async fn the_first_candidate_goes_on(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let query = session.handshake().query();
    let mut first = server.websocket(&query).await?;
    first.send("2probe").await?;
    first.expect("3probe").await?;

    shut_out(server, server.websocket_request(&query)).await?;
    first.send("5").await?;
    shut_out(server, server.websocket_request(&query)).await?;

    let echo = session.echo_of("hello");
    first.send(&echo.said[0]).await?;
    channel::expect(&mut first, &echo.back[0]).await
}

async fn a_second_websocket_is_closed(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;

    let request = server.websocket_request(&session.query());
    let second = server.websocket_by(request).await;
    let Ok((mut ws, _)) = second else {
        return shut_out(server, server.websocket_request(&session.query())).await;
    };
    // It may have been closed before the probe can be said.
    let _ = ws.send("2probe").await;
    super::websocket::shut(&mut ws).await
}

async fn the_first_websocket_keeps_the_session(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;

    let second = server.websocket_by(server.websocket_request(&session.query())).await;
    if let Ok((mut ws, _)) = second {
        let _ = ws.send("4hello").await;
        ws.expect_close().await?;
    }

    session.echo("hello").await
}
