//! How a client moves from polling to the WebSocket, and what it does when that fails.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::report::Report;
use crate::client::session::{Session, is_same};
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::Message;
use crate::wire::http::Response;
use crate::wire::websocket::{Frame, WebSocket, opcode};

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Upgrade]);
    vec![
        case(Case::must("client.engine4.upgrade.steps"))
            .cites(["EIO4-35", "EIO4-50", "EIO4-52", "EIO4-53", "EIO4-56", "EP-077"])
            .expects("a client asks for a WebSocket with its sid, sends 2probe, and after 3probe 5; then it speaks there")
            .checks(an_upgrade_goes_step_by_step),
        case(Case::must("client.engine4.upgrade.pause"))
            .cites(["EIO4-51", "EP-077"])
            .expects("5 is sent when the poll that waits was answered, and no request follows it")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(polling_is_paused_before),
        case(Case::must("client.engine4.upgrade.polling-goes-on"))
            .cites(["EIO4-51"])
            .expects("until the probe is answered, packets go over polling")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(polling_goes_on_until_then),
        case(Case::must("client.engine4.upgrade.out-in-order"))
            .cites(["EIO4-51", "EP-056", "EP-089"])
            .expects("what is emitted during an upgrade arrives once and in order")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(what_is_emitted_meanwhile_arrives),
        case(Case::must("client.engine4.upgrade.in-in-order"))
            .cites(["EIO4-51", "EP-056", "EP-089"])
            .expects("what the server sends during an upgrade is delivered once and in order")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(what_comes_meanwhile_is_delivered),
        case(Case::must("client.engine4.upgrade.heartbeat"))
            .cites(["EIO4-47"])
            .expects("after an upgrade pings come and are answered over the WebSocket")
            .checks(heartbeats_move_too),
        case(Case::interop("client.engine4.upgrade.wrong-answer"))
            .cites(["EP-085"])
            .expects("a probe that is answered by something else leaves the session on polling")
            .checks(a_wrong_answer_leaves_it),
        case(Case::interop("client.engine4.upgrade.refused"))
            .cites(["EP-085"])
            .expects("a WebSocket that is refused leaves the session on polling")
            .checks(a_refusal_leaves_it),
        case(Case::interop("client.engine4.upgrade.cut"))
            .cites(["EP-085"])
            .expects("a WebSocket that ends before the probe is answered leaves the session on polling")
            .checks(an_end_leaves_it),
        case(Case::interop("client.engine4.upgrade.unanswered"))
            .cites(["EP-085"])
            .expects("a WebSocket on which nothing is answered leaves the session on polling")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(silence_leaves_it),
        case(Case::interop("client.engine4.upgrade.not-offered"))
            .cites(["EO-007"])
            .expects("a client does not upgrade where the handshake offers nothing")
            .checks(nothing_offered_nothing_tried),
        case(Case::interop("client.engine4.upgrade.off"))
            .cites(["CC-075"])
            .expects("a client that must not upgrade stays on polling")
            .checks(a_client_may_stay),
        case(Case::interop("client.engine4.upgrade.unknown"))
            .cites(["CC-073"])
            .expects("transports on offer that a client does not know are passed over")
            .checks(unknown_transports_are_passed_over),
        case(Case::interop("client.engine4.upgrade.told"))
            .cites(["EP-077"])
            .expects("an upgrade is told to the application")
            .needs([Feature::Upgrade, Feature::TransportReports])
            .checks(an_upgrade_is_told),
        case(Case::interop("client.engine4.upgrade.leaving"))
            .cites(["EP-087"])
            .expects("a client that leaves amid an upgrade still ends the session")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(a_client_may_leave_amid_it),
        case(Case::interop("client.engine4.upgrade.leaving-late"))
            .cites(["EP-087", "CC-098"])
            .expects("a client that leaves behind the answer to its probe still ends the session")
            .needs([Feature::Upgrade, Feature::ConcurrentUpgrade])
            .checks(a_client_may_leave_behind_the_answer),
        case(Case::interop("client.engine4.upgrade.lost"))
            .cites(["CC-066", "EIO4-50"])
            .expects("after an upgraded connection was lost, the client begins with polling again")
            .needs([Feature::Upgrade, Feature::Reconnection])
            .checks(it_begins_with_polling_again),
    ]
}

