//! How either side leaves a namespace.

use std::time::Duration;

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure};
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Client>> {
    vec![
        Case::must("client.socket5.disconnect.own")
            .cites(["SIO5-04", "SIO5-27", "SIO5-44", "CC-035", "CC-064", "CC-042"])
            .expects("a client that leaves sends DISCONNECT, ends the connection, and tells io client disconnect once")
            .over(Transport::BOTH, a_client_leaves),
        Case::must("client.socket5.disconnect.namespace")
            .cites(["SIO5-27", "SIO5-45", "SP-003"])
            .expects("a client that leaves a namespace names it in DISCONNECT")
            .over(Transport::BOTH, a_client_leaves_a_namespace),
        Case::must("client.socket5.disconnect.one-of-several")
            .cites(["SIO5-29", "CC-035"])
            .expects("a client that leaves one of its namespaces goes on in the others, and may come back over the same session")
            .needs([Feature::Multiplexing])
            .over(Transport::BOTH, the_others_go_on),
        Case::must("client.socket5.disconnect.by-the-server")
            .cites(["SIO5-27", "SIO5-28", "CC-063", "CC-031", "SP-033"])
            .expects("DISCONNECT from the server is told as io server disconnect, not answered, and no reason to come again")
            .over(Transport::BOTH, the_server_ends_it),
        Case::must("client.socket5.disconnect.one-by-the-server")
            .cites(["SIO5-27", "SIO5-29", "SP-033"])
            .expects("DISCONNECT from the server ends one namespace and leaves the others")
            .needs([Feature::Multiplexing])
            .over(Transport::BOTH, the_server_ends_one),
        Case::interop("client.socket5.disconnect.sends-first")
            .cites(["CC-098"])
            .expects("what was emitted before a client leaves is sent before its DISCONNECT")
            .over(Transport::BOTH, what_waits_is_sent_first),
        Case::interop("client.socket5.disconnect.comes-back")
            .cites(["CC-035", "CC-042"])
            .expects("a client that has left may connect again, in a session of its own")
            .over(Transport::BOTH, a_client_may_come_back),
    ]
}

async fn a_client_leaves(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    client.disconnect("a").await?;
    client.expect_disconnect("a", &["io client disconnect"]).await?;
    session.expect("41").await?;
    session.expect_end().await?;
    // The next report is of its return: the end is told once.
    client.stays_away(transport, Duration::from_millis(150)).await
}

async fn a_client_leaves_a_namespace(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).to("/admin")).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40/admin,").await?;
    session.send(r#"40/admin,{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await?;
    client.disconnect("a").await?;
    session.expect("41/admin,").await
}

async fn the_others_go_on(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.connect(&Connect::over(transport).socket("b").to("/other")).await?;
    session.expect("40/other,").await?;
    session.send(r#"40/other,{"sid":"socket-b"}"#).await?;
    client.expect_connect("b").await?;

    client.disconnect("b").await?;
    session.expect("41/other,").await?;
    client.expect_disconnect("b", &["io client disconnect"]).await?;
    client.fence(&mut session).await?;

    client.reconnect("b").await?;
    session.expect("40/other,").await?;
    session.send(r#"40/other,{"sid":"socket-b2"}"#).await?;
    client.expect_connect("b").await?;
    client.fence(&mut session).await
}

async fn the_server_ends_it(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    session.send("41").await?;
    client.expect_disconnect("a", &["io server disconnect"]).await?;
    // Without a namespace the client may end the connection, but has nothing else to say.
    let came = match session.next().await {
        Err(Failure::Departed { expected: None, .. }) => None,
        Ok(close) if close == Message::from("1") => None,
        other => Some(other?),
    };
    ensure(came.is_none(), "no answer", || format!("{came:?} came"))?;
    client.stays_away(transport, Duration::from_millis(150)).await
}

async fn the_server_ends_one(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.connect(&Connect::over(transport).socket("b").to("/other")).await?;
    session.expect("40/other,").await?;
    session.send(r#"40/other,{"sid":"socket-b"}"#).await?;
    client.expect_connect("b").await?;

    session.send("41/other,").await?;
    client.expect_disconnect("b", &["io server disconnect"]).await?;
    client.fence(&mut session).await
}

async fn what_waits_is_sent_first(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for number in 0..10 {
        client.emit("a", "e", json!([number])).await?;
    }
    client.disconnect("a").await?;
    for number in 0..10 {
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    session.expect("41").await?;
    session.expect_end().await
}

async fn a_client_may_come_back(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for _ in 0..2 {
        client.disconnect("a").await?;
        client.expect_disconnect("a", &["io client disconnect"]).await?;
        session.expect("41").await?;
        session.expect_end().await?;
        client.reconnect("a").await?;
        session = client.accept(transport).await?;
        client.join(&mut session).await?;
    }
    client.fence(&mut session).await
}
