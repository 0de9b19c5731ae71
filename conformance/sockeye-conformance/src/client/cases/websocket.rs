//! The WebSocket as a client does it: the request, frames out, what it answers to frames that are right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::feature::Feature;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::Response;
use crate::wire::websocket::{Frame, Masking, Role, accept_key, opcode};
use crate::wire::{Error, Tcp};

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::WebSocket]);
    vec![
        case(Case::must("client.engine4.websocket.request"))
            .cites(["RFC6455-01", "RFC6455-02", "RFC6455-03", "RFC6455-04", "EIO4-22"])
            .expects("the request has Upgrade, Connection, a key of 16 bytes, and version 13")
            .checks(the_request_is_complete),
        case(Case::must("client.engine4.websocket.one-packet-a-frame"))
            .cites(["EIO4-24", "EIO4-64", "EIO4-65", "EIO4-66", "EP-104", "RFC6455-09", "EIO4-29"])
            .expects("each packet is a final masked frame of text, however many are sent at once")
            .checks(each_packet_is_a_frame),
        case(Case::must("client.engine4.websocket.lengths"))
            .cites(["RFC6455-15"])
            .expects("lengths are written in the shortest of their three forms")
            .checks(lengths_are_short),
        case(Case::must("client.engine4.websocket.only-one"))
            .cites(["EIO4-25"])
            .expects("a session has one WebSocket")
            .checks(there_is_one_websocket),
        case(Case::must("client.engine4.websocket.ping"))
            .cites(["RFC6455-24", "RFC6455-25", "EP-106"])
            .expects("a ping of the WebSocket's own is answered by a pong with the same payload")
            .checks(a_ping_of_the_websocket_is_answered),
        case(Case::must("client.engine4.websocket.pong"))
            .cites(["RFC6455-26"])
            .expects("a pong that nobody asked for is passed over")
            .checks(a_pong_is_passed_over),
        case(Case::must("client.engine4.websocket.fragments"))
            .cites(["RFC6455-17", "RFC6455-18"])
            .expects("a message in fragments, with a ping among them, arrives as one")
            .checks(fragments_are_put_together),
        case(Case::must("client.engine4.websocket.closing"))
            .cites(["RFC6455-23", "CC-066"])
            .expects("a close frame is answered by one, and ends the session: transport close")
            .checks(a_close_frame_is_answered),
        case(Case::must("client.engine4.websocket.leaving"))
            .cites(["CC-096", "RFC6455-21", "RFC6455-22", "RFC6455-28", "RFC6455-29"])
            .expects("a client that leaves closes the WebSocket, and sends nothing behind its close frame")
            .checks(a_client_that_leaves_closes),
        case(Case::must("client.engine4.websocket.wrong-accept"))
            .cites(["RFC6455-05", "ROB-040"])
            .expects("an answer whose Sec-WebSocket-Accept is wrong or missing is a failed attempt")
            .needs([Feature::WebSocket, Feature::Reconnection])
            .checks(a_wrong_key_is_a_failure),
        case(Case::interop("client.engine4.websocket.refused"))
            .cites(["ROB-040", "CC-041", "EO-005"])
            .expects("an answer of another status is a failed attempt")
            .needs([Feature::WebSocket, Feature::Reconnection])
            .checks(another_status_is_a_failure),
        case(Case::robust("client.engine4.websocket.wrong-extension"))
            .cites(["ROB-040"])
            .expects("an answer with an extension or a protocol that was not asked for is a failed attempt")
            .needs([Feature::WebSocket, Feature::Reconnection])
            .checks(what_was_not_offered_is_a_failure),
    ]
}

async fn the_request_is_complete(client: &Client) -> Verdict {
    client.connect(&Connect::over(Transport::WebSocket)).await?;
    let exchange = client.expect_handshake(Transport::WebSocket).await?;

    let headers = &exchange.request.headers;
    ensure(headers.lists("connection", "upgrade"), "Connection: Upgrade", || format!("{headers:?}"))?;
    same("Sec-WebSocket-Version", &Some("13"), &headers.find("sec-websocket-version"))?;
    let key = headers.find("sec-websocket-key").unwrap_or_default();
    same("the key's length", &Some(16), &STANDARD.decode(key).ok().map(|bytes| bytes.len()))
}

