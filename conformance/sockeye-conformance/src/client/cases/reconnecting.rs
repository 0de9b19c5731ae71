//! When a client connects again, how often, and what it brings along.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::report::Report;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::Response;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Reconnection]);
    let told = |case: Case<Client>| case.needs([Feature::Reconnection, Feature::ReconnectionReports]);
    vec![
        case(Case::interop("client.reconnect.after-loss"))
            .cites(["CC-066", "CC-067", "CC-042"])
            .expects("a connection that is lost is told once, and made again as a new session with its own CONNECT")
            .over(Transport::BOTH, a_lost_connection_is_made_again),
        case(Case::interop("client.reconnect.auth"))
            .cites(["CC-032"])
            .expects("CONNECT has the auth again, as it is then")
            .needs([Feature::Reconnection, Feature::Auth])
            .over(Transport::BOTH, auth_is_given_again),
        case(Case::interop("client.reconnect.namespaces"))
            .cites(["CC-005", "CC-032"])
            .expects("all namespaces are joined again over the new session")
            .needs([Feature::Reconnection, Feature::Multiplexing])
            .over(Transport::BOTH, all_namespaces_are_joined_again),
        case(Case::interop("client.reconnect.off"))
            .cites(["CC-009"])
            .expects("a client that must not reconnect does not, until it is told to connect")
            .over(Transport::BOTH, a_client_may_be_told_not_to),
        case(Case::interop("client.reconnect.first-failure"))
            .cites(["CC-027", "CC-041"])
            .expects("a first connection that fails is told as connect_error, and tried again")
            .over(Transport::BOTH, the_first_connection_is_tried_again),
        case(Case::interop("client.reconnect.for-ever"))
            .cites(["CC-010", "CC-012"])
            .expects("without a limit a client tries on and on, never later than after the longest delay")
            .over(Transport::BOTH, it_tries_on_and_on),
        case(Case::interop("client.reconnect.delays"))
            .cites(["CC-011", "CC-012", "CC-013", "CC-023"])
            .expects("without randomness the first delay is reconnectionDelay, and each doubles up to the longest")
            .over(Transport::BOTH, delays_double),
        case(Case::interop("client.reconnect.randomness"))
            .cites(["CC-013"])
            .expects("with a randomization of 0.5 no delay is shorter than half of what it would be")
            .over(Transport::BOTH, randomness_is_bounded),
        told(Case::interop("client.reconnect.told"))
            .cites(["CC-024", "CC-025"])
            .expects("attempts are told with their numbers from 1, and so is the one that succeeds")
            .over(Transport::BOTH, attempts_are_told),
        told(Case::interop("client.reconnect.numbers-anew"))
            .cites(["CC-030"])
            .expects("after a success numbers and delays begin anew")
            .over(Transport::BOTH, numbers_begin_anew),
        told(Case::interop("client.reconnect.given-up"))
            .cites(["CC-026"])
            .expects("after the last attempt that is allowed, the failure is told once, and no other attempt is made")
            .over(Transport::BOTH, it_gives_up),
        case(Case::interop("client.reconnect.stopped"))
            .cites(["CC-029"])
            .expects("a client that is told to disconnect while it waits for its next attempt makes none")
            .over(Transport::BOTH, it_can_be_stopped),
        case(Case::interop("client.reconnect.timeout"))
            .cites(["CC-014", "CC-041"])
            .expects("an attempt that is not answered in time has failed, and the next one follows")
            .needs([Feature::Reconnection, Feature::ConnectTimeout])
            .over(Transport::BOTH, attempts_have_a_limit),
        case(Case::interop("client.reconnect.kept"))
            .cites(["CC-049"])
            .expects("what is emitted while there is no connection is kept, and sent once and in order when there is")
            .needs([Feature::Reconnection, Feature::SendBuffer])
            .over(Transport::BOTH, emits_are_kept),
        case(Case::interop("client.reconnect.volatile"))
            .cites(["CC-050"])
            .expects("what is emitted as volatile while there is no connection is dropped")
            .needs([Feature::Reconnection, Feature::SendBuffer, Feature::Volatile])
            .over(Transport::BOTH, volatile_emits_are_dropped),
        case(Case::interop("client.reconnect.timed-out"))
            .cites(["CC-045"])
            .expects("an event whose time for an answer is over before there is a connection is not sent")
            .needs([Feature::Reconnection, Feature::SendBuffer, Feature::AckTimeouts])
            .over(Transport::BOTH, what_is_late_is_not_sent),
        case(Case::interop("client.reconnect.old-acks"))
            .cites(["CC-055"])
            .expects("an acknowledgement of an event that was sent before the loss does not come from the new session")
            .needs([Feature::Reconnection, Feature::AckTimeouts, Feature::AckLosses])
            .over(Transport::BOTH, old_questions_are_over),
    ]
}