async fn an_upgrade_goes_step_by_step(client: &Client) -> Verdict {
    let mut session = opened(client).await?;
    let exchange = session.expect_upgrade().await?;
    let sid = session.handshake.sid.clone();
    same("sid", &Some(sid.as_str()), &exchange.request.query_value("sid"))?;
    same("transport", &Some("websocket"), &exchange.request.query_value("transport"))?;
    same("EIO", &Some("4"), &exchange.request.query_value("EIO"))?;

    let mut websocket = exchange.accept().await?;
    websocket.expect("2probe").await?;
    websocket.send("3probe").await?;
    session.send("6").await?;
    websocket.expect("5").await?;

    let mut session = moved(client, session, websocket).await?;
    client.fence(&mut session).await
}

async fn polling_is_paused_before(client: &Client) -> Verdict {
    let mut session = opened(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    expect_pause(&mut session, &mut websocket).await?;
    let before = session.requests()?.seen();

    let mut upgraded = Session::websocket(session.handshake.clone(), websocket, client.watch());
    join_over(client, &mut session, &mut upgraded).await?;
    client.fence(&mut upgraded).await?;
    let after = session.requests()?.seen();
    ensure(after == before, "no request behind 5", || format!("{} came", after - before))
}

/// Answers the probe while a poll waits: until that is answered too, nothing comes over the WebSocket but the pong behind it.
pub(super) async fn expect_pause(session: &mut Session, websocket: &mut WebSocket) -> Verdict {
    session.expect_poll().await?;
    websocket.send("3probe").await?;
    websocket.send_frame(Frame::ping("fence")).await?;
    let frame = websocket.next_frame().await?;
    ensure(frame.opcode == opcode::PONG, "nothing while a poll waits", || {
        format!("{} came", frame.to_text())
    })?;
    session.send("6").await?;
    Ok(websocket.expect("5").await?)
}

async fn polling_goes_on_until_then(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    for _ in 0..3 {
        client.fence(&mut session).await?;
    }
    websocket.send("3probe").await?;
    session.send("6").await?;
    Ok(websocket.expect("5").await?)
}

async fn what_is_emitted_meanwhile_arrives(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let mut emitted = 0;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    emit_some(client, &mut emitted).await?;
    websocket.expect("2probe").await?;
    emit_some(client, &mut emitted).await?;
    session.requests()?.hold_posts().await?;
    emit_some(client, &mut emitted).await?;
    websocket.send("3probe").await?;
    emit_some(client, &mut emitted).await?;
    session.send("6").await?;
    session.requests()?.release_posts().await?;
    emit_some(client, &mut emitted).await?;

    let mut arrived = 0;
    let mut is_upgraded = false;
    while arrived < emitted || !is_upgraded {
        let packet = tokio::select! {
            // What was posted was posted before `5`.
            biased;
            packet = session.next() => packet?,
            packet = websocket.next() => packet?,
        };
        if packet == Message::from("5") {
            is_upgraded = true;
            continue;
        }
        same("the next packet", &format!(r#"42["e",{arrived}]"#), &packet.to_string().replace(' ', ""))?;
        arrived += 1;
    }
    Ok(())
}

async fn what_comes_meanwhile_is_delivered(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    session.send_all([r#"42["e",0]"#, r#"42["e",1]"#]).await?;
    websocket.expect("2probe").await?;
    session.send(r#"42["e",2]"#).await?;
    client.expect_event("a", "e", json!([0])).await?;
    session.expect_poll().await?;
    websocket.send("3probe").await?;
    session.send_all([r#"42["e",3]"#, r#"42["e",4]"#]).await?;
    websocket.expect("5").await?;
    websocket.send(r#"42["e",5]"#).await?;
    websocket.send(r#"42["e",6]"#).await?;

    for number in 1..7 {
        client.expect_event("a", "e", json!([number])).await?;
    }
    Ok(())
}

async fn heartbeats_move_too(client: &Client) -> Verdict {
    let mut session = upgraded(client).await?;
    session.ping().await?;
    client.fence(&mut session).await
}

async fn a_wrong_answer_leaves_it(client: &Client) -> Verdict {
    let mut session = opened(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    websocket.send("3wrong").await?;
    client.join(&mut session).await?;
    client.fence(&mut session).await
}

async fn a_refusal_leaves_it(client: &Client) -> Verdict {
    let mut session = opened(client).await?;
    session.expect_upgrade().await?.answer(Response::new(400));
    client.join(&mut session).await?;
    client.fence(&mut session).await
}

async fn an_end_leaves_it(client: &Client) -> Verdict {
    let mut session = opened(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    drop(websocket);
    client.join(&mut session).await?;
    client.fence(&mut session).await
}

async fn silence_leaves_it(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    client.fence(&mut session).await?;
    client.fence(&mut session).await
}

async fn nothing_offered_nothing_tried(client: &Client) -> Verdict {
    let mut session = client.joined_by(&Connect::upgrading(), Transport::Polling).await?;
    stays_on_polling(client, &mut session).await
}

async fn a_client_may_stay(client: &Client) -> Verdict {
    let connect = Connect::upgrading().option("upgrade", false);
    let handshake = Handshake::new().with_upgrade();
    let mut session = client.joined_with(&connect, Transport::Polling, handshake).await?;
    stays_on_polling(client, &mut session).await
}

async fn unknown_transports_are_passed_over(client: &Client) -> Verdict {
    let handshake = Handshake::new().with("upgrades", json!(["carrier-pigeon", "flash"]));
    let mut session = client.joined_with(&Connect::upgrading(), Transport::Polling, handshake).await?;
    stays_on_polling(client, &mut session).await
}

async fn an_upgrade_is_told(client: &Client) -> Verdict {
    let mut session = opened(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    websocket.send("3probe").await?;
    session.send("6").await?;
    websocket.expect("5").await?;
    match client.next_aside().await? {
        Report::Transport { name } => same("the transport", "websocket", name.as_str()),
        other => Err(Failure::departed("the report transport", format!("{other} came"))),
    }
}

async fn a_client_may_leave_amid_it(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    client.disconnect("a").await?;
    session.expect("41").await?;
    session.expect_end().await
}

async fn a_client_may_leave_behind_the_answer(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    websocket.send("3probe").await?;
    client.disconnect("a").await?;
    client.expect_disconnect("a", &["io client disconnect"]).await?;
    session.send("6").await?;

    // It may go over either.
    tokio::select! {
        ended = session.expect_end() => ended,
        code = websocket.expect_close() => code.map(drop).map_err(Failure::from),
    }
}

async fn it_begins_with_polling_again(client: &Client) -> Verdict {
    client.connect(&Connect::upgrading().coming_back()).await?;
    let session = client.accept_with(Transport::Polling, Handshake::new().with_upgrade()).await?;
    drop(upgrade(client, session).await?);
    client.expect_disconnect("a", &["transport close", "transport error"]).await?;
    client.come_back(Transport::Polling).await?;
    Ok(())
}

/// A session over polling that may be upgraded. Some clients join their namespaces before they have tried that, others
/// behind it.
async fn opened(client: &Client) -> Verdict<Session> {
    client.connect(&Connect::upgrading()).await?;
    client.accept_with(Transport::Polling, Handshake::new().with_upgrade()).await
}

/// A session that has moved to a WebSocket, its socket joined.
async fn upgraded(client: &Client) -> Verdict<Session> {
    let session = opened(client).await?;
    upgrade(client, session).await
}

/// Moves a session to a WebSocket, and lets its socket join wherever it asks.
async fn upgrade(client: &Client, mut session: Session) -> Verdict<Session> {
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    websocket.send("3probe").await?;
    // Ends the poll that waits.
    session.send("6").await?;
    websocket.expect("5").await?;
    moved(client, session, websocket).await
}

async fn moved(client: &Client, mut polling: Session, websocket: WebSocket) -> Verdict<Session> {
    let mut session = Session::websocket(polling.handshake.clone(), websocket, client.watch());
    join_over(client, &mut polling, &mut session).await?;
    Ok(session)
}

/// Lets the socket join over the WebSocket, whether it has asked there or before.
async fn join_over(client: &Client, polling: &mut Session, websocket: &mut Session) -> Verdict {
    let came = tokio::select! {
        biased;
        packet = polling.next() => packet?,
        packet = websocket.next() => packet?,
    };
    ensure(is_same(&"40".into(), &came), "CONNECT", || format!("{came} came"))?;
    websocket.send(r#"40{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await
}

/// A session over polling that may be upgraded, its socket joined.
async fn joined(client: &Client) -> Verdict<Session> {
    client.joined_with(&Connect::upgrading(), Transport::Polling, Handshake::new().with_upgrade()).await
}

async fn stays_on_polling(client: &Client, session: &mut Session) -> Verdict {
    client.fence(session).await?;
    client.fence(session).await?;
    match session.requests()?.take_upgrade() {
        None => Ok(()),
        Some(exchange) => Err(Failure::departed("no WebSocket", format!("{exchange} came"))),
    }
}

async fn emit_some(client: &Client, emitted: &mut usize) -> Verdict {
    for _ in 0..4 {
        client.emit("a", "e", json!([*emitted])).await?;
        *emitted += 1;
    }
    Ok(())
}
