//! From a request to whoever answers it.

use std::{net::IpAddr, sync::Arc};

use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, ORIGIN, UPGRADE},
};
use http_body::Body;
use sockeye_engine_codec::Revision;
use sockeye_engine_proto::request::{self, Form, Head, Query, Refusal, RefusalCause};

use super::{
    PeerAddress, Respond, ResponseBody, files, open,
    poll::PollRequest,
    push::{BodyKind, PushRequest},
    refuse,
    respond::{self, Reader},
    touch::Touch,
};
use crate::{
    Engine, HandshakeInfo,
    accept::known,
    compression::Offer,
    mailbox::{Mail, Mailbox, Refused, Side},
};

/// Answers a request, whatever its path.
pub(crate) fn route<B: Body + Send + 'static>(engine: &Engine, request: Request<B>) -> Respond<B> {
    let cors = engine.config().cors.as_ref();
    if let Some(preflight) = cors.and_then(|cors| cors.preflight(request.method(), request.headers())) {
        return Respond::ready(preflight);
    }
    if head_len(&request) > engine.config().max_head {
        return Respond::ready(respond::empty(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    let reader = Reader::of(request.headers());
    let extra = cors.map(|cors| cors.headers(request.headers()));
    if let Some(file) = files::answer(engine.config(), &request) {
        let answer = Respond::later(async { file.await.map(ResponseBody::from) });
        return answer.with(reader, extra);
    }
    let touch = Touch::of(engine, &request);
    dispatch(engine, request).with(reader, extra).with_touch(touch)
}

fn dispatch<B: Body + Send + 'static>(engine: &Engine, request: Request<B>) -> Respond<B> {
    let head = head(&request);
    if head.form == Form::Upgrade {
        return open::upgraded(engine, request);
    }
    let find = |sid: &str| engine.find(sid).map(|mailbox| (known(&mailbox), mailbox));
    match request::route(&head, &engine.config().session, find) {
        Ok(request::Request::Open(opening)) => open::polled(engine, opening, &request),
        Ok(request::Request::Poll(mailbox)) => poll(engine, mailbox, &request),
        Ok(request::Request::Push(mailbox)) => push(engine, mailbox, request),
        Ok(request::Request::OtherMethod(_) | request::Request::Attach(..)) => {
            Respond::ready(respond::empty(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Err(refusal) => Respond::ready(refuse::plain(engine, &refusal.into(), || info(&request))),
    }
}

/// What the rules need to know of a request.
pub(super) fn head<B>(request: &Request<B>) -> Head<'_> {
    let headers = request.headers();
    Head {
        method: request.method().as_str(),
        query: request.uri().query().unwrap_or_default(),
        origin: headers.get(ORIGIN).map(HeaderValue::as_bytes),
        form: if wants_upgrade(headers) { Form::Upgrade } else { Form::Plain },
    }
}

/// What is kept of a request that opens a session, or is shown to the application.
pub(super) fn info<B>(request: &Request<B>) -> HandshakeInfo {
    let info = HandshakeInfo::of_request(request.uri(), request.headers());
    let info = if request.method() == Method::GET { info } else { info.with_method(request.method()) };
    match request.extensions().get() {
        Some(&PeerAddress(address)) => info.with_address(address),
        None => info,
    }
}

/// Where the request comes from, if that is known.
pub(super) fn address<B>(request: &Request<B>) -> Option<IpAddr> {
    request.extensions().get().map(|PeerAddress(address)| address.ip())
}

fn poll<B: Body>(engine: &Engine, mailbox: Arc<Mailbox>, request: &Request<B>) -> Respond<B> {
    match mailbox.begin(Side::Poll) {
        Ok(()) => Respond::poll(PollRequest::begun(mailbox, offer(engine, request.headers()))),
        Err(refused) => turn_away(engine, refused, request),
    }
}

/// How the answer to a poll may be compressed.
pub(super) fn offer(engine: &Engine, headers: &HeaderMap) -> Option<Offer> {
    engine.config().http_compression.and_then(|compression| compression.offer(headers))
}

fn push<B: Body>(engine: &Engine, mailbox: Arc<Mailbox>, request: Request<B>) -> Respond<B> {
    let headers = request.headers();
    let is_binary = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream");
    if is_binary && mailbox.revision() != Revision::V3 {
        // No other revision has binary payloads; the reference ends the session over one.
        mailbox.tell(Mail::BROKEN);
        return Respond::ready(respond::empty(StatusCode::BAD_REQUEST));
    }
    let kind = match mailbox.manner().script {
        Some(_) => BodyKind::Form,
        None if is_binary => BodyKind::Binary,
        None => BodyKind::Text,
    };
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Respond::ready(respond::empty(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if let Err(refused) = mailbox.begin(Side::Push) {
        return turn_away(engine, refused, &request);
    }
    let config = engine.config();
    let max = config.session.max_payload();
    Respond::push(PushRequest::begun(mailbox, request.into_body(), kind, max, config.body_timeout))
}

fn turn_away<B: Body>(engine: &Engine, refused: Refused, request: &Request<B>) -> Respond<B> {
    Respond::ready(match refused {
        Refused::Overlap => respond::empty(StatusCode::BAD_REQUEST),
        Refused::Gone => {
            let sid = Query::parse(head(request).query).sid.unwrap_or_default().into_owned();
            let gone = Refusal::new(RefusalCause::SessionUnknown { sid });
            refuse::plain(engine, &gone.into(), || info(request))
        }
    })
}

/// About as long as it stood on the wire: what is kept of it for a session is no longer.
fn head_len<B>(request: &Request<B>) -> usize {
    let url = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    url + headers.sum::<usize>()
}

pub(super) fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(UPGRADE)
        && headers.get_all(CONNECTION).iter().any(|value| {
            value
                .as_bytes()
                .split(|&byte| byte == b',')
                .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_is_asked_for_by_two_headers() {
        let mut headers = HeaderMap::new();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        assert!(!wants_upgrade(&headers));

        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive, UPGRADE"));
        assert!(wants_upgrade(&headers));

        headers.remove(UPGRADE);
        assert!(!wants_upgrade(&headers));
    }
}
