//! Two requests of a session at a time, and requests that are given up.

use super::ByHand;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Session};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::{Framing, Request};

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    vec![
        polling(Case::must("engine4.polling.two-gets"))
            .cites(["EIO4-19"])
            .expects("a second GET while one waits is answered by 400, and the session is closed")
            .checks(two_gets_close_the_session),
        polling(Case::interop("engine4.polling.two-gets-answers"))
            .cites(["EP-045"])
            .expects("of two GETs one is answered by 400 without a body, the other by a close packet")
            .checks(two_gets_have_their_answers),
        polling(Case::must("engine4.polling.two-posts"))
            .cites(["EIO4-13", "EP-046"])
            .expects("a second POST while one is on its way is answered by 400, and the session is closed")
            .checks(two_posts_close_the_session),
        polling(Case::must("engine4.polling.get-and-post"))
            .cites(["EIO4-01"])
            .expects("a GET that waits does not keep a POST from being answered")
            .checks(a_get_and_a_post_go_together),
        polling(Case::interop("engine4.polling.get-given-up"))
            .cites(["EP-047"])
            .expects("a GET whose connection is closed ends the session")
            .checks(a_get_that_is_given_up_ends_the_session),
        polling(Case::interop("engine4.polling.get-reset"))
            .cites(["EP-047"])
            .expects("a GET whose connection is reset ends the session")
            .checks(a_get_that_is_reset_ends_the_session),
        polling(Case::interop("engine4.polling.post-given-up"))
            .cites(["EP-048"])
            .expects("a POST whose connection is closed halfway ends the session")
            .checks(a_post_that_is_given_up_ends_the_session),
        polling(Case::robust("engine4.polling.two-gets-elsewhere"))
            .cites(["ROB-019"])
            .expects("two GETs of one session leave another session as it was")
            .checks(two_gets_leave_others_alone),
    ]
}

async fn two_gets_close_the_session(server: &Server) -> Verdict {
    let open = server.handshake("EIO=4&transport=polling").await?;
    let query = open.query_over(Transport::Polling);

    // A Socket.IO server says nothing to who is in no namespace, an Engine.IO server nothing to who says nothing.
    let first = server.start(Request::get(server.target(&query))).await?;
    let second = server.start(Request::get(server.target(&query))).await?;
    let second = second.response().await?;
    let first = first.response().await?;

    // Which of the two the server met first is not ours to say.
    let statuses = [first.status, second.status];
    ensure(statuses.contains(&400), "one GET to be answered by 400", || format!("{statuses:?} came"))?;
    same("the status of a GET afterwards", &400, &server.get(&query).await?.status)
}

async fn two_gets_have_their_answers(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let (one, other) = (session.start_get().await?, session.start_get().await?);
    let (one, other) = (one.response().await?, other.response().await?);

    let mut came = [(one.status, one.text()), (other.status, other.text())];
    came.sort();
    same("the two answers", &[(200, "1".to_owned()), (400, String::new())], &came)
}

async fn two_posts_close_the_session(server: &Server) -> Verdict {
    // Over two connections the second may overtake the first, and is right then. Not every time.
    for _ in 0..10 {
        let session = ByHand::open(server).await?;
        let _halfway = server.start(halfway(session.target())).await?;
        server.get("EIO=4&transport=polling").await?;

        if session.post("3").await?.status == 400 {
            return same("the status of a POST afterwards", &400, &session.post("3").await?.status);
        }
    }
    Err(Failure::came("a second POST while one is on its way is never answered by 400"))
}

async fn a_get_and_a_post_go_together(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let _waiting = session.start_get().await?;

    same("the status of the POST", &200, &session.post("3").await?.status)
}

async fn a_get_that_is_given_up_ends_the_session(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    drop(session.start_get().await?);

    session.until_gone().await
}

async fn a_get_that_is_reset_ends_the_session(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    session.start_get().await?.into_tcp().reset()?;

    session.until_gone().await
}

async fn a_post_that_is_given_up_ends_the_session(server: &Server) -> Verdict {
    // Its GET waits, so that the end is seen without another POST, which would meet the first.
    let session = muted(server).await?;

    let target = server.target(&session.query_over(Transport::Polling));
    server.start(halfway(target)).await?.into_tcp().reset()?;

    session.expect_close().await.map(drop)
}

async fn two_gets_leave_others_alone(server: &Server) -> Verdict {
    let other = server.open(Transport::Polling).await?;
    other.ready().await?;
    let session = ByHand::open(server).await?;

    let (one, two) = (session.start_get().await?, session.start_get().await?);
    one.response().await?;
    two.response().await?;

    other.echo("hello").await
}

/// Its ping, were it to come before what a case waits for, stands among the packets.
async fn muted(server: &Server) -> Verdict<Session> {
    let session = server.open(Transport::Polling).await?;
    session.mute_pings();
    Ok(session)
}

/// A POST whose body does not come to its end.
fn halfway(target: String) -> Request {
    Request::post(target, "4he").header("Content-Length", "100").framed(Framing::AsIs)
}
