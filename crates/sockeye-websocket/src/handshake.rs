//! The headers that turn an HTTP request into a WebSocket, for both ends. Values are bytes: they need not be text.
//!
//! That the method is `GET`, and that HTTP is 1.1 at least, is for the caller's HTTP to know.
//!
//! ```
//! use sockeye_websocket::handshake;
//!
//! let headers = [
//!     ("upgrade", "websocket"),
//!     ("connection", "keep-alive, Upgrade"),
//!     ("sec-websocket-version", "13"),
//!     ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
//! ];
//! let lookup = |name: &str| headers.iter().filter(move |it| it.0 == name).map(|it| it.1.as_bytes());
//! assert_eq!(handshake::accept(lookup).unwrap().as_str(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
//! ```

use std::{error::Error, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Judges a request for an upgrade; gives the value of `Sec-WebSocket-Accept` for the answer.
///
/// `header` gives the values of a header, whose name it gets in lower case: all of them, or the first if that is all
/// there can be.
///
/// # Errors
/// Which header is not as it must be.
pub fn accept<'h, V>(header: impl Fn(&'static str) -> V) -> Result<AcceptKey, HandshakeError>
where
    V: IntoIterator<Item = &'h [u8]>,
{
    if !has_token(header("upgrade"), b"websocket") {
        return Err(HandshakeError::Upgrade);
    }
    if !has_token(header("connection"), b"upgrade") {
        return Err(HandshakeError::Connection);
    }
    if only(header("sec-websocket-version")) != Some(VERSION.as_bytes()) {
        return Err(HandshakeError::Version);
    }
    match only(header("sec-websocket-key")) {
        Some(key) if is_key(key) => Ok(accept_key(key)),
        _ => Err(HandshakeError::Key),
    }
}

/// What a server answers to a key.
pub fn accept_key(key: &[u8]) -> AcceptKey {
    let mut hash = sha1_smol::Sha1::new();
    hash.update(key);
    hash.update(GUID);
    AcceptKey(encode(&hash.digest().bytes()))
}

/// Judges the answer to a request that carried `key`; the other arguments are as for [`accept`].
///
/// Which subprotocol was agreed on, if any was offered, is the caller's to read.
///
/// # Errors
/// What is not as it must be.
pub fn verify<'h, V>(
    key: &ClientKey,
    status: u16,
    header: impl Fn(&'static str) -> V,
) -> Result<(), HandshakeError>
where
    V: IntoIterator<Item = &'h [u8]>,
{
    if status != 101 {
        return Err(HandshakeError::Status(status));
    }
    if !has_token(header("upgrade"), b"websocket") {
        return Err(HandshakeError::Upgrade);
    }
    if !has_token(header("connection"), b"upgrade") {
        return Err(HandshakeError::Connection);
    }
    if only(header("sec-websocket-accept")) != Some(accept_key(key.as_str().as_bytes()).as_str().as_bytes()) {
        return Err(HandshakeError::Accept);
    }
    if header("sec-websocket-extensions").into_iter().any(|value| !value.trim_ascii().is_empty()) {
        return Err(HandshakeError::Extension);
    }
    Ok(())
}

/// The value of `Sec-WebSocket-Accept`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptKey([u8; 28]);

impl AcceptKey {
    /// The value as it stands in the header.
    pub fn as_str(&self) -> &str {
        as_ascii(&self.0)
    }
}

/// The value of `Sec-WebSocket-Key`: new and random for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientKey([u8; 24]);

impl ClientKey {
    /// A key of these bytes, which the caller draws.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(encode(&bytes))
    }

    /// The value as it stands in the header.
    pub fn as_str(&self) -> &str {
        as_ascii(&self.0)
    }

    /// The headers of the request, but for those that any HTTP request has.
    pub fn request_headers(&self) -> [(&'static str, &str); 4] {
        [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", VERSION),
            ("sec-websocket-key", self.as_str()),
        ]
    }
}

/// Why a handshake is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeError {
    /// `Upgrade` does not name `websocket`.
    Upgrade,
    /// `Connection` does not name `Upgrade`.
    Connection,
    /// `Sec-WebSocket-Version` is not [`VERSION`], or is there twice.
    Version,
    /// `Sec-WebSocket-Key` is not the base64 of 16 bytes, or is there twice.
    Key,
    /// `Sec-WebSocket-Accept` does not answer the key.
    Accept,
    /// The server chose an extension though none was offered.
    Extension,
    /// The server answered with this status instead of 101.
    Status(u16),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upgrade => f.write_str("invalid Upgrade header"),
            Self::Connection => f.write_str("invalid Connection header"),
            Self::Version => f.write_str("missing or invalid Sec-WebSocket-Version header"),
            Self::Key => f.write_str("missing or invalid Sec-WebSocket-Key header"),
            Self::Accept => f.write_str("invalid Sec-WebSocket-Accept header"),
            Self::Extension => f.write_str("unexpected Sec-WebSocket-Extensions header"),
            Self::Status(status) => write!(f, "unexpected status {status}"),
        }
    }
}

impl Error for HandshakeError {}

/// The version of the protocol, as it stands in the header. A server names it when it refuses another.
pub const VERSION: &str = "13";

fn has_token<'h>(values: impl IntoIterator<Item = &'h [u8]>, token: &[u8]) -> bool {
    let mut tokens = values.into_iter().flat_map(|value| value.split(|&byte| byte == b','));
    tokens.any(|it| it.trim_ascii().eq_ignore_ascii_case(token))
}

