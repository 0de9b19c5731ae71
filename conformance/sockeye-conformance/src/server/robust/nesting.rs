//! JSON that is nested very deep. What is sent back kills some servers: such cases run alone.

use serde_json::json;

use super::{ends_the_session, harms_nobody, open};
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.nesting.shallow")
            .cites(["ROB-064"])
            .expects("lists and objects nested fifty levels deep come back")
            .over(Transport::BOTH, fifty_levels_come_back),
        Case::robust("robust.nesting.unanswered")
            .runs_alone()
            .cites(["ROB-064"])
            .expects(
                "an event nested ten thousand and a hundred thousand levels deep, which nobody \
                 answers, is read or an error",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let packets =
                    [10_000, 100_000].map(|depth| format!("42[\"nobody-answers\",{}]", lists(depth)));
                harms_nobody(server, transport, packets).await
            }),
        Case::robust("robust.nesting.objects")
            .runs_alone()
            .cites(["ROB-064"])
            .expects(
                "an event of objects nested ten thousand and a hundred thousand levels deep, which \
                 nobody answers, is read or an error",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let packets =
                    [10_000, 100_000].map(|depth| format!("42[\"nobody-answers\",{}]", objects(depth)));
                harms_nobody(server, transport, packets).await
            }),
        Case::robust("robust.nesting.unclosed")
            .runs_alone()
            .cites(["ROB-064", "ROB-069"])
            .expects("900,000 brackets that are never closed are an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(
                    server,
                    transport,
                    [
                        format!("42[\"message\",{}", "[".repeat(900_000)),
                        format!("42{}", "{\"a\":".repeat(180_000)),
                    ],
                )
                .await
            }),
        Case::robust("robust.nesting.echoed")
            .cites(["ROB-064"])
            .expects(
                "an event nested a hundred thousand levels deep that is sent back is an error or comes \
                 back; the server lives on",
            )
            .runs_alone()
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, [format!("42[\"message\",{}]", lists(100_000))]).await
            }),
        Case::robust("robust.nesting.echoed-objects")
            .cites(["ROB-064"])
            .expects(
                "objects nested ten thousand levels deep that are sent back are an error or come back; \
                 the server lives on",
            )
            .runs_alone()
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, [format!("42[\"message\",{}]", objects(10_000))]).await
            }),
        Case::robust("robust.nesting.acknowledged")
            .cites(["ROB-064"])
            .expects(
                "a hundred thousand levels that are given back in an acknowledgement are an error or \
                 come back; the server lives on",
            )
            .runs_alone()
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, [format!("427[\"message-with-ack\",{}]", lists(100_000))])
                    .await
            }),
        Case::robust("robust.nesting.answered")
            .cites(["ROB-064"])
            .expects(
                "an acknowledgement nested a hundred thousand levels deep is an error or is read; the \
                 server lives on",
            )
            .runs_alone()
            .over(Transport::BOTH, an_acknowledgement_of_many_levels_harms_nobody),
        Case::robust("robust.nesting.auth")
            .cites(["ROB-064"])
            .expects(
                "an auth nested a hundred thousand levels deep is an error or is read; the server \
                 lives on",
            )
            .runs_alone()
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, [format!("40/custom,{{\"a\":{}}}", lists(100_000))]).await
            }),
    ]
}

async fn fifty_levels_come_back(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    let mut value = json!("deep");
    for level in 0..50 {
        value = if level % 2 == 0 { json!([value]) } else { json!({ "a": value }) };
    }
    socket.echo(json!([value])).await
}

async fn an_acknowledgement_of_many_levels_harms_nobody(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    session.send("42[\"ask\",\"who\"]").await?;
    let asked = session.next_packet("/").await?;
    let number = asked.ack.unwrap_or_default();
    let _ = session.send(format!("43{number}[{}]", lists(100_000))).await;
    session.aftermath().await?;
    neighbour.is_served().await
}

fn lists(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

fn objects(depth: usize) -> String {
    "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth)
}
