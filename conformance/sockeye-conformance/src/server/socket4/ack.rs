//! Acknowledgements, both ways.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket4.ack.without-values")
            .cites(["SIO4-11", "SIO4-12", "SIO4-28"])
            .expects("an event with an id is acknowledged under it; without values by an empty list")
            .over(Transport::BOTH, an_event_is_acknowledged),
        Case::must("socket4.ack.namespace")
            .cites(["SIO4-20", "SIO4-27", "SIO4-28", "SIO4-40"])
            .expects("an event with an id in a namespace is acknowledged there: 3/custom,456[]")
            .over(Transport::BOTH, an_event_is_acknowledged_in_its_namespace),
        Case::must("socket4.ack.values")
            .cites(["SIO4-12"])
            .expects("an acknowledgement carries values")
            .over(Transport::BOTH, an_acknowledgement_carries_values),
        Case::interop("socket4.ack.zero")
            .cites(["SP-004"])
            .expects("the id 0 is an id")
            .over(Transport::BOTH, zero_is_an_id),
        Case::must("socket4.ack.several")
            .cites(["SIO4-12"])
            .expects("several events are acknowledged each under its own id")
            .over(Transport::BOTH, each_event_is_acknowledged_under_its_id),
        Case::must("socket4.ack.bytes")
            .cites(["SIO4-17", "SIO4-18", "SIO4-31", "SIO4-32", "SIO4-41"])
            .expects("an acknowledgement with bytes is a BINARY_ACK under the id of the event")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_are_acknowledged),
        Case::must("socket4.ack.from-client")
            .cites(["SIO4-10", "SIO4-11", "SIO4-40"])
            .expects("an event of the server's with an id is answered by the client's ACK")
            .over(Transport::BOTH, a_client_acknowledges),
        Case::must("socket4.ack.from-client-with-bytes")
            .cites(["SIO4-18", "SIO4-41"])
            .expects("an event of the server's with an id is answered by the client's BINARY_ACK")
            .needs([Feature::Binary])
            .over(Transport::BOTH, a_client_acknowledges_with_bytes),
        Case::must("socket4.ack.question-with-bytes")
            .cites(["SIO4-16", "SIO4-31"])
            .expects("an event of the server's with bytes can have an id as well")
            .needs([Feature::Binary])
            .over(Transport::BOTH, a_question_has_bytes),
        Case::interop("socket4.ack.unknown")
            .cites(["SP-034"])
            .expects("an ACK that nobody waits for is passed over")
            .over(Transport::BOTH, an_unknown_acknowledgement_is_passed_over),
    ]
}

async fn an_event_is_acknowledged(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send(r#"4212["message-with-ack"]"#).await?;

    session.expect("4312[]").await
}

async fn an_event_is_acknowledged_in_its_namespace(server: &Server, transport: Transport) -> Verdict {
    let session = server.connect_v3(transport, "/custom").await?.session().clone();

    session.send(r#"42/custom,456["message-with-ack"]"#).await?;

    session.expect("43/custom,456[]").await
}

async fn an_acknowledgement_carries_values(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;
    let values = json!([1, "two", {"three": [null]}]);

    let answer = socket.ask("message-with-ack", values.clone()).await?;

    same("the acknowledgement", &values, &answer)
}

async fn zero_is_an_id(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send(r#"420["message-with-ack","x"]"#).await?;

    session.expect(r#"430["x"]"#).await
}

async fn each_event_is_acknowledged_under_its_id(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;
    for number in 0..10 {
        socket.emit_with_ack("message-with-ack", json!([number])).await?;
    }

    for number in 0..10 {
        socket.expect_ack(number, json!([number])).await?;
    }
    Ok(())
}

async fn bytes_are_acknowledged(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;
    let values = json!([{"a": bytes([1, 2, 3])}, bytes([4])]);

    let answer = socket.ask("message-with-ack", values.clone()).await?;

    same("the acknowledgement", &values, &answer)
}

async fn a_client_acknowledges(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;
    socket.emit("ask", json!(["how many"])).await?;
    let ack = socket.expect_question("question", json!(["how many"])).await?;

    socket.acknowledge(ack, json!([7, "seven"])).await?;

    socket.expect_event("answer", json!([7, "seven"])).await
}

async fn a_client_acknowledges_with_bytes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;
    socket.emit("ask", json!([])).await?;
    let ack = socket.expect_question("question", json!([])).await?;

    socket.acknowledge(ack, json!([bytes([1, 2]), {"b": bytes([3])}])).await?;

    socket.expect_event("answer", json!([bytes([1, 2]), {"b": bytes([3])}])).await
}

async fn a_question_has_bytes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;

    socket.emit("ask", json!([bytes([1, 2, 3])])).await?;
    let ack = socket.expect_question("question", json!([bytes([1, 2, 3])])).await?;
    socket.acknowledge(ack, json!(["seen"])).await?;

    socket.expect_event("answer", json!(["seen"])).await
}

async fn an_unknown_acknowledgement_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;

    socket.acknowledge(123_456, json!(["nobody asked"])).await?;

    socket.fence().await
}
