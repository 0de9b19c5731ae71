//! Into namespaces: into `/` without asking, into others by CONNECT.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Revision, Server, Session, random_namespace};
use crate::verdict::{Verdict, ensure};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket4.connect.unasked")
            .cites(["SIO4-01", "SIO4-04", "SIO4-05", "SIO4-23", "SIO4-33", "SP-036"])
            .expects(
                "the first packet of a session is a CONNECT for `/` that nobody asked for, without a payload",
            )
            .over(Transport::BOTH, the_server_lets_everybody_into_the_root),
        Case::must("socket4.connect.first")
            .cites(["SIO4-34"])
            .expects("who asks for another namespace at once still receives the CONNECT for `/` first")
            .over(Transport::BOTH, the_root_comes_first),
        Case::must("socket4.connect.no-response")
            .cites(["SIO4-35", "SP-039"])
            .expects("who answers the CONNECT for `/` by nothing is in: events travel both ways")
            .over(Transport::BOTH, no_response_is_expected),
        Case::must("socket4.connect.namespace")
            .cites(["SIO4-03", "SIO4-24", "SIO4-36", "SP-039"])
            .expects("a CONNECT for a namespace is answered by 0/custom, and nothing behind the comma")
            .over(Transport::BOTH, a_namespace_answers_by_its_name),
        Case::must("socket4.connect.talks")
            .cites(["SIO4-02", "SIO4-36"])
            .expects("events travel both ways in a namespace that was asked for")
            .over(Transport::BOTH, a_namespace_talks),
        Case::interop("socket4.connect.without-comma")
            .cites(["SP-013"])
            .expects("a CONNECT whose namespace has no comma behind it is understood")
            .over(Transport::BOTH, a_comma_may_be_missing),
        Case::must("socket4.connect.several")
            .cites(["SIO4-02", "SIO4-36"])
            .expects("namespaces of one session do not hear each other")
            .over(Transport::BOTH, namespaces_are_apart),
        Case::interop("socket4.connect.dynamic")
            .cites(["SIO4-36"])
            .expects("a namespace that is made for a pattern lets clients of revision 4 in")
            .needs([Feature::DynamicNamespaces])
            .over(Transport::BOTH, a_namespace_is_made),
    ]
}

async fn the_server_lets_everybody_into_the_root(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_with(Revision::V3, transport, "").await?;

    session.expect("40").await
}

async fn the_root_comes_first(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_with(Revision::V3, transport, "").await?;

    session.send("40/custom,").await?;

    session.expect("40").await?;
    until(&session, "40/custom,").await
}

async fn no_response_is_expected(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_with(Revision::V3, transport, "").await?;
    session.expect("40").await?;
    let auth = session.next().await?.to_string();
    ensure(auth.starts_with(r#"42["auth",{}"#), "the event auth", || format!("{auth} came"))?;

    session.send(r#"427["message-with-ack","hello"]"#).await?;

    session.expect(r#"437["hello"]"#).await
}

async fn a_namespace_answers_by_its_name(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send("40/custom,").await?;

    session.expect("40/custom,").await
}

async fn a_namespace_talks(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;

    socket.echo(json!(["hello", 1])).await
}

async fn a_comma_may_be_missing(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send("40/custom").await?;

    session.expect("40/custom,").await
}

async fn namespaces_are_apart(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    let root = session.connect("/", None).await?;
    let custom = session.connect("/custom", None).await?;

    custom.emit("message", json!(["to custom"])).await?;
    root.emit("message", json!(["to root"])).await?;

    root.expect_event("message-back", json!(["to root"])).await?;
    custom.expect_event("message-back", json!(["to custom"])).await
}

async fn a_namespace_is_made(server: &Server, transport: Transport) -> Verdict {
    server.connect_v3(transport, &random_namespace()).await?.echo(json!(["hello"])).await
}

/// Passes over what comes for other namespaces.
async fn until(session: &Session, packet: &str) -> Verdict {
    loop {
        let came = session.next().await.map_err(|failure| failure.instead_of(packet))?;
        if came.as_text() == Some(packet) {
            return Ok(());
        }
    }
}
