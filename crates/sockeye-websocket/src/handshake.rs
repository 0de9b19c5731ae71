//! The opening handshake: what a request must have, and what the answer says.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha1_smol::Sha1;

/// Checks a client's request, whose headers `header` looks up by their names in lower case. Gives the value of
/// `Sec-WebSocket-Accept`.
///
/// # Errors
/// What is wrong with the request, in words for its answer with status 400.
pub fn accept<'a>(header: impl Fn(&str) -> Option<&'a [u8]>) -> Result<String, &'static str> {
    if !header("upgrade").is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"websocket")) {
        return Err("Invalid Upgrade header");
    }
    if header("sec-websocket-version").map(<[u8]>::trim_ascii) != Some(b"13") {
        return Err("Missing or invalid Sec-WebSocket-Version header");
    }
    let key = header("sec-websocket-key").map(<[u8]>::trim_ascii).filter(|key| is_key(key));
    key.map(accept_key).ok_or("Missing or invalid Sec-WebSocket-Key header")
}

/// The answer to a key of a client.
pub fn accept_key(key: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    BASE64_STANDARD.encode(hash.digest().bytes())
}

/// Sixteen bytes in base64.
fn is_key(key: &[u8]) -> bool {
    key.len() == 24
        && key.ends_with(b"==")
        && key[..22].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &'static [u8])]) -> Result<String, &'static str> {
        accept(|name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value))
    }

    #[test]
    fn the_example_of_the_rfc_is_answered() {
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_request_needs_all_three_headers() {
        let good: [(&str, &[u8]); 3] = [
            ("upgrade", b"WebSocket"),
            ("sec-websocket-version", b"13"),
            ("sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        assert!(check(&good).is_ok());
        for missing in 0..3 {
            let mut headers = good.to_vec();
            headers.remove(missing);
            assert!(check(&headers).is_err());
        }
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64_and_no_text_is_assumed() {
        for key in [
            &b"short"[..],
            b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0\xef\xee\xed\xec\xeb\xea==",
        ] {
            let leaked: &'static [u8] = Box::leak(key.to_vec().into_boxed_slice());
            let headers = [
                ("upgrade", &b"websocket"[..]),
                ("sec-websocket-version", b"13"),
                ("sec-websocket-key", leaked),
            ];
            assert!(check(&headers).is_err());
        }
    }
}
