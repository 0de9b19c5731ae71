//! The client pings, the server answers; whoever does not is gone.

use std::time::Instant;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Session};
use crate::verdict::{Verdict, not_before};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.heartbeat.pong")
            .cites(["EIO3-05", "EIO3-27"])
            .expects("a ping is answered by a pong")
            .over(Transport::BOTH, a_ping_is_answered),
        Case::should("engine3.heartbeat.same-data")
            .cites(["EIO3-26"])
            .expects("a ping with data is answered by a pong with the same data")
            .over(Transport::BOTH, a_pong_has_the_data_of_its_ping),
        Case::must("engine3.heartbeat.lives")
            .cites(["EIO3-05", "EIO3-65"])
            .expects("who pings lives longer than pingInterval + pingTimeout")
            .over(Transport::BOTH, who_pings_lives),
        Case::must("engine3.heartbeat.silence")
            .cites(["EIO3-65", "EP-022"])
            .expects("who says nothing is closed when pingInterval + pingTimeout are over, and not before")
            .over(Transport::BOTH, who_is_silent_is_closed),
        Case::must("engine3.heartbeat.any-data")
            .cites(["EIO3-65"])
            .expects("who sends messages and no pings lives longer than pingInterval + pingTimeout")
            .over(Transport::BOTH, who_sends_messages_lives),
        Case::interop("engine3.heartbeat.each-ping")
            .cites(["EP-022"])
            .expects("pingInterval + pingTimeout count from the last ping")
            .over(Transport::BOTH, each_ping_counts_anew),
        Case::interop("engine3.heartbeat.client-asks")
            .cites(["EIO3-27", "EP-022"])
            .expects("the server sends no pings")
            .over(Transport::BOTH, the_server_sends_no_pings),
        Case::interop("engine3.heartbeat.pong-from-client")
            .cites(["EP-022"])
            .expects("a pong from the client ends the session")
            .over(Transport::BOTH, a_pong_from_the_client_ends_the_session),
        Case::must("engine3.heartbeat.after-an-upgrade")
            .cites(["EIO3-65", "EP-076"])
            .expects("who says nothing after an upgrade is closed as before")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(who_is_silent_after_an_upgrade_is_closed),
        Case::must("engine3.heartbeat.pong-after-an-upgrade")
            .cites(["EIO3-05", "EP-076"])
            .expects("who pings lives across an upgrade")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(who_pings_lives_across_an_upgrade),
    ]
}

async fn a_ping_is_answered(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.mute_pings();

    session.send("2").await?;

    session.expect("3").await
}

async fn a_pong_has_the_data_of_its_ping(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.mute_pings();

    session.send("2hello").await?;

    session.expect("3hello").await
}

async fn who_pings_lives(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    // They leave twice in an interval.
    session.pings(pings_of_a_heartbeat(&session)).await?;

    session.fence().await
}

async fn who_is_silent_is_closed(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.mute_pings();

    session.expect_close().await?;

    let figures = session.handshake();
    let silence = figures.ping_interval + figures.ping_timeout;
    not_before("the end", silence, figures.asked_at, Instant::now())
}

async fn who_sends_messages_lives(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.mute_pings();
    let figures = session.handshake();
    let heartbeat = figures.ping_interval + figures.ping_timeout;

    while figures.asked_at.elapsed() < heartbeat + figures.ping_interval {
        session.echo("still here").await?;
        tokio::time::sleep(figures.ping_interval / 4).await;
    }

    session.echo("after all").await
}

async fn each_ping_counts_anew(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    session.pings(1).await?;
    session.mute_pings();

    let last = Instant::now();
    session.send("2").await?;
    session.until_close().await?;

    let figures = session.handshake();
    not_before("the end", figures.ping_interval + figures.ping_timeout, last, Instant::now())
}

async fn the_server_sends_no_pings(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.pings(pings_of_a_heartbeat(&session)).await?;

    // A ping of the server's would stand before it.
    session.fence().await
}

async fn a_pong_from_the_client_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    // Over polling the POST may be cut off with the session.
    let _ = session.send("3").await;

    session.until_close().await.map(drop)
}

async fn who_is_silent_after_an_upgrade_is_closed(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    session.upgrade().await?;
    session.echo("hello").await?;

    session.mute_pings();

    session.until_close().await.map(drop)
}

async fn who_pings_lives_across_an_upgrade(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    session.pings(1).await?;

    session.upgrade().await?;
    session.pings(1 + pings_of_a_heartbeat(&session)).await?;

    session.echo("hello").await
}

/// Sessions ping twice in an interval: how many pings take longer than the server waits for one.
fn pings_of_a_heartbeat(session: &Session) -> usize {
    let figures = session.handshake();
    let heartbeat = figures.ping_interval + figures.ping_timeout;
    usize::try_from(2 * heartbeat.as_millis() / figures.ping_interval.as_millis().max(1)).unwrap_or(4) + 1
}
