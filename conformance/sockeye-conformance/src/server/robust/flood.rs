//! Floods, and peers that do not read: others are served meanwhile, and lose nothing.

use serde_json::json;

use super::open;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_namespace};
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.flood.events")
            .runs_alone()
            .cites(["ROB-079"])
            .expects(
                "while one sends five thousand events, none of the events of another is lost or out of order",
            )
            .over(Transport::BOTH, a_flood_costs_nobody_elses_events),
        Case::robust("robust.flood.unknown-events")
            .runs_alone()
            .cites(["ROB-079"])
            .expects("five thousand events that nobody knows harm nobody")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let neighbour = server.neighbour().await?;
                let session = open(server, transport).await?;
                let _ = session
                    .send_all((0..5000).map(|number| format!("42[\"unknown-{number}\"]").into()))
                    .await;
                session.aftermath().await?;
                neighbour.is_served().await
            }),
        Case::robust("robust.flood.unread")
            .runs_alone()
            .cites(["ROB-053"])
            .expects("who asks for megabytes over WebSocket and reads nothing holds up nobody else")
            .needs([Feature::WebSocket])
            .checks(who_does_not_read_holds_up_nobody),
        Case::robust("robust.flood.unpolled")
            .runs_alone()
            .cites(["ROB-053", "ROB-011"])
            .expects("who asks for megabytes by polling and never polls holds up nobody else")
            .needs([Feature::Polling])
            .checks(who_does_not_poll_holds_up_nobody),
        Case::robust("robust.flood.unread-in-a-room")
            .runs_alone()
            .cites(["ROB-053"])
            .expects("a broadcast reaches the others in a namespace of which one does not read")
            .needs([Feature::WebSocket, Feature::DynamicNamespaces, Feature::Rooms])
            .checks(a_broadcast_does_not_wait_for_who_does_not_read),
    ]
}

async fn a_flood_costs_nobody_elses_events(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let other = server.connect(transport, "/custom").await?;
    let flooding = open(server, transport).await?;
    let flood = async {
        for _ in 0..10 {
            let packets: Vec<_> = (0..500).map(|number| format!("42[\"unknown\",{number}]").into()).collect();
            let _ = flooding.send_all(packets).await;
        }
        Verdict::Ok(())
    };
    let asking = async {
        for number in 0..50 {
            other.echo(json!([number])).await?;
        }
        Ok(())
    };
    tokio::try_join!(flood, asking)?;
    neighbour.is_served().await
}

async fn who_does_not_read_holds_up_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut ws = server.websocket("EIO=4").await?;
    ws.send("40").await?;
    // A hundred thousand events of some twenty bytes, more than lies between two sockets.
    ws.send("42[\"count\",100000]").await?;
    neighbour.is_served().await?;
    ws.into_tcp().reset()?;
    neighbour.is_served().await
}

async fn who_does_not_poll_holds_up_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let query = server.handshake("EIO=4&transport=polling").await?.query_over(Transport::Polling);
    server.post(&query, "40").await?;
    server.post(&query, "42[\"count\",20000]").await?;
    neighbour.is_served().await
}

async fn a_broadcast_does_not_wait_for_who_does_not_read(server: &Server) -> Verdict {
    let namespace = random_namespace();
    let (one, two) = (
        server.connect(Transport::WebSocket, &namespace).await?,
        server.connect(Transport::WebSocket, &namespace).await?,
    );
    let mut deaf = server.websocket("EIO=4").await?;
    deaf.send(format!("40{namespace},")).await?;
    deaf.send(format!("42{namespace},[\"count\",100000]")).await?;
    for number in 0..20 {
        let said = json!([number, "a".repeat(10_000)]);
        one.emit("everybody", said.clone()).await?;
        two.expect_event("said", said.clone()).await?;
        one.expect_event("said", said).await?;
    }
    Ok(())
}
