//! How a WebSocket is opened: a connection, a request on it, and the answer.

use std::{io, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header::SEC_WEBSOCKET_PROTOCOL};
use sockeye_engine_codec::Sid;
use sockeye_websocket::{
    DeflateAgreement,
    handshake::{AnswerError, Challenge, check_protocol},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    Config, WebSocketError,
    carrier::Carrier,
    dial::Stream,
    requests::{Requests, location},
};

/// Opens a WebSocket for a session that is there already, or for a new one.
///
/// # Cancel safety
/// Dropping the future gives the attempt up.
pub(crate) async fn open(requests: &Requests, sid: Option<&Sid>) -> Result<Carrier, WebSocketError> {
    let config = &requests.config;
    let (uri, headers) = requests.websocket(sid);
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|_| WebSocketError::NoRandomness)?;
    let challenge = Challenge::new(nonce);
    let request = write_request(&uri, headers, &challenge, config);
    let mut stream = config.dialer().dial(uri).await?;
    let lost = |error| WebSocketError::Lost(Arc::new(error));
    stream.write_all(&request).await.map_err(lost)?;
    stream.flush().await.map_err(lost)?;
    let mut read = Vec::new();
    let answer = read_answer(&mut stream, &mut read).await?;
    let deflate = answer.check(&challenge, config)?;
    Ok(Carrier::websocket(stream, &read[answer.length..], config, deflate.as_ref()))
}

fn write_request(uri: &Uri, mut headers: HeaderMap, challenge: &Challenge, config: &Config) -> Vec<u8> {
    let own = challenge.headers().map(|(name, value)| (name, value.to_owned()));
    let protocols = (!config.protocols().is_empty()).then(|| config.protocols().join(", "));
    let own = own.into_iter().chain(protocols.map(|names| ("sec-websocket-protocol", names)));
    let own = own.chain(offer(config).map(|offer| ("sec-websocket-extensions", offer)));
    for (name, value) in own {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = format!("GET {target} HTTP/1.1\r\n").into_bytes();
    for (name, value) in &headers {
        request.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    request
}

/// The head of an answer, which has so many bytes.
struct Answer {
    status: u16,
    headers: HeaderMap,
    length: usize,
}

/// Reads until there is a whole answer. What it tells before that (1xx) is passed over.
async fn read_answer(stream: &mut Stream, read: &mut Vec<u8>) -> Result<Answer, WebSocketError> {
    loop {
        match parse(read)? {
            Some(answer) if answer.status < 200 && answer.status != 101 => {
                read.drain(..answer.length);
            }
            Some(answer) => return Ok(answer),
            None if read.len() >= MAX_HEAD => return Err(WebSocketError::NoHttp),
            None => {
                // Not by `read_buf` into a large buffer: the head is some hundred bytes long.
                let mut some = [0; 1024];
                let count =
                    stream.read(&mut some).await.map_err(|error| WebSocketError::Lost(error.into()))?;
                if count == 0 {
                    return Err(WebSocketError::Lost(Arc::new(io::ErrorKind::UnexpectedEof.into())));
                }
                read.extend_from_slice(&some[..count]);
            }
        }
    }
}

fn parse(read: &[u8]) -> Result<Option<Answer>, WebSocketError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let length = match answer.parse(read) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(WebSocketError::NoHttp),
    };
    let status = answer.code.ok_or(WebSocketError::NoHttp)?;
    let headers = answer.headers.iter().map(|header| {
        let value = HeaderValue::from_bytes(header.value).ok()?;
        Some((HeaderName::from_bytes(header.name.as_bytes()).ok()?, value))
    });
    let headers = headers.collect::<Option<HeaderMap>>().ok_or(WebSocketError::NoHttp)?;
    Ok(Some(Answer { status, headers, length }))
}

impl Answer {
    /// What was agreed upon for compressed messages.
    fn check(
        &self,
        challenge: &Challenge,
        config: &Config,
    ) -> Result<Option<DeflateAgreement>, WebSocketError> {
        if (300..400).contains(&self.status) {
            let location = location(&self.headers);
            return Err(WebSocketError::Redirected { status: self.status, location });
        }
        challenge.check(self.status, |name| self.headers.get_all(name).iter().map(HeaderValue::as_bytes))?;
        let mut protocols = self.headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        check_protocol(protocols.next().map(HeaderValue::as_bytes), config.protocols())?;
        if protocols.next().is_some() {
            return Err(AnswerError::Protocol.into());
        }
        agree(&self.headers, config)
    }
}

#[cfg(feature = "deflate")]
fn offer(config: &Config) -> Option<String> {
    config.per_message_deflate().map(sockeye_websocket::PerMessageDeflate::offer)
}

#[cfg(not(feature = "deflate"))]
fn offer(_: &Config) -> Option<String> {
    None
}

fn agree(headers: &HeaderMap, config: &Config) -> Result<Option<DeflateAgreement>, WebSocketError> {
    let lines = headers.get_all(http::header::SEC_WEBSOCKET_EXTENSIONS);
    let mut lines = lines.iter().map(HeaderValue::as_bytes);
    #[cfg(feature = "deflate")]
    if let Some(deflate) = config.per_message_deflate() {
        return deflate.confirm(lines).map_err(|_| WebSocketError::Extensions);
    }
    let _ = config;
    if lines.next().is_some() { Err(WebSocketError::Extensions) } else { Ok(None) }
}

/// As many headers as hyper takes.
const MAX_HEADERS: usize = 100;
/// How many bytes an answer may have before it is complete.
const MAX_HEAD: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_application_do_not_change_the_handshake() {
        let config = Config::new()
            .with_header(HeaderName::from_static("upgrade"), HeaderValue::from_static("h2c"))
            .with_header(HeaderName::from_static("x-mine"), HeaderValue::from_static("1"))
            .with_protocols(["a", "b"]);
        let requests = Requests::new(&"http://host:1".parse().unwrap(), &config).unwrap();
        let (uri, headers) = requests.websocket(None);

        let request = write_request(&uri, headers, &Challenge::new([0; 16]), &config);

        let request = String::from_utf8(request).unwrap();
        assert!(request.starts_with("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n"), "{request}");
        for line in ["host: host:1", "upgrade: websocket", "x-mine: 1", "sec-websocket-protocol: a, b"] {
            assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
        }
        assert!(!request.contains("h2c"));
        assert!(request.ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x01a";

        for end in 0..head.len() - 3 {
            assert!(parse(&head[..end]).unwrap().is_none());
        }
        let answer = parse(head).unwrap().unwrap();
        assert_eq!((answer.status, answer.length), (101, head.len() - 3));
        assert_eq!(answer.headers["upgrade"], "websocket");
    }

    #[test]
    fn what_is_no_http_is_an_error() {
        for text in
            [&b"SSH-2.0-OpenSSH\r\n"[..], b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 x\r\n\r\n", b"\x16\x03\x01"]
        {
            assert!(matches!(parse(text), Err(WebSocketError::NoHttp)));
        }
    }
}
