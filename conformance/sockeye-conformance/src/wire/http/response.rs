//! A response: read by the suite that plays a client, written by the suite that plays a server.

use bytes::Bytes;

use super::body::Ending;
use super::{Framing, Headers, body, head};
use crate::transcript::readable;
use crate::wire::{Error, Tcp, TcpReader, TcpWriter};

/// A response with its body.
///
/// ```
/// use sockeye_conformance::wire::http::Response;
///
/// let response = Response::ok("4hello").header("Cache-Control", "no-store");
/// assert!(response.to_bytes().ends_with(b"Content-Length: 6\r\n\r\n4hello"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Such as 200.
    pub status: u16,
    /// The words behind it.
    pub reason: String,
    /// In their order.
    pub headers: Headers,
    /// Without chunks' sizes.
    pub body: Bytes,
    /// How the body is sent; of a response that came, [`Framing::AsIs`].
    pub framing: Framing,
}

/// A response whose body has not been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// Such as 200.
    pub status: u16,
    /// The words behind it.
    pub reason: String,
    /// In their order.
    pub headers: Headers,
}

impl Response {
    /// A response without headers and body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            reason: reason(status).to_owned(),
            headers: Headers::default(),
            body: Bytes::new(),
            framing: Framing::Length,
        }
    }

    /// 200 with text, as Engine.IO answers a GET.
    pub fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::new(200).header("Content-Type", "text/plain; charset=UTF-8").body(body)
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Another body.
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Bytes::copy_from_slice(body.as_ref());
        self
    }

    /// Another way to send the body.
    #[must_use]
    pub fn framed(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::Malformed`]
    pub fn json(&self) -> Result<serde_json::Value, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::malformed(format!("JSON in a response ({error}): {}", self.text())))
    }

    /// The first value of a header.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.find(name)
    }

    /// As it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (head, body) = self.parts();
        [head.as_bytes(), b"\r\n", &body].concat()
    }

    /// Sends it.
    ///
    /// # Errors
    /// As [`Tcp::send`].
    pub async fn send(&self, writer: &mut TcpWriter) -> Result<(), Error> {
        let (head, body) = self.parts();
        writer.note_sent(&with_body(head, &body));
        writer.write(&self.to_bytes()).await
    }

    /// First line and headers, and the body with its chunks' sizes.
    fn parts(&self) -> (String, Vec<u8>) {
        let mut headers = self.headers.clone();
        let has_length = self.status >= 200 && self.status != 204;
        let body = body::write(&mut headers, &self.framing, &self.body, has_length);
        (format!("HTTP/1.1 {} {}\r\n{}", self.status, self.reason, headers.to_text()), body)
    }
}

/// Reads a response to a request of `method`, with its body.
///
/// # Errors
/// As the wire has it, or [`Error::Malformed`]. Without a limit of time.
pub async fn read_response(tcp: &mut Tcp, method: &str) -> Result<Response, Error> {
    let ResponseHead { status, reason, headers } = head_of_response(&mut tcp.reader).await?;
    let ending = ending(status, &headers, method)?;
    let read = body::read(&mut tcp.reader, ending).await;
    let body = read.as_ref().map(Bytes::as_ref).unwrap_or_default();
    tcp.reader.note_received(&to_text(status, &reason, &headers, body));
    Ok(Response { status, reason, headers, body: read?, framing: Framing::AsIs })
}

/// Reads a response up to its body.
///
/// # Errors
/// As [`read_response`].
pub async fn read_response_head(reader: &mut TcpReader) -> Result<ResponseHead, Error> {
    let head = head_of_response(reader).await?;
    reader.note_received(&to_text(head.status, &head.reason, &head.headers, b""));
    Ok(head)
}

/// Reads the body that belongs to a head of the answer to a GET or a POST.
///
/// # Errors
/// As [`read_response`].
pub async fn read_response_body(reader: &mut TcpReader, head: &ResponseHead) -> Result<Bytes, Error> {
    let body = body::read(reader, ending(head.status, &head.headers, "GET")?).await?;
    reader.note_received(&readable(&body));
    Ok(body)
}

async fn head_of_response(reader: &mut TcpReader) -> Result<ResponseHead, Error> {
    let Some(head) = head::read(reader, "a response").await? else {
        return Err(Error::closed("a response"));
    };
    let mut headers = [httparse::EMPTY_HEADER; head::MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    parsed.parse(&head).map_err(|error| Error::malformed(format!("response: {error}")))?;
    let status = parsed.code.ok_or_else(|| Error::malformed("response without a status"))?;
    let reason = parsed.reason.unwrap_or_default().to_owned();
    Ok(ResponseHead { status, reason, headers: Headers::of(parsed.headers) })
}

fn ending(status: u16, headers: &Headers, method: &str) -> Result<Ending, Error> {
    if method == "HEAD" || status < 200 || status == 204 || status == 304 {
        return Ok(Ending::After(0));
    }
    Ending::of(headers, Ending::EndOfStream)
}

fn to_text(status: u16, reason: &str, headers: &Headers, body: &[u8]) -> String {
    with_body(format!("{status} {reason}\r\n{}", headers.to_text()), body)
}

fn with_body(head: String, body: &[u8]) -> String {
    if body.is_empty() { head } else { format!("{head}\r\n{}", readable(body)) }
}

fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Payload Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}
