//! Into a namespace, and what refuses.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.connect.sid-differs")
            .cites(["SIO5-11", "SIO5-49", "SIO5-50"])
            .expects("the socket has an id of its own, which is not the session's")
            .over(Transport::BOTH, the_socket_has_an_id_of_its_own),
        Case::must("socket5.connect.refused")
            .cites(["SIO5-12", "SIO5-51"])
            .expects("a namespace that refuses answers by CONNECT_ERROR with message and data")
            .over(Transport::BOTH, a_refusal_has_message_and_data),
        Case::must("socket5.connect.auth")
            .cites(["SIO5-16"])
            .expects("what the client gives as auth reaches the server")
            .over(Transport::BOTH, auth_reaches_the_server),
    ]
}

async fn the_socket_has_an_id_of_its_own(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    ensure(socket.id() != socket.session().sid(), "two ids", || format!("both are {}", socket.id()))
}

async fn a_refusal_has_message_and_data(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let error = session.expect_refusal("/refused", None).await?;

    same("the error", &json!({"message": "refused", "data": {"code": 42, "because": ["a", 1]}}), &error)
}

async fn auth_reaches_the_server(server: &Server, transport: Transport) -> Verdict {
    let auth = json!({"token": "secret", "more": [1, null]});

    let socket = server.connect_with_auth(transport, "/token", auth.clone()).await?;

    same("the auth that the server saw", &auth, socket.auth())
}
