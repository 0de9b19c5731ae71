//! Events without bytes.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket4.event.there-and-back")
            .cites(["SIO4-09", "SIO4-10", "SIO4-19"])
            .expects("an event and its arguments come back as they were sent")
            .over(Transport::BOTH, an_event_comes_back),
        Case::must("socket4.event.root")
            .cites(["SIO4-20", "SIO4-22", "SIO4-26"])
            .expects("an event in `/` is written without a namespace: 2[\"message-back\",1]")
            .over(Transport::BOTH, the_root_is_not_written),
        Case::must("socket4.event.namespace")
            .cites(["SIO4-20", "SIO4-22"])
            .expects("an event in another namespace has its name and a comma before the payload")
            .over(Transport::BOTH, another_namespace_is_written),
        Case::must("socket4.event.no-arguments")
            .cites(["SIO4-10"])
            .expects("an event without arguments is a list of its name")
            .over(Transport::BOTH, an_event_without_arguments_comes_back),
        Case::must("socket4.event.values")
            .cites(["SIO4-02", "SP-006"])
            .expects("JSON values of every kind come back as they were sent")
            .over(Transport::BOTH, values_of_every_kind_come_back),
        Case::must("socket4.event.unicode")
            .cites(["SIO4-20", "SP-006"])
            .expects("text in all of Unicode comes back as it was sent")
            .over(Transport::BOTH, text_in_all_of_unicode_comes_back),
        Case::interop("socket4.event.order")
            .cites(["EP-056"])
            .expects("the events of the server come in their order, none missing")
            .over(Transport::BOTH, events_keep_their_order),
        Case::interop("socket4.event.across-an-upgrade")
            .cites(["EP-089"])
            .expects("events before and after an upgrade come once and in their order")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(events_keep_their_order_across_an_upgrade),
    ]
}

async fn an_event_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.connect_v3(transport, "/").await?.echo(json!(["hello", 1])).await
}

async fn the_root_is_not_written(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send(r#"42["message",1]"#).await?;

    // A server that recovers sessions puts an offset behind the arguments.
    let came = session.next().await?.to_string();
    ensure(came.starts_with(r#"42["message-back",1"#), r#"42["message-back",1]"#, || format!("{came} came"))
}

async fn another_namespace_is_written(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;

    socket.session().send(r#"42/custom,["message",1]"#).await?;

    let came = socket.session().next().await?.to_string();
    let start = r#"42/custom,["message-back",1"#;
    ensure(came.starts_with(start), r#"42/custom,["message-back",1]"#, || format!("{came} came"))
}

async fn an_event_without_arguments_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.connect_v3(transport, "/").await?.echo(json!([])).await
}

async fn values_of_every_kind_come_back(server: &Server, transport: Transport) -> Verdict {
    let values = json!([null, true, false, 0, -1.5, 1e21, "", "text", [], [[1], {}], {"a": {"b": [null]}}]);

    server.connect_v3(transport, "/").await?.echo(values).await
}

async fn text_in_all_of_unicode_comes_back(server: &Server, transport: Transport) -> Verdict {
    let text = json!(["é € 😀 日本", "\u{0}\u{1f}\u{7f}\u{2028}\u{feff}\u{ffff}", {"ключ": "\"\\/\n"}]);

    server.connect_v3(transport, "/").await?.echo(text).await
}

async fn events_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;

    socket.emit("count", json!([100])).await?;

    for number in 0..100 {
        socket.expect_event("number", json!([number])).await?;
    }
    socket.fence().await
}

async fn events_keep_their_order_across_an_upgrade(server: &Server) -> Verdict {
    let socket = server.connect_v3(Transport::Polling, "/").await?;

    socket.emit("count", json!([100])).await?;
    socket.session().upgrade().await?;
    socket.emit("message", json!(["after"])).await?;

    for number in 0..100 {
        socket.expect_event("number", json!([number])).await?;
    }
    socket.expect_event("message-back", json!(["after"])).await
}
