//! The server pings, the client answers; whoever does not is gone.

use std::time::Instant;

use super::ByHand;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Ending, Server, Session};
use crate::verdict::{Failure, Verdict, not_before, same};
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    let upgrade = |case: Case<Server>| case.needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket]);
    vec![
        Case::must("engine4.heartbeat.interval")
            .cites(["EIO4-32", "EIO4-46", "EIO4-47", "EP-074"])
            .expects("the first ping comes pingInterval after the handshake, the second pingInterval later")
            .over(Transport::BOTH, pings_come_at_their_interval),
        Case::should("engine4.heartbeat.silence")
            .cites(["EIO4-48"])
            .expects("a session whose ping is not answered is closed after pingTimeout")
            .over(Transport::BOTH, a_silent_session_is_closed),
        Case::must("engine4.heartbeat.lives-on")
            .cites(["EIO4-46", "EIO4-47"])
            .expects(
                "a session that answers its pings lives longer than pingInterval and pingTimeout together",
            )
            .over(Transport::BOTH, an_answering_session_lives_on),
        Case::must("engine4.heartbeat.late-pong")
            .cites(["EIO4-47"])
            .expects("a pong within pingTimeout keeps the session, also when it is late")
            .over(Transport::BOTH, a_late_pong_keeps_the_session),
        Case::interop("engine4.heartbeat.from-pong")
            .cites(["EP-070"])
            .expects("the next ping comes pingInterval after the pong")
            .over(Transport::BOTH, the_interval_counts_from_the_pong),
        Case::robust("engine4.heartbeat.pong-unasked")
            .cites(["ROB-047"])
            .expects("a pong that nobody asked for changes nothing")
            .over(Transport::BOTH, a_pong_that_nobody_asked_for_changes_nothing),
        Case::should("engine4.heartbeat.pong-in-advance")
            .cites(["EIO4-48"])
            .expects("a pong in advance does not stand for the answer to the next ping")
            .over(Transport::BOTH, a_pong_in_advance_does_not_count),
        Case::should("engine4.heartbeat.messages-are-no-pongs")
            .cites(["EIO4-48"])
            .expects("a session that sends messages but no pong is closed")
            .over(Transport::BOTH, messages_are_no_pongs),
        Case::interop("engine4.heartbeat.client-ping")
            .cites(["EP-071"])
            .expects("a ping from the client ends the session")
            .over(Transport::BOTH, a_ping_from_the_client_ends_the_session),
        Case::interop("engine4.heartbeat.client-probe")
            .cites(["EP-071"])
            .expects("a probe from the client outside an upgrade ends the session")
            .over(Transport::BOTH, a_probe_outside_an_upgrade_ends_the_session),
        Case::interop("engine4.heartbeat.releases-get")
            .cites(["EP-052"])
            .expects("a GET that waits when the heartbeat fails receives a close packet")
            .needs([Feature::Polling])
            .checks(a_failed_heartbeat_releases_the_get),
        Case::interop("engine4.heartbeat.nobody-polls")
            .cites(["EP-070"])
            .expects(
                "a session without any GET is closed, but not before pingInterval and pingTimeout together",
            )
            .needs([Feature::Polling])
            .checks(a_session_that_nobody_polls_is_closed),
        upgrade(Case::must("engine4.heartbeat.upgraded"))
            .cites(["EIO4-46", "EIO4-47"])
            .expects("pings go on over the WebSocket after the upgrade")
            .checks(pings_go_on_after_the_upgrade),
        upgrade(Case::should("engine4.heartbeat.upgraded-silence"))
            .cites(["EIO4-48"])
            .expects("an upgraded session whose ping is not answered is closed")
            .checks(an_upgraded_session_that_is_silent_is_closed),
        upgrade(Case::interop("engine4.heartbeat.amid-upgrade"))
            .cites(["EP-076"])
            .expects("a ping that came over polling can be answered over the WebSocket after the upgrade")
            .checks(a_ping_is_answered_after_the_upgrade),
        upgrade(Case::interop("engine4.heartbeat.dead-amid-upgrade"))
            .cites(["EP-076"])
            .expects("a session that upgrades after a ping and never answers is closed")
            .checks(a_dead_session_does_not_survive_its_upgrade),
    ]
}

async fn pings_come_at_their_interval(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;
    let figures = session.handshake();

    let pings = session.pings(2).await?;

    not_before("the first ping", figures.ping_interval, figures.asked_at, pings[0])?;
    // Whether the server counts from the pong or from the ping before.
    not_before("the second ping", figures.ping_interval * 2, figures.asked_at, pings[1])
}

async fn a_silent_session_is_closed(server: &Server, transport: Transport) -> Verdict {
    let session = silent(server, transport).await?;

    session.expect("2").await?;
    session.expect_close().await?;

    let figures = session.handshake();
    let silence = figures.ping_interval + figures.ping_timeout;
    not_before("the end", silence, figures.asked_at, Instant::now())
}

