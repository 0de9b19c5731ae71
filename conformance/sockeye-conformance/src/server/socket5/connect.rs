//! Into a namespace: who is let in, and what the server says then.

use std::collections::BTreeSet;

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_namespace};
use crate::verdict::{Failure, Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.connect.main")
            .cites(["SIO5-03", "SIO5-11", "SIO5-49", "SP-027"])
            .expects("CONNECT to the main namespace is answered by CONNECT with a sid that is a text")
            .over(Transport::BOTH, the_main_namespace_lets_in),
        Case::must("socket5.connect.custom")
            .cites(["SIO5-15", "SIO5-35"])
            .expects("CONNECT to a custom namespace is answered by CONNECT with its name and a sid")
            .over(Transport::BOTH, a_custom_namespace_lets_in),
        Case::interop("socket5.connect.dynamic")
            .cites(["SS-066"])
            .expects("a namespace that matches a pattern lets in, whoever asks first")
            .needs([Feature::DynamicNamespaces])
            .over(Transport::BOTH, a_namespace_that_matches_lets_in),
        Case::interop("socket5.connect.dynamic-mismatch")
            .cites(["SS-066"])
            .expects("a namespace that does not quite match the pattern is refused")
            .needs([Feature::DynamicNamespaces])
            .over(Transport::BOTH, a_namespace_that_does_not_match_is_refused),
        Case::must("socket5.connect.sid-differs")
            .cites(["SIO5-11", "SIO5-49", "SIO5-50", "SP-029"])
            .expects("the socket has an id of its own, which is not the session's")
            .over(Transport::BOTH, the_socket_has_an_id_of_its_own),
        Case::interop("socket5.connect.sid-length")
            .cites(["SS-031"])
            .expects("the id of a socket has 20 characters that need no escape in a URL")
            .over(Transport::BOTH, the_id_has_twenty_characters),
        Case::interop("socket5.connect.sid-unique")
            .cites(["SS-031"])
            .expects("no two sockets have the same id")
            .over(Transport::BOTH, no_two_sockets_have_the_same_id),
        Case::must("socket5.connect.before-events")
            .cites(["SIO5-18", "SS-026"])
            .expects("CONNECT comes before the first event")
            .over(Transport::BOTH, connect_comes_before_events),
        Case::must("socket5.connect.without-payload")
            .cites(["SIO5-47", "SIO5-48"])
            .expects("CONNECT without a payload lets in, with an empty auth")
            .over(Transport::BOTH, connect_needs_no_payload),
        Case::must("socket5.connect.auth")
            .cites(["SIO5-16", "SIO5-48"])
            .expects("what the client gives as auth reaches the server")
            .over(Transport::BOTH, auth_reaches_the_server),
        Case::must("socket5.connect.auth-main")
            .cites(["SIO5-48"])
            .expects("auth of nested values reaches the main namespace as it was sent")
            .over(Transport::BOTH, nested_auth_reaches_the_main_namespace),
        Case::interop("socket5.connect.auth-no-object")
            .cites(["SP-016", "ROB-077"])
            .expects("CONNECT with a payload that is no object is refused or closes the connection")
            .over(Transport::BOTH, auth_is_an_object),
        Case::interop("socket5.connect.without-comma")
            .cites(["SP-013"])
            .expects("a namespace goes up to the end where no comma follows")
            .over(Transport::BOTH, a_namespace_may_end_without_a_comma),
        Case::interop("socket5.connect.main-by-name")
            .cites(["SP-013"])
            .expects("the main namespace may be called by its name, and answers without it")
            .over(Transport::BOTH, the_main_namespace_may_be_named),
        Case::must("socket5.connect.main-unnamed")
            .cites(["SIO5-33", "SP-003"])
            .expects("packets of the main namespace carry no namespace")
            .over(Transport::BOTH, the_main_namespace_is_not_written),
    ]
}

async fn the_main_namespace_lets_in(server: &Server, transport: Transport) -> Verdict {
    let socket = server.open(transport).await?.join("/", None).await?;

    ensure(!socket.id().is_empty(), "a sid", || "it is empty".to_owned())
}

