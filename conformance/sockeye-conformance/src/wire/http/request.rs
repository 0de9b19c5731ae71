//! A request: written by the suite that plays a client, read by the suite that plays a server.

use bytes::Bytes;

use super::body::Ending;
use super::{Framing, Headers, body, head};
use crate::transcript::readable;
use crate::wire::{Error, Tcp, TcpReader, TcpWriter};

/// A request as it is or will be on the wire.
///
/// ```
/// use sockeye_conformance::wire::http::{Framing, Request};
///
/// let request = Request::post("/engine.io/?EIO=4&transport=polling&sid=x", "4hello")
///     .header("Origin", "https://conformance.example")
///     .framed(Framing::Chunked(3));
/// assert!(request.to_bytes().ends_with(b"\r\n\r\n3\r\n4he\r\n3\r\nllo\r\n0\r\n\r\n"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Path and query as they are written in the first line.
    pub target: String,
    /// In their order.
    pub headers: Headers,
    /// Without chunks' sizes.
    pub body: Bytes,
    /// How the body is sent; of a request that came, [`Framing::AsIs`].
    pub framing: Framing,
}

impl Request {
    /// A request without headers and body; who sends it adds `Host`.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            headers: Headers::default(),
            body: Bytes::new(),
            framing: Framing::Length,
        }
    }

    /// `GET`
    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    /// `POST` of text, with the content type that browsers give it: `text/plain;charset=UTF-8`.
    pub fn post(target: impl Into<String>, body: impl AsRef<[u8]>) -> Self {
        Self::new("POST", target).header("Content-Type", "text/plain;charset=UTF-8").body(body)
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// A header in the place of all of that name.
    #[must_use]
    pub fn header_instead(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.set(name, value);
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

    /// The query, without its question mark.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The first value of `name` in the query, as it is written there.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
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
        writer.note_sent(&self.to_text());
        writer.write(&self.to_bytes()).await
    }

    fn to_text(&self) -> String {
        let (head, body) = self.parts();
        let body = if body.is_empty() { String::new() } else { format!("\r\n{}", readable(&body)) };
        head + &body
    }

    /// First line and headers, and the body with its chunks' sizes.
    fn parts(&self) -> (String, Vec<u8>) {
        let mut headers = self.headers.clone();
        let body = body::write(&mut headers, &self.framing, &self.body, self.method == "POST");
        (format!("{} {} HTTP/1.1\r\n{}", self.method, self.target, headers.to_text()), body)
    }
}

/// Reads a request with its body; nothing when the client has closed instead.
///
/// # Errors
/// As the wire has it, or [`Error::Malformed`]. Without a limit of time.
pub async fn read_request(tcp: &mut Tcp) -> Result<Option<Request>, Error> {
    let Some(mut request) = head_of_request(&mut tcp.reader).await? else { return Ok(None) };
    let ending = Ending::of(&request.headers, Ending::After(0))?;
    let read = body::read(&mut tcp.reader, ending).await;
    // What came before it broke is worth a line as well.
    if let Ok(body) = &read {
        request.body = body.clone();
    }
    tcp.reader.note_received(&request.to_text());
    read.map(|_| Some(request))
}

/// Reads a request without its body, which stays in the buffer or on the way.
///
/// # Errors
/// As [`read_request`].
pub async fn read_request_head(tcp: &mut Tcp) -> Result<Option<Request>, Error> {
    let request = head_of_request(&mut tcp.reader).await?;
    if let Some(request) = &request {
        tcp.reader.note_received(&request.to_text());
    }
    Ok(request)
}

/// Reads the body behind a head that [`read_request_head`] has read, of at most `limit` bytes.
///
/// # Errors
/// As [`read_request`]; [`Error::TooLarge`] as soon as it is known to have more. Without a limit of time.
pub async fn read_request_body(tcp: &mut Tcp, head: &Request, limit: usize) -> Result<Bytes, Error> {
    let ending = Ending::of(&head.headers, Ending::After(0))?;
    let body = body::read_within(&mut tcp.reader, ending, limit).await?;
    tcp.reader.note_received(&readable(&body));
    Ok(body)
}

async fn head_of_request(reader: &mut TcpReader) -> Result<Option<Request>, Error> {
    let Some(head) = head::read(reader, "a request").await? else { return Ok(None) };
    let mut headers = [httparse::EMPTY_HEADER; head::MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(&head).map_err(|error| Error::malformed(format!("request: {error}")))?;
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Err(Error::malformed("request without method or path"));
    };
    let mut request = Request::new(method, target);
    request.headers = Headers::of(parsed.headers);
    request.framing = Framing::AsIs;
    Ok(Some(request))
}
