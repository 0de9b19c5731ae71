//! Events whose names are none, are reserved, or mean something to an implementation.

use serde_json::json;

use super::{ends_the_session, harms_nobody, open};
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    [wrong(), odd()].concat()
}

/// What is no event.
fn wrong() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.event.name-of-another-type")
            .cites(["ROB-058"])
            .expects(
                "an event whose name is an object, a list, null or a boolean ends the session, and no \
                 other one",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let names = [
                    "{}",
                    "{\"toString\":\"a\"}",
                    "{\"toString\":null,\"length\":1}",
                    "[]",
                    "[\"message\"]",
                    "null",
                    "true",
                    "false",
                ];
                ends_the_session(server, transport, names.map(|name| format!("42[{name},1]"))).await
            }),
        Case::robust("robust.event.no-list")
            .cites(["ROB-058"])
            .expects("an event that is no list, or an empty one, ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(server, transport, ["42[]", "42{}", "42\"message\"", "42null", "42true"])
                    .await
            }),
        Case::robust("robust.event.reserved")
            .cites(["ROB-070"])
            .expects(
                "`connect`, `connect_error`, `disconnect`, `disconnecting`, `newListener` and \
                 `removeListener` end the session",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let names = [
                    "connect",
                    "connect_error",
                    "disconnect",
                    "disconnecting",
                    "newListener",
                    "removeListener",
                ];
                ends_the_session(server, transport, names.map(|name| format!("42[\"{name}\",1]"))).await
            }),
    ]
}

/// What is an event, or may be one.
fn odd() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.event.error")
            .cites(["ROB-059"])
            .expects("an event named `error` is an event like others")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                are_events(server, transport, &["error"]).await
            }),
        Case::robust("robust.event.properties")
            .cites(["ROB-059", "ROB-066"])
            .expects("events named as properties of every object are events like others")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                are_events(
                    server,
                    transport,
                    &[
                        "__proto__",
                        "constructor",
                        "prototype",
                        "toString",
                        "hasOwnProperty",
                        "valueOf",
                        "length",
                        "__defineGetter__",
                    ],
                )
                .await
            }),
        Case::robust("robust.event.inner-names")
            .cites(["ROB-059"])
            .expects(
                "names that implementations use within, such as `ping`, `close`, `packet` or `data`, \
                 are events like others",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                are_events(
                    server,
                    transport,
                    &[
                        "ping",
                        "pong",
                        "close",
                        "open",
                        "packet",
                        "data",
                        "drain",
                        "end",
                        "upgrade",
                        "connection",
                        "*",
                        "reconnect",
                    ],
                )
                .await
            }),
        Case::robust("robust.event.odd-names")
            .cites(["ROB-035", "ROB-059"])
            .expects(
                "an empty name, one with NUL and line breaks, half a surrogate pair or 100,000 \
                 characters is a name or an error",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let long = "a".repeat(100_000);
                let names = ["", "\\u0000", "a\\r\\nb", "\\ud800", "\\udc00\\ud800", "\u{1f680}", &long];
                harms_nobody(server, transport, names.map(|name| format!("42[\"{name}\",1]"))).await
            }),
        Case::robust("robust.event.number")
            .cites(["ROB-058"])
            .expects("an event whose name is a number is an event or an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, ["42[0]", "42[1,2]", "42[-1.5e300]", "42[1e999]"]).await
            }),
    ]
}

/// Nothing comes of them, and the socket is served as before.
async fn are_events(server: &Server, transport: Transport, names: &[&str]) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    let socket = session.connect("/custom", None).await?;
    for name in names {
        socket.emit(name, json!([])).await?;
        socket.emit(name, json!(["an argument", {"a": null}])).await?;
        socket.fence().await?;
    }
    neighbour.is_served().await
}