async fn a_lost_connection_is_made_again(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    for _ in 0..3 {
        drop(session);
        client.expect_disconnect("a", &["transport close", "transport error"]).await?;
        session = client.come_back(transport).await?;
    }
    client.fence(&mut session).await
}

async fn auth_is_given_again(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back().auth(json!({ "token": 1 }))).await?;
    let mut session = client.accept(transport).await?;
    session.expect(r#"40{"token":1}"#).await?;
    session.send(r#"40{"sid":"s"}"#).await?;
    client.expect_connect("a").await?;
    for token in [1, 2] {
        client.set_auth("a", json!({ "token": token })).await?;
        drop(session);
        client.expect_disconnect("a", &[]).await?;
        session = client.accept(transport).await?;
        session.expect(format!(r#"40{{"token":{token}}}"#)).await?;
        session.send(r#"40{"sid":"s"}"#).await?;
        client.expect_connect_at_last("a").await?;
    }
    Ok(())
}

async fn all_namespaces_are_joined_again(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).coming_back();
    let mut session = client.joined_by(&connect, transport).await?;
    client.connect(&connect.socket("b").to("/other")).await?;
    session.expect("40/other,").await?;
    session.send(r#"40/other,{"sid":"b"}"#).await?;
    client.expect_connect("b").await?;
    drop(session);

    let mut session = client.accept(transport).await?;
    let mut came = [session.next().await?.to_string(), session.next().await?.to_string()];
    came.sort();
    same("the packets of the new session", &["40".to_owned(), "40/other,".to_owned()], &came)
}

async fn a_client_may_be_told_not_to(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).coming_back().option("reconnection", false);
    let session = client.joined_by(&connect, transport).await?;
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    client.stays_away(transport, Duration::from_millis(200)).await
}

async fn the_first_connection_is_tried_again(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back()).await?;
    client.expect_handshake(transport).await?.answer(Response::new(503));
    client.expect_connect_error("a").await?;
    // Nobody answers this one.
    drop(client.expect_handshake(transport).await?);
    client.expect_connect_error("a").await?;
    let mut session = client.accept(transport).await?;
    client.join(&mut session).await
}

async fn it_tries_on_and_on(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back_after(50, 100)).await?;
    // If delays went on to double, the last ones would be longer than the patience.
    for _ in 0..12 {
        client.expect_handshake(transport).await?.answer(Response::new(503));
        client.expect_connect_error("a").await?;
    }
    let mut session = client.accept(transport).await?;
    client.join(&mut session).await
}

async fn delays_double(client: &Client, transport: Transport) -> Verdict {
    let session = client.joined_by(&Connect::over(transport).coming_back_after(100, 300), transport).await?;
    let mut failed = Instant::now();
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    for delay in [100, 200, 300, 300] {
        let exchange = client.expect_handshake(transport).await?;
        waited(delay, exchange.arrived.duration_since(failed))?;
        failed = Instant::now();
        exchange.answer(Response::new(503));
    }
    Ok(())
}

async fn randomness_is_bounded(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).coming_back_after(100, 100).option("randomizationFactor", 0.5);
    client.connect(&connect).await?;
    let mut exchange = client.expect_handshake(transport).await?;
    for _ in 0..6 {
        let failed = Instant::now();
        exchange.answer(Response::new(503));
        exchange = client.expect_handshake(transport).await?;
        waited(50, exchange.arrived.duration_since(failed))?;
    }
    Ok(())
}

async fn attempts_are_told(client: &Client, transport: Transport) -> Verdict {
    let session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    drop(session);
    for attempt in 1..4 {
        expect_aside(client, &Report::ReconnectAttempt { attempt }).await?;
        if attempt < 3 {
            client.expect_handshake(transport).await?.answer(Response::new(503));
        }
    }
    let mut session = client.accept(transport).await?;
    expect_aside(client, &Report::Reconnect { attempt: 3 }).await?;
    session.expect("40").await
}

