//! Long-polling: GETs that wait, POSTs that are answered, payloads of several packets.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine4.polling.unknown-sid")
            .cites(["EIO4-10", "EIO4-15"])
            .expects("GET and POST for a session that does not exist are answered by 400")
            .needs([Feature::Polling])
            .checks(an_unknown_session_is_refused),
        Case::must("engine4.polling.two-gets")
            .cites(["EIO4-19"])
            .expects("a second GET while one waits is answered by 400, and the session is closed")
            .needs([Feature::Polling])
            .checks(two_gets_close_the_session),
        Case::must("engine4.polling.payload-order")
            .cites(["EIO4-11", "EIO4-60", "EIO4-61"])
            .expects("two messages in one POST are answered by ok and come back in their order")
            .needs([Feature::Polling])
            .checks(two_messages_in_one_post_keep_their_order),
    ]
}

async fn an_unknown_session_is_refused(server: &Server) -> Verdict {
    let query = "EIO=4&transport=polling&sid=nobody";

    same("the status of the GET", &400, &server.get(query).await?.status)?;
    same("the status of the POST", &400, &server.post(query, "4hello").await?.status)
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

async fn two_messages_in_one_post_keep_their_order(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    let (one, two) = (session.echo_of("one"), session.echo_of("two"));

    session.send_all([one.said, two.said].concat()).await?;

    session.expect_all([one.back, two.back].concat()).await
}
