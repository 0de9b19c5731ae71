//! Requests that open a session or bring it a WebSocket, behind the application's say where it wants to have one.

use http::Request;
use http_body::Body;
use sockeye_engine_proto::request::Opening;

use super::{Respond, ResponseBody, poll::PollRequest, refuse, respond::Reader, route, upgrade};
use crate::{
    Engine, HandshakeInfo, accept::Wanted, admission::Admission, compression::Offer, connection::Start,
    error::OpenError, manner::Manner,
};

/// Answers a request that opens a session on long-polling.
pub(super) fn polled<B: Body>(engine: &Engine, opening: Opening, request: &Request<B>) -> Respond<B> {
    let info = route::info(request);
    let offer = route::offer(engine, request.headers());
    if !engine.config().hooks.are_asked() {
        let admission = opening.revision().map(Admission::to);
        return begin(engine, admission.map_err(OpenError::from), &opening, info, offer);
    }
    let (engine, reader) = (engine.clone(), Reader::of(request.headers()));
    Respond::later(async move {
        let admission = Admission::ask(&engine, &opening, &info).await;
        let begun = begin::<ResponseBody>(&engine, admission, &opening, info, offer);
        let Ok(response) = begun.with(reader, None).await;
        response
    })
}

/// Answers a request that asks for the connection to become a WebSocket.
pub(super) fn upgraded<B: Send + 'static>(engine: &Engine, request: Request<B>) -> Respond<B> {
    let (wanted, binary) = match Wanted::route(engine, &route::head(&request)) {
        Ok(wanted) => wanted,
        Err(refusal) => {
            return Respond::ready(refuse::upgrade(engine, &refusal.into(), || route::info(&request)));
        }
    };
    if !wanted.is_asked_about(engine) {
        return Respond::ready(match wanted.grant() {
            Ok(granted) => upgrade::answer(engine, granted, binary, request),
            Err(refusal) => refuse::upgrade(engine, &refusal.into(), || route::info(&request)),
        });
    }
    let engine = engine.clone();
    Respond::later(async move {
        let info = route::info(&request);
        match wanted.ask(&engine, &info).await {
            Ok(granted) => upgrade::answer(&engine, granted, binary, request),
            Err(error) => refuse::upgrade(&engine, &error, || info),
        }
    })
}

/// Opens a session on long-polling; the request is its first poll.
fn begin<B: Body>(
    engine: &Engine,
    admission: Result<Admission, OpenError>,
    opening: &Opening,
    info: HandshakeInfo,
    offer: Option<Offer>,
) -> Respond<B> {
    let opened = admission.and_then(|admission| {
        let start = Start::Polled(Manner::of(opening, admission.revision));
        engine.open(admission, start, info.clone())
    });
    match opened {
        Ok(mut connection) => {
            let mailbox = connection.answer_handshake();
            let cookie = engine.config().cookie.as_ref().map(|cookie| cookie.header(connection.sid()));
            engine.hand_over(connection);
            Respond::poll(PollRequest::begun(mailbox, offer)).with_cookie(cookie)
        }
        Err(error) => Respond::ready(refuse::plain(engine, &error, || info)),
    }
}
