//! The parameters of a URL, and the fields of a form.

use std::borrow::Cow;

/// Decoded pairs of the part of a URL behind the question mark, as browsers write forms.
pub(crate) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// Of a whole URL or of its path and query.
    pub(crate) fn of_url(url: &'a str) -> Self {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        Self(query.split('#').next().unwrap_or_default())
    }

    /// Of what stands behind the question mark.
    pub(crate) fn new(query: &'a str) -> Self {
        Self(query)
    }

    /// Of a form that was submitted: it is written in the same way.
    pub(crate) fn of_form(form: &'a str) -> Self {
        Self(form)
    }
}

impl<'a> Iterator for Query<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let (pair, rest) = self.0.split_once('&').unwrap_or((self.0, ""));
            self.0 = rest;
            if !pair.is_empty() {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                return Some((decode(key), decode(value)));
            }
        }
        None
    }
}

/// The decoded pairs of a query, which is what stands behind the question mark of a URL.
///
/// ```
/// let pairs: Vec<_> = sockeye_engine_server::query_pairs("name=a+b&x").collect();
/// assert_eq!(pairs, [("name".into(), "a b".into()), ("x".into(), "".into())]);
/// ```
pub fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    Query::new(query)
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, escaped(tail)) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

fn escaped(text: &[u8]) -> Option<u8> {
    let (high, low) = (*text.first()?, *text.get(1)?);
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(url: &str) -> Vec<(String, String)> {
        Query::of_url(url).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
    }

    #[test]
    fn pairs_are_decoded_in_order() {
        assert_eq!(
            pairs("/?a=%C3%A9&&b&c=1=2&d=x+y#part"),
            [("a", "é"), ("b", ""), ("c", "1=2"), ("d", "x y")].map(|(k, v)| (k.into(), v.into()))
        );
    }

    #[test]
    fn broken_escapes_stay_and_broken_text_is_replaced() {
        assert_eq!(
            pairs("/?a=%4&b=%zz&c=%ff"),
            [("a", "%4"), ("b", "%zz"), ("c", "\u{fffd}")].map(|(k, v)| (k.into(), v.into()))
        );
    }

    #[test]
    fn a_url_without_a_question_mark_has_no_parameters() {
        assert!(pairs("/engine.io/").is_empty());
    }
}
