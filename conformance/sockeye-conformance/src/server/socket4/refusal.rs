//! Namespaces that refuse, by ERROR.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket4.refusal.message")
            .cites(["SIO4-13", "SIO4-29", "SIO4-37", "SP-042"])
            .expects("a refusal without data is an ERROR with its message as a JSON text")
            .over(Transport::BOTH, a_refusal_is_its_message),
        Case::interop("socket4.refusal.data")
            .cites(["SIO4-14", "SP-042"])
            .expects("a refusal with data is an ERROR with the data alone")
            .over(Transport::BOTH, a_refusal_is_its_data),
        Case::must("socket4.refusal.unknown")
            .cites(["SIO4-13", "SIO4-37"])
            .expects("a namespace that does not exist answers by ERROR")
            .over(Transport::BOTH, an_unknown_namespace_refuses),
        Case::interop("socket4.refusal.session-lives")
            .cites(["SP-028"])
            .expects("a refusal leaves the session and its other namespaces as they were")
            .over(Transport::BOTH, a_refusal_costs_the_session_nothing),
        Case::interop("socket4.refusal.again")
            .cites(["SP-028", "SP-041"])
            .expects("who was refused may ask again, and is let in with what was missing")
            .over(Transport::BOTH, who_was_refused_may_ask_again),
    ]
}

async fn a_refusal_is_its_message(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send("40/token,").await?;

    session.expect(r#"44/token,"unauthorized""#).await
}

async fn a_refusal_is_its_data(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    let error = session.expect_refusal("/refused", None).await?;

    same("what the ERROR carries", &json!({"code": 42, "because": ["a", 1]}), &error)
}

async fn an_unknown_namespace_refuses(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send("40/nobody-made-it,").await?;

    let came = session.next().await?.to_string();
    ensure(came.starts_with("44/nobody-made-it,"), "44/nobody-made-it,…", || format!("{came} came"))
}

async fn a_refusal_costs_the_session_nothing(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    let custom = session.connect("/custom", None).await?;

    session.expect_refusal("/refused", None).await?;
    session.expect_refusal("/nobody-made-it", None).await?;

    custom.echo(json!(["hello"])).await?;
    session.connect("/", None).await?.echo(json!(["hello"])).await
}

async fn who_was_refused_may_ask_again(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.expect_refusal("/token", None).await?;

    session.send("40/token?token=secret,").await?;

    session.expect("40/token,").await
}
