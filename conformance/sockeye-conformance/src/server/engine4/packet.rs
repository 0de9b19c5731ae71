//! Packets at the wrong time, of unknown types, and empty ones.

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("engine4.packet.open")
            .cites(["EP-010"])
            .expects("an open packet from the client changes nothing")
            .over(Transport::BOTH, an_open_packet_changes_nothing),
        Case::interop("engine4.packet.upgrade")
            .cites(["EP-010"])
            .expects("an upgrade packet outside an upgrade changes nothing")
            .over(Transport::BOTH, an_upgrade_packet_changes_nothing),
        Case::interop("engine4.packet.noop")
            .cites(["EP-010"])
            .expects("a noop packet from the client changes nothing")
            .over(Transport::BOTH, a_noop_packet_changes_nothing),
        Case::interop("engine4.packet.unknown-digit")
            .cites(["EP-001", "EP-006"])
            .expects("a packet of the type 7 ends the session")
            .over(Transport::BOTH, an_unknown_digit_ends_the_session),
        Case::interop("engine4.packet.unknown-letter")
            .cites(["EP-001", "EP-006"])
            .expects("a packet that begins with a letter other than b ends the session")
            .over(Transport::BOTH, an_unknown_letter_ends_the_session),
        Case::interop("engine4.packet.empty")
            .cites(["EP-006"])
            .expects("a packet of nothing ends the session")
            .over(Transport::BOTH, an_empty_packet_ends_the_session),
        Case::robust("engine4.packet.unknown-elsewhere")
            .cites(["ROB-041"])
            .expects("a packet of an unknown type leaves other sessions as they were")
            .over(Transport::BOTH, an_unknown_packet_leaves_others_alone),
    ]
}

async fn an_open_packet_changes_nothing(server: &Server, transport: Transport) -> Verdict {
    changes_nothing(server, transport, r#"0{"sid":"another","pingInterval":1,"pingTimeout":1}"#).await
}

async fn an_upgrade_packet_changes_nothing(server: &Server, transport: Transport) -> Verdict {
    changes_nothing(server, transport, "5").await
}

async fn a_noop_packet_changes_nothing(server: &Server, transport: Transport) -> Verdict {
    changes_nothing(server, transport, "6").await
}

async fn an_unknown_digit_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, "7").await
}

async fn an_unknown_letter_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, "hello").await
}

async fn an_empty_packet_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, "").await
}

async fn an_unknown_packet_leaves_others_alone(server: &Server, transport: Transport) -> Verdict {
    let other = server.open(transport).await?;
    other.ready().await?;

    ends_the_session(server, transport, "x").await?;

    other.echo("hello").await
}

async fn changes_nothing(server: &Server, transport: Transport, packet: &str) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;

    session.send(packet).await?;

    session.echo("hello").await
}

/// The ping, were it to come before the end, would stand among the packets.
async fn ends_the_session(server: &Server, transport: Transport, packet: &str) -> Verdict {
    let session = server.open(transport).await?;
    session.mute_pings();

    match transport {
        // Whether such a POST is answered by ok or by 400 is the server's affair.
        Transport::Polling => drop(session.post(packet).await?),
        Transport::WebSocket => session.send(packet).await?,
    }

    session.expect_close().await.map(drop)
}
