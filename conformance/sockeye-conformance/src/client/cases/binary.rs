//! Bytes in events and acknowledgements: placeholders, attachments, and how each transport carries them.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::session::Session;
use crate::feature::Feature;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::Message;
use crate::wire::http::Response;
use crate::wire::packet::bytes;
use crate::wire::websocket::opcode;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Binary]);
    vec![
        case(Case::must("client.binary.out"))
            .cites(["SIO5-08", "SIO5-21", "SIO5-32", "SIO5-39", "SP-007"])
            .expects("an event with bytes is a BINARY_EVENT with a placeholder, and the bytes follow")
            .over(Transport::BOTH, bytes_go_out),
        case(Case::must("client.binary.in"))
            .cites(["SIO5-08", "SIO5-21", "SIO5-32", "SIO5-39", "SP-010"])
            .expects("a BINARY_EVENT is delivered with its bytes when they are there")
            .over(Transport::BOTH, bytes_come_in),
        case(Case::must("client.binary.several-out"))
            .cites(["SIO5-40", "SP-008"])
            .expects("attachments are numbered in the order in which they occur, depth first, and follow in that order")
            .over(Transport::BOTH, several_go_out),
        case(Case::must("client.binary.several-in"))
            .cites(["SIO5-40", "SP-008"])
            .expects("each placeholder stands for the attachment of its number, at any depth")
            .over(Transport::BOTH, several_come_in),
        case(Case::must("client.binary.namespace"))
            .cites(["SIO5-40", "SIO5-31", "SP-002"])
            .expects("the number of attachments stands before the namespace, in both directions")
            .over(Transport::BOTH, the_namespace_is_behind_the_number),
        case(Case::must("client.binary.ack-asked"))
            .cites(["SIO5-25", "SIO5-09", "SIO5-31"])
            .expects("an event with bytes may be acknowledged, with bytes or without")
            .needs([Feature::Binary, Feature::Acks])
            .over(Transport::BOTH, questions_may_have_bytes),
        case(Case::must("client.binary.ack-given"))
            .cites(["SIO5-26", "SIO5-09", "SIO5-43"])
            .expects("an acknowledgement with bytes is a BINARY_ACK")
            .needs([Feature::Binary, Feature::Answers])
            .over(Transport::BOTH, answers_may_have_bytes),
        case(Case::interop("client.binary.empty"))
            .cites(["SP-007", "EP-004"])
            .expects("no bytes at all are bytes too, in both directions")
            .over(Transport::BOTH, no_bytes_are_bytes),
        case(Case::interop("client.binary.large"))
            .cites(["SP-007", "EIO4-66"])
            .expects("200,000 bytes of every value arrive, in both directions")
            .over(Transport::BOTH, many_bytes_arrive),
        case(Case::interop("client.binary.ten"))
            .cites(["SP-012"])
            .expects("ten attachments are taken")
            .over(Transport::BOTH, ten_attachments_are_taken),
        case(Case::interop("client.binary.order"))
            .cites(["EP-056", "SP-002"])
            .expects("events before and behind one with bytes are delivered in order")
            .over(Transport::BOTH, order_is_kept),
        case(Case::interop("client.binary.placeholder-like"))
            .cites(["SP-006"])
            .expects("an object that looks like a placeholder, in an event without bytes, is an object")
            .over(Transport::BOTH, what_looks_like_a_placeholder_is_none),
        case(Case::must("client.engine4.polling.binary"))
            .cites(["EIO4-62", "EIO4-58", "EIO4-07", "EP-004"])
            .expects("over polling bytes are b and padded base64 within text, or else the type says octet-stream")
            .needs([Feature::Binary, Feature::Polling])
            .checks(polling_carries_base64),
        case(Case::must("client.engine4.websocket.binary"))
            .cites(["EIO4-66", "EP-003"])
            .expects("over a WebSocket bytes are binary frames with nothing before them")
            .needs([Feature::Binary, Feature::WebSocket])
            .checks(websockets_carry_bytes),
    ]
}

