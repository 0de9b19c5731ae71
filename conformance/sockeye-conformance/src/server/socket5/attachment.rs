//! Attachments that are wrong: announced in no number, missing, too many, out of place. Each closes the connection.

use super::breach::{closes_for, is_closed_for};
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.attachment.unannounced")
            .cites(["SP-019", "ROB-063"])
            .expects("bytes that no event has announced close the connection")
            .over(Transport::BOTH, unannounced_bytes_close),
        Case::interop("socket5.attachment.one-too-many")
            .cites(["SP-019", "ROB-063"])
            .expects("one attachment more than was announced closes the connection")
            .over(Transport::BOTH, one_attachment_too_many_closes),
        Case::interop("socket5.attachment.text-between")
            .cites(["SP-019"])
            .expects("an event while an attachment is missing closes the connection")
            .over(Transport::BOTH, text_for_an_attachment_closes),
        Case::interop("socket5.attachment.other-namespace-between")
            .cites(["SP-019"])
            .expects("an event of another namespace while an attachment is missing closes the connection")
            .over(Transport::BOTH, text_of_another_namespace_closes),
        Case::interop("socket5.attachment.eleven")
            .cites(["SP-012", "ROB-060"])
            .expects("more than ten attachments close the connection as soon as they are announced")
            .over(Transport::BOTH, eleven_attachments_close),
        Case::interop("socket5.attachment.eleven-in-ack")
            .cites(["SP-012", "ROB-060"])
            .expects("an acknowledgement with more than ten attachments closes the connection as well")
            .over(Transport::BOTH, eleven_attachments_of_an_ack_close),
        Case::interop("socket5.attachment.none")
            .cites(["SP-012", "ROB-061"])
            .expects("a BINARY_EVENT that announces no attachment closes the connection, and is no event")
            .over(Transport::BOTH, no_attachments_close),
        Case::interop("socket5.attachment.no-number")
            .cites(["SP-012", "ROB-061"])
            .expects("a BINARY_EVENT without a number before the dash closes the connection, and is no event")
            .over(Transport::BOTH, a_missing_number_closes),
        Case::interop("socket5.attachment.no-dash")
            .cites(["SP-012"])
            .expects("a BINARY_EVENT without number and dash closes the connection")
            .over(Transport::BOTH, a_missing_dash_closes),
        Case::interop("socket5.attachment.strange-number")
            .cites(["SP-012"])
            .expects("a number of attachments that is no run of digits closes the connection")
            .over(Transport::BOTH, a_strange_number_closes),
        Case::interop("socket5.attachment.out-of-range")
            .cites(["SP-020", "ROB-057"])
            .expects("a placeholder of an attachment that was not announced closes the connection")
            .over(Transport::BOTH, a_placeholder_out_of_range_closes),
        Case::interop("socket5.attachment.negative")
            .cites(["SP-020", "ROB-057"])
            .expects("a placeholder with a negative number closes the connection")
            .over(Transport::BOTH, a_negative_placeholder_closes),
        Case::interop("socket5.attachment.no-placeholder-number")
            .cites(["SP-020", "ROB-057"])
            .expects("a placeholder whose number is missing, null or a text closes the connection")
            .over(Transport::BOTH, a_placeholder_without_a_number_closes),
        Case::interop("socket5.attachment.list-first")
            .cites(["SP-016"])
            .expects("an event with bytes whose payload is no list with a name closes the connection")
            .over(Transport::BOTH, a_binary_event_is_a_list_with_a_name),
        Case::interop("socket5.attachment.reserved")
            .cites(["SP-018"])
            .expects("an event with bytes and a reserved name closes the connection")
            .over(Transport::BOTH, reserved_names_hold_for_binary_events),
    ]
}

async fn unannounced_bytes_close(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    is_closed_for(socket.session(), [[1, 2, 3].into()]).await
}

async fn one_attachment_too_many_closes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    // Nobody listens for it, so that nothing comes before the end.
    let event = r#"451-["nobody-listens",{"_placeholder":true,"num":0}]"#;
    is_closed_for(socket.session(), [Message::from(event), [1].into(), [2].into()]).await
}

async fn text_for_an_attachment_closes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let event = r#"452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    let text = r#"42["message","hello"]"#;
    is_closed_for(socket.session(), [Message::from(event), [1].into(), text.into()]).await
}

async fn text_of_another_namespace_closes(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.connect("/", None).await?;
    session.connect("/custom", None).await?;

    let event = r#"451-["message",{"_placeholder":true,"num":0}]"#;
    is_closed_for(&session, [event.into(), r#"42/custom,["message","hello"]"#.into()]).await
}

async fn eleven_attachments_close(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"4511-["message",{"_placeholder":true,"num":0}]"#).await
}

async fn eleven_attachments_of_an_ack_close(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"4699999999-1[{"_placeholder":true,"num":0}]"#).await
}

async fn no_attachments_close(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"450-["message","hello"]"#).await
}

async fn a_missing_number_closes(server: &Server, transport: Transport) -> Verdict {
    closes_for(server, transport, r#"45-["message","hello"]"#).await
}

async fn a_missing_dash_closes(server: &Server, transport: Transport) -> Verdict {
    for wrong in [r#"45["message","hello"]"#, r#"451["message","hello"]"#, "451", "45"] {
        closes_for(server, transport, wrong).await?;
    }
    Ok(())
}

async fn a_strange_number_closes(server: &Server, transport: Transport) -> Verdict {
    for number in ["x", "-1", "1.5", "1,", "1/", "one"] {
        closes_for(server, transport, &format!(r#"45{number}-["message","hello"]"#)).await?;
    }
    Ok(())
}

async fn a_placeholder_out_of_range_closes(server: &Server, transport: Transport) -> Verdict {
    placeholder_closes(server, transport, r#"{"_placeholder":true,"num":1}"#).await
}

async fn a_negative_placeholder_closes(server: &Server, transport: Transport) -> Verdict {
    placeholder_closes(server, transport, r#"{"_placeholder":true,"num":-1}"#).await
}

async fn a_placeholder_without_a_number_closes(server: &Server, transport: Transport) -> Verdict {
    for rest in ["", r#","num":null"#, r#","num":"0""#, r#","num":"splice""#] {
        placeholder_closes(server, transport, &format!(r#"{{"_placeholder":true{rest}}}"#)).await?;
    }
    Ok(())
}

async fn a_binary_event_is_a_list_with_a_name(server: &Server, transport: Transport) -> Verdict {
    for payload in [
        r#"{"_placeholder":true,"num":0}"#,
        r#"[{"_placeholder":true,"num":0}]"#,
        r#"[null,{"_placeholder":true,"num":0}]"#,
    ] {
        let socket = server.connect(transport, "/").await?;
        is_closed_for(socket.session(), [format!("451-{payload}").into(), [1].into()]).await?;
    }
    Ok(())
}

async fn reserved_names_hold_for_binary_events(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let event = r#"451-["disconnect",{"_placeholder":true,"num":0}]"#;
    is_closed_for(socket.session(), [event.into(), [1].into()]).await
}

async fn placeholder_closes(server: &Server, transport: Transport, placeholder: &str) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let event = format!(r#"451-["message",{placeholder}]"#);
    is_closed_for(socket.session(), [event.into(), [1].into()]).await
}