async fn a_custom_namespace_lets_in(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send("40/custom,").await?;

    let came = session.next().await?;
    let starts =
        came.as_text().is_some_and(|text| text.starts_with(r"40/custom,{") && text.contains(r#""sid":""#));
    ensure(starts, r#"40/custom,{"sid":"…"}"#, || format!("{came} came"))
}

async fn a_namespace_that_matches_lets_in(server: &Server, transport: Transport) -> Verdict {
    let namespace = random_namespace();

    let (one, two) =
        (server.connect(transport, &namespace).await?, server.connect(transport, &namespace).await?);

    one.fence().await?;
    two.fence().await
}

async fn a_namespace_that_does_not_match_is_refused(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for namespace in ["/dynamic-", "/dynamic-x", "/a/dynamic-1", "/dynamic-1/b"] {
        session.expect_refusal(namespace, None).await?;
    }
    Ok(())
}

async fn the_socket_has_an_id_of_its_own(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    ensure(socket.id() != socket.session().sid(), "two ids", || format!("both are {}", socket.id()))
}

async fn the_id_has_twenty_characters(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let id = socket.id();
    ensure(id.len() == 20 && id.bytes().all(is_plain), "20 plain characters", || format!("it is {id}"))
}

async fn no_two_sockets_have_the_same_id(server: &Server, transport: Transport) -> Verdict {
    let mut ids = BTreeSet::new();

    for _ in 0..8 {
        let session = server.open(transport).await?;
        for namespace in ["/", "/custom"] {
            let id = session.connect(namespace, None).await?.id().to_owned();
            if !ids.insert(id.clone()) {
                return Err(Failure::departed("an id that nobody else has", format!("{id} came twice")));
            }
        }
    }
    Ok(())
}

async fn connect_comes_before_events(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let socket = session.join("/custom", Some(json!({"a": 1}))).await?;

    socket.expect_event("auth", json!([{"a": 1}])).await
}

async fn connect_needs_no_payload(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    same("the auth that the server saw", &json!({}), socket.auth())
}

async fn auth_reaches_the_server(server: &Server, transport: Transport) -> Verdict {
    let auth = json!({"token": "secret", "more": [1, null]});

    let socket = server.connect_with_auth(transport, "/token", auth.clone()).await?;

    same("the auth that the server saw", &auth, socket.auth())
}

async fn nested_auth_reaches_the_main_namespace(server: &Server, transport: Transport) -> Verdict {
    let auth =
        json!({"user": {"name": "Zoë, \"the\" 1st", "roles": ["a", {"b": []}]}, "age": 7, "is": false});

    let socket = server.connect_with_auth(transport, "/", auth.clone()).await?;

    same("the auth that the server saw", &auth, socket.auth())
}

async fn auth_is_an_object(server: &Server, transport: Transport) -> Verdict {
    for auth in [r#""secret""#, "[1]", "null", "true"] {
        let session = server.open(transport).await?;
        // Over polling the POST may be answered by an error.
        let _ = session.send(format!("40{auth}")).await;
        let answer = session.next().await;
        let was_let_in = answer.is_ok_and(|came| came.as_text().is_some_and(|text| text.starts_with("40")));
        ensure(!was_let_in, &format!("no entry with the auth {auth}"), || "40 came".to_owned())?;
    }
    server.connect(transport, "/").await?.fence().await
}

async fn a_namespace_may_end_without_a_comma(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send("40/custom").await?;

    let came = session.next().await?;
    let is_in = came.as_text().is_some_and(|text| text.starts_with("40/custom,{"));
    ensure(is_in, "40/custom,{…}", || format!("{came} came"))
}

async fn the_main_namespace_may_be_named(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send("40/,").await?;

    let came = session.next().await?;
    let is_in = came.as_text().is_some_and(|text| text.starts_with("40{"));
    ensure(is_in, "40{…}", || format!("{came} came"))
}

async fn the_main_namespace_is_not_written(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit_with_ack("message-with-ack", json!(["hello"])).await?;

    socket.session().expect(r#"430["hello"]"#).await
}
