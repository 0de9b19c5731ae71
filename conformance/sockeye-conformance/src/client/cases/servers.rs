//! Servers that are hostile, broken or gone: what a client does with answers that are none.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::listener::Exchange;
use crate::client::report::Report;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure};
use crate::wire::http::Response;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Reconnection]);
    let over_polling = |case: Case<Client>| case.needs([Feature::Reconnection, Feature::Polling]);
    vec![
        case(Case::robust("client.hostile.handshake.malformed"))
            .cites(["ROB-054", "ROB-081"])
            .expects("a handshake that is no JSON, or another packet in its place, is a failed attempt")
            .over(Transport::BOTH, malformed_handshakes_fail),
        case(Case::robust("client.hostile.handshake.fields"))
            .cites(["ROB-054"])
            .expects("a handshake that lacks its sid or has fields of other types is a failed attempt")
            .over(Transport::BOTH, wrong_fields_fail),
        case(Case::robust("client.hostile.handshake.times"))
            .cites(["ROB-055"])
            .expects("times of 0, or beyond all timers, neither make a client busy nor make it fall")
            .over(Transport::BOTH, odd_times_do_no_harm),
        over_polling(Case::interop("client.hostile.handshake.status"))
            .cites(["ROB-081", "CC-094", "EO-005"])
            .expects("an answer of another status is a failed attempt")
            .checks(other_statuses_fail),
        over_polling(Case::robust("client.hostile.handshake.no-payload"))
            .cites(["ROB-081"])
            .expects("pages, JSON and bytes in the place of a handshake are failed attempts")
            .checks(pages_are_no_handshakes),
        Case::robust("client.hostile.handshake.redirects")
            .cites(["ROB-083"])
            .expects("redirects without end are not followed without end")
            .needs([Feature::Polling])
            .checks(redirects_end),
        Case::robust("client.hostile.handshake.endless-head")
            .cites(["ROB-028", "CC-014"])
            .expects("the head of an answer that comes byte by byte and never ends is given up in time")
            .needs([Feature::ConnectTimeout])
            .over(Transport::BOTH, endless_heads_are_given_up),
        case(Case::robust("client.hostile.server.closes-at-once"))
            .cites(["ROB-086", "ROB-080"])
            .expects("a server that closes right behind each handshake is asked no sooner than after the first delay")
            .over(Transport::BOTH, closing_at_once_makes_nobody_busy),
        case(Case::robust("client.hostile.server.resets"))
            .cites(["ROB-080"])
            .expects("a server that resets every attempt is asked after growing delays, and served when it is well")
            .over(Transport::BOTH, resets_are_failed_attempts),
        over_polling(Case::robust("client.hostile.poll.endless"))
            .cites(["ROB-082"])
            .expects("an answer to a poll that never ends is not collected for ever")
            .checks(endless_answers_end),
        over_polling(Case::robust("client.hostile.poll.cut"))
            .cites(["ROB-081"])
            .expects("an answer to a poll that is cut is a transport error, and the client comes back")
            .checks(cut_answers_end_it),
        over_polling(Case::robust("client.hostile.poll.encoding"))
            .cites(["ROB-081"])
            .expects("an answer that is compressed wrongly, or in a way that is unknown, does no harm")
            .checks(wrong_encodings_do_no_harm),
        over_polling(Case::robust("client.hostile.poll.no-payload"))
            .cites(["ROB-081"])
            .expects("a page in the place of an answer to a poll ends the connection")
            .checks(pages_end_it),
    ]
}

