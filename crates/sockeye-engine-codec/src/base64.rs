//! Base64 as Node writes and reads it.
//!
//! Writing is the standard alphabet with padding. Reading takes what Node's `Buffer.from(text, "base64")` takes: both
//! alphabets, any or no padding, and foreign characters, which count for nothing; it ends at the first `=`.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use bytes::Bytes;

/// Appends the mark that tells base64 from other packets, and the data.
pub(crate) fn push(text: &mut String, mark: &str, data: &[u8]) {
    text.reserve(encoded_len(mark, data));
    text.push_str(mark);
    BASE64_STANDARD.encode_string(data, text);
}

/// How many characters [`push`] appends.
pub(crate) fn encoded_len(mark: &str, data: &[u8]) -> usize {
    mark.len() + data.len().div_ceil(3) * 4
}

/// Reads base64 from any text; there is no text that it cannot read.
pub(crate) fn read(text: &[u8]) -> Bytes {
    match WELL_FORMED.decode(text) {
        Ok(data) => data.into(),
        Err(_) => read_leniently(text).into(),
    }
}

fn read_leniently(text: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let mut bits = 0_u32;
    let mut digits = 0_u8;
    let until_padding = text.iter().take_while(|&&byte| byte != b'=');
    for digit in until_padding.filter_map(|&byte| digit(byte)) {
        bits = (bits << 6) | u32::from(digit);
        digits += 1;
        if digits == 4 {
            data.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, digits) = (0, 0);
        }
    }
    // Two digits left make one byte, three make two, and one alone makes none.
    let [_, first, second, _] = (bits << (6 * (4 - u32::from(digits)))).to_be_bytes();
    data.extend_from_slice(&[first, second][..usize::from(digits.saturating_sub(1))]);
    data
}

/// The value of a digit in either alphabet.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The fast way, for what well-behaved peers send.
const WELL_FORMED: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;

    fn written(data: &[u8]) -> String {
        let mut text = String::new();
        push(&mut text, "b", data);
        assert_eq!(text.len(), encoded_len("b", data));
        text
    }

    #[test]
    fn writing_is_standard_and_padded() {
        assert_eq!(written(b""), "b");
        assert_eq!(written(&[0xfb]), "b+w==");
        assert_eq!(written(&[0xff, 0xff]), "b//8=");
        assert_eq!(written(&[1, 2, 3]), "bAQID");
    }

    /// Each result is Node's own.
    #[test]
    fn reading_takes_what_node_takes() {
        for (text, data) in [
            ("AQIDBA==", &[1, 2, 3, 4][..]),
            ("AQIDBA", &[1, 2, 3, 4]),
            ("-_8", &[0xfb, 0xff]),
            ("A Q\nI*D", &[1, 2, 3]),
            ("AQ==IDBA", &[1]),
            ("AQID==BAUG", &[1, 2, 3]),
            ("A=Q=I=D=", &[]),
            ("A", &[]),
            ("AQI", &[1, 2]),
            ("AR", &[1]),
            ("====", &[]),
            ("éAQID€", &[1, 2, 3]),
            ("", &[]),
        ] {
            assert_eq!(read(text.as_bytes()), data, "{text}");
        }
    }
}
