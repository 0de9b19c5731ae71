//! What the application is told of a connection: the request that opened it, and what it speaks over now.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Handshake, Revision, Server, Session, Socket};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.handshake.query")
            .cites(["SS-032"])
            .expects(
                "the handshake tells the query of the request, decoded, with the client's own parameters",
            )
            .needs([Feature::Handshake])
            .over(Transport::BOTH, the_query_is_told),
        Case::interop("socket5.handshake.headers")
            .cites(["SS-032"])
            .expects("the handshake tells the headers of the request, by names in lower case")
            .needs([Feature::Handshake])
            .over(Transport::BOTH, the_headers_are_told),
        Case::interop("socket5.handshake.url")
            .cites(["SS-032"])
            .expects("the handshake tells the path and query as the request had them")
            .needs([Feature::Handshake])
            .over(Transport::BOTH, the_url_is_told),
        Case::interop("socket5.handshake.auth")
            .cites(["SS-032"])
            .expects("the handshake tells the auth of its own namespace")
            .needs([Feature::Handshake])
            .over(Transport::BOTH, the_auth_is_told),
        Case::interop("socket5.handshake.no-auth")
            .cites(["SS-032"])
            .expects("the auth of who gave none is an empty object")
            .needs([Feature::Handshake])
            .over(Transport::BOTH, no_auth_is_an_empty_object),
        Case::interop("socket5.handshake.after-upgrade")
            .cites(["SS-032"])
            .expects("after an upgrade the handshake is still that of the request that opened the session")
            .needs([Feature::Handshake, Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(an_upgrade_does_not_change_the_handshake),
        Case::interop("socket5.handshake.every-namespace")
            .cites(["SS-032"])
            .expects("sockets of one connection in several namespaces are told the same request")
            .needs([Feature::Handshake])
            .over(Transport::BOTH, every_namespace_is_told_the_same),
        Case::interop("socket5.whoami.id")
            .cites(["SP-027"])
            .expects("the id in the answer to CONNECT is the one that the application knows")
            .over(Transport::BOTH, the_application_knows_the_id),
        Case::interop("socket5.whoami.transport")
            .cites(["SP-027"])
            .expects("the application is told the transport that the session was opened over")
            .over(Transport::BOTH, the_transport_is_told),
        Case::interop("socket5.whoami.after-upgrade")
            .cites(["SP-027"])
            .expects("after an upgrade the application is told websocket, and the id has not changed")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(after_an_upgrade_it_is_websocket),
    ]
}

async fn the_query_is_told(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_with(Revision::V4, transport, "token=a%20b%26c&empty=").await?;
    let socket = session.connect("/", None).await?;

    let query = &told(&socket).await?["query"];

    let expected = json!(["4", transport.name(), "a b&c", ""]);
    same("the query", &expected, &json!([query["EIO"], query["transport"], query["token"], query["empty"]]))
}

async fn the_headers_are_told(server: &Server, transport: Transport) -> Verdict {
    let session = open_by(server, transport, |request| {
        request.header("X-Conformance", "of The Suite").header("User-Agent", "sockeye-conformance")
    })
    .await?;
    let socket = session.connect("/", None).await?;

    let headers = &told(&socket).await?["headers"];

    let expected = json!(["of The Suite", "sockeye-conformance", server.host()]);
    same("the headers", &expected, &json!([headers["x-conformance"], headers["user-agent"], headers["host"]]))
}

async fn the_url_is_told(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_with(Revision::V4, transport, "token=a%20b").await?;
    let socket = session.connect("/", None).await?;

    let url = told(&socket).await?["url"].clone();

    let expected = server.target(&format!("EIO=4&transport={transport}&token=a%20b"));
    same("the url", &json!(expected), &url)
}

async fn the_auth_is_told(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let main = session.connect("/", Some(json!({"for": "main"}))).await?;
    let custom = session.connect("/custom", Some(json!({"for": ["custom"]}))).await?;

    same("the auth in /custom", &json!({"for": ["custom"]}), &told(&custom).await?["auth"])?;
    same("the auth in /", &json!({"for": "main"}), &told(&main).await?["auth"])
}

async fn no_auth_is_an_empty_object(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    same("the auth", &json!({}), &told(&socket).await?["auth"])
}

async fn an_upgrade_does_not_change_the_handshake(server: &Server) -> Verdict {
    let socket = server.connect(Transport::Polling, "/").await?;
    let before = told(&socket).await?;

    socket.session().upgrade().await?;

    same("the handshake", &before, &told(&socket).await?)
}

async fn every_namespace_is_told_the_same(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_with(Revision::V4, transport, "token=1").await?;
    let main = told(&session.connect("/", None).await?).await?;

    let custom = told(&session.connect("/custom", None).await?).await?;

    for field in ["query", "headers", "url"] {
        same(&format!("the {field} in /custom"), &main[field], &custom[field])?;
    }
    Ok(())
}

async fn the_application_knows_the_id(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    let answer = socket.ask("whoami", json!([])).await?;

    same("the id", &json!(socket.id()), &answer[0]["id"])
}

async fn the_transport_is_told(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    expect_transport(&socket, transport).await
}

async fn after_an_upgrade_it_is_websocket(server: &Server) -> Verdict {
    let socket = server.connect(Transport::Polling, "/").await?;

    socket.session().upgrade().await?;
    socket.fence().await?;

    expect_transport(&socket, Transport::WebSocket).await?;
    let answer = socket.ask("whoami", json!([])).await?;
    same("the id", &json!(socket.id()), &answer[0]["id"])
}

/// Null where the implementation does not tell.
async fn expect_transport(socket: &Socket, transport: Transport) -> Verdict {
    let answer = socket.ask("whoami", json!([])).await?;
    let came = &answer[0]["transport"];
    ensure(came.is_null() || came == transport.name(), transport.name(), || format!("{came} came"))
}

async fn told(socket: &Socket) -> Verdict<Value> {
    let answer = socket.ask("handshake", json!([])).await?;
    ensure(answer[0].is_object(), "an object", || format!("{answer} came"))?;
    Ok(answer[0].clone())
}

/// Opens a session by a request that was changed.
async fn open_by(
    server: &Server,
    transport: Transport,
    change: impl FnOnce(Request) -> Request,
) -> Verdict<Session> {
    let asked_at = std::time::Instant::now();
    if transport == Transport::WebSocket {
        let (mut ws, _) = server.websocket_by(change(server.websocket_request("EIO=4"))).await?;
        let handshake = Handshake::parse(&ws.next().await?, Revision::V4, asked_at)?;
        return Ok(Session::start(server, handshake, Some(ws)).await);
    }
    let response = server.request(change(Request::get(server.target("EIO=4&transport=polling")))).await?;
    if response.status != 200 {
        return Err(Failure::departed("200 for the handshake", format!("{} came", response.status)));
    }
    let handshake = Handshake::parse(&response.text().into(), Revision::V4, asked_at)?;
    Ok(Session::start(server, handshake, None).await)
}
