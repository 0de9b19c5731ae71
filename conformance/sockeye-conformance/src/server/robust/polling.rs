//! Long-polling: requests that overlap, payloads of nothing, of very many packets, and of Base64 that is none.

use std::time::Instant;

use super::open;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("robust.polling.overlapping-gets")
            .cites(["ROB-019"])
            .expects(
                "GETs that overlap, in session after session, end each of these sessions and harm \
                 nobody else",
            )
            .checks(overlapping_gets_end_their_session),
        case("robust.polling.overlapping-posts")
            .cites(["ROB-019"])
            .expects("a POST while another is on its way is answered by 400, and ends the session")
            .checks(overlapping_posts_end_their_session),
        case("robust.polling.many-gets-at-once")
            .cites(["ROB-019"])
            .expects("of ten GETs at the same moment at most one gets what there is")
            .checks(of_many_gets_one_gets_what_there_is),
        case("robust.polling.separators")
            .runs_alone()
            .cites(["ROB-042", "ROB-041"])
            .expects("a payload of separators alone ends the session")
            .checks(async |server: &Server| {
                payloads_end_it(server, &["\x1e", "\x1e\x1e\x1e\x1e", &"\x1e".repeat(100_000)]).await
            }),
        case("robust.polling.empty-packet")
            .cites(["ROB-042", "ROB-041"])
            .expects("an empty packet in front, between or behind ends the session")
            .checks(async |server: &Server| payloads_end_it(server, &["\x1e6", "6\x1e\x1e6", "6\x1e"]).await),
        case("robust.polling.empty-body")
            .cites(["ROB-041"])
            .expects("a POST without a body is an error, or ends the session, or is passed over")
            .checks(async |server: &Server| payloads_harm_nobody(server, &[""]).await),
        case("robust.polling.many-packets")
            .runs_alone()
            .cites(["ROB-043"])
            .expects("a hundred thousand packets in one payload are read, or end the session")
            .checks(async |server: &Server| {
                payloads_harm_nobody(server, &[&(&"6\x1e".repeat(100_000))[..199_999]]).await
            }),
        case("robust.polling.many-pongs")
            .runs_alone()
            .cites(["ROB-043", "ROB-047"])
            .expects("a hundred thousand pongs in one payload are read, or end the session")
            .checks(async |server: &Server| {
                payloads_harm_nobody(server, &[&(&"3\x1e".repeat(100_000))[..199_999]]).await
            }),
        case("robust.polling.base64")
            .cites(["ROB-044"])
            .expects("Base64 that is cut, has strange characters or no padding is an error or is read")
            .needs([Feature::Polling, Feature::Binary])
            .checks(async |server: &Server| {
                payloads_harm_nobody(
                    server,
                    &[
                        "b",
                        "b=",
                        "b====",
                        "bA",
                        "bAQ",
                        "b!!!!",
                        "bAQI\nDBA==",
                        "bAQID\0",
                        "bÄÖÜ",
                        "bAQIDBA==trailing",
                        "bbb",
                    ],
                )
                .await
            }),
        case("robust.polling.answer-to-nobody")
            .cites(["ROB-011", "ROB-019"])
            .expects(
                "sessions that are opened and never polled harm nobody, and are closed after a \
                 heartbeat",
            )
            .checks(sessions_that_are_never_polled_are_closed),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Polling])
}

async fn overlapping_gets_end_their_session(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for _ in 0..10 {
        let query = server.handshake(OPEN).await?.query_over(Transport::Polling);
        let first = server.start(Request::get(server.target(&query))).await?;
        let second = server.start(Request::get(server.target(&query))).await?;
        let statuses = [first.response().await?.status, second.response().await?.status];
        ensure(statuses.contains(&400), "one GET to be answered by 400", || format!("{statuses:?} came"))?;
        same("the status of a GET afterwards", &400, &server.get(&query).await?.status)?;
    }
    neighbour.is_served().await
}

async fn overlapping_posts_end_their_session(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let query = server.handshake(OPEN).await?.query_over(Transport::Polling);
    let mut slow = server.tcp().await?;
    let (target, host) = (server.target(&query), server.host());
    slow.send(format!("POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n6")).await?;

    // Whether the server has met the first already is not ours to know: it has when this is refused.
    let patience = Instant::now() + server.watch().patience;
    while server.post(&query, "6").await?.status == 200 {
        ensure(Instant::now() < patience, "the second POST to be refused", || "it was taken".into())?;
    }
    same("the status of a GET afterwards", &400, &server.get(&query).await?.status)?;
    neighbour.is_served().await
}

async fn of_many_gets_one_gets_what_there_is(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let query = server.handshake(OPEN).await?.query_over(Transport::Polling);
    let mut waiting = Vec::new();
    for _ in 0..10 {
        waiting.push(server.start(Request::get(server.target(&query))).await?);
    }
    let mut answered = 0;
    for pending in waiting {
        answered += usize::from(pending.response().await?.status == 200);
    }
    ensure(answered <= 1, "one GET to be served at most", || format!("{answered} were"))?;
    neighbour.is_served().await
}

async fn payloads_end_it(server: &Server, payloads: &[&str]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for payload in payloads {
        let session = open(server, Transport::Polling).await?;
        session.post(payload).await?;
        let ending = session.aftermath().await?;
        ensure(ending.is_some(), &format!("{payload:?} to end the session"), || {
            "it is served as before".into()
        })?;
    }
    neighbour.is_served().await
}

async fn payloads_harm_nobody(server: &Server, payloads: &[&str]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for payload in payloads {
        let session = open(server, Transport::Polling).await?;
        let status = session.post(payload).await?.status;
        ensure(status < 500, "no error of the server's", || format!("{status} came"))?;
        session.aftermath().await?;
    }
    neighbour.is_served().await
}

async fn sessions_that_are_never_polled_are_closed(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut last = server.handshake(OPEN).await?;
    for _ in 0..50 {
        last = server.handshake(OPEN).await?;
    }
    neighbour.is_served().await?;
    tokio::time::sleep(last.ping_interval + last.ping_timeout).await;
    // From now on: a POST does not count as a pong, and tells whether the session is still there.
    let patience = Instant::now() + server.watch().patience;
    while server.post(&last.query_over(Transport::Polling), "6").await?.status == 200 {
        ensure(Instant::now() < patience, "the session to be closed", || "it takes POSTs".into())?;
        tokio::time::sleep(last.ping_timeout / 20).await;
    }
    neighbour.is_served().await
}

const OPEN: &str = "EIO=4&transport=polling";
