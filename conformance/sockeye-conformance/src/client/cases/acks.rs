//! Acknowledgements that a client asks for, and those that it gives.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::report::Report;
use crate::feature::Feature;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Client>> {
    vec![
        Case::must("client.ack.asked-for")
            .cites(["SIO5-22", "SIO5-24", "SIO5-41", "SIO5-06", "SP-014"])
            .expects("an event that is to be acknowledged has an id, and the answer with that id is told")
            .needs([Feature::Acks])
            .over(Transport::BOTH, an_answer_is_told),
        Case::interop("client.ack.ids")
            .cites(["CC-044", "SP-004"])
            .expects("ids are counted for each socket from 0, and 0 is written")
            .needs([Feature::Acks])
            .over(Transport::BOTH, ids_are_counted),
        Case::must("client.ack.unasked")
            .cites(["SIO5-22", "SIO5-37"])
            .expects("an event that is not to be acknowledged has no id")
            .over(Transport::BOTH, no_id_without_a_question),
        Case::must("client.ack.values")
            .cites(["SIO5-24", "SP-006"])
            .expects("an answer may have no values, or several")
            .needs([Feature::Acks])
            .over(Transport::BOTH, answers_have_any_number_of_values),
        Case::must("client.ack.any-order")
            .cites(["SIO5-23"])
            .expects("answers may come in any order")
            .needs([Feature::Acks])
            .over(Transport::BOTH, answers_come_in_any_order),
        Case::must("client.ack.namespace")
            .cites(["SIO5-42", "SIO5-33"])
            .expects("questions and answers of a namespace name it")
            .needs([Feature::Acks, Feature::Answers])
            .over(Transport::BOTH, answers_name_their_namespace),
        Case::interop("client.ack.unknown")
            .cites(["SP-034", "CC-055", "ROB-073"])
            .expects("an answer with an id that nobody waits for is passed over")
            .needs([Feature::Acks])
            .over(Transport::BOTH, unknown_answers_are_passed_over),
        Case::interop("client.ack.twice")
            .cites(["SP-034", "ROB-074"])
            .expects("a second answer with the same id is passed over")
            .needs([Feature::Acks])
            .over(Transport::BOTH, second_answers_are_passed_over),
        Case::robust("client.ack.of-another")
            .cites(["ROB-073"])
            .expects("an answer in another namespace answers nothing in this one")
            .needs([Feature::Acks, Feature::Multiplexing])
            .over(Transport::BOTH, an_answer_is_for_one_namespace),
        Case::must("client.ack.given")
            .cites(["SIO5-23", "SIO5-24", "SIO5-06", "CC-054"])
            .expects(
                "an event with an id is acknowledged once, with the same id and the application's values",
            )
            .needs([Feature::Answers])
            .over(Transport::BOTH, a_question_is_answered),
        Case::must("client.ack.given-unasked")
            .cites(["SIO5-22", "CC-054"])
            .expects("an event without an id is not acknowledged")
            .needs([Feature::Answers])
            .over(Transport::BOTH, no_answer_without_a_question),
        Case::interop("client.ack.large-ids")
            .cites(["SP-014", "ROB-068"])
            .expects("ids up to the largest safe integer are given back as they came")
            .needs([Feature::Answers])
            .over(Transport::BOTH, large_ids_come_back),
        Case::interop("client.ack.timeout")
            .cites(["CC-045"])
            .expects("an answer that does not come in time is told as missing, and passed over when it comes")
            .needs([Feature::AckTimeouts])
            .over(Transport::BOTH, a_missing_answer_is_told),
        Case::interop("client.ack.default-timeout")
            .cites(["CC-045"])
            .expects("the time that was given for all acknowledgements holds for each")
            .needs([Feature::AckTimeouts])
            .over(Transport::BOTH, the_default_holds),
        Case::interop("client.ack.lost")
            .cites(["CC-048"])
            .expects("those who wait for an answer in time are told when the connection ends before")
            .needs([Feature::AckTimeouts, Feature::AckLosses])
            .over(Transport::BOTH, lost_answers_are_told),
    ]
}

