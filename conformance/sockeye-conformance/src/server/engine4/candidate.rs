//! A WebSocket that wants to become a session's transport and does not do it by the rules: the session goes on polling.

use std::time::{Duration, Instant};

use super::ByHand;
use super::websocket::{shut, shut_out};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, channel};
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;
use crate::wire::websocket::WebSocket;

pub(super) fn cases() -> Vec<Case<Server>> {
    let upgrade = |case: Case<Server>| case.needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket]);
    vec![
        upgrade(Case::interop("engine4.upgrade.wrong-probe"))
            .cites(["EP-080"])
            .expects("a candidate that pings with another word is closed, and the session goes on polling")
            .checks(another_probe_is_closed),
        upgrade(Case::interop("engine4.upgrade.bare-ping"))
            .cites(["EP-080"])
            .expects("a candidate that pings without a word is closed, and the session goes on polling")
            .checks(a_bare_ping_is_closed),
        upgrade(Case::interop("engine4.upgrade.message-first"))
            .cites(["EP-080"])
            .expects("a candidate that begins with a message is closed, and the session goes on polling")
            .checks(a_message_first_is_closed),
        upgrade(Case::interop("engine4.upgrade.bytes-first"))
            .cites(["EP-080"])
            .expects("a candidate that begins with bytes is closed, and the session goes on polling")
            .checks(bytes_first_are_closed),
        upgrade(Case::interop("engine4.upgrade.garbage-first"))
            .cites(["EP-080"])
            .expects(
                "a candidate that begins with what is no packet is closed, and the session goes on polling",
            )
            .checks(garbage_first_is_closed),
        upgrade(Case::interop("engine4.upgrade.message-for-upgrade"))
            .cites(["EP-080"])
            .expects(
                "a candidate that says a message where 5 belongs is closed, and the session goes on polling",
            )
            .checks(a_message_instead_of_the_upgrade_is_closed),
        upgrade(Case::interop("engine4.upgrade.without-probe"))
            .cites(["EP-080"])
            .expects(
                "a candidate that says 5 without a probe is closed or taken; the session lives on either way",
            )
            .checks(an_upgrade_without_a_probe_does_no_harm),
        upgrade(Case::interop("engine4.upgrade.many-probes"))
            .cites(["EP-080"])
            .expects("each of ten probes is answered, and the upgrade goes on")
            .checks(probes_may_be_repeated),
        upgrade(Case::interop("engine4.upgrade.given-up"))
            .cites(["EP-080"])
            .expects("a candidate that goes after the probe leaves the session on polling")
            .checks(a_candidate_that_goes_leaves_the_session),
        upgrade(Case::interop("engine4.upgrade.second-attempt"))
            .cites(["EP-080", "EP-089"])
            .expects("a session whose first candidate has failed can be upgraded by another")
            .checks(another_candidate_may_follow),
        upgrade(Case::robust("engine4.upgrade.many-attempts"))
            .cites(["ROB-049"])
            .expects("a session can be upgraded after twenty candidates that went")
            .checks(many_candidates_leave_nothing_behind),
        upgrade(Case::interop("engine4.upgrade.other-revision"))
            .cites(["EP-025"])
            .expects("a candidate of another revision is refused, and the session goes on polling")
            .checks(a_candidate_of_another_revision_is_refused),
        upgrade(Case::robust("engine4.upgrade.idle-candidate"))
            .cites(["ROB-050"])
            .expects("a candidate that says nothing costs the session nothing")
            .checks(an_idle_candidate_costs_nothing),
        upgrade(Case::interop("engine4.upgrade.timeout"))
            .cites(["EP-081"])
            .expects("a candidate that says nothing is closed after 10 s at the latest, and the session goes on polling")
            .checks(a_candidate_has_its_time),
    ]
}

async fn another_probe_is_closed(server: &Server) -> Verdict {
    closed_after(server, "2prob").await
}

async fn a_bare_ping_is_closed(server: &Server) -> Verdict {
    closed_after(server, "2").await
}

async fn a_message_first_is_closed(server: &Server) -> Verdict {
    closed_after(server, "4hello").await
}

async fn bytes_first_are_closed(server: &Server) -> Verdict {
    closed_after(server, [1, 2, 3]).await
}

async fn garbage_first_is_closed(server: &Server) -> Verdict {
    closed_after(server, "hello").await
}

async fn a_message_instead_of_the_upgrade_is_closed(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let mut ws = probe(server, &session).await?;

    ws.send("4hello").await?;

    shut(&mut ws).await?;
    session.echo("on polling").await
}

async fn an_upgrade_without_a_probe_does_no_harm(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    let mut ws = server.websocket(&session.handshake().query()).await?;

    ws.send("5").await?;
    ws.send(&echo.said[0]).await?;

    match ws.next().await {
        Ok(came) if came == echo.back[0] => Ok(()),
        Ok(came) => Err(Failure::departed("the message or a close", format!("{came} came"))),
        Err(_) => session.echo("on polling").await,
    }
}

async fn probes_may_be_repeated(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;

    for _ in 0..10 {
        ws.send("2probe").await?;
        ws.expect("3probe").await?;
    }

    switch(&session, ws).await
}

async fn a_candidate_that_goes_leaves_the_session(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;

    attempt(server, &session).await?;

    session.echo("on polling").await
}

async fn another_candidate_may_follow(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    attempt(server, &session).await?;

    switch(&session, probed(server, &session).await?).await
}

async fn many_candidates_leave_nothing_behind(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    for _ in 0..20 {
        attempt(server, &session).await?;
    }

    switch(&session, probed(server, &session).await?).await
}

async fn a_candidate_of_another_revision_is_refused(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let query = session.handshake().query().replace("EIO=4", "EIO=3");

    shut_out(server, server.websocket_request(&query)).await?;

    session.echo("on polling").await
}

async fn an_idle_candidate_costs_nothing(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let _idle = server.websocket(&session.handshake().query()).await?;

    for word in ["still", "on", "polling"] {
        session.echo(word).await?;
    }
    Ok(())
}

async fn a_candidate_has_its_time(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    let mut candidate = server.websocket(&session.handshake().query()).await?;

    candidate.expect_close_within(UPGRADE_TIMEOUT).await?;

    session.echo("on polling").await
}

/// A candidate that says this is closed, and the session answers over polling.
async fn closed_after(server: &Server, first: impl Into<Message>) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;

    ws.send(first).await?;

    shut(&mut ws).await?;
    session.echo("on polling").await
}

/// A candidate that probes and goes.
async fn attempt(server: &Server, session: &ByHand) -> Verdict {
    let mut ws = probed(server, session).await?;
    ws.close(1000).await?;
    ws.expect_close().await.map(drop)?;
    Ok(())
}

/// A candidate whose probe is answered. As long as the server has not seen the one before go, it refuses or closes it.
async fn probed(server: &Server, session: &ByHand) -> Verdict<WebSocket> {
    let asked_at = Instant::now();
    loop {
        match probe(server, session).await {
            Err(Failure::Departed { .. }) if asked_at.elapsed() < server.watch().patience => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            probed => return probed,
        }
    }
}

async fn probe(server: &Server, session: &ByHand) -> Verdict<WebSocket> {
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    Ok(ws)
}

/// Completes the upgrade and says something over it.
async fn switch(session: &ByHand, mut ws: WebSocket) -> Verdict {
    let echo = session.echo_of("over the WebSocket");
    ws.send("5").await?;
    ws.send(&echo.said[0]).await?;
    channel::expect(&mut ws, &echo.back[0]).await
}

/// The reference's own.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
