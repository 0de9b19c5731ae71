//! Clients of the older revisions: Engine.IO 3 with Socket.IO 4, as version 2 of the reference speaks them.

use std::time::{Duration, Instant};

use serde_json::json;

use super::upgrading::expect_pause;
use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::session::Session;
use crate::feature::Feature;
use crate::server::Revision;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::Message;
use crate::wire::http::Response;
use crate::wire::packet::bytes;
use crate::wire::payload::v3;
use crate::wire::websocket::opcode;

pub(super) fn cases() -> Vec<Case<Client>> {
    [engine(), socket()].concat()
}

fn engine() -> Vec<Case<Client>> {
    vec![
        Case::must("client.engine3.handshake.request")
            .cites(["EIO3-10", "EIO3-11", "EIO3-12", "EIO3-13", "EIO3-17", "EIO3-18", "SIO4-01"])
            .expects(
                "a session is asked for with EIO=3, the name of the transport, no sid, and for polling a t",
            )
            .over(Transport::BOTH, a_session_is_asked_for),
        Case::must("client.engine3.handshake.sid")
            .cites(["EIO3-15", "EIO3-44"])
            .expects("GETs and POSTs of an open session name its sid and its revision")
            .needs([Feature::Polling])
            .checks(requests_name_the_session),
        Case::must("client.engine3.message")
            .cites(["EIO3-06", "EIO3-20", "EIO3-22", "EIO3-28"])
            .expects("messages go both ways")
            .over(Transport::BOTH, messages_go_both_ways),
        Case::must("client.engine3.payload.out")
            .cites(["EIO3-20", "EIO3-33", "EIO3-34", "EIO3-41", "EIO3-42", "EIO3-44", "EP-015"])
            .expects("packets are posted as length, colon and packet, the length in characters")
            .needs([Feature::Polling])
            .checks(payloads_go_out),
        Case::must("client.engine3.payload.in")
            .cites(["EIO3-33", "EIO3-34", "EIO3-41", "EIO3-42", "EP-015"])
            .expects("several packets of one payload, of text beyond ASCII too, are delivered in order")
            .needs([Feature::Polling])
            .checks(payloads_come_in),
        Case::must("client.engine3.payload.bytes")
            .cites([
                "EIO3-19", "EIO3-21", "EIO3-35", "EIO3-36", "EIO3-37", "EIO3-38", "EIO3-39", "EIO3-40",
                "EP-014", "EP-018",
            ])
            .expects(
                "bytes among text are base64 within text or bytes in a payload of bytes, in both directions",
            )
            .needs([Feature::Polling, Feature::Binary])
            .checks(payloads_carry_bytes),
        Case::must("client.engine3.websocket.frames")
            .cites(["EIO3-10", "EIO3-21", "EIO3-53", "EIO3-54", "EP-013"])
            .expects("each packet is a frame of its own, and bytes begin with the type")
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(each_packet_is_a_frame),
        Case::must("client.engine3.heartbeat.ping")
            .cites(["EIO3-25", "EIO3-62", "EIO3-64"])
            .expects("the client pings pingInterval after the handshake, and again after each pong")
            .over(Transport::BOTH, the_client_pings),
        Case::must("client.engine3.heartbeat.silence")
            .cites(["EIO3-62", "EIO3-63"])
            .expects("a ping that is not answered within pingTimeout means that the server has gone")
            .over(Transport::BOTH, a_silent_server_has_gone),
        Case::must("client.engine3.close")
            .cites(["EIO3-07", "EIO3-24"])
            .expects("a close packet of the server over polling ends the session")
            .needs([Feature::Polling])
            .checks(a_close_packet_ends_it),
        Case::must("client.engine3.upgrade.steps")
            .cites(["EIO3-29", "EIO3-30", "EIO3-55", "EIO3-56", "EIO3-57", "EIO3-60"])
            .expects(
                "a connection begins with polling, probes a WebSocket by 2probe, and says 5 after 3probe",
            )
            .needs([Feature::Upgrade])
            .checks(an_upgrade_goes_step_by_step),
        Case::must("client.engine3.upgrade.pause")
            .cites(["EIO3-58"])
            .expects("5 is sent when the poll that waits was answered")
            .needs([Feature::Upgrade])
            .checks(polling_is_paused_before),
    ]
}

