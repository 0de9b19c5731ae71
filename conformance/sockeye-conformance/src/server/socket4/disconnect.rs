//! Out of namespaces, by either side, and out of the session.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Ending, Server};
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket4.disconnect.by-client")
            .cites(["SIO4-07", "SIO4-25", "SIO4-38", "SP-033"])
            .expects("a client that leaves a namespace goes on in the others")
            .over(Transport::BOTH, a_client_leaves_a_namespace),
        Case::must("socket4.disconnect.no-response")
            .cites(["SIO4-39"])
            .expects("a DISCONNECT is not answered")
            .over(Transport::BOTH, a_disconnect_is_not_answered),
        Case::interop("socket4.disconnect.reason")
            .cites(["SP-033"])
            .expects("the socket of a client that left is gone by `client namespace disconnect`")
            .needs([Feature::Reasons])
            .over(Transport::BOTH, the_server_knows_that_a_client_left),
        Case::must("socket4.disconnect.by-server")
            .cites(["SIO4-07", "SIO4-08", "SIO4-25", "SIO4-39"])
            .expects("the server takes a client out of a namespace by 1/custom, with nothing behind the comma")
            .over(Transport::BOTH, the_server_takes_a_client_out),
        Case::must("socket4.disconnect.by-server-from-root")
            .cites(["SIO4-07", "SIO4-22"])
            .expects("the server takes a client out of `/` by 1 alone, and other namespaces go on")
            .over(Transport::BOTH, the_server_takes_a_client_out_of_the_root),
        Case::must("socket4.disconnect.again")
            .cites(["SIO4-36", "SIO4-38"])
            .expects("a namespace that was left can be entered again")
            .over(Transport::BOTH, a_client_comes_again),
        Case::interop("socket4.disconnect.root")
            .cites(["SP-033"])
            .expects("a client that leaves `/` goes on in other namespaces")
            .over(Transport::BOTH, a_client_leaves_the_root),
        Case::interop("socket4.disconnect.session")
            .cites(["EP-052", "EP-105"])
            .expects("a server that closes the session says so: by a close packet over polling, by an empty close frame over WebSocket")
            .over(Transport::BOTH, the_server_closes_the_session),
    ]
}

async fn a_client_leaves_a_namespace(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;

    custom.session().send("41/custom,").await?;

    custom.session().connect("/", None).await?.echo(json!(["hello"])).await
}

async fn a_disconnect_is_not_answered(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;

    custom.disconnect().await?;

    // Of the session as a whole: an answer in whichever namespace would stand before it.
    custom.session().fence().await
}

async fn the_server_knows_that_a_client_left(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;
    let who = custom.ask("whoami", json!([])).await?;

    custom.disconnect().await?;

    let root = custom.session().connect("/", None).await?;
    let reason = root.reason_of(who[0]["id"].as_str().unwrap_or_default()).await?;
    same("the reason", "client namespace disconnect", reason.as_str())
}

async fn the_server_takes_a_client_out(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;

    custom.emit("disconnect-me", json!([])).await?;

    custom.session().expect("41/custom,").await?;
    custom.session().fence().await
}

async fn the_server_takes_a_client_out_of_the_root(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;

    custom.session().send(r#"42["disconnect-me"]"#).await?;

    custom.session().expect("41").await?;
    custom.echo(json!(["hello"])).await
}

async fn a_client_comes_again(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;
    custom.disconnect().await?;
    custom.session().fence().await?;

    let again = custom.session().connect("/custom", None).await?;

    again.echo(json!(["hello"])).await
}

async fn a_client_leaves_the_root(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;

    custom.session().send("41").await?;

    custom.echo(json!(["hello"])).await
}

async fn the_server_closes_the_session(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;

    socket.emit("close-me", json!([])).await?;

    let ending = socket.session().until_close().await?.1;
    let expected = match transport {
        Transport::Polling => Ending::ClosePacket,
        Transport::WebSocket => Ending::CloseFrame(None),
    };
    ensure(ending == expected, &expected.to_string(), || format!("it was ended by {ending}"))
}
