//! How a client joins namespaces, and how it takes a refusal.

use std::time::Duration;

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::report::Report;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Client>> {
    vec![
        Case::must("client.socket5.connect.first")
            .cites(["SIO5-02", "SIO5-03", "SIO5-10", "SIO5-30", "SIO5-34", "SIO5-47", "SP-001"])
            .expects("the first packet of a session is CONNECT: 40")
            .over(Transport::BOTH, connect_comes_first),
        Case::must("client.socket5.connect.auth")
            .cites(["SIO5-16", "SIO5-48", "CC-032", "SP-005"])
            .expects("the auth that was given is the payload of CONNECT")
            .needs([Feature::Auth])
            .over(Transport::BOTH, auth_is_the_payload),
        Case::must("client.socket5.connect.namespace")
            .cites(["SIO5-15", "SIO5-31", "SIO5-33", "SP-003", "SP-013"])
            .expects("CONNECT names a namespace other than / and a comma behind it")
            .over(Transport::BOTH, the_namespace_is_named),
        Case::must("client.socket5.connect.namespace-and-auth")
            .cites(["SIO5-15", "SIO5-16", "SIO5-31", "SP-002"])
            .expects("CONNECT to a namespace with auth has the namespace first")
            .needs([Feature::Auth])
            .over(Transport::BOTH, namespace_and_auth_stand_in_order),
        Case::interop("client.socket5.connect.id")
            .cites(["CC-036"])
            .expects("the socket's id is the sid of the answer to CONNECT, and not that of the session")
            .needs([Feature::Ids])
            .over(Transport::BOTH, the_id_is_the_servers),
        Case::interop("client.socket5.connect.waits")
            .cites(["SIO5-18", "CC-049"])
            .expects("what is emitted before CONNECT was answered is kept, and sent in order when it is")
            .needs([Feature::SendBuffer])
            .over(Transport::BOTH, emits_wait_for_the_answer),
        Case::must("client.socket5.connect.refused")
            .cites(["SIO5-17", "SIO5-51", "CC-041", "CC-031"])
            .expects("a refusal is told with its message and its data, and the client does not come again by itself")
            .needs([Feature::Refusals])
            .over(Transport::BOTH, a_refusal_is_told),
        Case::must("client.socket5.connect.refused-without-data")
            .cites(["SIO5-17", "SIO5-51"])
            .expects("a refusal with nothing but a message is one")
            .needs([Feature::Refusals])
            .over(Transport::BOTH, a_refusal_needs_no_data),
        Case::interop("client.socket5.connect.tried-again")
            .cites(["CC-031", "CC-032"])
            .expects("after a refusal the application may try again with something else")
            .needs([Feature::Auth])
            .over(Transport::BOTH, a_refused_socket_may_try_again),
        Case::must("client.socket5.connect.several")
            .cites(["SIO5-14", "CC-005"])
            .expects("several namespaces share a session, each with its own CONNECT")
            .needs([Feature::Multiplexing])
            .over(Transport::BOTH, namespaces_share_a_session),
        Case::must("client.socket5.connect.one-refused")
            .cites(["SIO5-14", "SIO5-17"])
            .expects("a namespace that is refused leaves the others alone")
            .needs([Feature::Multiplexing])
            .over(Transport::BOTH, one_refusal_leaves_the_others),
        Case::interop("client.socket5.connect.early-events")
            .cites(["SP-035", "CC-051"])
            .expects("events before the answer to CONNECT are delivered once it is there")
            .over(Transport::BOTH, early_events_are_kept),
        Case::interop("client.socket5.connect.without-sid")
            .cites(["SP-043"])
            .expects("an answer to CONNECT without sid, as older servers give it, is a failure")
            .over(Transport::BOTH, an_old_server_is_refused),
        Case::robust("client.socket5.connect.twice")
            .cites(["ROB-085"])
            .expects("a second answer to CONNECT is passed over, told as another, or ends the connection")
            .needs([Feature::Reconnection])
            .over(Transport::BOTH, two_answers_confuse_nobody),
        Case::robust("client.socket5.connect.strangers")
            .cites(["ROB-084", "ROB-085"])
            .expects("packets of a namespace that the client has not asked for are passed over, or end the connection")
            .needs([Feature::Reconnection])
            .over(Transport::BOTH, strangers_are_passed_over),
    ]
}

async fn connect_comes_first(client: &Client, transport: Transport) -> Verdict {
    client.open(transport).await?.expect("40").await
}

async fn auth_is_the_payload(client: &Client, transport: Transport) -> Verdict {
    let auth = json!({ "token": "123", "of": ["the", { "deep": null }] });
    client.connect(&Connect::over(transport).auth(auth)).await?;
    let mut session = client.accept(transport).await?;
    session.expect(r#"40{"token":"123","of":["the",{"deep":null}]}"#).await
}

async fn the_namespace_is_named(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).to("/admin")).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40/admin,").await?;
    session.send(r#"40/admin,{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await?;
    client.emit("a", "e", json!([])).await?;
    session.expect(r#"42/admin,["e"]"#).await
}

async fn namespace_and_auth_stand_in_order(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).to("/admin").auth(json!({ "token": "123" }));
    client.connect(&connect).await?;
    let mut session = client.accept(transport).await?;
    session.expect(r#"40/admin,{"token":"123"}"#).await
}

async fn the_id_is_the_servers(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.open(transport).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"Bn-7_x"}"#).await?;
    client.expect_connect_as("a", "Bn-7_x").await
}