async fn an_answer_is_told(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.ask("a", "foo", json!(["bar"]), 7).await?;
    let id = asked(&session.next().await?.to_string(), r#"["foo","bar"]"#)?;
    session.send(format!(r#"43{id}["baz",1]"#)).await?;
    client.expect_ack(7, json!(["baz", 1])).await?;
    client.fence(&mut session).await
}

async fn ids_are_counted(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for id in 0..3 {
        client.ask("a", "e", json!([]), 100 + id).await?;
        session.expect(format!(r#"42{id}["e"]"#)).await?;
    }
    Ok(())
}

async fn no_id_without_a_question(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.emit("a", "e", json!([1])).await?;
    session.expect(r#"42["e",1]"#).await
}

async fn answers_have_any_number_of_values(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for (number, values) in
        [json!([]), json!([null]), json!([1, [2], { "three": 3 }, null])].into_iter().enumerate()
    {
        let number = number as u64;
        client.ask("a", "e", json!([]), number).await?;
        let id = asked(&session.next().await?.to_string(), r#"["e"]"#)?;
        session.send(format!("43{id}{values}")).await?;
        client.expect_ack(number, values).await?;
    }
    Ok(())
}

async fn answers_come_in_any_order(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    let mut ids = Vec::new();
    for number in 0..4 {
        client.ask("a", "e", json!([]), number).await?;
        ids.push(asked(&session.next().await?.to_string(), r#"["e"]"#)?);
    }
    for number in [2, 0, 3, 1] {
        session.send(format!("43{}[{number}]", ids[number])).await?;
        client.expect_ack(number as u64, json!([number])).await?;
    }
    Ok(())
}

async fn answers_name_their_namespace(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).to("/admin")).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40/admin,").await?;
    session.send(r#"40/admin,{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await?;

    client.answer("a", "ask", json!(["bar"])).await?;
    session.send(r#"42/admin,13["ask"]"#).await?;
    client.expect_event_with("a", "ask", json!([]), Some(true)).await?;
    session.expect(r#"43/admin,13["bar"]"#).await?;

    client.ask("a", "e", json!([]), 1).await?;
    let came = session.next().await?.to_string();
    let id = asked(&came.replacen("/admin,", "", 1), r#"["e"]"#)?;
    session.send(format!("43/admin,{id}[1]")).await?;
    client.expect_ack(1, json!([1])).await
}

async fn unknown_answers_are_passed_over(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.ask("a", "e", json!([]), 1).await?;
    let id = asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    session.send_all([r#"43987["no"]"#.to_owned(), r#"4399999999["no"]"#.to_owned()]).await?;
    client.fence(&mut session).await?;
    session.send(format!("43{id}[1]")).await?;
    client.expect_ack(1, json!([1])).await
}

async fn second_answers_are_passed_over(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.ask("a", "e", json!([]), 1).await?;
    let id = asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    session.send_all([format!("43{id}[1]"), format!("43{id}[2]"), format!("43{id}[3]")]).await?;
    client.expect_ack(1, json!([1])).await?;
    client.fence(&mut session).await
}

async fn an_answer_is_for_one_namespace(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.connect(&Connect::over(transport).socket("b").to("/other")).await?;
    session.expect("40/other,").await?;
    session.send(r#"40/other,{"sid":"socket-b"}"#).await?;
    client.expect_connect("b").await?;

    client.ask("a", "e", json!([]), 1).await?;
    let id = asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    session.send(format!("43/other,{id}[1]")).await?;
    client.fence(&mut session).await?;
    session.send(format!("43{id}[2]")).await?;
    client.expect_ack(1, json!([2])).await
}

async fn a_question_is_answered(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.answer("a", "ask", json!(["x", 1, null])).await?;
    for id in [0, 15, 3] {
        session.send(format!(r#"42{id}["ask","y"]"#)).await?;
        client.expect_event_with("a", "ask", json!(["y"]), Some(true)).await?;
        session.expect(format!(r#"43{id}["x",1,null]"#)).await?;
    }
    client.fence(&mut session).await
}

async fn no_answer_without_a_question(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.answer("a", "ask", json!(["x"])).await?;
    session.send(r#"42["ask"]"#).await?;
    client.expect_event_with("a", "ask", json!([]), Some(false)).await?;
    client.fence(&mut session).await
}

async fn large_ids_come_back(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.answer("a", "ask", json!([])).await?;
    for id in ["4294967296", "9007199254740991"] {
        session.send(format!(r#"42{id}["ask"]"#)).await?;
        client.expect_event("a", "ask", json!([])).await?;
        session.expect(format!("43{id}[]")).await?;
    }
    Ok(())
}

async fn a_missing_answer_is_told(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.ask_for("a", "e", 1, 100).await?;
    let id = asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    client.expect_report(&Report::AckTimeout { ack: 1 }).await?;
    session.send(format!("43{id}[1]")).await?;
    client.fence(&mut session).await
}

async fn the_default_holds(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).option("ackTimeout", 100);
    let mut session = client.joined_by(&connect, transport).await?;
    client.ask("a", "e", json!([]), 1).await?;
    asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    client.expect_report(&Report::AckTimeout { ack: 1 }).await
}

async fn lost_answers_are_told(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.ask_for("a", "e", 1, 60_000).await?;
    asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    drop(session);

    // Which of both is told first is the client's affair.
    for _ in 0..2 {
        match client.next_report().await? {
            Report::AckLost { ack: 1 } => return Ok(()),
            Report::Disconnect { .. } => {}
            other => return client.expect_report(&other).await,
        }
    }
    client.expect_report(&Report::AckLost { ack: 1 }).await
}

/// The id of an event in `/` that is to be acknowledged, and has this payload.
pub(super) fn asked(packet: &str, payload: &str) -> Verdict<u64> {
    let fits = packet.strip_prefix("42").and_then(|rest| {
        let at = rest.find('[')?;
        (rest[at..].replace(' ', "") == payload).then(|| rest[..at].parse().ok())?
    });
    fits.ok_or_else(|| {
        crate::verdict::Failure::departed(format!("42, an id and {payload}"), format!("{packet} came"))
    })
}