async fn an_answering_session_lives_on(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;

    session.pings(3).await?;

    session.echo("hello").await
}

async fn a_late_pong_keeps_the_session(server: &Server, transport: Transport) -> Verdict {
    let session = silent(server, transport).await?;
    session.expect("2").await?;

    answer_late(&session).await?;

    // The next ping is the proof: the server went on.
    session.expect("2").await
}

async fn the_interval_counts_from_the_pong(server: &Server, transport: Transport) -> Verdict {
    let session = silent(server, transport).await?;
    session.expect("2").await?;

    let answered_at = answer_late(&session).await?;

    let next = session.next_arrival().await?;
    same("the next packet", &Message::from("2"), &next.message)?;
    not_before("the next ping", session.handshake().ping_interval, answered_at, next.at)
}

async fn a_pong_that_nobody_asked_for_changes_nothing(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send("3").await?;

    session.echo("hello").await
}

async fn a_pong_in_advance_does_not_count(server: &Server, transport: Transport) -> Verdict {
    let session = silent(server, transport).await?;

    session.send("3").await?;

    session.expect("2").await?;
    session.expect_close().await.map(drop)
}

async fn messages_are_no_pongs(server: &Server, transport: Transport) -> Verdict {
    let session = silent(server, transport).await?;
    session.expect("2").await?;
    let (saying, heard) = (session.clone(), session.echo_of("still here"));
    // Whether it can still be sent is no matter.
    let talking = tokio::spawn(async move {
        let pause = saying.handshake().ping_timeout / 5;
        while saying.send_all(saying.echo_of("still here").said).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    });

    let (came, _) = session.until_close().await?;

    talking.abort();
    let pings = came.iter().filter(|arrival| arrival.message != heard.back[0]);
    same("the number of other packets", &0, &pings.count())
}

async fn a_ping_from_the_client_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, "2").await
}

async fn a_probe_outside_an_upgrade_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    ends_the_session(server, transport, "2probe").await
}

async fn a_failed_heartbeat_releases_the_get(server: &Server) -> Verdict {
    let session = silent(server, Transport::Polling).await?;
    session.expect("2").await?;

    same("the end", &Ending::ClosePacket, &session.expect_close().await?)
}

async fn a_session_that_nobody_polls_is_closed(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let figures = session.handshake();

    // To ask earlier would be a sign of life.
    tokio::time::sleep((figures.ping_interval + figures.ping_timeout) * 2).await;

    same("the status of a POST", &400, &session.post("3").await?.status)
}

async fn pings_go_on_after_the_upgrade(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    session.upgrade().await?;
    let upgraded_at = Instant::now();

    let pings = session.pings(3).await?;

    let over_websocket = pings.iter().filter(|ping| **ping > upgraded_at).count();
    if over_websocket < 2 {
        return Err(Failure::TooSlow("the upgrade took longer than a heartbeat".into()));
    }
    session.echo("hello").await
}

async fn an_upgraded_session_that_is_silent_is_closed(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    session.upgrade().await?;
    session.mute_pings();

    session.expect("2").await?;

    session.expect_close().await.map(drop)
}

async fn a_ping_is_answered_after_the_upgrade(server: &Server) -> Verdict {
    let session = silent(server, Transport::Polling).await?;
    session.expect("2").await?;

    session.upgrade().await?;
    session.send("3").await?;

    session.expect("2").await
}

async fn a_dead_session_does_not_survive_its_upgrade(server: &Server) -> Verdict {
    let session = silent(server, Transport::Polling).await?;
    session.expect("2").await?;

    session.upgrade().await?;

    session.until_close().await.map(drop)
}

/// A session that is ready and whose pings nobody answers.
async fn silent(server: &Server, transport: Transport) -> Verdict<Session> {
    let session = server.open(transport).await?;
    session.ready().await?;
    session.mute_pings();
    Ok(session)
}

/// Answers a ping that has just come after half of pingTimeout, and says when.
async fn answer_late(session: &Session) -> Verdict<Instant> {
    let (came_at, timeout) = (Instant::now(), session.handshake().ping_timeout);
    tokio::time::sleep(timeout / 2).await;
    let answered_at = Instant::now();
    session.send("3").await?;
    if came_at.elapsed() > timeout * 9 / 10 {
        return Err(Failure::TooSlow("the pong was later than it was meant to be".into()));
    }
    Ok(answered_at)
}

/// The server's own ping, were it to come before the end, would stand among the packets.
async fn ends_the_session(server: &Server, transport: Transport, packet: &str) -> Verdict {
    let session = silent(server, transport).await?;

    match transport {
        // Whether such a POST is answered by ok is the server's affair.
        Transport::Polling => drop(session.post(packet).await?),
        Transport::WebSocket => session.send(packet).await?,
    }

    session.expect_close().await.map(drop)
}
