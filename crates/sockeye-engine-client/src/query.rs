//! The parameters that stand in every request.

/// Names and values, decoded, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands behind a question mark. What is not encoded as it should be is taken as it is.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.set(&decode(name), &decode(value));
        }
        query
    }

    /// Gives a name a value; it keeps its place if it had one.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, former)) => value.clone_into(former),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Without these names.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| !names.contains(&&**name));
        self
    }

    /// Appends all of it, with an `&` behind each pair.
    pub(crate) fn write(&self, text: &mut String) {
        for (name, value) in &self.0 {
            encode(name, text);
            text.push('=');
            encode(value, text);
            text.push('&');
        }
    }
}

/// As `encodeURIComponent`.
pub(crate) fn encode(part: &str, text: &mut String) {
    for &byte in part.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.extend([byte >> 4, byte & 15].map(|digit| char::from(HEX[usize::from(digit)])));
        }
    }
}

/// As `decodeURIComponent`, which would throw where this leaves something as it is.
fn decode(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, behind @ ..] = rest {
        let decoded = (*first == b'%').then(|| hex_pair(behind)).flatten();
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| part.to_owned())
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let [high, low] = bytes.first_chunk()?;
    Some(digit(*high)? << 4 | digit(*low)?)
}

const HEX: [u8; 16] = *b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        let mut written = String::new();
        Query::parse(text).write(&mut written);
        written
    }

    #[test]
    fn pairs_are_decoded_and_encoded_again() {
        for (text, written) in [
            ("", ""),
            ("a=b", "a=b&"),
            ("a=b&c", "a=b&c=&"),
            ("&a=1&&b=2=3&", "a=1&b=2%3D3&"),
            ("a=%C3%a9&b=é", "a=%C3%A9&b=%C3%A9&"),
            ("a=1+2", "a=1%2B2&"),
            ("a=-_.!~*'()", "a=-_.!~*'()&"),
        ] {
            assert_eq!(rewritten(text), written, "{text}");
        }
    }

    #[test]
    fn the_last_value_of_a_name_stands_at_its_first_place() {
        assert_eq!(rewritten("a=1&b=2&a=3"), "a=3&b=2&");
    }

    #[test]
    fn what_is_wrongly_encoded_stays() {
        for text in ["%", "%4", "%zz", "%ff", "%+1"] {
            assert_eq!(decode(text), text);
        }
    }
}