async fn emits_wait_for_the_answer(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.open(transport).await?;
    session.expect("40").await?;
    for number in 0..3 {
        client.emit("a", "e", json!([number])).await?;
    }
    session.ping().await?;
    session.send(r#"40{"sid":"socket-a"}"#).await?;
    for number in 0..3 {
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    client.expect_connect("a").await?;
    client.fence(&mut session).await
}

async fn a_refusal_is_told(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back()).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send(r#"44{"message":"not you","data":{"code":7,"because":["a",1]}}"#).await?;

    let (message, data) = client.expect_connect_error("a").await?;
    same("the message", &Some("not you"), &message.as_deref())?;
    same("the data", &Some(json!({ "code": 7, "because": ["a", 1] })), &data)?;
    client.stays_away(transport, Duration::from_millis(200)).await
}

async fn a_refusal_needs_no_data(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.open(transport).await?;
    session.expect("40").await?;
    session.send(r#"44{"message":"not you"}"#).await?;

    let (message, data) = client.expect_connect_error("a").await?;
    same("the message", &Some("not you"), &message.as_deref())?;
    ensure(data.is_none(), "no data", || format!("{data:?} came"))
}

async fn a_refused_socket_may_try_again(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).auth(json!({ "token": "old" }))).await?;
    let mut session = client.accept(transport).await?;
    session.expect(r#"40{"token":"old"}"#).await?;
    session.send(r#"44{"message":"not you"}"#).await?;
    client.expect_connect_error("a").await?;

    client.set_auth("a", json!({ "token": "new" })).await?;
    client.reconnect("a").await?;
    let mut session = client.accept(transport).await?;
    session.expect(r#"40{"token":"new"}"#).await?;
    session.send(r#"40{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await
}

async fn namespaces_share_a_session(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.connect(&Connect::over(transport).socket("b").to("/other")).await?;
    session.expect("40/other,").await?;
    session.send(r#"40/other,{"sid":"socket-b"}"#).await?;
    client.expect_connect("b").await?;

    session.send_all([r#"42/other,["to-b"]"#, r#"42["to-a"]"#]).await?;
    client.expect_event("b", "to-b", json!([])).await?;
    client.expect_event("a", "to-a", json!([])).await?;
    client.emit("b", "of-b", json!([])).await?;
    client.emit("a", "of-a", json!([])).await?;
    session.expect(r#"42/other,["of-b"]"#).await?;
    session.expect(r#"42["of-a"]"#).await?;
    client.expect_no_request().await
}

async fn one_refusal_leaves_the_others(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.connect(&Connect::over(transport).socket("b").to("/other")).await?;
    session.expect("40/other,").await?;
    session.send(r#"44/other,{"message":"not you"}"#).await?;
    client.expect_connect_error("b").await?;
    client.fence(&mut session).await
}

async fn early_events_are_kept(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.open(transport).await?;
    session.expect("40").await?;
    session.send_all([r#"42["early",1]"#, r#"42["early",2]"#]).await?;
    session.ping().await?;
    session.send(r#"40{"sid":"socket-a"}"#).await?;

    // Whether they stand before or behind the news of the connection is the client's affair.
    let mut events = Vec::new();
    let mut is_connected = false;
    while events.len() < 2 || !is_connected {
        match client.next_report().await? {
            Report::Connect { .. } => is_connected = true,
            Report::Event { args, .. } => events.push(args),
            other => return Err(Failure::departed("the connection and two events", format!("{other} came"))),
        }
    }
    same("the events", &vec![vec![json!(1)], vec![json!(2)]], &events)?;
    client.fence(&mut session).await
}

async fn an_old_server_is_refused(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.open(transport).await?;
    session.expect("40").await?;
    session.send("40").await?;
    client.expect_connect_error("a").await?;
    Ok(())
}

async fn two_answers_confuse_nobody(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    session.send(r#"40{"sid":"another"}"#).await?;
    session.send(r#"42["still-there",1]"#).await?;
    let told = match client.next_report().await? {
        Report::Connect { .. } => client.next_report().await?,
        other => other,
    };
    match told {
        Report::Event { .. } => client.fence(&mut session).await,
        _ => client.fence(&mut client.come_back_from(session).await?).await,
    }
}

async fn strangers_are_passed_over(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    session
        .send_all([
            r#"42/nobody,["e"]"#,
            r#"40/nobody,{"sid":"x"}"#,
            r"43/nobody,0[]",
            r#"44/nobody,{"message":"no"}"#,
            "41/nobody,",
            r#"42["still-there",1]"#,
        ])
        .await?;
    match client.next_report().await? {
        Report::Event { .. } => client.emit("a", "here", json!([])).await?,
        _ => return client.fence(&mut client.come_back_from(session).await?).await,
    }
    // To leave what one is not in is an answer too.
    loop {
        let packet = session.next().await?;
        if packet == r#"42["here"]"#.into() {
            return Ok(());
        }
        ensure(packet == "41/nobody,".into(), "nothing, or 41/nobody,", || format!("{packet} came"))?;
    }
}
