//! How a WebSocket begins, in both roles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1_smol::Sha1;

use super::{Role, WebSocket};
use crate::wire::http::{Request, Response, ResponseHead, read_response_head};
use crate::wire::{Error, Tcp};

/// A request for a WebSocket; who sends it adds `Host`.
pub fn request(target: impl Into<String>, key: &str) -> Request {
    Request::get(target)
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", key)
}

/// A key as clients make it.
pub fn key() -> String {
    let mut bytes = [0; 16];
    // Without randomness the key is all zeros, which servers take as well.
    let _ = getrandom::fill(&mut bytes);
    STANDARD.encode(bytes)
}

/// What the server answers to a key.
pub fn accept_key(key: &str) -> String {
    let mut sha1 = Sha1::from(key.trim());
    sha1.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(sha1.digest().bytes())
}

/// Sends a request for a WebSocket and checks the answer.
///
/// # Errors
/// [`Error::Malformed`] with the answer, if that is no right 101.
pub async fn open(mut tcp: Tcp, request: &Request) -> Result<(WebSocket, ResponseHead), Error> {
    let watch = tcp.watch().clone();
    request.send(&mut tcp.writer).await?;
    let head = watch.wait_for("answer to the handshake", read_response_head(&mut tcp.reader)).await?;
    if head.status != 101 {
        let status = format!("{} {}", head.status, head.reason);
        return Err(Error::malformed(format!("{status} instead of 101 for a WebSocket")));
    }
    let expected = accept_key(request.headers.find("sec-websocket-key").unwrap_or_default());
    if head.headers.find("sec-websocket-accept") != Some(&expected) {
        return Err(Error::malformed(format!("Sec-WebSocket-Accept is not {expected}")));
    }
    Ok((WebSocket::new(tcp, Role::Client), head))
}

/// Answers a request for a WebSocket as a server does.
///
/// # Errors
/// [`Error::Malformed`] if it has no key.
pub async fn accept(tcp: Tcp, request: &Request) -> Result<WebSocket, Error> {
    accept_with(tcp, request, |response| response).await
}

/// As [`accept`], with an answer that may be changed before it is sent.
///
/// # Errors
/// As [`accept`].
pub async fn accept_with(
    mut tcp: Tcp,
    request: &Request,
    change: impl FnOnce(Response) -> Response,
) -> Result<WebSocket, Error> {
    let Some(key) = request.headers.find("sec-websocket-key") else {
        return Err(Error::malformed("a handshake without Sec-WebSocket-Key"));
    };
    let response = Response::new(101)
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Accept", accept_key(key));
    change(response).send(&mut tcp.writer).await?;
    Ok(WebSocket::new(tcp, Role::Server))
}

#[cfg(test)]
mod tests {
    use super::accept_key;

    #[test]
    fn a_key_is_answered_as_in_the_document() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
