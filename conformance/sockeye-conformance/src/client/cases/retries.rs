//! Events that a client sends again until they are acknowledged.

use serde_json::json;

use super::acks::asked;
use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::report::Report;
use crate::feature::Feature;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Retries]);
    vec![
        case(Case::interop("client.retries.asks"))
            .cites(["CC-056"])
            .expects("with retries every event asks for an acknowledgement")
            .over(Transport::BOTH, every_event_asks),
        case(Case::interop("client.retries.one-at-a-time"))
            .cites(["CC-057"])
            .expects("with retries the next event is sent when the one before was acknowledged")
            .over(Transport::BOTH, one_event_at_a_time),
        case(Case::interop("client.retries.again"))
            .cites(["CC-058"])
            .expects("an event that is not acknowledged in time is sent again, as often as retries says; then it is given up and the next one is sent")
            .over(Transport::BOTH, an_event_is_sent_again),
        case(Case::interop("client.retries.answered-late"))
            .cites(["CC-058"])
            .expects("an event that is acknowledged when it was sent again is told once")
            .over(Transport::BOTH, a_second_try_may_succeed),
        case(Case::interop("client.retries.after-reconnection"))
            .cites(["CC-060"])
            .expects("the event under way is sent again after a reconnection, and those behind it follow")
            .needs([Feature::Retries, Feature::Reconnection])
            .over(Transport::BOTH, it_is_sent_again_after_a_loss),
    ]
}

async fn every_event_asks(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&retrying(transport, 10_000), transport).await?;
    client.emit("a", "e", json!([1])).await?;
    asked(&session.next().await?.to_string(), r#"["e",1]"#)?;
    Ok(())
}

async fn one_event_at_a_time(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&retrying(transport, 10_000), transport).await?;
    for number in 0..3 {
        client.emit("a", "e", json!([number])).await?;
    }
    client.caught_up().await?;
    for number in 0..3 {
        let id = asked(&session.next().await?.to_string(), &format!(r#"["e",{number}]"#))?;
        // Nothing else comes before this one is acknowledged.
        session.ping().await?;
        session.send(format!("43{id}[]")).await?;
    }
    session.ping().await
}

async fn an_event_is_sent_again(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&retrying(transport, 100), transport).await?;
    client.ask("a", "e", json!([]), 1).await?;
    client.emit("a", "next", json!([])).await?;
    for _ in 0..3 {
        asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    }
    let id = asked(&session.next().await?.to_string(), r#"["next"]"#)?;
    session.send(format!("43{id}[]")).await?;
    client.expect_report(&Report::AckTimeout { ack: 1 }).await?;
    session.ping().await
}

async fn a_second_try_may_succeed(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&retrying(transport, 150), transport).await?;
    client.ask("a", "e", json!([]), 1).await?;
    asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    let id = asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    session.send(format!("43{id}[7]")).await?;
    client.expect_ack(1, json!([7])).await?;
    session.ping().await
}

async fn it_is_sent_again_after_a_loss(client: &Client, transport: Transport) -> Verdict {
    let connect = retrying(transport, 10_000).coming_back();
    let mut session = client.joined_by(&connect, transport).await?;
    client.emit("a", "e", json!([1])).await?;
    client.emit("a", "e", json!([2])).await?;
    asked(&session.next().await?.to_string(), r#"["e",1]"#)?;
    drop(session);

    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"s"}"#).await?;
    for number in 1..3 {
        let id = asked(&session.next().await?.to_string(), &format!(r#"["e",{number}]"#))?;
        session.send(format!("43{id}[]")).await?;
    }
    session.ping().await
}

/// Two retries, each after so many milliseconds.
fn retrying(transport: Transport, after: u64) -> Connect {
    Connect::over(transport).option("retries", 2).option("ackTimeout", after)
}
