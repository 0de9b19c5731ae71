//! Long-polling: a GET opens a session or waits for packets, a POST brings some.

use std::sync::Arc;
use std::time::Duration;

use sockeye_conformance::wire::http::{Request, Response, read_request_body};
use sockeye_conformance::wire::{Error, Message, Tcp};

use super::session::{End, Get, State};
use super::{Opening, Reason, Revision, Session, Transport, body};
use crate::fault::Fault;
use crate::figures::MAX_PAYLOAD;
use crate::http::{Answer, Asks, Query, Route, route};
use crate::shared::Shared;

/// Answers a request that is for no WebSocket.
pub(crate) async fn answer(shared: &Arc<Shared>, tcp: &mut Tcp, request: &Request) -> Answer {
    let query = Query::parse(request.query());
    let session = match route(shared, request, &query, Asks::ForAnAnswer) {
        Ok(Route::Belongs(session)) => session,
        Ok(Route::Opens(revision, _)) => return Answer::Unread(open(shared, revision, request, &query)),
        Err(refusal) => return Answer::Unread(refusal.to_response(shared.fault)),
    };
    match request.method.as_str() {
        "GET" => poll(&session, tcp).await,
        "POST" => post(&session, tcp, request).await,
        _ => Answer::Unread(Response::new(500)),
    }
}

fn open(shared: &Arc<Shared>, revision: Revision, request: &Request, query: &Query) -> Response {
    let session = Session::open(shared, revision, Transport::Polling, Opening::of(request, query));
    let response = body::answer(&session, &[session.open_packet()]);
    shared.hub().open(&session);
    let attributes = if shared.fault.is(Fault::CookieForScripts) { "" } else { " HttpOnly;" };
    response.header("Set-Cookie", format!("io={}; Path=/;{attributes} SameSite=Lax", session.sid))
}

async fn poll(session: &Arc<Session>, tcp: &mut Tcp) -> Answer {
    let mut changes = session.changes();
    let is_second = session.change(|state| std::mem::replace(&mut state.get, Get::Waits)) != Get::None;
    if is_second && !session.is(Fault::SecondGetTaken) {
        session.fail(Reason::TransportError);
        return Answer::Unread(Response::new(400));
    }
    loop {
        if let Some(packets) = session.change_if(|state| take_for_get(session, state)) {
            if session.look(|state| state.end.is_some()) {
                session.shared.forget(&session.sid);
            }
            return Answer::Response(body::answer(session, &packets));
        }
        tokio::select! {
            _ = changes.changed() => {}
            more = tcp.reader.read_more(), if tcp.reader.buffer.len() < PIPELINE_LIMIT => {
                if !matches!(more, Ok(true)) {
                    session.fail(Reason::TransportError);
                    return Answer::Silence;
                }
            }
        }
    }
}

/// What a GET that waits is answered with, if there is anything.
fn take_for_get(session: &Session, state: &mut State) -> Option<Vec<Message>> {
    let packets = match &state.end {
        Some(End::AtOnce(farewell, _)) => vec![Message::from(*farewell)],
        Some(End::AfterAll) => state.outbox.drain(..).chain(["1".into()]).collect(),
        // Another carries it from now on: whoever still waits is sent away.
        None if state.transport == Transport::WebSocket && !session.is(Fault::PollingAfterUpgradeTaken) => {
            vec!["1".into()]
        }
        None if state.transport == Transport::WebSocket => vec!["6".into()],
        None if !state.outbox.is_empty() => state.outbox.drain(..).collect(),
        None if state.get == Get::Released => vec!["6".into()],
        None => return None,
    };
    state.get = Get::None;
    Some(packets)
}

async fn post(session: &Arc<Session>, tcp: &mut Tcp, request: &Request) -> Answer {
    let is_second = session.change(|state| {
        state.posts += 1;
        std::mem::replace(&mut state.is_posting, true)
    });
    if is_second && !session.is(Fault::SecondPostTaken) {
        session.fail(Reason::TransportError);
        return Answer::Unread(Response::new(400));
    }
    if session.revision == Revision::V4 && body::is_binary(request) && !session.is(Fault::OctetStreamTaken) {
        session.fail(Reason::TransportError);
        return Answer::Unread(Response::new(400));
    }
    let limit = limit(session, request);
    let read = tokio::select! {
        biased;
        read = read_request_body(tcp, request, limit) => read,
        // The other POST has ended the session.
        () = session.until(|state| state.end.is_some()) => return Answer::Last(Response::new(400)),
    };
    session.change(|state| state.is_posting = false);
    match read {
        Ok(body) => take(session, request, &body),
        Err(Error::TooLarge { .. }) => {
            if session.is(Fault::TooLargeClosesTheSession) {
                session.fail(Reason::TransportError);
            }
            let status = if session.is(Fault::TooLargeIs400) { 400 } else { 413 };
            Answer::Unread(Response::new(status))
        }
        Err(Error::Malformed(_)) => {
            session.fail(Reason::TransportError);
            Answer::Last(Response::new(400))
        }
        Err(_) => {
            session.fail(Reason::TransportError);
            Answer::Silence
        }
    }
}

fn take(session: &Arc<Session>, request: &Request, body: &[u8]) -> Answer {
    let said = if session.is(Fault::PostNotAnsweredOk) { "OK" } else { "ok" };
    let mut answer = Response::new(200).body(said);
    if !session.is(Fault::PostAnsweredWithoutType) {
        answer = answer.header("Content-Type", "text/html");
    }
    match body::packets(session, request, body) {
        Ok(packets) if session.is(Fault::PostAnsweredBeforeItIsTaken) => {
            // Every other one takes its time, and is overtaken.
            let is_slow = session.look(|state| state.posts % 2 == 1);
            let pause = Duration::from_millis(if is_slow { 150 } else { 0 });
            let session = Arc::clone(session);
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                take_all(&session, packets);
            });
        }
        Ok(packets) => take_all(session, packets),
        Err(_) if session.is(Fault::BrokenPayloadTaken) => {}
        Err(_) => session.fail(Reason::ParseError),
    }
    Answer::Response(answer)
}

fn take_all(session: &Arc<Session>, packets: Vec<Message>) {
    for packet in packets {
        session.handle(&packet);
    }
}

fn limit(session: &Session, request: &Request) -> usize {
    if session.is(Fault::NoLimitOfABody)
        || (session.is(Fault::NoLimitInChunks) && request.headers.has("transfer-encoding"))
    {
        return usize::MAX / 2;
    }
    if session.is(Fault::LimitOffByOne) { MAX_PAYLOAD - 1 } else { MAX_PAYLOAD }
}

/// What may come behind a GET that waits.
const PIPELINE_LIMIT: usize = 64 * 1024;
