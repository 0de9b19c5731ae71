//! What may come before CONNECT (nothing), twice (it may not) and how long it may take.

use std::time::{Duration, Instant};

use serde_json::json;

use super::breach::{closes_at_once_for, closes_for, is_closed_for};
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, not_before};
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.entry.event-first")
            .cites(["SIO5-13", "SP-031"])
            .expects("a connection whose first packet is an EVENT is closed at once")
            .over(Transport::BOTH, an_event_cannot_be_first),
        Case::must("socket5.entry.binary-event-first")
            .cites(["SIO5-13"])
            .expects("a connection whose first packet is a BINARY_EVENT is closed once that is there")
            .over(Transport::BOTH, a_binary_event_cannot_be_first),
        Case::must("socket5.entry.ack-first")
            .cites(["SIO5-13"])
            .expects("a connection whose first packet is an ACK is closed at once")
            .over(Transport::BOTH, an_ack_cannot_be_first),
        Case::must("socket5.entry.disconnect-first")
            .cites(["SIO5-13"])
            .expects("a connection whose first packet is a DISCONNECT is closed at once")
            .over(Transport::BOTH, a_disconnect_cannot_be_first),
        Case::must("socket5.entry.connect-error-first")
            .cites(["SIO5-13"])
            .expects("a connection whose first packet is a CONNECT_ERROR is closed at once")
            .over(Transport::BOTH, a_connect_error_cannot_be_first),
        Case::must("socket5.entry.unannounced")
            .cites(["SIO5-47"])
            .expects("nobody is in the main namespace without having asked: nothing comes before CONNECT")
            .over(Transport::BOTH, nobody_is_in_without_asking),
        Case::interop("socket5.entry.other-namespace")
            .cites(["SP-031"])
            .expects(
                "an event for a namespace that was not entered closes the connection, though another was",
            )
            .over(Transport::BOTH, an_event_for_another_namespace_closes),
        Case::interop("socket5.entry.after-refusal")
            .cites(["SP-031"])
            .expects("an event for a namespace that has refused closes the connection")
            .over(Transport::BOTH, an_event_for_who_has_refused_closes),
        Case::interop("socket5.entry.twice")
            .cites(["SP-030"])
            .expects("a second CONNECT to the same namespace closes the connection")
            .over(Transport::BOTH, a_second_connect_closes),
        Case::interop("socket5.entry.connect-error")
            .cites(["SIO5-07"])
            .expects("a CONNECT_ERROR from the client closes the connection")
            .over(Transport::BOTH, a_connect_error_from_the_client_closes),
        Case::interop("socket5.entry.timeout")
            .cites(["SP-026", "SS-006"])
            .expects(
                "a connection that enters no namespace is closed when connectTimeout is over, and not before",
            )
            .over(Transport::BOTH, who_enters_nothing_is_closed),
        Case::interop("socket5.entry.timeout-after-refusal")
            .cites(["SP-026", "SS-006"])
            .expects("a connection that was only refused is closed when connectTimeout is over")
            .over(Transport::BOTH, who_was_only_refused_is_closed),
        Case::interop("socket5.entry.no-timeout")
            .cites(["SP-026"])
            .expects("a connection that has entered a namespace outlives connectTimeout")
            .over(Transport::BOTH, who_has_entered_stays),
    ]
}

async fn an_event_cannot_be_first(server: &Server, transport: Transport) -> Verdict {
    closes_at_once_for(server, transport, r#"42["message","hello"]"#).await
}

async fn a_binary_event_cannot_be_first(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let event = r#"451-["message",{"_placeholder":true,"num":0}]"#;
    is_closed_for(&session, [Message::from(event), [1].into(), "40".into()]).await
}

async fn an_ack_cannot_be_first(server: &Server, transport: Transport) -> Verdict {
    closes_at_once_for(server, transport, "430[]").await
}

async fn a_disconnect_cannot_be_first(server: &Server, transport: Transport) -> Verdict {
    closes_at_once_for(server, transport, "41").await
}

async fn a_connect_error_cannot_be_first(server: &Server, transport: Transport) -> Verdict {
    closes_at_once_for(server, transport, r#"44{"message":"no"}"#).await
}

async fn nobody_is_in_without_asking(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    // What the server would say of its own accord stands before its answer to this.
    session.send("40/nobody-is-here,").await?;

    session.expect(r#"44/nobody-is-here,{"message":"Invalid namespace"}"#).await
}

async fn an_event_for_another_namespace_closes(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"42/custom,["message","hello"]"#).await
}

async fn an_event_for_who_has_refused_closes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    socket.session().expect_refusal("/refused", None).await?;

    is_closed_for(socket.session(), [r#"42/refused,["message","hello"]"#.into()]).await
}

async fn a_second_connect_closes(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, "40").await
}

async fn a_connect_error_from_the_client_closes(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"44{"message":"no"}"#).await
}

async fn who_enters_nothing_is_closed(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.expect_close().await?;

    not_before("the end", CONNECT_TIMEOUT, session.handshake().asked_at, Instant::now())
}

async fn who_was_only_refused_is_closed(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.expect_refusal("/refused", Some(json!({"a": 1}))).await?;

    session.expect_close().await?;

    not_before("the end", CONNECT_TIMEOUT, session.handshake().asked_at, Instant::now())
}

async fn who_has_entered_stays(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    let interval = socket.session().handshake().ping_interval.as_millis().max(1);
    let pings = CONNECT_TIMEOUT.as_millis() / interval + 1;

    socket.session().pings(usize::try_from(pings).unwrap_or(3)).await?;

    socket.fence().await
}

/// As the profile has it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
