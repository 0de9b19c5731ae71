//! Messages in several frames.

use super::{fails, open};
use crate::case::Case;
use crate::feature::Feature;
use crate::server::{Echo, Server, Session};
use crate::verdict::Verdict;
use crate::wire::Message;
use crate::wire::websocket::{Frame, opcode};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.fragment.text")
            .cites(["RFC6455-18"])
            .expects("text in two frames and in one frame for each byte comes back whole")
            .checks(text_in_pieces_comes_back),
        Case::must("websocket.fragment.binary")
            .cites(["RFC6455-18"])
            .expects("bytes in two frames and in one frame for each byte come back whole")
            .needs([Feature::Binary])
            .checks(bytes_in_pieces_come_back),
        Case::must("websocket.fragment.empty")
            .cites(["RFC6455-18"])
            .expects("empty frames before, within and behind a message change nothing")
            .checks(empty_pieces_change_nothing),
        Case::must("websocket.fragment.character")
            .cites(["RFC6455-27"])
            .expects("a character of four bytes that is cut between frames comes back whole")
            .checks(a_cut_character_comes_back),
        Case::must("websocket.fragment.continuation-of-nothing")
            .cites(["RFC6455-19", "ROB-031"])
            .expects("a continuation of nothing, last or not, fails the WebSocket")
            .checks(a_continuation_of_nothing_fails),
        Case::must("websocket.fragment.interleaved")
            .cites(["RFC6455-19", "ROB-031"])
            .expects("a new message between the fragments of another fails the WebSocket")
            .checks(a_message_among_fragments_fails),
        Case::must("websocket.fragment.after-the-last")
            .cites(["RFC6455-19", "ROB-031"])
            .expects("a continuation behind the last frame of a message fails the WebSocket")
            .checks(async |server: &Server| {
                let frames =
                    [Frame::text("6").unfinished(), Frame::continuation(""), Frame::continuation("")];
                fails(server, frames, &[1002]).await
            }),
    ]
}

async fn text_in_pieces_comes_back(server: &Server) -> Verdict {
    let session = open(server).await?;
    let echo = session.echo_of("one text in pieces");
    comes_back(&session, echo.clone(), |said| vec![said.len() / 2]).await?;
    comes_back(&session, echo, |said| (1..said.len()).collect()).await
}

async fn bytes_in_pieces_come_back(server: &Server) -> Verdict {
    let session = open(server).await?;
    let echo = session.echo_of_bytes(&[0, 0xff, 0x80, 4, 5, 6]);
    comes_back(&session, echo.clone(), |said| vec![said.len() / 2]).await?;
    comes_back(&session, echo, |said| (1..said.len()).collect()).await
}

async fn empty_pieces_change_nothing(server: &Server) -> Verdict {
    let session = open(server).await?;
    let echo = session.echo_of("with nothing between");
    comes_back(&session, echo, |said| vec![0, 0, said.len() / 2, said.len() / 2, said.len()]).await
}

async fn a_cut_character_comes_back(server: &Server) -> Verdict {
    let session = open(server).await?;
    let echo = session.echo_of("a \u{1f680} b");
    // Between all of its bytes: whatever stands there of the character begins with none that begins one.
    comes_back(&session, echo, |said| (1..said.len()).filter(|at| matches!(said[*at], 0x80..0xc0)).collect())
        .await
}

async fn a_continuation_of_nothing_fails(server: &Server) -> Verdict {
    fails(server, [Frame::continuation("4hello")], &[1002]).await?;
    fails(server, [Frame::continuation("4hello").unfinished()], &[1002]).await
}

async fn a_message_among_fragments_fails(server: &Server) -> Verdict {
    fails(server, [Frame::text("4a").unfinished(), Frame::text("4b")], &[1002]).await?;
    fails(server, [Frame::binary("a").unfinished(), Frame::text("4b").unfinished()], &[1002]).await
}

/// Says an echo with its messages cut, and expects it back whole.
async fn comes_back(session: &Session, echo: Echo, cuts: fn(&[u8]) -> Vec<usize>) -> Verdict {
    let mut frames = Vec::new();
    for message in &echo.said {
        frames.extend(match message {
            Message::Text(text) => in_pieces(opcode::TEXT, text.as_bytes(), &cuts(text.as_bytes())),
            Message::Binary(bytes) => in_pieces(opcode::BINARY, bytes, &cuts(bytes)),
        });
    }
    session.send_frames(frames).await?;
    session.expect_all(echo.back).await
}

/// A message in frames that begin at these places.
pub(super) fn in_pieces(opcode: u8, payload: &[u8], cuts: &[usize]) -> Vec<Frame> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([payload.len()]);
    let pieces: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &payload[start..end]).collect();
    let last = pieces.len() - 1;
    let frame = |(index, piece): (usize, &&[u8])| {
        let frame = Frame::new(if index == 0 { opcode } else { opcode::CONTINUATION }, piece);
        if index == last { frame } else { frame.unfinished() }
    };
    pieces.iter().enumerate().map(frame).collect()
}
