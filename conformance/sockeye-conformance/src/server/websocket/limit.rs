//! The limit of a message: for the sum of its fragments, and for fragments without end.

use super::{message, open};
use crate::case::Case;
use crate::server::{Server, Session};
use crate::verdict::Verdict;
use crate::wire::websocket::{Frame, Role};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("websocket.limit.one-frame")
            .runs_alone()
            .cites(["ROB-025", "ROB-030"])
            .expects("a message of more than maxPayload in one frame ends the connection")
            .checks(async |server: &Server| a_message_beyond_ends_it(server, 1).await),
        Case::robust("websocket.limit.fragments")
            .runs_alone()
            .cites(["ROB-025"])
            .expects("a message of more than maxPayload in fragments that are all below ends the connection")
            .checks(async |server: &Server| a_message_beyond_ends_it(server, 20).await),
        Case::robust("websocket.limit.endless")
            .runs_alone()
            .cites(["ROB-026"])
            .expects("a message that never ends is not collected beyond maxPayload")
            .checks(a_message_without_end_is_given_up),
        Case::robust("websocket.limit.tiny-fragments")
            .runs_alone()
            .cites(["ROB-026"])
            .expects(
                "a hundred thousand fragments of one byte end the connection, or are read; nobody else \
                 feels it",
            )
            .checks(async |server: &Server| many_fragments(server, "a").await),
        Case::robust("websocket.limit.empty-fragments")
            .runs_alone()
            .cites(["ROB-026"])
            .expects(
                "a hundred thousand empty fragments end the connection, or are read; nobody else feels \
                 it",
            )
            .checks(async |server: &Server| many_fragments(server, "").await),
    ]
}

async fn a_message_beyond_ends_it(server: &Server, pieces: usize) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;
    let beyond = message(server, vec![b'a'; limit(&session)]);
    let mut bytes = Vec::new();
    let mut rest = beyond.chunks(beyond.len().div_ceil(pieces)).peekable();
    while let Some(piece) = rest.next() {
        let frame = if bytes.is_empty() { Frame::text(piece) } else { Frame::continuation(piece) };
        let is_last = rest.peek().is_none();
        bytes.extend(if is_last { frame } else { frame.unfinished() }.to_bytes(Role::Client));
    }

    // It may close before it was told everything.
    let _ = session.send_bytes(bytes).await;

    session.until_close().await?;
    neighbour.is_served().await
}

async fn a_message_without_end_is_given_up(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;
    let piece = vec![b'a'; 64 * 1024];
    let pieces = 4 * limit(&session) / piece.len() + 1;
    let _ = session.send_frames([Frame::binary(&piece).unfinished()]).await;
    let continuation = Frame::continuation(&piece).unfinished().to_bytes(Role::Client);
    let mut sent = 0;
    while sent < pieces && session.send_bytes(&continuation).await.is_ok() {
        sent += 1;
    }

    session.until_close().await?;
    neighbour.is_served().await
}

async fn many_fragments(server: &Server, payload: &str) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;
    let mut bytes = Frame::text("6").unfinished().to_bytes(Role::Client);
    bytes.extend(Frame::continuation(payload).unfinished().to_bytes(Role::Client).repeat(100_000));
    bytes.extend(Frame::continuation("").to_bytes(Role::Client));

    let _ = session.send_bytes(bytes).await;

    session.aftermath().await?;
    neighbour.is_served().await
}

fn limit(session: &Session) -> usize {
    session.handshake().max_payload.unwrap_or(1_000_000)
}