async fn each_packet_is_a_frame(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    for number in 0..5 {
        client.emit("a", "e", json!([number])).await?;
    }
    for number in 0..5 {
        let frame = session.frames()?.next_frame().await?;
        same("the opcode", &opcode::TEXT, &frame.opcode)?;
        ensure(frame.is_final && frame.rsv == 0, "a final frame", || format!("{} came", frame.to_text()))?;
        ensure(matches!(frame.masking, Masking::With(_)), "a masked frame", || "it is not masked".into())?;
        let text = String::from_utf8_lossy(&frame.payload).replace(' ', "");
        same("the packet", &format!(r#"42["e",{number}]"#), &text)?;
    }
    Ok(())
}

async fn lengths_are_short(client: &Client) -> Verdict {
    client.connect(&Connect::over(Transport::WebSocket)).await?;
    let exchange = client.expect_handshake(Transport::WebSocket).await?;
    let key = exchange.request.headers.find("sec-websocket-key").unwrap_or_default().to_owned();
    let mut tcp = exchange.take().await?;
    let switch = Response::new(101)
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Accept", accept_key(&key));
    tcp.send(switch.to_bytes()).await?;
    tcp.send(Frame::text(Handshake::new().to_packet()).to_bytes(Role::Server)).await?;

    // Before CONNECT some send a pong that nobody asked for.
    while !next_frame(client, &mut tcp).await?.1.payload.starts_with(b"40") {}
    tcp.send(Frame::text(r#"40{"sid":"socket-a"}"#).to_bytes(Role::Server)).await?;
    client.expect_connect("a").await?;
    for (length, form) in [(60, None), (200, Some(126)), (70_000, Some(127))] {
        client.emit("a", "e", json!(["x".repeat(length)])).await?;
        let (came, _) = next_frame(client, &mut tcp).await?;
        ensure(form.map_or(came < 126, |form| came == form), "the shortest form of a length", || {
            format!("{length} bytes and some are announced by {came}")
        })?;
    }
    Ok(())
}

async fn there_is_one_websocket(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    client.fence(&mut session).await?;
    client.expect_no_request().await
}

async fn a_ping_of_the_websocket_is_answered(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    for payload in ["", "still there?"] {
        session.frames()?.send_frame(Frame::ping(payload)).await?;
        let frame = session.frames()?.next_frame().await?;
        same("the answer", &Frame::pong(payload).to_text(), &frame.to_text())?;
    }
    Ok(())
}

async fn a_pong_is_passed_over(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    session.frames()?.send_frame(Frame::pong("unasked")).await?;
    client.fence(&mut session).await
}

async fn fragments_are_put_together(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    let websocket = session.frames()?;
    websocket.send_frame(Frame::text(r#"42["e","#).unfinished()).await?;
    websocket.send_frame(Frame::ping("amid")).await?;
    websocket.send_frame(Frame::continuation("").unfinished()).await?;
    // A character of two bytes, one here and one there.
    websocket.send_frame(Frame::continuation(&b"\"\xc3"[..]).unfinished()).await?;
    websocket.send_frame(Frame::continuation(&b"\xa4\"]"[..])).await?;

    let pong = websocket.next_frame().await?;
    same("the answer to the ping", &Frame::pong("amid").to_text(), &pong.to_text())?;
    client.expect_event("a", "e", json!(["ä"])).await?;
    client.fence(&mut session).await
}

async fn a_close_frame_is_answered(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    session.frames()?.close(1000).await?;
    let frame = session.frames()?.next_frame().await?;
    same("the opcode of the answer", &opcode::CLOSE, &frame.opcode)?;
    // It is the server that ends the connection below.
    drop(session);
    client.expect_disconnect("a", &["transport close"]).await
}

async fn a_client_that_leaves_closes(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    client.disconnect("a").await?;
    session.expect("41").await?;
    let frame = session.frames()?.next_frame().await?;
    same("the opcode behind DISCONNECT", &opcode::CLOSE, &frame.opcode)?;
    ensure(!matches!(frame.close_code(), Some(1005 | 1006)), "a code that may be sent", || frame.to_text())?;
    session.frames()?.close(1000).await?;
    Ok(session.frames()?.expect_end().await?)
}

async fn a_wrong_key_is_a_failure(client: &Client) -> Verdict {
    let wrong = accept_key("another key");
    attempts_fail(
        client,
        &[
            &|answer| {
                let mut answer = answer;
                answer.headers.set("Sec-WebSocket-Accept", wrong.clone());
                answer
            },
            &|answer| {
                let mut answer = answer;
                answer.headers.remove("Sec-WebSocket-Accept");
                answer
            },
        ],
    )
    .await
}

async fn another_status_is_a_failure(client: &Client) -> Verdict {
    let statuses = [200, 302, 400, 404, 503];
    client.connect(&Connect::over(Transport::WebSocket).coming_back()).await?;
    for status in statuses {
        client.expect_handshake(Transport::WebSocket).await?.answer(Response::new(status));
        client.expect_connect_error("a").await?;
    }
    let mut session = client.accept(Transport::WebSocket).await?;
    client.join(&mut session).await
}

async fn what_was_not_offered_is_a_failure(client: &Client) -> Verdict {
    attempts_fail(
        client,
        &[&|answer| answer.header("Sec-WebSocket-Extensions", "x-conformance"), &|answer| {
            answer.header("Sec-WebSocket-Protocol", "x-conformance")
        }],
    )
    .await
}

/// The next frame, and its second byte without the mask bit.
async fn next_frame(client: &Client, tcp: &mut Tcp) -> Verdict<(u8, Frame)> {
    let reading = async {
        while tcp.reader.buffer.len() < 2 && tcp.reader.read_more().await? {}
        let form = tcp.reader.buffer.get(1).map_or(0, |byte| byte & 0x7f);
        loop {
            if let Some(frame) = Frame::parse(&mut tcp.reader.buffer)? {
                return Ok((form, frame));
            }
            if !tcp.reader.read_more().await? {
                return Err(Error::Closed { what: "a frame".to_owned() });
            }
        }
    };
    Ok(client.watch().wait_for("frame", reading).await?)
}

/// How the right answer is made a wrong one.
type Change<'a> = &'a (dyn Fn(Response) -> Response + Sync);

/// Answers attempts so, each of which fails, and then rightly.
async fn attempts_fail(client: &Client, changes: &[Change<'_>]) -> Verdict {
    client.connect(&Connect::over(Transport::WebSocket).coming_back()).await?;
    for change in changes {
        let exchange = client.expect_handshake(Transport::WebSocket).await?;
        let mut websocket = exchange.accept_with(change).await?;
        // Whoever does not look would connect now.
        let _ = websocket.send(Handshake::new().to_packet()).await;
        client.expect_connect_error("a").await?;
    }
    let mut session = client.accept(Transport::WebSocket).await?;
    client.join(&mut session).await
}
