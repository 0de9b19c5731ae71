//! A message as a line: `t` and the text, or `b` and the bytes in Base64.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sockeye_transport::{ErrorKind, Message, TransportError};

/// Appends the line of a message.
pub(crate) fn encode(message: &Message, line: &mut Vec<u8>) -> Result<(), TransportError> {
    match message {
        Message::Text(text) if text.contains('\n') => return Err(TransportError::new(ErrorKind::Unsendable)),
        Message::Text(text) => line.extend([b"t", text.as_bytes()].concat()),
        Message::Binary(bytes) => line.extend(format!("b{}", BASE64_STANDARD.encode(bytes)).bytes()),
    }
    line.push(b'\n');
    Ok(())
}

/// Reads a line without its end.
pub(crate) fn decode(line: &[u8]) -> Result<Message, TransportError> {
    let malformed = || TransportError::new(ErrorKind::Malformed);
    match line.split_first() {
        Some((b't', text)) => Ok(std::str::from_utf8(text).map_err(|_| malformed())?.into()),
        Some((b'b', base64)) => Ok(BASE64_STANDARD.decode(base64).map_err(|_| malformed())?.into()),
        _ => Err(malformed()),
    }
}

/// How long a line of the peer may be.
pub(crate) const LONGEST: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: impl Into<Message>) -> Result<Vec<u8>, ErrorKind> {
        let mut line = Vec::new();
        encode(&message.into(), &mut line).map_err(|error| error.kind())?;
        Ok(line)
    }

    #[test]
    fn a_message_is_a_line_and_back() {
        assert_eq!(line("hello").unwrap(), b"thello\n");
        assert_eq!(line(vec![1, 2, 3]).unwrap(), b"bAQID\n");
        assert_eq!(decode(b"thello").unwrap(), "hello".into());
        assert_eq!(decode(b"bAQID").unwrap(), vec![1, 2, 3].into());
    }

    #[test]
    fn text_of_two_lines_is_not_sent() {
        assert_eq!(line("two\nlines"), Err(ErrorKind::Unsendable));
    }

    #[test]
    fn a_line_that_is_no_message_is_malformed() {
        for line in [&b"hello"[..], b"", b"b%%%", b"t\xff"] {
            assert_eq!(decode(line).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }
}