fn only<'h>(values: impl IntoIterator<Item = &'h [u8]>) -> Option<&'h [u8]> {
    let mut values = values.into_iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.trim_ascii())
}

/// Sixteen bytes in base64. As in the reference, bits that the padding leaves over are not looked at.
fn is_key(key: &[u8]) -> bool {
    let Some((digits, b"==")) = key.split_last_chunk() else { return false };
    digits.len() == 22 && digits.iter().all(|&it| it.is_ascii_alphanumeric() || it == b'+' || it == b'/')
}

fn encode<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut encoded = [0; N];
    let len = STANDARD.encode_slice(bytes, &mut encoded);
    debug_assert_eq!(len, Ok(N), "the array has the size of the base64");
    encoded
}

fn as_ascii(base64: &[u8]) -> &str {
    str::from_utf8(base64).expect("base64 is ASCII")
}

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#[cfg(test)]
mod tests {
    use super::*;

    type Headers<'h> = Vec<(&'h str, &'h [u8])>;

    const KEY: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";

    fn request() -> Headers<'static> {
        vec![
            ("upgrade", b"websocket"),
            ("connection", b"Upgrade"),
            ("sec-websocket-version", b"13"),
            ("sec-websocket-key", KEY),
        ]
    }

    fn with<'h>(headers: Headers<'h>, name: &str, value: &'h [u8]) -> Headers<'h> {
        headers.into_iter().map(|it| if it.0 == name { (it.0, value) } else { it }).collect()
    }

    fn without<'h>(headers: Headers<'h>, name: &str) -> Headers<'h> {
        headers.into_iter().filter(|it| it.0 != name).collect()
    }

    fn lookup<'h>(headers: &Headers<'h>) -> impl Fn(&'static str) -> Vec<&'h [u8]> {
        |name| headers.iter().filter(|it| it.0 == name).map(|it| it.1).collect()
    }

    fn judged(headers: &Headers<'_>) -> Result<AcceptKey, HandshakeError> {
        accept(lookup(headers))
    }

    #[test]
    fn the_key_of_the_rfc_is_answered_as_there() {
        assert_eq!(judged(&request()).unwrap().as_str(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn tokens_are_found_in_lists_and_in_any_case() {
        let mut request = with(request(), "upgrade", b"h2c, WebSocket");
        request.insert(0, ("connection", b"keep-alive"));

        assert!(judged(&request).is_ok());
    }

    #[test]
    fn each_missing_header_is_named() {
        for (name, error) in [
            ("upgrade", HandshakeError::Upgrade),
            ("connection", HandshakeError::Connection),
            ("sec-websocket-version", HandshakeError::Version),
            ("sec-websocket-key", HandshakeError::Key),
        ] {
            assert_eq!(judged(&without(request(), name)), Err(error));
            assert_eq!(judged(&with(request(), name, b"\xff\x00")), Err(error));
        }
    }

    #[test]
    fn other_versions_are_refused() {
        for version in [&b""[..], b"8", b"12", b"14", b"013", b"13, 8"] {
            let request = with(request(), "sec-websocket-version", version);
            assert_eq!(judged(&request), Err(HandshakeError::Version));
        }
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64() {
        for key in [&b""[..], b"==", b"dGhlIHNhbXBsZSBub25jZQ", b"dGhlIHNhbXBsZSBub25jZ!==", &[b'A'; 24]] {
            assert_eq!(judged(&with(request(), "sec-websocket-key", key)), Err(HandshakeError::Key));
        }
    }

    #[test]
    fn a_key_sent_twice_is_refused() {
        let mut request = request();
        request.push(("sec-websocket-key", KEY));

        assert_eq!(judged(&request), Err(HandshakeError::Key));
    }

    fn answer(accept: &AcceptKey) -> Headers<'_> {
        vec![
            ("upgrade", b"websocket"),
            ("connection", b"upgrade"),
            ("sec-websocket-accept", accept.as_str().as_bytes()),
        ]
    }

    #[test]
    fn a_client_accepts_the_answer_to_its_request() {
        let key = ClientKey::from_random(*b"the sample nonce");
        let request: Headers<'_> =
            key.request_headers().into_iter().map(|(name, value)| (name, value.as_bytes())).collect();

        let accept = judged(&request).unwrap();

        assert_eq!(key.as_str().as_bytes(), KEY);
        assert_eq!(verify(&key, 101, lookup(&answer(&accept))), Ok(()));
    }

    #[test]
    fn a_client_refuses_answers_to_anything_else() {
        let key = ClientKey::from_random([7; 16]);
        let (right, wrong) = (accept_key(key.as_str().as_bytes()), accept_key(KEY));
        let mut extended = answer(&right);
        extended.push(("sec-websocket-extensions", b"permessage-deflate"));

        assert_eq!(verify(&key, 200, lookup(&answer(&right))), Err(HandshakeError::Status(200)));
        assert_eq!(verify(&key, 101, lookup(&answer(&wrong))), Err(HandshakeError::Accept));
        assert_eq!(verify(&key, 101, lookup(&extended)), Err(HandshakeError::Extension));
        for (name, error) in [
            ("upgrade", HandshakeError::Upgrade),
            ("connection", HandshakeError::Connection),
            ("sec-websocket-accept", HandshakeError::Accept),
        ] {
            assert_eq!(verify(&key, 101, lookup(&without(answer(&right), name))), Err(error));
        }
    }
}
