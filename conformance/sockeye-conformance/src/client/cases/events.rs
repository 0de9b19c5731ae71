//! Events in both directions: their form on the wire, their values, their names, their order.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Client>> {
    vec![
        Case::must("client.socket5.event.out")
            .cites(["SIO5-05", "SIO5-18", "SIO5-19", "SIO5-37", "EIO4-34", "EIO4-57", "EIO4-65", "SP-010"])
            .expects("an event is an array of its name and its arguments")
            .over(Transport::BOTH, events_go_out),
        Case::must("client.socket5.event.in")
            .cites(["SIO5-05", "SIO5-18", "SIO5-37", "EIO4-34", "EIO4-57", "SP-010"])
            .expects("an event is delivered with its arguments")
            .over(Transport::BOTH, events_come_in),
        Case::must("client.socket5.event.namespace")
            .cites(["SIO5-38", "SIO5-33", "SP-003"])
            .expects("an event of a namespace names it, in both directions")
            .over(Transport::BOTH, events_name_their_namespace),
        Case::interop("client.socket5.event.values")
            .cites(["SP-005", "SP-006"])
            .expects("values of every kind arrive as they were sent, in both directions")
            .over(Transport::BOTH, values_of_every_kind),
        Case::must("client.socket5.event.unicode")
            .cites(["EIO4-58", "SP-006"])
            .expects("text in all of Unicode arrives as it was sent, in both directions")
            .over(Transport::BOTH, text_of_every_kind),
        Case::interop("client.socket5.event.escapes")
            .cites(["SP-006", "ROB-035"])
            .expects("text with escapes, of control characters and of pairs of surrogates too, is read")
            .over(Transport::BOTH, escapes_are_read),
        Case::interop("client.socket5.event.spaces")
            .cites(["SP-005"])
            .expects("spaces within JSON mean nothing")
            .over(Transport::BOTH, spaces_mean_nothing),
        Case::robust("client.socket5.event.names")
            .cites(["ROB-066"])
            .expects(
                "names such as __proto__, constructor, error, open and the empty one are names like others",
            )
            .over(Transport::BOTH, odd_names_are_names),
        Case::interop("client.socket5.event.order-out")
            .cites(["EP-056"])
            .expects("two hundred events are sent in the order in which they were emitted")
            .over(Transport::BOTH, events_go_out_in_order),
        Case::interop("client.socket5.event.order-in")
            .cites(["EP-056"])
            .expects("two hundred events are delivered in the order in which they came")
            .over(Transport::BOTH, events_come_in_in_order),
        Case::interop("client.socket5.event.large")
            .cites(["EIO4-57", "SP-006"])
            .expects("an argument of 300,000 characters arrives, in both directions")
            .over(Transport::BOTH, large_events_arrive),
    ]
}

async fn events_go_out(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    client.emit("a", "foo", json!([])).await?;
    session.expect(r#"42["foo"]"#).await?;
    client.emit("a", "hello", json!([1, "2", { "three": [4] }])).await?;
    session.expect(r#"42["hello",1,"2",{"three":[4]}]"#).await
}

async fn events_come_in(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    session.send(r#"42["foo"]"#).await?;
    client.expect_event_with("a", "foo", json!([]), Some(false)).await?;
    session.send(r#"42["hello",1,"2",{"three":[4]}]"#).await?;
    client.expect_event_with("a", "hello", json!([1, "2", { "three": [4] }]), Some(false)).await
}

async fn events_name_their_namespace(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).to("/admin")).await?;
    let mut session = client.accept(transport).await?;
    session.expect("40/admin,").await?;
    session.send(r#"40/admin,{"sid":"socket-a"}"#).await?;
    client.expect_connect("a").await?;

    client.emit("a", "bar", json!([])).await?;
    session.expect(r#"42/admin,["bar"]"#).await?;
    session.send(r#"42/admin,["baz",1]"#).await?;
    client.expect_event("a", "baz", json!([1])).await
}

async fn values_of_every_kind(client: &Client, transport: Transport) -> Verdict {
    let values = json!([
        null, true, false, 0, -1, 1.5, 9_007_199_254_740_991_i64, "", "text", [], {}, [[]], [null],
        { "a": { "b": [1, { "c": null }] }, "": 0 }
    ]);
    goes_both_ways(client, transport, values).await
}

async fn text_of_every_kind(client: &Client, transport: Transport) -> Verdict {
    let values = json!([
        "ä",
        "€",
        "😀",
        "日本語",
        "\u{2028}\u{2029}",
        "\u{0}",
        "\u{1e}",
        "\"\\/\u{8}\u{c}\n\r\t",
        "e\u{301}"
    ]);
    goes_both_ways(client, transport, values).await
}

async fn escapes_are_read(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    session.send(r#"42["e","\u00e9\u0000\ud83d\ude00\/\"\\\u001e"]"#).await?;
    client.expect_event("a", "e", json!(["é\u{0}😀/\"\\\u{1e}"])).await?;
    client.fence(&mut session).await
}

async fn spaces_mean_nothing(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    session.send("42[ \"e\" ,\t1 , { \"a\" :\n[ ] } ]").await?;
    client.expect_event("a", "e", json!([1, { "a": [] }])).await
}

async fn odd_names_are_names(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for name in [
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
        "prototype",
        "error",
        "message",
        "open",
        "close",
        "ping",
        "data",
        "",
        " ",
        "a,b",
        "42[",
        "Großer Name 😀",
    ] {
        session.send(format!("42{}", json!([name, 1]))).await?;
        client.expect_event("a", name, json!([1])).await?;
        client.emit("a", name, json!([2])).await?;
        session.expect(format!("42{}", json!([name, 2]))).await?;
    }
    client.fence(&mut session).await
}

async fn events_go_out_in_order(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for number in 0..200 {
        client.emit("a", "e", json!([number])).await?;
    }
    for number in 0..200 {
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    Ok(())
}

async fn events_come_in_in_order(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    session.send_all((0..100).map(|number| format!(r#"42["e",{number}]"#))).await?;
    for number in 100..200 {
        session.send(format!(r#"42["e",{number}]"#)).await?;
    }
    for number in 0..200 {
        client.expect_event("a", "e", json!([number])).await?;
    }
    Ok(())
}

async fn large_events_arrive(client: &Client, transport: Transport) -> Verdict {
    goes_both_ways(client, transport, json!(["ä".repeat(300_000)])).await
}

/// Sends the values to the client, lets it emit them, and expects them to be the same each time.
async fn goes_both_ways(client: &Client, transport: Transport, values: Value) -> Verdict {
    let mut session = client.joined(transport).await?;
    let mut event = vec![json!("e")];
    event.extend(values.as_array().cloned().unwrap_or_default());
    let packet = format!("42{}", Value::Array(event));

    session.send(&packet).await?;
    client.expect_event("a", "e", values.clone()).await?;
    client.emit("a", "e", values).await?;
    session.expect(&packet).await?;
    client.fence(&mut session).await
}
