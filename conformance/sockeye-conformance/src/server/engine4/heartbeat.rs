//! The server pings, the client answers; whoever does not is gone.

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, not_before};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine4.heartbeat.interval")
            .cites(["EIO4-46", "EIO4-47"])
            .expects("pings come pingInterval apart, the first one pingInterval after the handshake")
            .over(Transport::BOTH, pings_come_at_their_interval),
        Case::should("engine4.heartbeat.silence")
            .cites(["EIO4-48"])
            .expects("a session whose ping is not answered is closed after pingTimeout")
            .over(Transport::BOTH, a_silent_session_is_closed),
    ]
}

async fn pings_come_at_their_interval(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;
    let figures = session.handshake();

    let pings = session.pings(2).await?;

    not_before("the first ping", figures.ping_interval, figures.asked_at, pings[0])?;
    // The server counts from the pong, which left after the ping had come.
    not_before("the second ping", figures.ping_interval, pings[0], pings[1])
}

async fn a_silent_session_is_closed(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;
    session.mute_pings();
    session.expect("2").await?;

    let figures = session.handshake();
    session.expect_close().await?;

    let silence = figures.ping_interval + figures.ping_timeout;
    not_before("the end", silence, figures.asked_at, std::time::Instant::now())
}
