//! What is no packet of Engine.IO, or one at the wrong time: the client ends the connection, or passes it over, and in any
//! case works afterwards.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::report::Report;
use crate::client::session::Session;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::Message;
use crate::wire::http::Response;
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Reconnection]);
    let over_polling = |case: Case<Client>| case.needs([Feature::Reconnection, Feature::Polling]);
    vec![
        case(Case::interop("client.hostile.engine.type"))
            .cites(["EP-006", "ROB-041", "CC-100"])
            .expects("a packet of an unknown type ends the connection")
            .over(Transport::BOTH, unknown_types_end_it),
        case(Case::interop("client.hostile.engine.empty"))
            .cites(["EP-006", "ROB-041", "ROB-042"])
            .expects("an empty packet ends the connection")
            .over(Transport::BOTH, empty_packets_end_it),
        over_polling(Case::interop("client.hostile.engine.empty-amid"))
            .cites(["EP-008", "ROB-042"])
            .expects("packets before an empty one are delivered, and it ends the connection")
            .checks(what_stands_before_is_delivered),
        over_polling(Case::robust("client.hostile.engine.base64"))
            .cites(["ROB-044"])
            .expects("base64 that is cut, strange or without padding is read or ends the connection")
            .checks(wrong_base64_does_no_harm),
        case(Case::robust("client.hostile.engine.untimely"))
            .cites(["ROB-047"])
            .expects("pongs, upgrades and noops that nobody asked for open and upgrade nothing")
            .over(Transport::BOTH, untimely_packets_do_no_harm),
        case(Case::robust("client.hostile.engine.second-open"))
            .cites(["ROB-047"])
            .expects("a second open packet opens nothing, or ends the connection")
            .over(Transport::BOTH, a_second_open_does_no_harm),
        case(Case::robust("client.hostile.engine.data-behind"))
            .cites(["ROB-048"])
            .expects("data behind a pong, an upgrade or a noop is passed over, or ends the connection")
            .over(Transport::BOTH, data_behind_does_no_harm),
        case(Case::robust("client.hostile.engine.empty-message"))
            .cites(["ROB-041"])
            .expects("a message without anything in it does no harm")
            .over(Transport::BOTH, an_empty_message_does_no_harm),
        case(Case::robust("client.hostile.engine.pings"))
            .cites(["ROB-047"])
            .expects("five hundred pings at once are answered by no more pongs, and the session goes on")
            .over(Transport::BOTH, many_pings_do_no_harm),
        case(Case::interop("client.engine4.websocket.base64"))
            .cites(["EP-005"])
            .expects("a text frame that begins with b is a message of bytes")
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(text_may_carry_bytes),
    ]
}

async fn unknown_types_end_it(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    for packet in ["7", "9hello", "x", "-1", "é", "{}"] {
        session.send(packet).await?;
        session = client.starts_over(session, &[]).await?;
    }
    client.fence(&mut session).await
}

async fn empty_packets_end_it(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send("").await?;
    session = client.starts_over(session, &[]).await?;
    if transport == Transport::Polling {
        session.send_all(["", "", ""]).await?;
        session = client.starts_over(session, &[]).await?;
    }
    client.fence(&mut session).await
}

async fn what_stands_before_is_delivered(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::Polling).await?;
    session.expect_poll().await?;
    session.answer_poll(Response::ok("42[\"e\",1]\x1e42[\"e\",2]\x1e\x1e42[\"e\",3]")).await?;
    drop(session);
    let mut session = client.accept(Transport::Polling).await?;
    session.expect("40").await?;
    session.send_all([r#"40{"sid":"s"}"#, r#"42["last"]"#]).await?;

    // The reference keeps them until it is connected again.
    let mut delivered = Vec::new();
    loop {
        match client.next_report().await? {
            Report::Event { event, .. } if event == "last" => break,
            Report::Event { args, .. } => delivered.push(args),
            Report::Disconnect { .. } | Report::Connect { .. } => {}
            other => return Err(Failure::departed("an end, a return and events", format!("{other} came"))),
        }
    }
    same("the events", &vec![vec![json!(1)], vec![json!(2)]], &delivered)
}

async fn wrong_base64_does_no_harm(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::Polling).await?;
    for packet in ["bAQI", "bA", "b====", "b!!!!", "bAQ ID", "bAQID=BA"] {
        let payload = format!("451-[\"e\",{{\"_placeholder\":true,\"num\":0}}]\x1e{packet}");
        session.answer_poll(Response::ok(payload)).await?;
        session = client.lives_on(session).await?;
    }
    Ok(())
}

async fn untimely_packets_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send_all(["3", "3probe", "5", "6", "3", "5", "6"]).await?;
    client.lives_on(session).await?;
    Ok(())
}

async fn a_second_open_does_no_harm(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    let open = session.handshake.to_packet();
    session.send(open).await?;
    client.lives_on(session).await?;
    Ok(())
}

async fn data_behind_does_no_harm(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    for packet in ["3hello", "5hello", "6hello"] {
        session.send(packet).await?;
        session = client.lives_on(session).await?;
    }
    Ok(())
}

async fn an_empty_message_does_no_harm(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send("4").await?;
    client.lives_on(session).await?;
    Ok(())
}

async fn many_pings_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send_all(["2"; 500]).await?;
    session.send(r#"42["behind"]"#).await?;
    client.expect_event("a", "behind", json!([])).await?;
    client.emit("a", "e", json!([])).await?;
    let mut pongs = 0;
    loop {
        match session.next().await? {
            Message::Text(packet) if packet == "3" => pongs += 1,
            other => {
                ensure(other == r#"42["e"]"#.into(), "pongs, and the event behind them", || {
                    format!("{other} came")
                })?;
                return ensure((1..=500).contains(&pongs), "1 to 500 pongs", || format!("{pongs} came"));
            }
        }
    }
}

async fn text_may_carry_bytes(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    session.send_all([r#"451-["e",{"_placeholder":true,"num":0}]"#, "bAQIDBA=="]).await?;
    client.expect_event("a", "e", json!([bytes([1, 2, 3, 4])])).await
}

async fn joined(client: &Client, transport: Transport) -> Verdict<Session> {
    client.joined_by(&Connect::over(transport).coming_back(), transport).await
}
