//! The parameters of a request.

use std::borrow::Cow;

/// The query of a request, as far as the engine cares. Of a parameter that is given twice the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query<'a> {
    /// `transport`: what the client wants to speak on.
    pub transport: Option<Cow<'a, str>>,
    /// `EIO`: the revision that it speaks.
    pub eio: Option<Cow<'a, str>>,
    /// `sid`: the session; one that is empty counts as none.
    pub sid: Option<Cow<'a, str>>,
    /// `b64`: if it is not empty, the client cannot take binary messages.
    pub b64: Option<Cow<'a, str>>,
    /// `j`: the client wants its polls answered as scripts, also if it is empty.
    pub j: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    /// Reads a query, without its question mark. There is nothing that cannot be read.
    pub fn parse(query: &'a str) -> Self {
        let mut parsed = Self::default();
        let mut rest = Some(query);
        while let Some(pairs) = rest {
            let Pair { name, value, is_encoded, others } = Pair::first(pairs);
            rest = others;
            let plain = |text: &'a str| if is_encoded { decode(text) } else { Cow::Borrowed(text) };
            let field = match &*plain(name) {
                "transport" => &mut parsed.transport,
                "EIO" => &mut parsed.eio,
                "sid" => &mut parsed.sid,
                "b64" => &mut parsed.b64,
                "j" => &mut parsed.j,
                _ => continue,
            };
            *field = Some(plain(value));
        }
        parsed.sid = parsed.sid.filter(|sid| !sid.is_empty());
        parsed
    }

    /// Whether the client takes binary messages as they are.
    pub fn takes_binary(&self) -> bool {
        self.b64.as_ref().is_none_or(|value| value.is_empty())
    }
}

/// One parameter as it stands in a query.
struct Pair<'a> {
    name: &'a str,
    /// Empty as well if there is no `=`.
    value: &'a str,
    is_encoded: bool,
    /// What follows the `&` behind it, if there is one.
    others: Option<&'a str>,
}

impl<'a> Pair<'a> {
    /// Every byte is looked at once; queries are short.
    fn first(query: &'a str) -> Self {
        let (mut equals, mut end, mut is_encoded) = (None, query.len(), false);
        for (at, byte) in query.bytes().enumerate() {
            match byte {
                b'&' => {
                    end = at;
                    break;
                }
                b'=' => equals = equals.or(Some(at)),
                b'%' | b'+' => is_encoded = true,
                _ => {}
            }
        }
        let pair = &query[..end];
        let (name, value) = equals.map_or((pair, ""), |at| (&pair[..at], &pair[at + 1..]));
        Self { name, value, is_encoded, others: query.get(end + 1..) }
    }
}

/// Undoes the encoding of forms: `+` is a space, `%` and two digits are a byte.
fn decode(text: &str) -> Cow<'_, str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        (bytes, rest) = match (first, escaped(behind)) {
            (b'%', Some(byte)) => (pushed(bytes, byte), &behind[2..]),
            (b'+', _) => (pushed(bytes, b' '), behind),
            (other, _) => (pushed(bytes, *other), behind),
        };
    }
    match String::from_utf8(bytes) {
        Ok(text) => Cow::Owned(text),
        Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

fn escaped(behind: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_parameters_counts() {
        let query = Query::parse("transport=a&EIO=4&t=x&transport=b&sid=s&sid=");

        assert_eq!(query.transport.as_deref(), Some("b"));
        assert_eq!(query.eio.as_deref(), Some("4"));
        assert_eq!(query.sid, None);
    }

    #[test]
    fn values_are_decoded() {
        for (text, value) in [
            ("a%2Bb+c", "a+b c"),
            ("%e2%82%ac", "€"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz", "%zz"),
            ("%ff", "\u{fffd}"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(decode(text), value);
        }
        assert_eq!(Query::parse("%73id=x").sid.as_deref(), Some("x"));
    }

    #[test]
    fn only_a_b64_with_a_value_forbids_binary() {
        assert!(Query::parse("").takes_binary());
        assert!(Query::parse("b64").takes_binary());
        assert!(!Query::parse("b64=0").takes_binary());
    }
}
