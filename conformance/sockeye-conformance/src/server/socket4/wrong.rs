//! What is no packet, and packets at the wrong place: both end the session.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket4.wrong.type")
            .cites(["SP-011", "SP-023"])
            .expects("a packet of a type beyond 6 ends the session")
            .over(Transport::BOTH, a_type_is_unknown),
        Case::interop("socket4.wrong.json")
            .cites(["SP-015", "SP-023"])
            .expects("a payload that is no JSON ends the session")
            .over(Transport::BOTH, a_payload_is_no_json),
        Case::interop("socket4.wrong.not-joined")
            .cites(["SP-031"])
            .expects("an event for a namespace that was not joined ends the session")
            .over(Transport::BOTH, a_namespace_was_not_joined),
        Case::interop("socket4.wrong.connect-twice")
            .cites(["SP-030"])
            .expects("a second CONNECT for a namespace ends the session")
            .over(Transport::BOTH, a_namespace_is_asked_for_twice),
        Case::interop("socket4.wrong.connect-to-root")
            .cites(["SP-030", "SP-039"])
            .expects("a CONNECT for `/`, where everybody is already, ends the session")
            .over(Transport::BOTH, the_root_is_asked_for),
        Case::interop("socket4.wrong.attachments")
            .cites(["SP-012", "SP-023"])
            .expects("more than ten attachments end the session as soon as they are announced")
            .needs([Feature::Binary])
            .over(Transport::BOTH, too_many_attachments_are_announced),
        Case::interop("socket4.wrong.attachment-unannounced")
            .cites(["SP-019", "SP-023"])
            .expects("bytes that nobody announced end the session")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_were_not_announced),
        Case::interop("socket4.wrong.attachment-missing")
            .cites(["SP-019", "SP-023"])
            .expects("text in the place of an attachment ends the session")
            .needs([Feature::Binary])
            .over(Transport::BOTH, text_stands_in_the_place_of_an_attachment),
    ]
}

async fn a_type_is_unknown(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, &[r#"47["message"]"#.into()]).await
}

async fn a_payload_is_no_json(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, &[r#"42["message""#.into()]).await
}

async fn a_namespace_was_not_joined(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, &[r#"42/custom,["message"]"#.into()]).await
}

async fn a_namespace_is_asked_for_twice(server: &Server, transport: Transport) -> Verdict {
    let custom = server.connect_v3(transport, "/custom").await?;

    let _ = custom.session().send("40/custom,").await;

    custom.session().until_close().await.map(drop)
}

async fn the_root_is_asked_for(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, &["40".into()]).await
}

async fn too_many_attachments_are_announced(server: &Server, transport: Transport) -> Verdict {
    let announced = r#"4511-["message",{"_placeholder":true,"num":0}]"#;

    ends_the_session(server, transport, &[announced.into()]).await
}

async fn bytes_were_not_announced(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, &[[1, 2, 3].into()]).await
}

async fn text_stands_in_the_place_of_an_attachment(server: &Server, transport: Transport) -> Verdict {
    let announced = r#"451-["message",{"_placeholder":true,"num":0}]"#;

    ends_the_session(server, transport, &[announced.into(), r#"42["message"]"#.into()]).await
}

/// Over polling some answer such a POST and some cut it off: what counts is that the session is over.
async fn ends_the_session(server: &Server, transport: Transport, packets: &[Message]) -> Verdict {
    let session = server.open_v3(transport).await?;

    let _ = session.send_all(packets.iter().cloned()).await;

    session.until_close().await.map(drop)
}
