//! Who a client is: its ids, and what it says of itself in the name of a namespace.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_namespace};
use crate::verdict::{Failure, Verdict, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket4.identity.root")
            .cites(["SP-040"])
            .expects("the id in `/` is the session's")
            .over(Transport::BOTH, the_id_in_the_root_is_the_sessions),
        Case::interop("socket4.identity.namespace")
            .cites(["SP-040"])
            .expects("the id in another namespace is its name, a number sign and the session's id")
            .over(Transport::BOTH, the_id_elsewhere_has_the_name_before_it),
        Case::interop("socket4.identity.room")
            .cites(["SP-040"])
            .expects("a client is in the room of its id")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, a_client_is_in_its_own_room),
        Case::interop("socket4.identity.query")
            .cites(["SIO4-06", "SP-041"])
            .expects("the query behind a namespace's name becomes the auth of the handshake, and the name is without it")
            .over(Transport::BOTH, a_query_becomes_the_auth),
        Case::interop("socket4.identity.query-escapes")
            .cites(["SP-041"])
            .expects("what is escaped in the query arrives as it was")
            .over(Transport::BOTH, escapes_in_a_query_are_undone),
        Case::interop("socket4.identity.query-admits")
            .cites(["SIO4-06", "SP-041"])
            .expects("a guard sees the query behind the namespace's name")
            .over(Transport::BOTH, a_guard_sees_the_query),
        Case::interop("socket4.identity.query-dynamic")
            .cites(["SP-041"])
            .expects("the query counts neither for the name nor for the pattern of a namespace that is made")
            .needs([Feature::DynamicNamespaces])
            .over(Transport::BOTH, a_query_is_no_part_of_a_pattern),
        Case::interop("socket4.identity.no-query")
            .cites(["SP-041"])
            .expects("without a query the auth of the handshake is empty")
            .over(Transport::BOTH, no_query_is_no_auth),
        Case::interop("socket4.identity.handshake")
            .cites(["EP-011"])
            .expects("the query of the session's first request is that of the handshake, its version as well")
            .needs([Feature::Handshake])
            .over(Transport::BOTH, the_handshake_has_the_query_of_the_session),
    ]
}

async fn the_id_in_the_root_is_the_sessions(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/").await?;

    let who = socket.ask("whoami", json!([])).await?;

    same("the id", &json!(socket.session().sid()), &who[0]["id"])
}

async fn the_id_elsewhere_has_the_name_before_it(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;

    let who = socket.ask("whoami", json!([])).await?;

    same("the id", &json!(format!("/custom#{}", socket.session().sid())), &who[0]["id"])
}

async fn a_client_is_in_its_own_room(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;

    let rooms = socket.ask("rooms", json!([])).await?;

    same("the rooms", &json!([[format!("/custom#{}", socket.session().sid())]]), &rooms)
}

async fn a_query_becomes_the_auth(server: &Server, transport: Transport) -> Verdict {
    let auth = auth_of(server, transport, "/custom", "token=123&of=me").await?;

    same("the auth", &json!({"token": "123", "of": "me"}), &auth)
}

async fn escapes_in_a_query_are_undone(server: &Server, transport: Transport) -> Verdict {
    let auth = auth_of(server, transport, "/custom", "a=%26%3D%2C%20x+y&%C3%A9=%E2%82%AC").await?;

    same("the auth", &json!({"a": "&=, x y", "é": "€"}), &auth)
}

async fn a_guard_sees_the_query(server: &Server, transport: Transport) -> Verdict {
    let auth = auth_of(server, transport, "/token", "token=secret").await?;

    same("the auth", &json!({"token": "secret"}), &auth)
}

async fn a_query_is_no_part_of_a_pattern(server: &Server, transport: Transport) -> Verdict {
    let auth = auth_of(server, transport, &random_namespace(), "a=b").await?;

    same("the auth", &json!({"a": "b"}), &auth)
}

async fn no_query_is_no_auth(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;

    same("the auth", &json!({}), socket.auth())
}

async fn the_handshake_has_the_query_of_the_session(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_v3(transport, "/custom").await?;

    let handshake = socket.ask("handshake", json!([])).await?;

    let query = &handshake[0]["query"];
    same("the version in its query", &json!("3"), &query["EIO"])?;
    same("the transport in its query", &json!(transport.name()), &query["transport"])
}

/// Asks for a namespace with a query and gives what the server tells as the auth.
async fn auth_of(server: &Server, transport: Transport, namespace: &str, query: &str) -> Verdict<Value> {
    let session = server.open_v3(transport).await?;
    session.send(format!("40{namespace}?{query},")).await?;
    session.expect(format!("40{namespace},")).await?;
    let packet = session.next_packet(namespace).await?;
    match packet.as_event() {
        Some(("auth", args)) => Ok(args[0].clone()),
        _ => Err(Failure::departed("the event auth", format!("{packet} came"))),
    }
}
