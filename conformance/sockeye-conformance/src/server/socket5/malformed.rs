//! Text that is no packet of Socket.IO: the whole connection is closed for it, and no other one.

use super::breach::{closes_for, is_closed_for};
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.malformed.event-object")
            .cites(["SIO5-19", "SIO5-20"])
            .expects("an event whose payload is an object closes the connection")
            .over(Transport::BOTH, an_object_is_no_event),
        Case::must("socket5.malformed.event-empty-list")
            .cites(["SIO5-19", "SIO5-20"])
            .expects("an event whose payload is an empty list closes the connection")
            .over(Transport::BOTH, an_empty_list_is_no_event),
        Case::must("socket5.malformed.event-without-payload")
            .cites(["SIO5-19", "SIO5-20"])
            .expects("an event without a payload closes the connection")
            .over(Transport::BOTH, an_event_has_a_payload),
        Case::must("socket5.malformed.event-asking-without-payload")
            .cites(["SIO5-19", "SIO5-20"])
            .expects("an event with an id and without a payload closes the connection")
            .over(Transport::BOTH, an_event_that_asks_has_a_payload),
        Case::must("socket5.malformed.event-scalar")
            .cites(["SIO5-19", "SIO5-20"])
            .expects("an event whose payload is a text, null or a boolean closes the connection")
            .over(Transport::BOTH, a_scalar_is_no_event),
        Case::interop("socket5.malformed.cut")
            .cites(["SP-015", "ROB-069"])
            .expects("a payload that is cut off closes the connection")
            .over(Transport::BOTH, cut_json_closes),
        Case::interop("socket5.malformed.trailing")
            .cites(["SP-015", "ROB-069"])
            .expects("a payload with something behind it closes the connection")
            .over(Transport::BOTH, json_with_a_tail_closes),
        Case::interop("socket5.malformed.no-json")
            .cites(["SP-015", "ROB-069"])
            .expects("a payload with single quotes, comments or trailing commas closes the connection")
            .over(Transport::BOTH, what_looks_like_json_closes),
        Case::interop("socket5.malformed.unknown-type")
            .cites(["SP-011"])
            .expects("a packet type above 6 closes the connection")
            .over(Transport::BOTH, an_unknown_type_closes),
        Case::interop("socket5.malformed.no-type")
            .cites(["SP-011"])
            .expects("a packet that begins with no digit closes the connection")
            .over(Transport::BOTH, a_type_is_a_digit),
        Case::interop("socket5.malformed.empty")
            .cites(["SP-011"])
            .expects("an empty message closes the connection")
            .over(Transport::BOTH, an_empty_message_closes),
        Case::interop("socket5.malformed.id")
            .cites(["SP-014", "SP-015"])
            .expects("an id that is no run of digits closes the connection")
            .over(Transport::BOTH, a_strange_id_closes),
        Case::interop("socket5.malformed.ack")
            .cites(["SP-016"])
            .expects("an ACK whose payload is no list closes the connection")
            .over(Transport::BOTH, an_ack_is_a_list),
        Case::interop("socket5.malformed.disconnect")
            .cites(["SP-016"])
            .expects("a DISCONNECT with a payload closes the connection")
            .over(Transport::BOTH, a_disconnect_carries_nothing),
        Case::interop("socket5.malformed.namespace-without-comma")
            .cites(["SP-013", "SP-031"])
            .expects("an event without a comma behind its namespace is for a namespace of a strange name")
            .over(Transport::BOTH, an_event_needs_a_comma),
        Case::interop("socket5.malformed.all-namespaces")
            .cites(["SP-023"])
            .expects("what is no packet in one namespace ends all namespaces of the connection")
            .over(Transport::BOTH, all_namespaces_end),
        Case::interop("socket5.malformed.others-live")
            .cites(["SP-023"])
            .expects("what is no packet ends no other connection")
            .over(Transport::BOTH, other_connections_live),
    ]
}

async fn an_object_is_no_event(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"42{"0":"message"}"#).await
}

async fn an_empty_list_is_no_event(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, "42[]").await
}

async fn an_event_has_a_payload(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, "42").await
}

async fn an_event_that_asks_has_a_payload(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, "4212").await
}

async fn a_scalar_is_no_event(server: &Server, transport: Transport) -> Verdict {
    for payload in [r#""message""#, "null", "true"] {
        closes_for(server, transport, &format!("42{payload}")).await?;
    }
    Ok(())
}

async fn cut_json_closes(server: &Server, transport: Transport) -> Verdict {
    for payload in [r#"["message","hello""#, r#"["message"#, "["] {
        closes_for(server, transport, &format!("42{payload}")).await?;
    }
    Ok(())
}

async fn json_with_a_tail_closes(server: &Server, transport: Transport) -> Verdict {
    for payload in [r#"["message"]x"#, r#"["message"]["message"]"#, r#"["message"]]"#] {
        closes_for(server, transport, &format!("42{payload}")).await?;
    }
    Ok(())
}

async fn what_looks_like_json_closes(server: &Server, transport: Transport) -> Verdict {
    for payload in ["['message']", r#"["message",]"#, r#"["message"/*,1*/]"#, r#"["message",NaN]"#] {
        closes_for(server, transport, &format!("42{payload}")).await?;
    }
    Ok(())
}

async fn an_unknown_type_closes(server: &Server, transport: Transport) -> Verdict {
    for digit in ["7", "8", "9"] {
        closes_for(server, transport, &format!(r#"4{digit}["message","hello"]"#)).await?;
    }
    Ok(())
}

async fn a_type_is_a_digit(server: &Server, transport: Transport) -> Verdict {
    for text in [r#"["message","hello"]"#, "abc", "/custom,", "-1"] {
        closes_for(server, transport, &format!("4{text}")).await?;
    }
    Ok(())
}

async fn an_empty_message_closes(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, "4").await
}

async fn a_strange_id_closes(server: &Server, transport: Transport) -> Verdict {
    for id in ["abc", "-1", "1.5", "0x1", "1e3"] {
        closes_for(server, transport, &format!(r#"42{id}["message-with-ack",1]"#)).await?;
    }
    Ok(())
}

async fn an_ack_is_a_list(server: &Server, transport: Transport) -> Verdict {
    for payload in ["{}", r#""yes""#, "null"] {
        closes_for(server, transport, &format!("430{payload}")).await?;
    }
    Ok(())
}

async fn a_disconnect_carries_nothing(server: &Server, transport: Transport) -> Verdict {
    for payload in ["{}", r#"["bye"]"#, r#""bye""#] {
        closes_for(server, transport, &format!("41{payload}")).await?;
    }
    Ok(())
}

async fn an_event_needs_a_comma(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    is_closed_for(socket.session(), [r#"42/custom["message"]"#.into()]).await
}

async fn all_namespaces_end(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.connect("/", None).await?;
    session.connect("/custom", None).await?;

    is_closed_for(&session, ["42/custom,{}".into()]).await
}

async fn other_connections_live(server: &Server, transport: Transport) -> Verdict {
    let other = server.connect(transport, "/").await?;

    // That it ends is what other cases are about.
    let _ = closes_for(server, transport, "42{}").await;

    other.fence().await
}
