//! The WebSocket below the transport: handshake, frames, messages in pieces, text, closing, compression, limits.

mod close;
mod compression;
mod control;
mod fragment;
mod frame;
mod handshake;
mod hostile_handshake;
mod length;
mod limit;
mod text;

use super::{Server, Session};
use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::verdict::Verdict;
use crate::wire::websocket::Frame;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        handshake::cases(),
        hostile_handshake::cases(),
        frame::cases(),
        length::cases(),
        control::cases(),
        fragment::cases(),
        text::cases(),
        close::cases(),
        limit::cases(),
        compression::cases(),
    ];
    cases.concat().into_iter().map(over_websocket).collect()
}

fn over_websocket(mut case: Case<Server>) -> Case<Server> {
    case.needs.push(Feature::WebSocket);
    case
}

/// A session over WebSocket in which an echo comes back.
async fn open(server: &Server) -> Verdict<Session> {
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;
    Ok(session)
}

/// Expects these frames to fail the WebSocket with one of these codes, if it says why, and to be felt by nobody else.
async fn fails(server: &Server, frames: impl IntoIterator<Item = Frame>, codes: &[u16]) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;

    session.send_frames(frames).await?;

    session.expect_failed(codes).await?;
    neighbour.is_served().await
}

/// A message with these bytes in its text, which comes back if nothing is wrong with it. What a Socket.IO server could not
/// read in any case would end the session for that alone.
fn message(server: &Server, within: impl AsRef<[u8]>) -> Vec<u8> {
    let (before, behind) = match server.profile() {
        Profile::Engine => ("4", ""),
        Profile::Socket => (r#"42["message",""#, r#""]"#),
    };
    [before.as_bytes(), within.as_ref(), behind.as_bytes()].concat()
}
