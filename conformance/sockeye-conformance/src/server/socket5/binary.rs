//! Events with bytes: where they may stand, and how they are put together.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket};
use crate::verdict::{Verdict, ensure};
use crate::wire::Message;
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        Case::must("socket5.binary.one")
            .cites(["SIO5-08", "SIO5-21", "SIO5-32", "SIO5-39", "SP-010"])
            .expects("bytes among the arguments come back where they were")
            .over(Transport::BOTH, bytes_come_back),
        Case::must("socket5.binary.on-the-wire")
            .cites(["SIO5-32", "SIO5-39"])
            .expects("an event with bytes is written with the number of its attachments, a placeholder, and the bytes behind it")
            .over(Transport::BOTH, an_event_with_bytes_on_the_wire),
        Case::must("socket5.binary.custom")
            .cites(["SIO5-40"])
            .expects("the namespace stands behind the number of attachments")
            .over(Transport::BOTH, an_event_with_bytes_in_a_custom_namespace),
        Case::must("socket5.binary.several")
            .cites(["SIO5-40", "SP-008"])
            .expects("several attachments come back each in its place")
            .over(Transport::BOTH, several_attachments_come_back),
        Case::must("socket5.binary.deep")
            .cites(["SIO5-32", "SP-007"])
            .expects("bytes within objects and lists come back where they were")
            .over(Transport::BOTH, deep_bytes_come_back),
        Case::must("socket5.binary.every-value")
            .cites(["SIO5-21"])
            .expects("bytes of every value come back as they were")
            .over(Transport::BOTH, every_byte_comes_back),
        Case::must("socket5.binary.empty")
            .cites(["SIO5-21"])
            .expects("an attachment of no bytes comes back as one")
            .over(Transport::BOTH, no_bytes_come_back),
        Case::interop("socket5.binary.large")
            .cites(["SIO5-21"])
            .expects("an attachment of a hundred thousand bytes comes back whole")
            .over(Transport::BOTH, many_bytes_come_back),
        Case::interop("socket5.binary.ten")
            .cites(["SP-012"])
            .expects("an event may have ten attachments")
            .over(Transport::BOTH, ten_attachments_come_back),
        Case::must("socket5.binary.by-number")
            .cites(["SIO5-40", "SP-020"])
            .expects("a placeholder stands for the attachment of its number, wherever it stands")
            .over(Transport::BOTH, placeholders_go_by_their_number),
        Case::interop("socket5.binary.numbered-in-order")
            .cites(["SP-008"])
            .expects("the server numbers attachments from 0 in the order in which they occur, and sends them so")
            .over(Transport::BOTH, attachments_are_numbered_in_order),
        Case::must("socket5.binary.asking")
            .cites(["SIO5-25", "SIO5-43"])
            .expects("an event with bytes may ask, and its id stands before the list")
            .over(Transport::BOTH, an_event_with_bytes_may_ask),
        Case::must("socket5.binary.heartbeat-between")
            .cites(["SIO5-32"])
            .expects("a heartbeat between an event and its attachment disturbs neither")
            .over(Transport::BOTH, a_heartbeat_may_come_between),
        Case::interop("socket5.binary.other-sessions")
            .cites(["ROB-062"])
            .expects("who waits for attachments holds up nobody else, and is served once they are there")
            .over(Transport::BOTH, waiting_for_attachments_holds_up_nobody),
        Case::must("socket5.binary.then-text")
            .cites(["SIO5-37", "SIO5-39"])
            .expects("an event without bytes behind one with bytes is a plain one again")
            .over(Transport::BOTH, a_plain_event_follows),
    ];
    cases.into_iter().map(|case| case.needs([Feature::Binary])).collect()
}

async fn bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!(["before", bytes([1, 2, 3, 4]), "after"])).await
}

async fn an_event_with_bytes_on_the_wire(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send_all(baz("451-")).await?;

    expect_on_the_wire(&socket, r#"451-["message-back",{"#).await
}

async fn an_event_with_bytes_in_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    socket.session().send_all(baz("451-/custom,")).await?;

    expect_on_the_wire(&socket, r#"451-/custom,["message-back",{"#).await
}

async fn several_attachments_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([bytes([1, 2]), "between", bytes([3, 4]), bytes([1, 2])])).await
}

