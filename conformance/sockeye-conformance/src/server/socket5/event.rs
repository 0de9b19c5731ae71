//! Events and their acknowledgements, with and without bytes.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.event.ack")
            .cites(["SIO5-23", "SIO5-24", "SIO5-42"])
            .expects("an event with a number is acknowledged under that number")
            .over(Transport::BOTH, an_event_is_acknowledged),
        Case::must("socket5.event.bytes")
            .cites(["SIO5-21", "SIO5-32", "SIO5-39"])
            .expects("bytes among the arguments come back where they were")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_come_back_where_they_were),
        Case::must("socket5.event.question")
            .cites(["SIO5-22", "SIO5-26"])
            .expects("an event of the server's with a number can be acknowledged")
            .over(Transport::BOTH, a_question_can_be_answered),
    ]
}

async fn an_event_is_acknowledged(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    let answer = socket.ask("message-with-ack", json!([1, "two", {"three": [false]}])).await?;

    same("the acknowledgement", &json!([1, "two", {"three": [false]}]), &answer)
}

async fn bytes_come_back_where_they_were(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.echo(json!([{"a": bytes([1, 2, 3])}, "between", bytes([4])])).await
}

async fn a_question_can_be_answered(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("ask", json!(["how many"])).await?;
    let ack = socket.expect_question("question", json!(["how many"])).await?;
    socket.acknowledge(ack, json!([7])).await?;

    socket.expect_event("answer", json!([7])).await
}
