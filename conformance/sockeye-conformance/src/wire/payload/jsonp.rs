//! Payloads for pages that load scripts instead of making requests: answers are calls, bodies are forms.

use crate::wire::Error;

/// The payload in an answer: `___eio[0]("…");`, where the index is what the request had as `j`.
///
/// ```
/// use sockeye_conformance::wire::payload::jsonp;
///
/// assert_eq!(jsonp::payload_of(br#"___eio[7]("6:4a\"b\n\u2028");"#, "7").unwrap(), "6:4a\"b\n\u{2028}");
/// assert!(jsonp::payload_of(br#"___eio[7]("1:6");"#, "0").is_err());
/// ```
///
/// # Errors
/// [`Error::Malformed`]
pub fn payload_of(body: &[u8], index: &str) -> Result<String, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::malformed("a script that is no UTF-8"))?;
    let wrong = || Error::malformed(format!("script for the index {index}: {text}"));
    let call = text.strip_prefix(&format!("___eio[{index}](")).ok_or_else(wrong)?;
    // What JSON has as a string, scripts read as the same string, two characters aside that no case sends without reason.
    let string = call.strip_suffix(");").ok_or_else(wrong)?;
    serde_json::from_str(string).map_err(|_| wrong())
}

/// The body of a POST: `d=…`, escaped as clients do it. A form cannot carry line breaks faithfully, so these become `\n`,
/// and what already looks so gets a second backslash.
///
/// ```
/// use sockeye_conformance::wire::payload::jsonp;
///
/// assert_eq!(jsonp::form_of("4:4 €\n"), "d=4%3A4+%E2%82%AC%5Cn");
/// assert_eq!(jsonp::form_of(r"3:4\n"), "d=3%3A4%5C%5Cn");
/// ```
pub fn form_of(payload: &str) -> String {
    let escaped = payload.replace(r"\n", r"\\n").replace('\n', r"\n");
    let encoded: String = escaped.bytes().map(form_byte).collect();
    format!("d={encoded}")
}

fn form_byte(byte: u8) -> String {
    match byte {
        b' ' => "+".to_owned(),
        _ if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}
