//! Not into a namespace: what `CONNECT_ERROR` says, and that it ends nothing.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.connect.refused")
            .cites(["SIO5-07", "SIO5-12", "SIO5-51", "SS-029"])
            .expects("a namespace that refuses answers by CONNECT_ERROR with message and data")
            .over(Transport::BOTH, a_refusal_has_message_and_data),
        Case::must("socket5.connect.refused-without-data")
            .cites(["SIO5-17", "SIO5-36"])
            .expects("a refusal without data is an object with the message alone")
            .over(Transport::BOTH, a_refusal_without_data_has_a_message_alone),
        Case::must("socket5.connect.refused-on-the-wire")
            .cites(["SIO5-12", "SIO5-36"])
            .expects("CONNECT_ERROR is written as 4, the namespace, a comma and an object")
            .over(Transport::BOTH, a_refusal_on_the_wire),
        Case::interop("socket5.connect.refused-stays")
            .cites(["SP-028", "SS-029"])
            .expects("a refusal leaves the connection open, and another namespace lets in")
            .over(Transport::BOTH, a_refusal_ends_nothing),
        Case::interop("socket5.connect.refused-repeatedly")
            .cites(["SP-028"])
            .expects("who was refused may ask again, and is refused again")
            .over(Transport::BOTH, who_was_refused_may_ask_again),
        Case::interop("socket5.connect.refused-then-in")
            .cites(["SP-028", "SS-029"])
            .expects("who was refused is let in on the same connection with the right auth")
            .over(Transport::BOTH, who_was_refused_may_come_with_the_right_auth),
        Case::interop("socket5.connect.refused-leaves-others")
            .cites(["SS-029"])
            .expects("a refusal does not touch the namespaces that the connection has entered")
            .over(Transport::BOTH, a_refusal_does_not_touch_other_namespaces),
        Case::interop("socket5.connect.unknown")
            .cites(["SP-028"])
            .expects("an unknown namespace is refused with the message Invalid namespace, and the connection stays")
            .over(Transport::BOTH, an_unknown_namespace_is_invalid),
        Case::interop("socket5.connect.query-is-literal")
            .cites(["SP-032"])
            .expects("what follows a question mark belongs to the namespace's name, which is unknown then")
            .over(Transport::BOTH, a_query_is_part_of_the_name),
    ]
}

async fn a_refusal_has_message_and_data(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let error = session.expect_refusal("/refused", None).await?;

    same("the error", &json!({"message": "refused", "data": {"code": 42, "because": ["a", 1]}}), &error)
}

async fn a_refusal_without_data_has_a_message_alone(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let error = session.expect_refusal("/token", Some(json!({"token": "guessed"}))).await?;

    same("the error", &json!({"message": "unauthorized"}), &error)
}

async fn a_refusal_on_the_wire(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send("40/token,").await?;

    session.expect(r#"44/token,{"message":"unauthorized"}"#).await
}

async fn a_refusal_ends_nothing(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.expect_refusal("/refused", None).await?;

    session.connect("/custom", None).await?.fence().await
}

async fn who_was_refused_may_ask_again(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for _ in 0..3 {
        session.expect_refusal("/refused", None).await?;
    }
    Ok(())
}

async fn who_was_refused_may_come_with_the_right_auth(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.expect_refusal("/token", None).await?;

    session.connect("/token", Some(json!({"token": "secret"}))).await?.fence().await
}

async fn a_refusal_does_not_touch_other_namespaces(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().expect_refusal("/refused", None).await?;

    socket.fence().await
}

async fn an_unknown_namespace_is_invalid(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let error = session.expect_refusal("/nobody-is-here", None).await?;

    same("the error", &json!({"message": "Invalid namespace"}), &error)?;
    session.connect("/", None).await?.fence().await
}

async fn a_query_is_part_of_the_name(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send("40/custom?token=1,").await?;

    let came = session.next().await?;
    let is_refused = came.as_text().is_some_and(|text| text.starts_with("44/custom?token=1,{"));
    ensure(is_refused, "44/custom?token=1,{…}", || format!("{came} came"))
}