async fn bytes_go_out(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.emit("a", "baz", json!([bytes([1, 2, 3, 4])])).await?;
    session.expect(r#"451-["baz",{"_placeholder":true,"num":0}]"#).await?;
    session.expect([1, 2, 3, 4]).await?;
    client.fence(&mut session).await
}

async fn bytes_come_in(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    send(&mut session, r#"451-["baz",{"_placeholder":true,"num":0}]"#, &[&[1, 2, 3, 4]]).await?;
    client.expect_event("a", "baz", json!([bytes([1, 2, 3, 4])])).await?;
    client.fence(&mut session).await
}

async fn several_go_out(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.emit("a", "e", json!([1, [bytes([1])], { "a": { "b": bytes([2, 2]) } }, "x", bytes([3])])).await?;
    session
        .expect(
            r#"453-["e",1,[{"_placeholder":true,"num":0}],{"a":{"b":{"_placeholder":true,"num":1}}},"x",{"_placeholder":true,"num":2}]"#,
        )
        .await?;
    session.expect([1]).await?;
    session.expect([2, 2]).await?;
    session.expect([3]).await
}

async fn several_come_in(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    let packet = r#"452-["e",{"_placeholder":true,"num":1},{"a":[{"num":0,"_placeholder":true}]},"x"]"#;
    send(&mut session, packet, &[&[1], &[2, 2]]).await?;
    client.expect_event("a", "e", json!([bytes([2, 2]), { "a": [bytes([1])] }, "x"])).await?;
    client.fence(&mut session).await
}

async fn the_namespace_is_behind_the_number(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).to("/admin")).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40/admin,").await?;
    session.send(r#"40/admin,{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await?;

    client.emit("a", "baz", json!([bytes([1, 2]), bytes([3, 4])])).await?;
    let packet = r#"452-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    session.expect(packet).await?;
    session.expect([1, 2]).await?;
    session.expect([3, 4]).await?;
    send(&mut session, packet, &[&[1, 2], &[3, 4]]).await?;
    client.expect_event("a", "baz", json!([bytes([1, 2]), bytes([3, 4])])).await
}

async fn questions_may_have_bytes(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for (number, answer) in [(0, json!(["bar"])), (1, json!([bytes([9]), 1]))] {
        client.ask("a", "foo", json!([bytes([1, 2, 3, 4])]), number).await?;
        let came = session.next().await?.to_string().replacen("451-", "42", 1);
        let id = super::acks::asked(&came, r#"["foo",{"_placeholder":true,"num":0}]"#)?;
        session.expect([1, 2, 3, 4]).await?;
        if number == 0 {
            session.send(format!(r#"43{id}["bar"]"#)).await?;
        } else {
            send(&mut session, &format!(r#"461-{id}[{{"_placeholder":true,"num":0}},1]"#), &[&[9]]).await?;
        }
        client.expect_ack(number, answer).await?;
    }
    client.fence(&mut session).await
}

async fn answers_may_have_bytes(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.answer("a", "foo", json!(["bar", bytes([1, 2, 3, 4])])).await?;
    session.send(r#"4215["foo"]"#).await?;
    client.expect_event("a", "foo", json!([])).await?;
    session.expect(r#"461-15["bar",{"_placeholder":true,"num":0}]"#).await?;
    session.expect([1, 2, 3, 4]).await?;

    send(&mut session, r#"451-16["foo",{"_placeholder":true,"num":0}]"#, &[&[7]]).await?;
    client.expect_event("a", "foo", json!([bytes([7])])).await?;
    session.expect(r#"461-16["bar",{"_placeholder":true,"num":0}]"#).await?;
    session.expect([1, 2, 3, 4]).await
}

async fn no_bytes_are_bytes(client: &Client, transport: Transport) -> Verdict {
    goes_both_ways(client, transport, &[]).await
}

async fn many_bytes_arrive(client: &Client, transport: Transport) -> Verdict {
    let many: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    goes_both_ways(client, transport, &many).await
}

async fn ten_attachments_are_taken(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    let mut event = vec![json!("e")];
    event.extend((0..10).map(|num| json!({ "_placeholder": true, "num": num })));
    let attachments: Vec<[u8; 1]> = (0..10).map(|number| [number]).collect();
    let attachments: Vec<&[u8]> = attachments.iter().map(|one| &one[..]).collect();
    send(&mut session, &format!("4510-{}", Value::Array(event)), &attachments).await?;
    let args: Vec<Value> = attachments.iter().map(bytes).collect();
    client.expect_event("a", "e", Value::Array(args)).await
}

async fn order_is_kept(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    session
        .send_all([
            Message::from(r#"42["e",1]"#),
            Message::from(r#"451-["e",{"_placeholder":true,"num":0}]"#),
            Message::from([2]),
            Message::from(r#"42["e",3]"#),
        ])
        .await?;
    for arg in [json!(1), bytes([2]), json!(3)] {
        client.expect_event("a", "e", json!([arg])).await?;
    }
    for arg in [json!(1), bytes([2]), json!(3)] {
        client.emit("a", "e", json!([arg])).await?;
    }
    session.expect(r#"42["e",1]"#).await?;
    session.expect(r#"451-["e",{"_placeholder":true,"num":0}]"#).await?;
    session.expect([2]).await?;
    session.expect(r#"42["e",3]"#).await
}

async fn what_looks_like_a_placeholder_is_none(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    session.send(r#"42["e",{"_placeholder":true,"num":0}]"#).await?;
    client.expect_event("a", "e", json!([{ "_placeholder": true, "num": 0 }])).await?;
    client.fence(&mut session).await
}

async fn polling_carries_base64(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling);
    let poll = client.join_by_hand(&connect, &Handshake::new()).await?;
    client.emit("a", "e", json!([bytes([1, 2, 3, 4])])).await?;
    let mut text = String::new();
    while !text.contains("bAQIDBA==") {
        let post = client.request_by("POST").await?;
        let kind = post.request.headers.find("content-type").unwrap_or_default().to_ascii_lowercase();
        let body = String::from_utf8_lossy(&post.request.body).into_owned();
        ensure(
            kind.starts_with("text/plain") || kind.contains("octet-stream"),
            "a type that says what it is",
            || format!("{kind} with {body}"),
        )?;
        text.push_str(&body);
        ensure(text.len() < 200, "b and padded base64", || format!("{text} came"))?;
        post.answer(Response::ok("ok"));
    }

    poll.answer(Response::ok("451-[\"e\",{\"_placeholder\":true,\"num\":0}]\x1ebAQIDBA=="));
    client.expect_event("a", "e", json!([bytes([1, 2, 3, 4])])).await
}

async fn websockets_carry_bytes(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::WebSocket).await?;
    client.emit("a", "e", json!([bytes([4, 2, 3])])).await?;
    session.expect(r#"451-["e",{"_placeholder":true,"num":0}]"#).await?;
    let frame = session.frames()?.next_frame().await?;
    same("the opcode", &opcode::BINARY, &frame.opcode)?;
    same("the bytes", &[4, 2, 3][..], &frame.payload[..])
}

/// A packet and its attachments.
async fn send(session: &mut Session, packet: &str, attachments: &[&[u8]]) -> Verdict {
    let attachments = attachments.iter().map(|bytes| Message::from(*bytes));
    session.send_all([Message::from(packet)].into_iter().chain(attachments)).await
}

async fn goes_both_ways(client: &Client, transport: Transport, data: &[u8]) -> Verdict {
    let mut session = client.joined(transport).await?;
    let packet = r#"451-["e",{"_placeholder":true,"num":0}]"#;
    send(&mut session, packet, &[data]).await?;
    client.expect_event("a", "e", json!([bytes(data)])).await?;
    client.emit("a", "e", json!([bytes(data)])).await?;
    session.expect(packet).await?;
    session.expect(data).await?;
    client.fence(&mut session).await
}
