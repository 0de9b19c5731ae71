//! Acknowledgements: that nobody waits for, of others, twice, and with numbers beyond all numbers.

use serde_json::json;

use super::{harms_nobody, open};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.ack.nobody-waits")
            .runs_alone()
            .cites(["ROB-073"])
            .expects("two thousand acknowledgements that nobody waits for are passed over")
            .over(Transport::BOTH, acknowledgements_for_nobody_are_passed_over),
        Case::robust("robust.ack.odd-numbers")
            .cites(["ROB-073", "ROB-068"])
            .expects(
                "acknowledgements with numbers beyond the safe integers, or without one, are passed \
                 over or an error",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(
                    server,
                    transport,
                    [
                        "439007199254740993[]",
                        "4318446744073709551616[]",
                        "43[]",
                        "43",
                        "430",
                        "430{}",
                        "430null",
                        "43-1[]",
                    ],
                )
                .await
            }),
        Case::robust("robust.ack.of-another")
            .cites(["ROB-073"])
            .expects("an acknowledgement answers no question that another socket was asked")
            .over(Transport::BOTH, an_acknowledgement_answers_nobody_elses_question),
        Case::robust("robust.ack.of-another-namespace")
            .cites(["ROB-073"])
            .expects("an acknowledgement answers no question that was asked in another namespace")
            .over(Transport::BOTH, an_acknowledgement_stays_in_its_namespace),
        Case::robust("robust.ack.twice")
            .cites(["ROB-074"])
            .expects("a second acknowledgement for a question is passed over")
            .over(Transport::BOTH, a_second_acknowledgement_is_passed_over),
        Case::robust("robust.ack.twice-with-bytes")
            .cites(["ROB-074", "ROB-062"])
            .expects("a second acknowledgement with attachments is passed over with them")
            .needs([Feature::Binary])
            .over(Transport::BOTH, a_second_acknowledgement_with_bytes_is_passed_over),
        Case::robust("robust.ack.never")
            .cites(["ROB-075"])
            .expects(
                "a hundred questions that are never answered hold up nothing, and are forgotten with \
                 their socket",
            )
            .over(Transport::BOTH, questions_without_answers_harm_nobody),
        Case::robust("robust.ack.many-answered")
            .cites(["ROB-075"])
            .expects("of five hundred questions asked for at once each is asked, and each answer heard")
            .over(Transport::BOTH, many_answers_are_all_heard),
        Case::robust("robust.ack.digits")
            .runs_alone()
            .cites(["ROB-056", "ROB-068"])
            .expects("a number of 900,000 digits is an error, or is passed over, at once")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let digits = "9".repeat(900_000);
                harms_nobody(
                    server,
                    transport,
                    [
                        format!("42{digits}[\"nobody-answers\"]"),
                        format!("43{digits}[]"),
                        format!("42{digits}"),
                    ],
                )
                .await
            }),
        Case::robust("robust.ack.safe-integer")
            .cites(["ROB-068"])
            .expects("the largest safe integer as a number is given back exactly")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                is_given_back_exactly(server, transport, "9007199254740991").await
            }),
        Case::robust("robust.ack.beyond-safe-integers")
            .cites(["ROB-068"])
            .expects(
                "a number beyond the safe integers is given back exactly, or ends the session; it \
                 never becomes another",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                is_given_back_exactly(server, transport, "9007199254740993").await
            }),
    ]
}

async fn acknowledgements_for_nobody_are_passed_over(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    session.send_all((0..2000).map(|number| format!("43{number}[\"nobody\"]").into())).await?;
    session.fence().await?;
    neighbour.is_served().await
}

async fn an_acknowledgement_answers_nobody_elses_question(server: &Server, transport: Transport) -> Verdict {
    let asked = server.connect(transport, "/custom").await?;
    let other = server.connect(transport, "/custom").await?;
    asked.emit("ask", json!(["who"])).await?;
    let number = asked.expect_question("question", json!(["who"])).await?;

    other.acknowledge(number, json!(["not me"])).await?;

    other.fence().await?;
    asked.fence().await?;
    asked.acknowledge(number, json!(["me"])).await?;
    asked.expect_event("answer", json!(["me"])).await
}

async fn an_acknowledgement_stays_in_its_namespace(server: &Server, transport: Transport) -> Verdict {
    let session = open(server, transport).await?;
    let asked = session.connect("/custom", None).await?;
    asked.emit("ask", json!(["who"])).await?;
    let number = asked.expect_question("question", json!(["who"])).await?;

    session.send(format!("43{number}[\"from another namespace\"]")).await?;

    session.fence().await?;
    asked.acknowledge(number, json!(["me"])).await?;
    asked.expect_event("answer", json!(["me"])).await
}

async fn a_second_acknowledgement_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    socket.emit("ask", json!(["who"])).await?;
    let number = socket.expect_question("question", json!(["who"])).await?;
    socket.acknowledge(number, json!(["first"])).await?;
    socket.expect_event("answer", json!(["first"])).await?;

    socket.acknowledge(number, json!(["second"])).await?;

    socket.fence().await
}

async fn a_second_acknowledgement_with_bytes_is_passed_over(
    server: &Server,
    transport: Transport,
) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    socket.emit("ask", json!(["who"])).await?;
    let number = socket.expect_question("question", json!(["who"])).await?;
    socket.acknowledge(number, json!(["first"])).await?;
    socket.expect_event("answer", json!(["first"])).await?;

    socket.acknowledge(number, json!([bytes([1]), bytes([2])])).await?;

    socket.fence().await
}

async fn questions_without_answers_harm_nobody(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    session.send_all((0..100).map(|number| format!("42[\"ask\",{number}]").into())).await?;
    ensure(session.aftermath().await?.is_none(), "the session to be served", || "it ended".into())?;
    session.close().await?;
    neighbour.is_served().await
}

async fn many_answers_are_all_heard(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    let asks = (0..500).map(|number| format!("42/custom,[\"ask\",{number}]"));
    socket.session().send_all(asks.map(Into::into)).await?;
    let mut heard = 0;
    while heard < 500 {
        let event = socket.next_event().await?;
        match event.ack {
            Some(number) => socket.acknowledge(number, event.args).await?,
            None => heard += 1,
        }
    }
    Ok(())
}

async fn is_given_back_exactly(server: &Server, transport: Transport, number: &str) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    let _ = session.send(format!("42{number}[\"message-with-ack\"]")).await;
    let exactly = format!("43{number}[]");
    let came = session.next().await;
    match came {
        Ok(came) => ensure(came.as_text() == Some(&exactly), &exactly, || format!("{came} came"))?,
        // No answer: the session has ended.
        Err(failure) => {
            if session.aftermath().await?.is_none() {
                return Err(failure);
            }
        }
    }
    neighbour.is_served().await
}
