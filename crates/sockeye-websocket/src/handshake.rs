//! The opening handshake: what a request must have, and what the answer says. How both travel is the affair of whoever
//! speaks HTTP.
//!
//! A server has [`accept`] for that, a client a [`Challenge`].

use std::fmt;

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
    if first("sec-websocket-version") != Some(VERSION.as_bytes()) {
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

/// A client's side of one handshake: it says what the request must have, and knows which answer belongs to it.
///
/// What both sides agree upon beside that is the caller's: extensions by `PerMessageDeflate`, subprotocols by
/// [`check_protocol`].
///
/// ```
/// use sockeye_websocket::handshake::Challenge;
///
/// let challenge = Challenge::new([7; 16]); // in earnest, from the system's generator
/// let request = challenge.headers();
/// assert_eq!(request[0], ("connection", "Upgrade"));
///
/// let answer = |name: &str| match name {
///     "upgrade" => Some(&b"websocket"[..]),
///     "connection" => Some(&b"Upgrade"[..]),
///     "sec-websocket-accept" => Some(&b"CdXSYUsvsaMthlEXWDNURGWA/1o="[..]),
///     _ => None,
/// };
/// assert_eq!(challenge.check(101, answer), Ok(()));
/// ```
#[derive(Clone, Debug)]
pub struct Challenge {
    key: String,
}

impl Challenge {
    /// A handshake with sixteen bytes that were not used for another one. They need not be secret: they show that the
    /// answer was made for this request, and not kept from an earlier one.
    pub fn new(random: [u8; 16]) -> Self {
        Self { key: BASE64_STANDARD.encode(random) }
    }

    /// The headers that make a GET request one for a WebSocket, their names in lower case.
    pub fn headers(&self) -> [(&'static str, &str); 4] {
        [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", VERSION),
            ("sec-websocket-key", &self.key),
        ]
    }

    /// Checks the answer, whose headers `header` looks up as for [`accept`].
    ///
    /// # Errors
    /// If there is no WebSocket behind it.
    pub fn check<'a, V>(&self, status: u16, header: impl Fn(&'static str) -> V) -> Result<(), AnswerError>
    where
        V: IntoIterator<Item = &'a [u8]>,
    {
        let first = |name| header(name).into_iter().next().map(<[u8]>::trim_ascii);
        if status != SWITCHING_PROTOCOLS {
            return Err(AnswerError::Status(status));
        }
        if !header("connection").into_iter().any(has_upgrade) {
            return Err(AnswerError::Connection);
        }
        if !first("upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket")) {
            return Err(AnswerError::Upgrade);
        }
        if first("sec-websocket-accept") != Some(accept_key(self.key.as_bytes()).as_bytes()) {
            return Err(AnswerError::Accept);
        }
        Ok(())
    }
}

/// Checks the subprotocol that an answer names, if it names one, against those that the request has offered.
///
/// A server that chooses none is no error (RFC 6455, 4.1), though the `ws` library makes it one.
///
/// # Errors
/// If it was not offered.
pub fn check_protocol(answer: Option<&[u8]>, offered: &[impl AsRef<str>]) -> Result<(), AnswerError> {
    let is_offered = |name: &[u8]| offered.iter().any(|offer| offer.as_ref().as_bytes() == name);
    if answer.map(<[u8]>::trim_ascii).is_none_or(is_offered) { Ok(()) } else { Err(AnswerError::Protocol) }
}

/// Why there is no WebSocket behind an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// It has this status instead of 101.
    Status(u16),
    /// The header `Connection` does not say that the connection is upgraded.
    Connection,
    /// The header `Upgrade` names something else.
    Upgrade,
    /// The header `Sec-WebSocket-Accept` is the answer to another request, or to none.
    Accept,
    /// The server has chosen a subprotocol that it was not offered.
    Protocol,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "unexpected status {status}"),
            Self::Connection => f.write_str("invalid Connection header"),
            Self::Upgrade => f.write_str("invalid Upgrade header"),
            Self::Accept => f.write_str("invalid Sec-WebSocket-Accept header"),
            Self::Protocol => f.write_str("a subprotocol was chosen that was not offered"),
        }
    }
}

impl std::error::Error for AnswerError {}

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

const VERSION: &str = "13";
const SWITCHING_PROTOCOLS: u16 = 101;
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
    /// The answer to the RFC's example, but for one header.
    fn check_answer(
        status: u16,
        name: &'static str,
        value: Option<&'static [u8]>,
    ) -> Result<(), AnswerError> {
        let challenge = Challenge::new(*b"the sample nonce");
        let good: [(&str, &[u8]); 3] = [
            ("connection", b"Upgrade"),
            ("upgrade", b"websocket"),
            ("sec-websocket-accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ];
        challenge.check(status, |asked| {
            let good = good.iter().find(|(name, _)| *name == asked).map(|(_, value)| *value);
            if asked == name { value } else { good }
        })
    }

    #[test]
    fn a_client_asks_as_the_rfc_does() {
        let challenge = Challenge::new(*b"the sample nonce");

        assert!(challenge.headers().contains(&("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")));
        let header = |name| challenge.headers().into_iter().filter(move |(key, _)| *key == name);
        assert!(accept(|name| header(name).map(|(_, value)| value.as_bytes())).is_ok());
    }

    #[test]
    fn an_answer_has_its_status_and_three_headers() {
        assert_eq!(check_answer(101, "", None), Ok(()));
        for status in [200, 302, 400, 426, 503] {
            assert_eq!(check_answer(status, "", None), Err(AnswerError::Status(status)));
        }
        for (name, error) in [
            ("connection", AnswerError::Connection),
            ("upgrade", AnswerError::Upgrade),
            ("sec-websocket-accept", AnswerError::Accept),
        ] {
            assert_eq!(check_answer(101, name, None), Err(error));
            assert_eq!(check_answer(101, name, Some(b"other")), Err(error));
        }
    }

    #[test]
    fn names_in_an_answer_may_be_of_any_case_but_the_accept_key_may_not() {
        assert_eq!(check_answer(101, "upgrade", Some(b" WebSocket ")), Ok(()));
        assert_eq!(check_answer(101, "connection", Some(b"keep-alive, upgrade")), Ok(()));
        let other_case = Some(&b"S3PPLMBITXAQ9KYGZZHZRBK+XOO="[..]);
        assert_eq!(check_answer(101, "sec-websocket-accept", other_case), Err(AnswerError::Accept));
    }

    #[test]
    fn a_subprotocol_is_one_of_those_offered_or_none() {
        assert_eq!(check_protocol(None, &["chat"]), Ok(()));
        assert_eq!(check_protocol(Some(b"chat"), &["superchat", "chat"]), Ok(()));
        assert_eq!(check_protocol(Some(b"Chat"), &["chat"]), Err(AnswerError::Protocol));
        assert_eq!(check_protocol(Some(b"chat"), &[""; 0]), Err(AnswerError::Protocol));
    }
}
