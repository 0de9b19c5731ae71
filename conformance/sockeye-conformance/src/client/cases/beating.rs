//! Heartbeats: pongs, and what a client makes of a server that is silent.

use std::time::{Duration, Instant};

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::report::Report;
use crate::client::session::is_same;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure};

pub(super) fn cases() -> Vec<Case<Client>> {
    vec![
        Case::must("client.engine4.heartbeat.pong")
            .cites(["EIO4-33", "EIO4-47", "EP-001", "EP-002"])
            .expects("a ping is answered by a pong")
            .over(Transport::BOTH, a_ping_is_answered),
        Case::should("client.engine4.heartbeat.silence")
            .cites(["EIO4-49", "EP-072", "CC-065"])
            .expects("a server that is silent for pingInterval and pingTimeout has gone, and not before: ping timeout")
            .needs([Feature::Reconnection])
            .over(Transport::BOTH, a_silent_server_has_gone),
        Case::must("client.engine4.heartbeat.alive")
            .cites(["EIO4-47"])
            .expects("a server that sends its pings in time is not given up, and is sent nothing but pongs")
            .over(Transport::BOTH, pings_keep_the_session),
        Case::interop("client.engine4.heartbeat.unasked")
            .cites(["EIO4-47"])
            .expects("a client sends no pong before the first ping")
            .over(Transport::BOTH, no_pong_without_a_ping),
        Case::interop("client.engine4.heartbeat.only-pings-count")
            .cites(["EP-072"])
            .expects("messages are no pings: a server that sends no ping has gone, whatever else it sends")
            .over(Transport::BOTH, messages_are_no_pings),
        Case::interop("client.engine4.heartbeat.first-ping")
            .cites(["EP-072"])
            .expects("the time for the first ping begins with the handshake, whether a namespace is joined or not")
            .over(Transport::BOTH, the_handshake_starts_the_time),
    ]
}

async fn a_ping_is_answered(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined(transport).await?;
    for _ in 0..3 {
        session.ping().await?;
    }
    client.fence(&mut session).await
}

async fn a_silent_server_has_gone(client: &Client, transport: Transport) -> Verdict {
    let handshake = Handshake::new().with_heartbeat(300, 200);
    let connect = Connect::over(transport).coming_back();
    let began = Instant::now();
    let mut session = client.joined_beating(&connect, transport, handshake.clone()).await?;
    client.expect_disconnect_within("a", &["ping timeout"], Duration::from_millis(500)).await?;
    waited(began, 500)?;
    drop(session);

    // A ping starts the time anew.
    session = client.accept_with(transport, handshake).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"again"}"#).await?;
    client.expect_connect_at_last("a").await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let pinged = Instant::now();
    session.ping().await?;
    client.expect_disconnect_within("a", &["ping timeout"], Duration::from_millis(500)).await?;
    waited(pinged, 500)
}

async fn pings_keep_the_session(client: &Client, transport: Transport) -> Verdict {
    let handshake = Handshake::new().with_heartbeat(600, 1200);
    let mut last = Instant::now();
    let mut session = client.joined_beating(&Connect::over(transport), transport, handshake).await?;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(600).saturating_sub(last.elapsed())).await;
        in_time(last, 1000)?;
        last = Instant::now();
        session.ping().await?;
    }
    client.fence(&mut session).await
}

async fn no_pong_without_a_ping(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.open(transport).await?;
    let first = session.any().await?;
    ensure(is_same(&"40".into(), &first), "CONNECT as the first packet", || format!("{first} came"))
}

async fn messages_are_no_pings(client: &Client, transport: Transport) -> Verdict {
    let handshake = Handshake::new().with_heartbeat(300, 200);
    let began = Instant::now();
    let mut session = client.joined_beating(&Connect::over(transport), transport, handshake).await?;
    loop {
        // The client may have gone by now.
        let _ = session.send(r#"42["e"]"#).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        match client.next_report().await? {
            Report::Event { .. } if began.elapsed() < Duration::from_secs(4) => {}
            Report::Event { .. } => {
                return Err(Failure::came("after 4 s without a ping the client is still there"));
            }
            Report::Disconnect { .. } => return waited(began, 500),
            other => return Err(Failure::departed("an event or a disconnect", format!("{other} came"))),
        }
    }
}

async fn the_handshake_starts_the_time(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back()).await?;
    let exchange = client.expect_handshake(transport).await?;
    let began = Instant::now();
    let mut silent = client.open_for(exchange, Handshake::new().with_heartbeat(200, 100)).await?;
    silent.expect("40").await?;

    // CONNECT is not answered; the next session is another one.
    let again = client.expect_handshake(transport).await?;
    waited(began, 300)?;
    let mut session = client.open_for(again, Handshake::new()).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"s"}"#).await?;
    // The reference tells of the end of a connection in which nobody was connected.
    loop {
        match client.next_report().await? {
            Report::Connect { .. } => return client.fence(&mut session).await,
            Report::Disconnect { .. } | Report::ConnectError { .. } => {}
            other => return Err(Failure::departed("connect", format!("{other} came"))),
        }
    }
}

/// At least so many milliseconds have passed; clocks may differ by one.
fn waited(since: Instant, millis: u64) -> Verdict {
    let waited = since.elapsed();
    ensure(
        waited + Duration::from_millis(2) >= Duration::from_millis(millis),
        &format!("at least {millis} ms of patience"),
        || format!("it was over after {} ms", waited.as_millis()),
    )
}

/// The suite itself was in time, or the case says nothing.
fn in_time(since: Instant, millis: u64) -> Verdict {
    if since.elapsed() < Duration::from_millis(millis) {
        return Ok(());
    }
    Err(Failure::TooSlow(format!("a ping left after {} ms", since.elapsed().as_millis())))
}