fn socket() -> Vec<Case<Client>> {
    vec![
        Case::must("client.socket4.connect.root")
            .cites(["SIO4-02", "SIO4-33", "SIO4-35"])
            .expects("the server's CONNECT for / is enough, and the client sends nothing before it or in answer")
            .over(Transport::BOTH, the_server_connects_the_root),
        Case::must("client.socket4.connect.namespace")
            .cites(["SIO4-03", "SIO4-05", "SIO4-22", "SIO4-24", "SIO4-36"])
            .expects("another namespace is asked for by CONNECT without a payload")
            .over(Transport::BOTH, a_namespace_is_asked_for),
        Case::must("client.socket4.connect.refused")
            .cites(["SIO4-13"])
            .expects("an ERROR packet is a refusal")
            .over(Transport::BOTH, a_refusal_is_told),
        Case::must("client.socket4.event")
            .cites(["SIO4-09", "SIO4-10", "SIO4-19", "SIO4-20", "SIO4-26"])
            .expects("events are written and read as in the document")
            .over(Transport::BOTH, events_go_both_ways),
        Case::must("client.socket4.ack")
            .cites(["SIO4-11", "SIO4-12", "SIO4-27", "SIO4-28", "SIO4-40"])
            .expects("events are acknowledged with their id and their namespace, in both directions")
            .needs([Feature::Acks, Feature::Answers])
            .over(Transport::BOTH, acknowledgements_go_both_ways),
        Case::must("client.socket4.binary")
            .cites([
                "SIO4-15", "SIO4-16", "SIO4-17", "SIO4-18", "SIO4-21", "SIO4-30", "SIO4-31", "SIO4-32", "SIO4-41",
            ])
            .expects("events and acknowledgements with bytes have placeholders and attachments, in both directions")
            .needs([Feature::Binary, Feature::Answers])
            .over(Transport::BOTH, bytes_go_both_ways),
        Case::must("client.socket4.disconnect.own")
            .cites(["SIO4-07", "SIO4-08", "SIO4-25", "SIO4-38"])
            .expects("a client leaves a namespace by DISCONNECT without a payload")
            .over(Transport::BOTH, a_client_leaves),
        Case::must("client.socket4.disconnect.by-the-server")
            .cites(["SIO4-07", "SIO4-39"])
            .expects("DISCONNECT from the server ends the stay in a namespace, and is not answered")
            .over(Transport::BOTH, the_server_ends_it),
    ]
}

async fn a_session_is_asked_for(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport)).await?;
    let exchange = client.expect_handshake_of(Revision::V3, transport).await?;
    same("the path", "/socket.io/", exchange.request.path())?;
    let has_stamp = exchange.request.query_value("t").is_some();
    ensure(has_stamp || transport == Transport::WebSocket, "t in the query", || exchange.to_string())
}

async fn requests_name_the_session(client: &Client) -> Verdict {
    let handshake = Handshake::of_revision_3();
    client.connect(&Connect::over(Transport::Polling)).await?;
    let exchange = client.expect_handshake_of(Revision::V3, Transport::Polling).await?;
    exchange.answer(Response::ok(v3::join_text(&[handshake.to_packet().into()])));
    client.request_by("GET").await?.answer(Response::ok("2:40"));
    client.expect_connect("a").await?;
    client.emit("a", "e", json!([])).await?;
    for method in ["GET", "POST"] {
        let exchange = client.request_by(method).await?;
        same("sid", &Some(handshake.sid.as_str()), &exchange.request.query_value("sid"))?;
        same("EIO", &Some("3"), &exchange.request.query_value("EIO"))?;
    }
    Ok(())
}

async fn messages_go_both_ways(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    client.fence(&mut session).await
}

