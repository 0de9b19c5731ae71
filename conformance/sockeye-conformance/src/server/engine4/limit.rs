//! maxPayload: what is exactly so long is taken, what is longer is refused.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Session};
use crate::verdict::{Failure, Verdict, same};
use crate::wire::Message;
use crate::wire::http::{Framing, Request, Response};
use crate::wire::websocket::Frame;

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    vec![
        Case::must("engine4.limit.exact")
            .cites(["EIO4-44"])
            .expects("a body or a message of exactly maxPayload is taken and comes back")
            .over(Transport::BOTH, what_fills_the_limit_is_taken),
        polling(Case::must("engine4.limit.exact-in-chunks"))
            .cites(["EIO4-44"])
            .expects("a body of exactly maxPayload in chunks is taken and comes back")
            .checks(chunks_that_fill_the_limit_are_taken),
        polling(Case::must("engine4.limit.exact-of-many"))
            .cites(["EIO4-44", "EIO4-60"])
            .expects("two packets whose payload is exactly maxPayload with the separator are taken")
            .checks(packets_that_fill_the_limit_are_taken),
        polling(Case::interop("engine4.limit.above"))
            .cites(["EP-037", "EP-049"])
            .expects("a body of one byte more than maxPayload is answered by 413 without a body")
            .checks(one_byte_more_is_refused),
        polling(Case::interop("engine4.limit.above-in-chunks"))
            .cites(["EP-037", "EP-049"])
            .expects("a body in chunks of one byte more than maxPayload is answered by 413")
            .checks(one_byte_more_in_chunks_is_refused),
        polling(Case::interop("engine4.limit.lives-on"))
            .cites(["EP-049"])
            .expects("a session lives on after a body that was too large")
            .checks(a_session_survives_a_large_body),
        polling(Case::interop("engine4.limit.bytes"))
            .cites(["EP-037", "EP-049"])
            .expects(
                "the limit counts bytes: fewer characters than maxPayload of three bytes each are refused",
            )
            .checks(the_limit_counts_bytes),
        Case::interop("engine4.limit.websocket-above")
            .cites(["EP-100"])
            .expects(
                "a frame of text that announces one byte more than maxPayload closes the WebSocket with 1009",
            )
            .needs([Feature::WebSocket])
            .checks(a_large_message_closes_the_websocket),
        Case::interop("engine4.limit.websocket-above-bytes")
            .cites(["EP-100"])
            .expects(
                "a binary frame that announces one byte more than maxPayload closes the WebSocket with 1009",
            )
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(large_bytes_close_the_websocket),
        Case::must("engine4.limit.websocket-exact-bytes")
            .cites(["EIO4-44", "EIO4-66"])
            .expects("exactly maxPayload in a binary frame is taken and comes back")
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(bytes_that_fill_the_limit_are_taken),
    ]
}

async fn what_fills_the_limit_is_taken(server: &Server, transport: Transport) -> Verdict {
    let session = ready(server, transport).await?;
    let text = filling(&session, limit(&session)?);

    session.echo(&text).await
}

async fn chunks_that_fill_the_limit_are_taken(server: &Server) -> Verdict {
    let session = ready(server, Transport::Polling).await?;
    let echo = session.echo_of(&filling(&session, limit(&session)?));

    let response = post(&session, &echo.said[0], Framing::Chunked(64 * 1024)).await?;

    same("the status", &200, &response.status)?;
    session.expect(&echo.back[0]).await
}

async fn packets_that_fill_the_limit_are_taken(server: &Server) -> Verdict {
    let session = ready(server, Transport::Polling).await?;
    let small = session.echo_of("small");
    let rest = limit(&session)? - small.said[0].len() - 1;
    let large = session.echo_of(&filling(&session, rest));

    session.send_all([small.said, large.said].concat()).await?;

    session.expect_all([small.back, large.back].concat()).await
}

async fn one_byte_more_is_refused(server: &Server) -> Verdict {
    let session = ready(server, Transport::Polling).await?;
    let echo = session.echo_of(&filling(&session, limit(&session)? + 1));

    let response = post(&session, &echo.said[0], Framing::Length).await?;

    same("the status", &413, &response.status)?;
    same("the body", "", response.text().as_str())
}

async fn one_byte_more_in_chunks_is_refused(server: &Server) -> Verdict {
    let session = ready(server, Transport::Polling).await?;
    let echo = session.echo_of(&filling(&session, limit(&session)? + 1));

    let response = post(&session, &echo.said[0], Framing::Chunked(64 * 1024)).await?;

    same("the status", &413, &response.status)
}

async fn a_session_survives_a_large_body(server: &Server) -> Verdict {
    let session = ready(server, Transport::Polling).await?;
    let echo = session.echo_of(&filling(&session, limit(&session)? + 1));

    post(&session, &echo.said[0], Framing::Length).await?;

    session.echo("hello").await
}

async fn the_limit_counts_bytes(server: &Server) -> Verdict {
    let session = ready(server, Transport::Polling).await?;
    let echo = session.echo_of(&"€".repeat(limit(&session)? / 3 + 1));

    let response = post(&session, &echo.said[0], Framing::Length).await?;

    same("the status", &413, &response.status)
}

async fn a_large_message_closes_the_websocket(server: &Server) -> Verdict {
    let session = ready(server, Transport::WebSocket).await?;

    closed_as_too_large(server, Frame::text("4"), limit(&session)? as u64 + 1).await
}

async fn large_bytes_close_the_websocket(server: &Server) -> Verdict {
    let session = ready(server, Transport::WebSocket).await?;

    closed_as_too_large(server, Frame::binary([1]), limit(&session)? as u64 + 1).await
}

async fn bytes_that_fill_the_limit_are_taken(server: &Server) -> Verdict {
    let session = ready(server, Transport::WebSocket).await?;
    let bytes: Vec<u8> = (0..=255).cycle().take(limit(&session)?).collect();

    session.echo_bytes(&bytes).await
}

/// The rest of the frame is never sent: a server that closes amid of it may lose what it says with the connection.
async fn closed_as_too_large(server: &Server, frame: Frame, size: u64) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;

    ws.send_frame(frame.declaring(size)).await?;

    same("the code of the close frame", &Some(1009), &ws.expect_close().await?)
}

async fn ready(server: &Server, transport: Transport) -> Verdict<Session> {
    let session = server.open(transport).await?;
    session.ready().await?;
    Ok(session)
}

fn limit(session: &Session) -> Verdict<usize> {
    let limit = session.handshake().max_payload;
    limit.ok_or_else(|| Failure::departed("maxPayload in the open packet", "it is not there"))
}

/// A text with which what is said has so many bytes.
fn filling(session: &Session, size: usize) -> String {
    "x".repeat(size - session.echo_of("").said[0].len())
}

fn target(session: &Session) -> String {
    session.server().target(&session.query_over(Transport::Polling))
}

async fn post(session: &Session, packet: &Message, framing: Framing) -> Verdict<Response> {
    let body = packet.as_text().unwrap_or_default();
    session.request(Request::post(target(session), body).framed(framing)).await
}
