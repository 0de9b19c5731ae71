//! What every answer over polling has in common: cache, CORS, compression.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use sockeye_conformance::wire::http::{Request, Response};

use crate::fault::{Fault, Switch};
use crate::figures::{COMPRESSION_THRESHOLD, ORIGIN};

/// The answer to a preflight.
pub(super) fn preflight(request: &Request, fault: Switch) -> Response {
    let response = Response::new(204)
        .header("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
        .header("Content-Length", "0");
    let response = with_cors(response, request, fault);
    match request.headers.find("access-control-request-headers") {
        Some(headers) => {
            let headers = headers.to_owned();
            response
                .header("Access-Control-Allow-Headers", headers)
                .header("Vary", "Access-Control-Request-Headers")
        }
        None => response,
    }
}

/// With what every answer has.
pub(super) fn finish(response: Response, request: &Request, fault: Switch) -> Response {
    let mut response = with_cors(response, request, fault);
    if !fault.is(Fault::AnswersMayBeCached) {
        response = response.header("Cache-Control", "no-store");
    }
    let threshold = if fault.is(Fault::SmallAnswersCompressed) { 1 } else { COMPRESSION_THRESHOLD };
    if response.body.len() < threshold {
        return response;
    }
    let accepts = |encoding| accepts(request, encoding);
    if accepts("gzip") || fault.is(Fault::CompressedUnasked) {
        let body = gzip(&response.body);
        return response.header("Content-Encoding", "gzip").body(body);
    }
    if accepts("deflate") {
        let body = deflate(&response.body);
        return response.header("Content-Encoding", "deflate").body(body);
    }
    response
}

/// Names the allowed origin.
pub(crate) fn with_cors(response: Response, request: &Request, fault: Switch) -> Response {
    let origin = match request.headers.find("origin") {
        Some(origin) if fault.is(Fault::EveryOriginAllowed) => origin.to_owned(),
        _ if fault.is(Fault::AnyOriginWithCredentials) => "*".to_owned(),
        _ => ORIGIN.to_owned(),
    };
    let response = response.header("Access-Control-Allow-Origin", origin).header("Vary", "Origin");
    if fault.is(Fault::NoCredentials) {
        return response;
    }
    response.header("Access-Control-Allow-Credentials", "true")
}

/// Whether a client names an encoding, and not with `q=0`.
fn accepts(request: &Request, encoding: &str) -> bool {
    let items = request.headers.items("accept-encoding");
    let mut named = items.map(|one| one.split_once(';').unwrap_or((one, "")));
    named.any(|(name, weight)| {
        name.trim().eq_ignore_ascii_case(encoding)
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Nothing can go wrong while it is written into memory.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// What HTTP calls deflate is the format of zlib.
fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}