async fn payloads_go_out(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::Polling).await?;
    session.requests()?.hold_posts().await?;
    for text in ["first", "€", "😀", "last"] {
        client.emit("a", "e", json!([text])).await?;
    }
    client.caught_up().await?;
    // Lengths that count something else do not fit, and are reported as what came.
    session.requests()?.release_posts().await?;
    for text in ["first", "€", "😀", "last"] {
        session.expect(format!(r#"42["e","{text}"]"#)).await?;
    }
    Ok(())
}

async fn payloads_come_in(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::Polling).await?;
    session.answer_poll(Response::ok("11:42[\"e\",\"€\"]12:42[\"e\",\"😀\"]1:610:42[\"e\",\"\"]")).await?;
    for text in ["€", "😀", ""] {
        client.expect_event("a", "e", json!([text])).await?;
    }
    client.fence(&mut session).await
}

async fn payloads_carry_bytes(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::Polling).await?;
    send_bytes(&mut session, r#"451-["€",{"_placeholder":true,"num":0}]"#).await?;
    client.expect_event("a", "€", json!([bytes([1, 2, 3, 4])])).await?;
    client.emit("a", "€", json!([bytes([1, 2, 3, 4])])).await?;
    session.expect(r#"451-["€",{"_placeholder":true,"num":0}]"#).await?;
    session.expect([1, 2, 3, 4]).await?;
    client.fence(&mut session).await
}

async fn each_packet_is_a_frame(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::WebSocket).await?;
    for number in 0..3 {
        client.emit("a", "e", json!([number])).await?;
    }
    client.emit("a", "e", json!([bytes([7, 8])])).await?;
    for number in 0..3 {
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    session.expect(r#"451-["e",{"_placeholder":true,"num":0}]"#).await?;
    let frame = session.frames()?.next_frame().await?;
    same("the opcode", &opcode::BINARY, &frame.opcode)?;
    same("the type and the bytes", &[4, 7, 8][..], &frame.payload[..])?;

    send_bytes(&mut session, r#"451-["e",{"_placeholder":true,"num":0}]"#).await?;
    client.expect_event("a", "e", json!([bytes([1, 2, 3, 4])])).await
}

async fn the_client_pings(client: &Client, transport: Transport) -> Verdict {
    let handshake = Handshake::of_revision_3().with_heartbeat(300, 5000);
    let mut last = Instant::now();
    let mut session = client.joined_with(&Connect::over(transport), transport, handshake).await?;
    for _ in 0..3 {
        session.expect("2").await?;
        let waited = last.elapsed() + Duration::from_millis(2);
        ensure(waited >= Duration::from_millis(300), "pingInterval between pings", || {
            format!("it was {waited:?}")
        })?;
        last = Instant::now();
        session.send("3").await?;
    }
    Ok(())
}

async fn a_silent_server_has_gone(client: &Client, transport: Transport) -> Verdict {
    let handshake = Handshake::of_revision_3().with_heartbeat(200, 300);
    let mut session = client.joined_with(&Connect::over(transport), transport, handshake).await?;
    session.expect("2").await?;
    client.expect_disconnect_within("a", &["ping timeout"], Duration::from_millis(300)).await
}

async fn a_close_packet_ends_it(client: &Client) -> Verdict {
    let mut session = joined(client, Transport::Polling).await?;
    session.send("1").await?;
    client.expect_disconnect("a", &["transport close"]).await
}

async fn an_upgrade_goes_step_by_step(client: &Client) -> Verdict {
    let mut session = upgrading(client).await?;
    let exchange = session.expect_upgrade().await?;
    let sid = session.handshake.sid.clone();
    same("sid", &Some(sid.as_str()), &exchange.request.query_value("sid"))?;
    let mut websocket = exchange.accept().await?;
    websocket.expect("2probe").await?;
    websocket.send("3probe").await?;
    session.send("6").await?;
    websocket.expect("5").await?;
    let mut session = Session::websocket(session.handshake, websocket, client.watch());
    client.fence(&mut session).await
}

async fn polling_is_paused_before(client: &Client) -> Verdict {
    let mut session = upgrading(client).await?;
    client.fence(&mut session).await?;
    let mut websocket = session.expect_upgrade().await?.accept().await?;
    websocket.expect("2probe").await?;
    expect_pause(&mut session, &mut websocket).await
}

async fn the_server_connects_the_root(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    client.fence(&mut session).await
}

async fn a_namespace_is_asked_for(client: &Client, transport: Transport) -> Verdict {
    let mut session = in_namespace(client, transport).await?;
    client.emit("a", "e", json!([])).await?;
    session.expect(r#"42/admin,["e"]"#).await
}

async fn a_refusal_is_told(client: &Client, transport: Transport) -> Verdict {
    let mut session = asking(client, transport).await?;
    session.send(r#"44/admin,"Not authorized""#).await?;
    client.expect_connect_error("a").await?;
    Ok(())
}

async fn events_go_both_ways(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    client.emit("a", "hello", json!([1])).await?;
    session.expect(r#"42["hello",1]"#).await?;
    session.send(r#"42["hello",1]"#).await?;
    client.expect_event("a", "hello", json!([1])).await
}

async fn acknowledgements_go_both_ways(client: &Client, transport: Transport) -> Verdict {
    let mut session = in_namespace(client, transport).await?;
    client.ask("a", "project:delete", json!([123]), 7).await?;
    session.expect(r#"42/admin,0["project:delete",123]"#).await?;
    session.send("43/admin,0[]").await?;
    client.expect_ack(7, json!([])).await?;

    client.answer("a", "project:delete", json!([])).await?;
    session.send(r#"42/admin,456["project:delete",123]"#).await?;
    client.expect_event("a", "project:delete", json!([123])).await?;
    session.expect("43/admin,456[]").await
}

async fn bytes_go_both_ways(client: &Client, transport: Transport) -> Verdict {
    let mut session = in_namespace(client, transport).await?;
    client.emit("a", "hello", json!([bytes([1, 2, 3])])).await?;
    session.expect(r#"451-/admin,["hello",{"_placeholder":true,"num":0}]"#).await?;
    session.expect([1, 2, 3]).await?;

    client.answer("a", "project:delete", json!([bytes([3, 2, 1])])).await?;
    send_bytes(&mut session, r#"451-/admin,456["project:delete",{"_placeholder":true,"num":0}]"#).await?;
    client.expect_event("a", "project:delete", json!([bytes([1, 2, 3, 4])])).await?;
    session.expect(r#"461-/admin,456[{"_placeholder":true,"num":0}]"#).await?;
    session.expect([3, 2, 1]).await
}

async fn a_client_leaves(client: &Client, transport: Transport) -> Verdict {
    let mut session = in_namespace(client, transport).await?;
    client.disconnect("a").await?;
    session.expect("41/admin,").await?;
    client.expect_disconnect("a", &["io client disconnect"]).await
}

async fn the_server_ends_it(client: &Client, transport: Transport) -> Verdict {
    let mut session = in_namespace(client, transport).await?;
    session.send("41/admin,").await?;
    client.expect_disconnect("a", &["io server disconnect"]).await?;
    // The connection may end with it, but there is nothing else to say.
    match session.next().await {
        Err(Failure::Departed { expected: None, .. }) => Ok(()),
        Ok(close) if close == "1".into() => Ok(()),
        other => Err(Failure::departed("no answer", format!("{} came", other?))),
    }
}

async fn joined(client: &Client, transport: Transport) -> Verdict<Session> {
    client.joined_with(&Connect::over(transport), transport, Handshake::of_revision_3()).await
}

async fn upgrading(client: &Client) -> Verdict<Session> {
    let handshake = Handshake::of_revision_3().with_upgrade();
    client.joined_with(&Connect::upgrading(), Transport::Polling, handshake).await
}

/// A session whose client has asked for the namespace `/admin`.
async fn asking(client: &Client, transport: Transport) -> Verdict<Session> {
    client.connect(&Connect::over(transport).to("/admin")).await?;
    let mut session = client.accept_with(transport, Handshake::of_revision_3()).await?;
    session.send("40").await?;
    session.expect("40/admin,").await?;
    Ok(session)
}

async fn in_namespace(client: &Client, transport: Transport) -> Verdict<Session> {
    let mut session = asking(client, transport).await?;
    session.send("40/admin,").await?;
    client.expect_connect("a").await?;
    Ok(session)
}

/// A packet and the attachment 1, 2, 3, 4.
async fn send_bytes(session: &mut Session, packet: &str) -> Verdict {
    session.send_all([Message::from(packet), Message::from([1, 2, 3, 4])]).await
}
