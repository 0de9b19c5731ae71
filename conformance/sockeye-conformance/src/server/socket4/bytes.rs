//! Events with bytes: placeholders in the text, attachments behind it.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Revision, Server};
use crate::verdict::Verdict;
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket4.bytes.there-and-back")
            .cites(["SIO4-15", "SIO4-16", "SIO4-21"])
            .expects("bytes among the arguments of an event come back where they were")
            .over(Transport::BOTH, bytes_come_back),
        Case::must("socket4.bytes.placeholder")
            .cites(["SIO4-17", "SIO4-20", "SIO4-21", "SIO4-30"])
            .expects(
                "the text announces its attachments, has placeholders in their place, and they follow it",
            )
            .over(Transport::BOTH, attachments_follow_their_text),
        Case::must("socket4.bytes.namespace")
            .cites(["SIO4-20", "SIO4-32"])
            .expects("the number of attachments stands before the namespace, and that before the id")
            .over(Transport::BOTH, the_number_stands_before_the_namespace),
        Case::interop("socket4.bytes.several")
            .cites(["SP-008"])
            .expects("several attachments are numbered and sent in the order in which they occur")
            .over(Transport::BOTH, several_attachments_keep_their_order),
        Case::must("socket4.bytes.nested")
            .cites(["SIO4-15", "SP-007"])
            .expects("bytes at any depth come back where they were")
            .over(Transport::BOTH, nested_bytes_come_back),
        Case::must("socket4.bytes.empty")
            .cites(["SIO4-15", "SIO4-21"])
            .expects("an attachment of no bytes comes back as such")
            .over(Transport::BOTH, no_bytes_come_back),
        Case::must("socket4.bytes.base64")
            .cites(["SIO4-15", "EIO3-16", "EIO3-35"])
            .expects("attachments come as base64 to who opened the session with b64=1, and where they were")
            .needs([Feature::Polling])
            .checks(attachments_can_be_base64),
        Case::interop("socket4.bytes.across-an-upgrade")
            .cites(["EP-089", "SP-008"])
            .expects("attachments follow their text across an upgrade")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(attachments_follow_across_an_upgrade),
    ]
    .into_iter()
    .map(|mut case| {
        case.needs.insert(0, Feature::Binary);
        case
    })
    .collect()
}

async fn bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.connect_v3(transport, "/").await?.echo(json!(["a file", bytes([1, 2, 3])])).await
}

async fn attachments_follow_their_text(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session
        .send_all([r#"451-7["message-with-ack",{"_placeholder":true,"num":0}]"#.into(), [1, 2, 3].into()])
        .await?;

    session.expect(r#"461-7[{"_placeholder":true,"num":0}]"#).await?;
    session.expect([1, 2, 3]).await
}

async fn the_number_stands_before_the_namespace(server: &Server, transport: Transport) -> Verdict {
    let session = server.connect_v3(transport, "/custom").await?.session().clone();

    let said = r#"451-/custom,456["message-with-ack",{"_placeholder":true,"num":0}]"#;
    session.send_all([said.into(), [3, 2, 1].into()]).await?;

    session.expect(r#"461-/custom,456[{"_placeholder":true,"num":0}]"#).await?;
    session.expect([3, 2, 1]).await
}

async fn several_attachments_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    let placeholders = r#"{"_placeholder":true,"num":0},["x",{"_placeholder":true,"num":1}]"#;
    let said = format!(r#"452-7["message-with-ack",{placeholders}]"#);
    session.send_all([said.into(), [1].into(), [2, 2].into()]).await?;

    session.expect(format!("462-7[{placeholders}]")).await?;
    session.expect([1]).await?;
    session.expect([2, 2]).await
}

async fn nested_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    let args = json!([{"a": [{"b": bytes([1])}, bytes([2])]}, [[bytes([3])]], "and text"]);

    server.connect_v3(transport, "/custom").await?.echo(args).await
}

async fn no_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.connect_v3(transport, "/").await?.echo(json!([bytes([]), "and", bytes([1])])).await
}

async fn attachments_can_be_base64(server: &Server) -> Verdict {
    let session = server.open_with(Revision::V3, Transport::Polling, "b64=1").await?;
    session.ready().await?;

    session.connect("/", None).await?.echo(json!([bytes([1, 2, 3]), "and", bytes([4])])).await
}

async fn attachments_follow_across_an_upgrade(server: &Server) -> Verdict {
    let socket = server.connect_v3(Transport::Polling, "/").await?;
    for number in 0..10 {
        socket.emit("message", json!([number, bytes([number])])).await?;
    }

    socket.session().upgrade().await?;

    for number in 0..10 {
        socket.expect_event("message-back", json!([number, bytes([number])])).await?;
    }
    socket.echo(json!([bytes([10])])).await
}
