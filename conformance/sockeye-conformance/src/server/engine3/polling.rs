//! Long-polling: GETs that wait, POSTs that are answered.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.polling.post")
            .cites(["EIO3-09", "EIO3-44"])
            .expects("a POST is answered by 200 and ok")
            .needs([Feature::Polling])
            .checks(a_post_is_answered_by_ok),
        Case::must("engine3.polling.get-waits")
            .cites(["EIO3-43", "EIO3-44"])
            .expects("a GET waits until there is something, and receives it")
            .needs([Feature::Polling])
            .checks(a_get_waits),
        Case::must("engine3.polling.get-fetches")
            .cites(["EIO3-44"])
            .expects("a GET receives at once what has come before it")
            .needs([Feature::Polling])
            .checks(a_get_fetches_what_waits),
        Case::interop("engine3.polling.two-gets")
            .cites(["EP-045"])
            .expects("a second GET while one waits is answered by 400, and the session is over")
            .needs([Feature::Polling])
            .checks(two_gets_end_the_session),
        Case::interop("engine3.polling.no-store")
            .cites(["EP-055"])
            .expects("answers to GETs must not be stored")
            .needs([Feature::Polling])
            .checks(answers_are_not_stored),
    ]
}

async fn a_post_is_answered_by_ok(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;

    session.post_all(&session.echo_of("hello").said).await
}

async fn a_get_waits(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echo = session.echo_of("hello");
    let waiting = session.start_get().await?;

    session.post_all(&echo.said).await?;

    let polled = session.polled(waiting.response().await?)?;
    same("the first packet", &echo.back[..1], &polled.packets[..1])
}

async fn a_get_fetches_what_waits(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;

    session.round(&session.echo_of("hello")).await
}

async fn two_gets_end_the_session(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;

    let (first, second) = (session.start_get().await?, session.start_get().await?);
    let statuses = [second.response().await?.status, first.response().await?.status];

    // Which of the two the server met first is not ours to say.
    ensure(statuses.contains(&400), "one GET to be answered by 400", || format!("{statuses:?} came"))?;
    same("the status of a GET afterwards", &400, &server.get(&session.query()).await?.status)
}

async fn answers_are_not_stored(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    session.post_all(&session.echo_of("hello").said).await?;

    let headers = session.get().await?.response.headers;

    ensure(headers.lists("cache-control", "no-store"), "cache-control: no-store", || {
        format!("{headers:?} came")
    })
}
