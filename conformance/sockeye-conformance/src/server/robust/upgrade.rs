//! Candidates for an upgrade: too many, silent, or for a session that has no need of one.

use super::open;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::websocket::Frame;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("robust.upgrade.silent-candidate")
            .cites(["ROB-050"])
            .expects("a candidate that says nothing costs its session nothing")
            .checks(a_silent_candidate_costs_nothing),
        case("robust.upgrade.probing-candidate")
            .cites(["ROB-050"])
            .expects("a candidate that probes and never says `5` costs its session nothing")
            .checks(a_candidate_that_only_probes_costs_nothing),
        case("robust.upgrade.many-probes")
            .cites(["ROB-049"])
            .expects(
                "five hundred probes of one candidate are answered, or end it, and cost its session \
                 nothing",
            )
            .checks(many_probes_cost_nothing),
        case("robust.upgrade.many-candidates")
            .cites(["ROB-049"])
            .expects("thirty candidates at once and a hundred in a row cost their session nothing")
            .checks(many_candidates_cost_nothing),
        case("robust.upgrade.wrong-packets")
            .cites(["ROB-049", "ROB-047"])
            .expects(
                "a candidate that says a message, a wrong probe, bytes or nothing that makes sense \
                 costs its session nothing",
            )
            .checks(wrong_packets_of_a_candidate_cost_nothing),
        case("robust.upgrade.wrong-frames")
            .cites(["ROB-049", "ROB-021"])
            .expects("a candidate with wrong frames costs its session nothing")
            .checks(wrong_frames_of_a_candidate_cost_nothing),
        Case::robust("robust.upgrade.onto-a-websocket")
            .cites(["ROB-051"])
            .expects("a second WebSocket with the id of a session over WebSocket says messages in vain")
            .needs([Feature::WebSocket])
            .checks(async |server: &Server| intruder(server, &["4intruder"]).await),
        Case::robust("robust.upgrade.takeover")
            .cites(["ROB-051"])
            .expects(
                "a second WebSocket with the id of a session over WebSocket does not take it over by \
                 `5` alone",
            )
            .needs([Feature::WebSocket])
            .checks(async |server: &Server| intruder(server, &["5"]).await),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Polling, Feature::Upgrade, Feature::WebSocket])
}

async fn a_silent_candidate_costs_nothing(server: &Server) -> Verdict {
    let session = open(server, Transport::Polling).await?;
    let _silent = server.websocket(&session.query()).await?;
    session.echo("one").await?;
    session.echo("two").await
}

async fn a_candidate_that_only_probes_costs_nothing(server: &Server) -> Verdict {
    let session = open(server, Transport::Polling).await?;
    let mut ws = server.websocket(&session.query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    session.echo("one").await?;
    // Past the next ping.
    session.pings(1).await?;
    session.echo("two").await
}

async fn many_probes_cost_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, Transport::Polling).await?;
    let mut ws = server.websocket(&session.query()).await?;
    for _ in 0..500 {
        if ws.send("2probe").await.is_err() {
            break;
        }
    }
    session.echo("still by polling").await?;
    drop(ws);
    session.echo("after it went").await?;
    neighbour.is_served().await
}

async fn many_candidates_cost_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, Transport::Polling).await?;
    let mut candidates = Vec::new();
    for _ in 0..30 {
        // Those after the first may be refused.
        let Ok(mut ws) = server.websocket(&session.query()).await else { continue };
        let _ = ws.send("2probe").await;
        candidates.push(ws);
    }
    session.echo("with all of them").await?;
    drop(candidates);
    for _ in 0..100 {
        let _ = server.websocket(&session.query()).await;
    }
    session.echo("without them").await?;
    neighbour.is_served().await
}

async fn wrong_packets_of_a_candidate_cost_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, Transport::Polling).await?;
    for packet in ["4hello", "2", "2probe2", "3probe", "1", "0", "6", "9", ""] {
        let Ok(mut ws) = server.websocket(&session.query()).await else { continue };
        ws.send(packet).await?;
        session.echo(packet).await?;
    }
    let mut ws = server.websocket(&session.query()).await?;
    let _ = ws.send([1, 2, 3]).await;
    session.echo("bytes").await?;
    neighbour.is_served().await
}

async fn wrong_frames_of_a_candidate_cost_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, Transport::Polling).await?;
    for frame in [
        Frame::text("2probe").rsv(0b010),
        Frame::text("2probe").unmasked(),
        Frame::text(b"2\xff"),
        Frame::continuation("2probe"),
    ] {
        let Ok(mut ws) = server.websocket(&session.query()).await else { continue };
        ws.send_frame(frame).await?;
        ws.expect_close().await?;
        session.echo("still here").await?;
    }
    neighbour.is_served().await
}

/// Somebody who knows the id of a session over WebSocket: it may neither be taken over nor be spoken for.
async fn intruder(server: &Server, packets: &[&str]) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, Transport::WebSocket).await?;
    // It may be refused to begin with.
    if let Ok(mut ws) = server.websocket(&session.query()).await {
        for packet in packets {
            let _ = ws.send(*packet).await;
        }
        ws.expect_close().await?;
    }
    session.fence().await?;
    neighbour.is_served().await
}
