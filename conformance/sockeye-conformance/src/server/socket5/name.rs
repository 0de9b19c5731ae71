//! Names of events: which there may be, and which close the connection.

use serde_json::json;

use super::breach::closes_for;
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.name.unknown")
            .cites(["SIO5-18"])
            .expects("an event that nobody listens for is passed over")
            .over(Transport::BOTH, an_unknown_event_is_passed_over),
        Case::interop("socket5.name.error")
            .cites(["SS-052", "ROB-059"])
            .expects("an event may be named error")
            .over(Transport::BOTH, an_event_may_be_named_error),
        Case::interop("socket5.name.number")
            .cites(["SS-053"])
            .expects("a number may stand for the name of an event")
            .over(Transport::BOTH, a_number_may_be_a_name),
        Case::interop("socket5.name.empty")
            .cites(["SP-016"])
            .expects("an event may have an empty name")
            .over(Transport::BOTH, a_name_may_be_empty),
        Case::interop("socket5.name.unusual")
            .cites(["SP-006", "SP-016"])
            .expects("names may be long, have spaces, and be in any script")
            .over(Transport::BOTH, names_may_be_unusual),
        Case::interop("socket5.name.escaped")
            .cites(["SP-005", "SP-006"])
            .expects("a name that is written with escapes is the same name")
            .over(Transport::BOTH, a_name_may_be_escaped),
        Case::interop("socket5.name.case")
            .cites(["SP-018"])
            .expects("names that differ from reserved ones by a capital are names like others")
            .over(Transport::BOTH, names_have_a_case),
        Case::interop("socket5.name.engine-words")
            .cites(["SP-018"])
            .expects("words of the transport (open, close, ping, pong, packet, data) are names like others")
            .over(Transport::BOTH, words_of_the_transport_are_names),
        Case::interop("socket5.name.reserved-connect")
            .cites(["SP-018", "ROB-070"])
            .expects("an event named connect closes the connection")
            .over(Transport::BOTH, connect_is_reserved),
        Case::interop("socket5.name.reserved-connect-error")
            .cites(["SP-018", "ROB-070"])
            .expects("an event named connect_error closes the connection")
            .over(Transport::BOTH, connect_error_is_reserved),
        Case::interop("socket5.name.reserved-disconnect")
            .cites(["SP-018", "ROB-070"])
            .expects("an event named disconnect closes the connection")
            .over(Transport::BOTH, disconnect_is_reserved),
        Case::interop("socket5.name.reserved-disconnecting")
            .cites(["SP-018", "ROB-070"])
            .expects("an event named disconnecting closes the connection")
            .over(Transport::BOTH, disconnecting_is_reserved),
        Case::interop("socket5.name.reserved-listeners")
            .cites(["SP-018", "ROB-070"])
            .expects("events named newListener and removeListener close the connection")
            .over(Transport::BOTH, words_of_listeners_are_reserved),
        Case::interop("socket5.name.not-a-text")
            .cites(["SP-016", "ROB-058"])
            .expects("a name that is null, a boolean, an object or a list closes the connection")
            .over(Transport::BOTH, a_name_is_a_text_or_a_number),
    ]
}

async fn an_unknown_event_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    passes_over(server, transport, &["nobody-listens"]).await
}

async fn an_event_may_be_named_error(server: &Server, transport: Transport) -> Verdict {
    passes_over(server, transport, &["error"]).await
}

async fn a_number_may_be_a_name(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"42[7,"seven"]"#).await?;

    socket.fence().await
}

async fn a_name_may_be_empty(server: &Server, transport: Transport) -> Verdict {
    passes_over(server, transport, &[""]).await
}

async fn names_may_be_unusual(server: &Server, transport: Transport) -> Verdict {
    passes_over(server, transport, &["a b", "日本語😀", "/custom,", "1", &"long".repeat(1000)]).await
}

async fn a_name_may_be_escaped(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"42["\u006dessage","hello"]"#).await?;

    socket.expect_event("message-back", json!(["hello"])).await
}

async fn names_have_a_case(server: &Server, transport: Transport) -> Verdict {
    passes_over(server, transport, &["Connect", "Disconnect", "newlistener", "CONNECT_ERROR"]).await
}

async fn words_of_the_transport_are_names(server: &Server, transport: Transport) -> Verdict {
    passes_over(server, transport, &["open", "close", "ping", "pong", "packet", "data", "connection"]).await
}

async fn connect_is_reserved(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"42["connect"]"#).await
}

async fn connect_error_is_reserved(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"42["connect_error",{"message":"no"}]"#).await
}

async fn disconnect_is_reserved(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"42["disconnect","transport close"]"#).await
}

async fn disconnecting_is_reserved(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"42["disconnecting"]"#).await
}

async fn words_of_listeners_are_reserved(server: &Server, transport: Transport) -> Verdict {
    for name in ["newListener", "removeListener"] {
        closes_for(server, transport, &format!(r#"42["{name}"]"#)).await?;
    }
    Ok(())
}

async fn a_name_is_a_text_or_a_number(server: &Server, transport: Transport) -> Verdict {
    for name in ["null", "true", r#"{"toString":"message"}"#, r#"["message"]"#] {
        closes_for(server, transport, &format!(r"42[{name},1]")).await?;
    }
    Ok(())
}

/// Nobody listens for these, nobody answers, and the connection goes on.
async fn passes_over(server: &Server, transport: Transport, names: &[&str]) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    for name in names {
        socket.emit(name, json!(["hello"])).await?;
        socket.emit_with_ack(name, json!(["hello"])).await?;
    }
    socket.fence().await
}