async fn malformed_handshakes_fail(client: &Client, transport: Transport) -> Verdict {
    attempts_fail(client, transport, &["0", "0{", r#"0{"sid":"#, "0hello", "hello", "7", r#"42["e"]"#, "1"])
        .await
}

async fn wrong_fields_fail(client: &Client, transport: Transport) -> Verdict {
    let wrong: Vec<String> = [
        json!(null),
        json!([]),
        json!("sid"),
        json!({}),
        json!({ "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000 }),
        with("sid", json!(7)),
        with("sid", json!("")),
        with("sid", json!(null)),
        with("pingInterval", json!("soon")),
        with("pingTimeout", json!([])),
        with("upgrades", json!("websocket")),
        with("upgrades", json!({ "websocket": true })),
    ]
    .iter()
    .map(|handshake| format!("0{handshake}"))
    .collect();
    attempts_fail(client, transport, &wrong.iter().map(String::as_str).collect::<Vec<_>>()).await
}

async fn odd_times_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back_after(50, 50)).await?;
    for times in [json!(0), json!(1e15), json!(u64::MAX), json!(1e300), json!(-1), json!(0.5)] {
        let handshake = Handshake::new().with("pingInterval", times.clone()).with("pingTimeout", times);
        let session = client.accept_with(transport, handshake).await?;
        // Whoever gives up comes again; whoever does not is left alone now.
        tokio::time::sleep(Duration::from_millis(60)).await;
        drop(session);
    }
    comes_in(client, transport).await
}

async fn other_statuses_fail(client: &Client) -> Verdict {
    let page = "<html>No.</html>";
    let answers = [
        Response::new(500),
        Response::new(404).header("Content-Type", "text/html").body(page),
        Response::new(403)
            .header("Content-Type", "application/json")
            .body(r#"{"code":4,"message":"Forbidden"}"#),
        Response::new(400)
            .header("Content-Type", "application/json")
            .body(r#"{"code":5,"message":"Unsupported"}"#),
        Response::new(204),
        Response::new(503).body(Handshake::new().to_packet()),
    ];
    answers_fail(client, answers).await
}

async fn pages_are_no_handshakes(client: &Client) -> Verdict {
    let page = |kind: &str, body: &[u8]| {
        Response::new(200).header("Content-Type", kind).body(Bytes::copy_from_slice(body))
    };
    let answers = [
        page("text/html", b"<html>Welcome!</html>"),
        page("application/json", br#"{"code":0,"message":"Transport unknown"}"#),
        page("text/plain", b""),
        page("text/plain", b"ok"),
        page("application/octet-stream", &[0, 1, 2, 255]),
    ];
    answers_fail(client, answers).await
}

async fn redirects_end(client: &Client) -> Verdict {
    client.connect(&Connect::over(Transport::Polling)).await?;
    for _ in 0..=MOST_REDIRECTS {
        let exchange = tokio::select! {
            exchange = client.request() => exchange?,
            failed = client.expect_connect_error("a") => return failed.map(drop),
        };
        let target = exchange.request.target.clone();
        exchange.answer(Response::new(302).header("Location", target));
    }
    Err(Failure::came(format!("{MOST_REDIRECTS} redirects were followed")))
}

async fn endless_heads_are_given_up(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).option("timeout", 400)).await?;
    let mut tcp = client.expect_handshake(transport).await?.take().await?;
    tcp.send("HTTP/1.1 101 Switching Protocols\r\nX-Endless: ").await?;
    let endless = async {
        while tcp.send("x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // It has closed; what remains is that it says so.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        failed = client.expect_connect_error("a") => failed.map(drop),
        () = endless => Ok(()),
    }
}

async fn closing_at_once_makes_nobody_busy(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back_after(60, 120)).await?;
    let mut exchange = client.expect_handshake(transport).await?;
    for _ in 0..5 {
        let closed = Instant::now();
        drop(client.open_for(exchange, Handshake::new()).await?);
        exchange = client.expect_handshake(transport).await?;
        no_sooner_than(60, closed, &exchange)?;
    }
    let mut session = client.open_for(exchange, Handshake::new()).await?;
    session.expect("40").await
}

async fn resets_are_failed_attempts(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport).coming_back_after(40, 160)).await?;
    let mut exchange = client.expect_handshake(transport).await?;
    for delay in [40, 80, 160, 160] {
        let reset = Instant::now();
        exchange.reset().await?;
        client.expect_connect_error("a").await?;
        exchange = client.expect_handshake(transport).await?;
        no_sooner_than(delay, reset, &exchange)?;
    }
    let mut session = client.open_for(exchange, Handshake::new()).await?;
    client.join(&mut session).await
}

async fn endless_answers_end(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let handshake = Handshake::new();
    let mut tcp = client.join_by_hand(&connect, &handshake).await?.take().await?;
    tcp.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
    let chunk = [b"100000\r\n".to_vec(), vec![b'x'; 1 << 20], b"\r\n".to_vec()].concat();
    let began = Instant::now();
    let mut sent = 0;
    while tcp.send(&chunk).await.is_ok() {
        sent += 1;
        let goes_on = sent >= MOST_MEGABYTES || began.elapsed() > LONGEST_ANSWER;
        ensure(!goes_on, "a client that gives up", || format!("it took {sent} MiB and more"))?;
    }
    client.forget(&handshake);
    client.expect_disconnect("a", &[]).await?;
    comes_in(client, Transport::Polling).await
}

async fn cut_answers_end_it(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let handshake = Handshake::new();
    let mut tcp = client.join_by_hand(&connect, &handshake).await?.take().await?;
    tcp.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n42[\"e\"]").await?;
    client.forget(&handshake);
    drop(tcp);
    client.expect_disconnect("a", &["transport error", "transport close"]).await?;
    comes_in(client, Transport::Polling).await
}

async fn wrong_encodings_do_no_harm(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let mut session = client.joined_by(&connect, Transport::Polling).await?;
    for (encoding, body) in
        [("gzip", &b"42[\"e\"]"[..]), ("gzip", b"\x1f\x8b\x08\0\0"), ("x-unknown", b"\x01\x02\x03")]
    {
        session
            .answer_poll(Response::ok(Bytes::copy_from_slice(body)).header("Content-Encoding", encoding))
            .await?;
        session = client.lives_on(session).await?;
    }
    Ok(())
}

async fn pages_end_it(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let mut session = client.joined_by(&connect, Transport::Polling).await?;
    let page = Response::new(200).header("Content-Type", "text/html").body("<html>Please log in.</html>");
    session.answer_poll(page).await?;
    client.starts_over(session, &[]).await?;
    Ok(())
}

/// Opens sessions with these packets in the place of the handshake, each of which is a failed attempt; then rightly.
async fn attempts_fail(client: &Client, transport: Transport, packets: &[&str]) -> Verdict {
    client.connect(&Connect::over(transport).coming_back().option("timeout", 2000)).await?;
    for packet in packets {
        let exchange = client.expect_handshake(transport).await?;
        if exchange.is_upgrade() {
            let mut websocket = exchange.accept().await?;
            websocket.send(*packet).await?;
            client.expect_connect_error("a").await?;
        } else {
            exchange.answer(Response::ok(Bytes::copy_from_slice(packet.as_bytes())));
            client.expect_connect_error("a").await?;
        }
    }
    comes_in(client, transport).await
}

/// Answers handshakes so, each of which is a failed attempt; then rightly.
async fn answers_fail(client: &Client, answers: impl IntoIterator<Item = Response>) -> Verdict {
    client.connect(&Connect::over(Transport::Polling).coming_back()).await?;
    for answer in answers {
        client.expect_handshake(Transport::Polling).await?.answer(answer);
        client.expect_connect_error("a").await?;
    }
    comes_in(client, Transport::Polling).await
}

/// Expects the client to connect at last, whatever it tells of the attempts before.
async fn comes_in(client: &Client, transport: Transport) -> Verdict {
    let mut session = client.accept(transport).await?;
    session.expect("40").await?;
    session.send(r#"40{"sid":"at-last"}"#).await?;
    loop {
        match client.next_report().await? {
            Report::Connect { .. } => return client.fence(&mut session).await,
            Report::ConnectError { .. } | Report::Disconnect { .. } => {}
            other => return Err(Failure::departed("connect", format!("{other} came"))),
        }
    }
}

/// A handshake with this instead.
fn with(field: &str, value: Value) -> Value {
    let packet = Handshake::new().with(field, value).to_packet();
    serde_json::from_str(&packet[1..]).unwrap_or_default()
}

fn no_sooner_than(millis: u64, since: Instant, exchange: &Exchange) -> Verdict {
    let waited = exchange.arrived.duration_since(since);
    ensure(
        waited + Duration::from_millis(2) >= Duration::from_millis(millis),
        &format!("a pause of {millis} ms"),
        || format!("the next attempt came after {} ms", waited.as_millis()),
    )
}

const MOST_REDIRECTS: usize = 50;
const MOST_MEGABYTES: usize = 160;
/// A client that is built for debugging, on a machine that has other work, takes its time for what it may take.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);
