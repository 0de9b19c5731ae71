//! Requests that ask for the connection to become a WebSocket.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{
        CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sockeye_websocket::{DeflateAgreement, handshake};
use tokio::{net::TcpStream, time::timeout};

use super::{
    ResponseBody,
    respond::{empty, upgrade_refusal},
    route,
};
use crate::{
    Config, Engine, HandshakeInfo,
    accept::Granted,
    carrier::{Binary, Carrier, Terms},
    gauge::UnderWay,
};

/// Answers such a request; the rest happens when the answer has been written.
pub(super) fn answer<B>(
    engine: &Engine,
    granted: Granted,
    binary: Binary,
    mut request: Request<B>,
) -> Response<ResponseBody> {
    let begun = match engine.begin_upgrade(&granted, route::address(&request)) {
        Ok(begun) => begun,
        Err(error) => return empty(error.status()),
    };
    let header = |name: &str| request.headers().get_all(name).into_iter().map(HeaderValue::as_bytes);
    let accept = match handshake::accept(header).map(HeaderValue::try_from) {
        Ok(Ok(accept)) => accept,
        // It is base64, which always has a form as a header.
        Ok(Err(_)) => return empty(StatusCode::INTERNAL_SERVER_ERROR),
        Err(wrong) => return no_handshake(wrong),
    };
    let deflate = match deflate(engine.config(), request.headers()) {
        Ok(agreement) => agreement,
        Err(wrong) => return upgrade_refusal(wrong),
    };
    let response = switching(accept, first_protocol(request.headers()), deflate.as_ref());
    let info = route::info(&request);
    let upgrade = hyper::upgrade::on(&mut request);
    // With its headers the request holds on to the buffer that they were read into.
    drop(request);
    tokio::spawn(finish(engine.clone(), begun, upgrade, granted, Terms { binary, deflate }, info));
    response
}

/// Waits for the connection to be free of HTTP, and gives it to the session.
async fn finish(
    engine: Engine,
    begun: UnderWay,
    upgrade: OnUpgrade,
    granted: Granted,
    terms: Terms,
    info: HandshakeInfo,
) {
    let Ok(Ok(upgraded)) = timeout(engine.config().session.upgrade_timeout(), upgrade).await else {
        if let Granted::Attach(_) = granted {
            engine.tell_of_failed_upgrade();
        }
        return;
    };
    let (carrier, info) = carrier(&engine, upgraded, &terms, info);
    drop(begun);
    // The client sees in the WebSocket how that went.
    let _ = granted.satisfy(&engine, carrier, info).await;
}

fn carrier(
    engine: &Engine,
    upgraded: Upgraded,
    terms: &Terms,
    info: HandshakeInfo,
) -> (Carrier, HandshakeInfo) {
    match into_tcp(upgraded) {
        Ok((stream, read)) => {
            let info = match (info.address(), stream.peer_addr()) {
                (None, Ok(address)) => info.with_address(address),
                _ => info,
            };
            (Carrier::websocket(stream, &read, engine.config(), terms), info)
        }
        Err(upgraded) => {
            let io = TokioIo::new(upgraded);
            (Carrier::websocket(io, &[], engine.config(), terms), info)
        }
    }
}

/// The bare TCP stream with what was read of it, if that is what HTTP ran on: every layer less is memory saved.
fn into_tcp(upgraded: Upgraded) -> Result<(TcpStream, Bytes), Upgraded> {
    let upgraded = match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => return Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    #[cfg(feature = "auto")]
    let upgraded = match hyper_util::server::conn::auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => return Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    Err(upgraded)
}

/// The answer with which HTTP ends.
fn switching(
    accept: HeaderValue,
    protocol: Option<HeaderValue>,
    deflate: Option<&DeflateAgreement>,
) -> Response<ResponseBody> {
    let mut response = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    // It is made of tokens, which always have a form as a header.
    if let Some(Ok(extensions)) = deflate.map(|agreement| HeaderValue::try_from(agreement.to_string())) {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    response
}

/// The answer to a request for an upgrade that is no handshake of a WebSocket.
fn no_handshake(message: &str) -> Response<ResponseBody> {
    let mut response = upgrade_refusal(message);
    response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

/// What is agreed upon for compressed messages; an error is told to the client in the words of the reference.
#[cfg(feature = "deflate")]
fn deflate(config: &Config, request: &HeaderMap) -> Result<Option<DeflateAgreement>, &'static str> {
    let Some(deflate) = &config.per_message_deflate else { return Ok(None) };
    let offers = request.get_all(SEC_WEBSOCKET_EXTENSIONS);
    deflate
        .accept(offers.iter().map(HeaderValue::as_bytes))
        .map_err(|_| "Invalid or unacceptable Sec-WebSocket-Extensions header")
}

#[cfg(not(feature = "deflate"))]
#[expect(clippy::unnecessary_wraps, reason = "as where there is something to be agreed upon")]
fn deflate(_: &Config, _: &HeaderMap) -> Result<Option<DeflateAgreement>, &'static str> {
    Ok(None)
}

/// Clients that offer subprotocols expect one of them: as in the reference, the first.
fn first_protocol(request: &HeaderMap) -> Option<HeaderValue> {
    let offered = request.get(SEC_WEBSOCKET_PROTOCOL)?.as_bytes();
    let first = offered.split(|&byte| byte == b',').next()?.trim_ascii();
    let is_token = !first.is_empty()
        && first.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte));
    is_token.then(|| HeaderValue::from_bytes(first).ok())?
}