async fn deep_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([{"a": [{"b": {"c": bytes([1])}}, [[bytes([2])]]], "d": null}])).await
}

async fn every_byte_comes_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([bytes((0..=255).collect::<Vec<u8>>())])).await
}

async fn no_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([bytes([]), bytes([1]), bytes([])])).await
}

async fn many_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    let many: Vec<u8> = (0..=249).cycle().take(100_000).collect();
    let socket = server.connect(transport, "/").await?;

    let answer = socket.ask("message-with-ack", json!([bytes(&many)])).await?;

    ensure(answer == json!([bytes(&many)]), "the bytes as they were", || "others came".to_owned())
}

async fn ten_attachments_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, (0..10_u8).map(|i| bytes([i])).collect()).await
}

async fn placeholders_go_by_their_number(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let event = r#"452-["message",{"_placeholder":true,"num":1},{"num":0,"_placeholder":true}]"#;
    socket.session().send_all([event.into(), [10].into(), [11].into()]).await?;

    socket.expect_event("message-back", json!([bytes([11]), bytes([10])])).await
}

async fn attachments_are_numbered_in_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit_with_ack("message-with-ack", json!([[bytes([1]), [bytes([2])]], bytes([3])])).await?;

    let came = socket.session().next().await?;
    let text = came.as_text().unwrap_or_default();
    let numbers: Vec<&str> = text.split(r#""num":"#).skip(1).map(|rest| &rest[..1]).collect();
    ensure(numbers == ["0", "1", "2"], "placeholders 0, 1, 2", || format!("{text} came"))?;
    socket.session().expect_all([[1].into(), [2].into(), [3].into()]).await
}

async fn an_event_with_bytes_may_ask(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    let event = r#"451-/custom,15["message-with-ack",{"_placeholder":true,"num":0}]"#;
    socket.session().send_all([event.into(), [1, 2, 3, 4].into()]).await?;

    expect_on_the_wire(&socket, "461-/custom,15[{").await
}

async fn a_heartbeat_may_come_between(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let [event, attachment] = baz("451-");

    socket.session().send(event).await?;
    socket.session().pings(1).await?;
    socket.session().send(attachment).await?;

    socket.expect_event("message-back", json!([bytes([1, 2, 3, 4])])).await
}

async fn waiting_for_attachments_holds_up_nobody(server: &Server, transport: Transport) -> Verdict {
    let (waiting, other) = (server.connect(transport, "/").await?, server.connect(transport, "/").await?);
    let [event, attachment] = baz("451-");

    waiting.session().send(event).await?;
    other.echo(json!([bytes([5])])).await?;
    waiting.session().send(attachment).await?;

    waiting.expect_event("message-back", json!([bytes([1, 2, 3, 4])])).await
}

async fn a_plain_event_follows(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    socket.echo(json!([bytes([1])])).await?;

    socket.emit("message", json!(["plain"])).await?;

    let came = socket.session().next().await?;
    let is_plain = came.as_text().is_some_and(|text| text.starts_with(r#"42["message-back","plain""#));
    ensure(is_plain, r#"42["message-back","plain"]"#, || format!("{came} came"))
}

/// Once among events, which may end with an offset, and once among acknowledgements.
async fn comes_back(server: &Server, transport: Transport, args: Value) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    socket.echo(args.clone()).await?;
    let ack = socket.emit_with_ack("message-with-ack", args.clone()).await?;
    socket.expect_ack(ack, args).await
}

async fn expect_on_the_wire(socket: &Socket, start: &str) -> Verdict {
    let came = socket.session().next().await?;
    let text = came.as_text().unwrap_or_default();
    let is_right =
        text.starts_with(start) && text.contains(r#""_placeholder":true"#) && text.contains(r#""num":0"#);
    ensure(is_right, &format!(r#"{start}"_placeholder":true,"num":0}}…"#), || format!("{came} came"))?;
    socket.session().expect([1, 2, 3, 4]).await
}

/// The document's example, as the profile's `message`.
fn baz(start: &str) -> [Message; 2] {
    [format!(r#"{start}["message",{{"_placeholder":true,"num":0}}]"#).into(), [1, 2, 3, 4].into()]
}
