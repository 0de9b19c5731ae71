//! Attachments: too many, none, never coming, not announced, and placeholders that point nowhere.

use super::{ends_the_session, open};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    [announced(), placed()].concat()
}

/// What is announced, and what comes.
fn announced() -> Vec<Case<Server>> {
    vec![
        case("robust.attachment.many")
            .cites(["ROB-060", "EP-103"])
            .expects("more attachments than ten end the session as soon as they are announced")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(
                    server,
                    transport,
                    [
                        "4511-[\"message\"]",
                        "45100000-[\"message\"]",
                        "454294967296-[\"message\"]",
                        "4611-0[]",
                    ],
                )
                .await
            }),
        case("robust.attachment.none")
            .cites(["ROB-061"])
            .expects("a packet of a binary type that announces no attachment ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(
                    server,
                    transport,
                    ["450-[\"message\"]", "45-[\"message\"]", "45[\"message\"]", "460-0[]", "46[]"],
                )
                .await
            }),
        case("robust.attachment.no-number")
            .cites(["ROB-061", "ROB-056"])
            .expects("a number of attachments that is negative, a fraction or no number ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(
                    server,
                    transport,
                    [
                        "45-1-[\"message\"]",
                        "451.5-[\"message\"]",
                        "45a-[\"message\"]",
                        "451",
                        "451,[\"message\"]",
                        "45Infinity-[\"message\"]",
                    ],
                )
                .await
            }),
        case("robust.attachment.digits")
            .runs_alone()
            .cites(["ROB-056"])
            .expects("a number of attachments of 900,000 digits ends the session at once")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let digits = "9".repeat(900_000);
                ends_the_session(
                    server,
                    transport,
                    [format!("45{digits}-[\"message\"]"), format!("45{digits}")],
                )
                .await
            }),
        case("robust.attachment.never-comes")
            .runs_alone()
            .cites(["ROB-062"])
            .expects("attachments that never come hold up nobody else, and end with the connection")
            .over(Transport::BOTH, attachments_that_never_come_hold_up_nobody),
        case("robust.attachment.text-between")
            .cites(["ROB-062", "ROB-063"])
            .expects("text where an attachment is to come ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                all_end_the_session(
                    server,
                    transport,
                    &[
                        &[ONE_ANNOUNCED.into(), "42[\"message\",1]".into()],
                        &[ONE_ANNOUNCED.into(), "40/custom,".into()],
                    ],
                )
                .await
            }),
        case("robust.attachment.not-announced")
            .cites(["ROB-063"])
            .expects("an attachment that nobody announced ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(server, transport, [Message::from([1, 2, 3]), Message::from([0x82; 300])])
                    .await
            }),
        case("robust.attachment.one-too-many")
            .cites(["ROB-063"])
            .expects("one attachment more than was announced ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                all_end_the_session(server, transport, &[&[ONE_ANNOUNCED.into(), [1].into(), [2].into()]])
                    .await
            }),
    ]
}

/// Where it belongs.
fn placed() -> Vec<Case<Server>> {
    vec![
        case("robust.attachment.placeholder-of-another-type")
            .cites(["ROB-057"])
            .expects("a placeholder whose number is a text, null, an object or missing ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                placeholders_end_the_session(
                    server,
                    transport,
                    &["\"splice\"", "\"0\"", "\"length\"", "null", "{}", "[0]", "true"],
                )
                .await
            }),
        case("robust.attachment.placeholder-out-of-range")
            .cites(["ROB-057"])
            .expects("a placeholder whose number is negative or beyond what was announced ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                placeholders_end_the_session(server, transport, &["-1", "1", "10", "4294967296", "1e999"])
                    .await
            }),
        case("robust.attachment.placeholder-fraction")
            .cites(["ROB-057"])
            .expects("a placeholder whose number is a fraction ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                placeholders_end_the_session(server, transport, &["0.5"]).await
            }),
        case("robust.attachment.many-placeholders")
            .runs_alone()
            .cites(["ROB-057", "ROB-065"])
            .expects(
                "ten thousand placeholders for one attachment are read, or end the session; nobody \
                 else feels it",
            )
            .over(Transport::BOTH, many_placeholders_harm_nobody),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Binary])
}

async fn attachments_that_never_come_hold_up_nobody(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    for _ in 0..20 {
        let session = open(server, transport).await?;
        session.send("4510-[\"message\"]").await?;
        for _ in 0..9 {
            session.send(vec![7; 10_000]).await?;
        }
        session.vanish().await;
    }
    neighbour.is_served().await
}

async fn all_end_the_session(server: &Server, transport: Transport, said: &[&[Message]]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for messages in said {
        let session = open(server, transport).await?;
        let _ = session.send_all(messages.iter().cloned()).await;
        let ending = session.aftermath().await?;
        ensure(ending.is_some(), "the session to end", || {
            format!("it is served as before after {messages:?}")
        })?;
    }
    neighbour.is_served().await
}

async fn placeholders_end_the_session(server: &Server, transport: Transport, numbers: &[&str]) -> Verdict {
    for number in numbers {
        let text = format!("451-[\"message\",{{\"_placeholder\":true,\"num\":{number}}}]");
        all_end_the_session(server, transport, &[&[text.into(), [1].into()]]).await?;
    }
    Ok(())
}

async fn many_placeholders_harm_nobody(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    // An event that nobody sends back: each would be an attachment of its own.
    let placeholders = vec![r#"{"_placeholder":true,"num":0}"#; 10_000].join(",");
    let text = format!("451-[\"nobody-answers\",{placeholders}]");
    let _ = session.send_all([text.into(), [1].into()]).await;
    session.aftermath().await?;
    neighbour.is_served().await
}

const ONE_ANNOUNCED: &str = r#"451-["message",{"_placeholder":true,"num":0}]"#;