async fn numbers_begin_anew(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).coming_back_after(40, 1000);
    let mut session = client.joined_by(&connect, transport).await?;
    for _ in 0..2 {
        drop(session);
        let lost = Instant::now();
        expect_aside(client, &Report::ReconnectAttempt { attempt: 1 }).await?;
        let first = client.expect_handshake(transport).await?;
        waited(38, first.arrived.duration_since(lost) + Duration::from_millis(2))?;
        first.answer(Response::new(503));
        expect_aside(client, &Report::ReconnectAttempt { attempt: 2 }).await?;
        session = client.accept(transport).await?;
        expect_aside(client, &Report::Reconnect { attempt: 2 }).await?;
        session.expect("40").await?;
        session.send(r#"40{"sid":"s"}"#).await?;
        client.expect_connect_at_last("a").await?;
    }
    Ok(())
}

async fn it_gives_up(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).coming_back().option("reconnectionAttempts", 2);
    let session = client.joined_by(&connect, transport).await?;
    drop(session);
    for attempt in 1..3 {
        expect_aside(client, &Report::ReconnectAttempt { attempt }).await?;
        client.expect_handshake(transport).await?.answer(Response::new(503));
    }
    expect_aside(client, &Report::ReconnectFailed).await?;
    tokio::time::sleep(Duration::from_millis(150)).await;
    client.expect_no_request().await
}

async fn it_can_be_stopped(client: &Client, transport: Transport) -> Verdict {
    let session = client.joined_by(&Connect::over(transport).coming_back_after(300, 300), transport).await?;
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    client.disconnect("a").await?;
    client.stays_away(transport, Duration::from_millis(500)).await
}

async fn attempts_have_a_limit(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back().option("timeout", 500)).await?;
    for _ in 0..2 {
        let began = Instant::now();
        let unanswered = client.expect_handshake(transport).await?;
        client.expect_connect_error("a").await?;
        waited(450, began.elapsed())?;
        drop(unanswered);
    }
    let mut session = client.accept(transport).await?;
    client.join(&mut session).await
}

async fn emits_are_kept(client: &Client, transport: Transport) -> Verdict {
    let session = client.joined_by(&Connect::over(transport).coming_back_after(200, 200), transport).await?;
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    for number in 0..5 {
        client.emit("a", "e", json!([number])).await?;
    }
    client.caught_up().await?;
    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"s"}"#).await?;
    for number in 0..5 {
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    client.expect_connect_at_last("a").await?;
    client.fence(&mut session).await
}

async fn volatile_emits_are_dropped(client: &Client, transport: Transport) -> Verdict {
    let session = client.joined_by(&Connect::over(transport).coming_back_after(200, 200), transport).await?;
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    client.emit_volatile("a", "dropped").await?;
    client.emit("a", "kept", json!([])).await?;
    client.caught_up().await?;
    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"s"}"#).await?;
    session.expect(r#"42["kept"]"#).await?;
    client.expect_connect_at_last("a").await?;
    client.fence(&mut session).await
}

async fn what_is_late_is_not_sent(client: &Client, transport: Transport) -> Verdict {
    let session = client.joined_by(&Connect::over(transport).coming_back_after(20, 20), transport).await?;
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    let unanswered = client.expect_handshake(transport).await?;
    client.ask_for("a", "late", 1, 50).await?;
    client.expect_report(&Report::AckTimeout { ack: 1 }).await?;
    let mut session = client.open_for(unanswered, Handshake::new()).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"s"}"#).await?;
    client.expect_connect_at_last("a").await?;
    client.fence(&mut session).await
}

async fn old_questions_are_over(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.joined_by(&Connect::over(transport).coming_back(), transport).await?;
    client.ask_for("a", "e", 1, 60_000).await?;
    let id = super::acks::asked(&session.next().await?.to_string(), r#"["e"]"#)?;
    drop(session);
    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send_all([r#"40{"sid":"s"}"#.to_owned(), format!("43{id}[\"too late\"]")]).await?;

    let mut told = Vec::new();
    loop {
        match client.next_report().await? {
            Report::Connect { .. } => break,
            report => told.push(report),
        }
    }
    ensure(told.contains(&Report::AckLost { ack: 1 }), "that the answer is lost", || {
        format!("{told:?} came")
    })?;
    client.fence(&mut session).await
}

async fn expect_aside(client: &Client, expected: &Report) -> Verdict {
    let came = client.next_aside().await?;
    ensure(came == *expected, &format!("the report {expected}"), || format!("{came} came"))
}

/// Timers may be one millisecond early, and so may our own clock. A pause that is too short may be one of whose beginning
/// this machine heard too late, so it is looked at again.
fn waited(millis: u64, waited: Duration) -> Verdict {
    if waited + Duration::from_millis(2) >= Duration::from_millis(millis) {
        return Ok(());
    }
    Err(Failure::TooSlow(format!("expected a pause of {millis} ms, and it was {} ms", waited.as_millis())))
}
