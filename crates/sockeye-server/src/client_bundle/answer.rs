//! What a request for one of the client's files is answered.

use std::io;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
};
use sockeye_engine_server::http::ContentCoding;

use super::{NAMES, folder::Folder, script::Script};

/// What a request says of the answer that it wants.
#[derive(Debug)]
pub(super) struct Wish {
    coding: Option<ContentCoding>,
    /// The tags of what the sender has already, in lists.
    known: Vec<HeaderValue>,
}

impl Wish {
    pub(super) fn of(request: &HeaderMap) -> Self {
        let known = request.get_all(IF_NONE_MATCH).iter().cloned().collect();
        Self { coding: ContentCoding::accepted(request), known }
    }

    /// Whether the sender has what this tag stands for. Whether tags are weak makes no difference here.
    fn knows(&self, etag: &HeaderValue) -> bool {
        let lists = self.known.iter().filter_map(|list| list.to_str().ok());
        lists
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || strong(tag.as_bytes()) == strong(etag.as_bytes()))
    }
}

/// Reads the file, unless it is known; blocks the thread.
pub(super) fn answer(folder: &Folder, file: usize, wish: &Wish) -> Response<Bytes> {
    match folder.read(file) {
        Ok(script) if wish.knows(script.etag()) => unchanged(&script),
        Ok(script) => whole(&script, NAMES[file], wish.coding),
        Err(error) if error.kind() == io::ErrorKind::NotFound => status(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::warn!(%error, file = NAMES[file], "a script of the client cannot be read");
            status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A status, and nothing else.
pub(super) fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

fn whole(script: &Script, name: &str, coding: Option<ContentCoding>) -> Response<Bytes> {
    let mut response = Response::new(script.body(coding));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, coding.header());
    }
    add_caching(headers, script);
    response
}

fn unchanged(script: &Script) -> Response<Bytes> {
    let mut response = status(StatusCode::NOT_MODIFIED);
    add_caching(response.headers_mut(), script);
    response
}

/// What caches must know. The reference does not tell them that the coding depends on who asks; one that is shared could
/// then give a script to somebody who cannot read it.
fn add_caching(headers: &mut HeaderMap, script: &Script) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
    headers.insert(ETAG, script.etag().clone());
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
}

fn content_type(name: &str) -> &'static str {
    match name.strip_suffix(".map") {
        None => "application/javascript; charset=utf-8",
        Some(_) => "application/json; charset=utf-8",
    }
}

fn strong(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}
