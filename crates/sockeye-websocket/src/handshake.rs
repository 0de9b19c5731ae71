//! The opening handshake: what a request must have, and what the answer says.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha1_smol::Sha1;

/// Checks a client's request, whose headers `header` looks up by their names in lower case: all their values, for the
/// tokens of `Connection` may stand in several lines, or the only one. Gives the value of `Sec-WebSocket-Accept`.
///
/// # Errors
/// What is wrong with the request, in words for its answer with status 400.
pub fn accept<'a, V>(header: impl Fn(&'static str) -> V) -> Result<String, &'static str>
where
    V: IntoIterator<Item = &'a [u8]>,
{
    let first = |name| header(name).into_iter().next().map(<[u8]>::trim_ascii);
    if !header("connection").into_iter().any(has_upgrade) {
        return Err("Invalid Connection header");
    }
    if !first("upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket")) {
        return Err("Invalid Upgrade header");
    }
    if first("sec-websocket-version") != Some(b"13") {
        return Err("Missing or invalid Sec-WebSocket-Version header");
    }
    let key = first("sec-websocket-key").filter(|key| is_key(key));
    key.map(accept_key).ok_or("Missing or invalid Sec-WebSocket-Key header")
}

/// The answer to a key of a client.
pub fn accept_key(key: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    BASE64_STANDARD.encode(hash.digest().bytes())
}

/// Whether `upgrade` is one of the tokens.
fn has_upgrade(tokens: &[u8]) -> bool {
    tokens.split(|&byte| byte == b',').any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
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

    const GOOD: [(&str, &[u8]); 4] = [
        ("connection", b"Upgrade"),
        ("upgrade", b"WebSocket"),
        ("sec-websocket-version", b"13"),
        ("sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    fn check(headers: &[(&str, &'static [u8])]) -> Result<String, &'static str> {
        accept(|name| headers.iter().filter(move |(key, _)| *key == name).map(|&(_, value)| value))
    }

    /// A good request, but for the lines of one header.
    fn check_with(name: &'static str, values: &[&'static [u8]]) -> Result<String, &'static str> {
        let others = GOOD.into_iter().filter(|(key, _)| *key != name);
        check(&others.chain(values.iter().map(|value| (name, *value))).collect::<Vec<_>>())
    }

    #[test]
    fn the_example_of_the_rfc_is_answered() {
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_request_needs_all_four_headers() {
        assert!(check(&GOOD).is_ok());
        for (name, _) in GOOD {
            assert!(check_with(name, &[]).is_err(), "{name}");
        }
    }

    #[test]
    fn the_connection_is_to_be_upgraded_among_other_things() {
        for lines in [&[&b"upgrade"[..]][..], &[b"keep-alive, UPGRADE"], &[b"keep-alive", b"Upgrade"]] {
            assert!(check_with("connection", lines).is_ok(), "{lines:?}");
        }
        for lines in [&[&b"keep-alive"[..]][..], &[b"upgrades"], &[b"no upgrade"], &[b""], &[b"\xff"]] {
            assert_eq!(check_with("connection", lines), Err("Invalid Connection header"), "{lines:?}");
        }
    }

    #[test]
    fn a_single_value_is_a_lookup_too() {
        let header = |name: &str| GOOD.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value);

        assert!(accept(header).is_ok());
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64_and_no_text_is_assumed() {
        for key in [
            &b"short"[..],
            b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0\xef\xee\xed\xec\xeb\xea==",
        ] {
            assert!(check_with("sec-websocket-key", &[key]).is_err());
        }
    }
}
