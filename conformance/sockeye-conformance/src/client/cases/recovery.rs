//! How a client asks for its former session, and what it makes of the answer.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::session::Session;
use crate::feature::Feature;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Reconnection, Feature::Recovery]);
    vec![
        case(Case::interop("client.recovery.asks"))
            .cites(["CC-033", "CC-052"])
            .expects("a client that was given a pid comes back with it and the offset of the last event")
            .over(Transport::BOTH, it_asks_for_its_session),
        case(Case::interop("client.recovery.auth"))
            .cites(["CC-033"])
            .expects("pid and offset stand beside the auth")
            .needs([Feature::Reconnection, Feature::Recovery, Feature::Auth])
            .over(Transport::BOTH, it_asks_beside_its_auth),
        case(Case::interop("client.recovery.nothing-yet"))
            .cites(["CC-033"])
            .expects("a client that has got no event with an offset comes back with its pid alone")
            .over(Transport::BOTH, it_has_no_offset_yet),
        case(Case::interop("client.recovery.without-pid"))
            .cites(["CC-033"])
            .expects("a client that was given no pid asks for nothing, whatever its events end with")
            .over(Transport::BOTH, without_a_pid_it_asks_for_nothing),
        case(Case::interop("client.recovery.given"))
            .cites(["CC-039"])
            .expects("the same pid in the answer means recovered; what was missed is delivered in order")
            .over(Transport::BOTH, the_same_pid_is_recovery),
        case(Case::interop("client.recovery.not-given"))
            .cites(["CC-039"])
            .expects(
                "another pid in the answer means not recovered, and is the one to come back with next time",
            )
            .over(Transport::BOTH, another_pid_is_none),
        case(Case::interop("client.recovery.missed-count"))
            .cites(["CC-052"])
            .expects("the offsets of missed events count like others")
            .over(Transport::BOTH, offsets_of_missed_events_count),
    ]
}

async fn it_asks_for_its_session(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport, r#"40{"sid":"s1","pid":"p1"}"#).await?;
    session.send_all([r#"42["e",1,"offset-1"]"#, r#"42["e",{"a":2},"offset-2"]"#]).await?;
    client.expect_event("a", "e", json!([1, "offset-1"])).await?;
    client.expect_event("a", "e", json!([{ "a": 2 }, "offset-2"])).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1","offset":"offset-2"}"#).await
}

async fn it_asks_beside_its_auth(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back().auth(json!({ "token": "t" }))).await?;
    let mut session = client.accept(transport).await?;
    session.expect(r#"40{"token":"t"}"#).await?;
    session.send(r#"40{"sid":"s1","pid":"p1"}"#).await?;
    client.expect_connect("a").await?;
    session.send(r#"42["e","offset-1"]"#).await?;
    client.expect_event("a", "e", json!(["offset-1"])).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1","offset":"offset-1","token":"t"}"#).await
}

async fn it_has_no_offset_yet(client: &Client, transport: Transport) -> Verdict {
    let session = joined(client, transport, r#"40{"sid":"s1","pid":"p1"}"#).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1"}"#).await
}

async fn without_a_pid_it_asks_for_nothing(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport, r#"40{"sid":"s1"}"#).await?;
    session.send(r#"42["e","no offset"]"#).await?;
    client.expect_event("a", "e", json!(["no offset"])).await?;
    let mut session = lost(client, session).await?;
    session.expect("40").await
}

async fn the_same_pid_is_recovery(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport, r#"40{"sid":"s1","pid":"p1"}"#).await?;
    session.send(r#"42["e","offset-1"]"#).await?;
    client.expect_event("a", "e", json!(["offset-1"])).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1","offset":"offset-1"}"#).await?;
    session
        .send_all([
            r#"40{"sid":"s1","pid":"p1"}"#,
            r#"42["e","missed","offset-2"]"#,
            r#"42["e","missed","offset-3"]"#,
        ])
        .await?;
    client.expect_recovered("a", true).await?;
    client.expect_event("a", "e", json!(["missed", "offset-2"])).await?;
    client.expect_event("a", "e", json!(["missed", "offset-3"])).await?;
    client.fence(&mut session).await
}

async fn another_pid_is_none(client: &Client, transport: Transport) -> Verdict {
    let session = joined(client, transport, r#"40{"sid":"s1","pid":"p1"}"#).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1"}"#).await?;
    session.send(r#"40{"sid":"s2","pid":"p2"}"#).await?;
    client.expect_recovered("a", false).await?;
    session.send(r#"42["e","offset-9"]"#).await?;
    client.expect_event("a", "e", json!(["offset-9"])).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p2","offset":"offset-9"}"#).await
}

async fn offsets_of_missed_events_count(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport, r#"40{"sid":"s1","pid":"p1"}"#).await?;
    session.send(r#"42["e","offset-1"]"#).await?;
    client.expect_event("a", "e", json!(["offset-1"])).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1","offset":"offset-1"}"#).await?;
    session.send_all([r#"40{"sid":"s1","pid":"p1"}"#, r#"42["e","offset-2"]"#]).await?;
    client.expect_recovered("a", true).await?;
    client.expect_event("a", "e", json!(["offset-2"])).await?;
    let mut session = lost(client, session).await?;
    session.expect(r#"40{"pid":"p1","offset":"offset-2"}"#).await
}

/// A session whose CONNECT was answered so.
async fn joined(client: &Client, transport: Transport, answer: &str) -> Verdict<Session> {
    client.connect(&Connect::over(transport).coming_back()).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send(answer).await?;
    client.expect_connect("a").await?;
    Ok(session)
}

/// Loses the connection, and opens the one that follows.
async fn lost(client: &Client, session: Session) -> Verdict<Session> {
    let transport = session.transport();
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    client.accept(transport).await
}
