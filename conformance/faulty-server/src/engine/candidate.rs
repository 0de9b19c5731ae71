//! A WebSocket that wants to carry a session that polls: `2probe`, `3probe`, `5`.

use std::sync::Arc;
use std::time::Duration;

use sockeye_conformance::wire::Message;
use sockeye_conformance::wire::websocket::Frame;
use tokio::time::{interval, timeout};

use super::frames::{Broken, Came, Frames};
use super::session::{Candidate, Get, State};
use super::websocket::Socket;
use super::{Reason, Session, Transport};
use crate::fault::Fault;
use crate::figures::{RELEASE_INTERVAL, UPGRADE_TIMEOUT};

/// Whether it has become what carries the session. Otherwise the session goes on as it was.
pub(super) async fn wins(session: &Arc<Session>, socket: &mut Socket) -> bool {
    let is_first = session.change(|state| {
        let polls = state.transport == Transport::Polling || session.is(Fault::WebSocketTakenOver);
        let is_first = polls && state.end.is_none() && state.candidate == Candidate::None;
        if is_first {
            state.candidate = Candidate::Open;
        }
        is_first
    });
    if !is_first {
        return false;
    }
    let trying = async {
        tokio::select! {
            won = is_upgraded(session, socket) => won,
            () = session.until(|state| state.end.is_some()) => false,
        }
    };
    let limit = if session.is(Fault::CandidatesStay) { Duration::MAX } else { UPGRADE_TIMEOUT };
    let has_won = timeout(limit, trying).await.unwrap_or(false);
    session.change(|state| {
        state.candidate = Candidate::None;
        if state.get == Get::Released {
            state.get = Get::Waits;
        }
    });
    if !has_won {
        if session.is(Fault::FailedCandidateClosesTheSession) {
            session.fail(Reason::TransportError);
        }
        return false;
    }
    session.change(switch);
    true
}

async fn is_upgraded(session: &Arc<Session>, socket: &mut Socket) -> bool {
    let Ok(first) = message(socket).await else { return false };
    let is_probe = first.as_text() == Some("2probe")
        || (session.is(Fault::AnyProbeTaken) && first.as_text().is_some_and(|text| text.starts_with('2')));
    if !is_probe {
        return false;
    }
    session.change(|state| state.candidate = Candidate::Probed);
    tokio::select! {
        won = answer_probes(session, socket) => won,
        () = release(session) => false,
    }
}

/// Answers the probe that came, and others, until something else comes: whether that is the upgrade.
async fn answer_probes(session: &Session, socket: &mut Socket) -> bool {
    let answer = if session.is(Fault::ProbeAnsweredWithoutProbe) { "3" } else { "3probe" };
    loop {
        if socket.writer.send(session, &answer.into()).await.is_err() {
            return false;
        }
        match message(socket).await {
            Ok(next) if next.as_text() == Some("2probe") => {}
            next => return next.is_ok_and(|next| next.as_text() == Some("5")),
        }
    }
}

/// Lets a GET that waits go, again and again, so that the client can pause.
async fn release(session: &Session) {
    let mut ticks = interval(RELEASE_INTERVAL);
    loop {
        ticks.tick().await;
        if !session.is(Fault::GetNotReleased) {
            session.change_if(|state| {
                let waits = state.get == Get::Waits;
                waits.then(|| state.get = Get::Released)
            });
        }
    }
}

fn switch(state: &mut State) {
    state.transport = Transport::WebSocket;
    state.awaits_pong = false;
}

/// The next message; pings of the WebSocket's own are answered.
async fn message(socket: &mut Socket) -> Result<Message, Broken> {
    loop {
        let frames: &mut Frames = &mut socket.frames;
        match frames.next().await {
            Ok(Came::Message(message)) => return Ok(message),
            Ok(Came::Ping(payload)) => {
                let _ = socket.writer.send_frame(Frame::pong(payload)).await;
            }
            Err(Broken::Rule(code)) => {
                socket.writer.close(Some(code)).await;
                return Err(Broken::Ended);
            }
            Ok(Came::Close(_)) | Err(Broken::Ended) => return Err(Broken::Ended),
        }
    }
}
