//! The header `Sec-WebSocket-Extensions` as it is written (RFC 6455, 9.1).

use std::fmt;

/// One extension that is offered, or that was agreed to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extension<'a> {
    pub(super) name: &'a str,
    /// Names and values in their order. A value in quotes stands here without them.
    pub(super) params: Vec<(&'a str, Option<String>)>,
}

/// A header `Sec-WebSocket-Extensions` with which no WebSocket comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtensionsError {
    /// It is not written as the protocol wants it. A server answers with status 400.
    Malformed,
    /// The server has agreed to something that it was not offered.
    NotOffered,
}

impl fmt::Display for ExtensionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed extensions",
            Self::NotOffered => "extensions were agreed to that were not offered",
        })
    }
}

impl std::error::Error for ExtensionsError {}

/// Reads all lines of the header.
pub(super) fn parse<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Extension<'a>>, ExtensionsError> {
    let mut extensions = Vec::new();
    for line in lines {
        let line = std::str::from_utf8(line).map_err(|_| ExtensionsError::Malformed)?;
        parse_line(line, &mut extensions).ok_or(ExtensionsError::Malformed)?;
    }
    Ok(extensions)
}

fn parse_line<'a>(line: &'a str, extensions: &mut Vec<Extension<'a>>) -> Option<()> {
    let mut rest = Rest(line);
    loop {
        let mut extension = Extension { name: rest.token()?, params: Vec::new() };
        rest.skip_space();
        while rest.takes(';') {
            let name = rest.token()?;
            let value = if rest.takes('=') { Some(rest.value()?) } else { None };
            extension.params.push((name, value));
            rest.skip_space();
        }
        extensions.push(extension);
        if rest.0.is_empty() {
            return Some(());
        }
        if !rest.takes(',') {
            return None;
        }
    }
}

/// What of a line is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// A token, which space may precede.
    fn token(&mut self) -> Option<&'a str> {
        self.skip_space();
        self.word()
    }

    fn word(&mut self) -> Option<&'a str> {
        let end = self.0.find(|letter| !is_token(letter)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    /// A token, or in quotes what is one without them.
    fn value(&mut self) -> Option<String> {
        if self.takes('"') { self.quoted() } else { self.word().map(str::to_owned) }
    }

    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut letters = self.0.chars();
        loop {
            match letters.next()? {
                '"' if !value.is_empty() => break,
                '\\' => value.push(letters.next().filter(|&letter| is_token(letter))?),
                letter if is_token(letter) => value.push(letter),
                _ => return None,
            }
        }
        self.0 = letters.as_str();
        Some(value)
    }

    fn takes(&mut self, mark: char) -> bool {
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
}

fn is_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lines: &[&'static str]) -> Result<Vec<&'static str>, ExtensionsError> {
        let extensions = parse(lines.iter().map(|line| line.as_bytes()))?;
        Ok(extensions.iter().map(|extension| extension.name).collect())
    }

    #[test]
    fn extensions_stand_in_one_line_or_several() {
        assert_eq!(names(&["a, b;c ,\td"]), Ok(vec!["a", "b", "d"]));
        assert_eq!(names(&["a,b", "a"]), Ok(vec!["a", "b", "a"]));
        assert_eq!(names(&[]), Ok(vec![]));
    }

    #[test]
    fn parameters_have_values_or_none_and_quotes_are_taken_off() {
        let extensions = parse([&b"x; a; b=1 ; c=\"2\";d=\"\\3\\4\"; a"[..]]).unwrap();

        let value = |text: &str| Some(text.to_owned());
        let expected =
            vec![("a", None), ("b", value("1")), ("c", value("2")), ("d", value("34")), ("a", None)];
        assert_eq!(extensions, [Extension { name: "x", params: expected }]);
    }

    #[test]
    fn what_the_grammar_does_not_know_is_an_error() {
        let lines = [
            "",
            " ",
            ",",
            "a,",
            ",a",
            "a,,b",
            ";",
            "a;",
            "a;;b",
            "a;,b",
            "a b",
            "a;b c",
            "a;=",
            "a;b=",
            "a;b= 1",
            "a;b =1",
            "a;b=1 2",
            "a;b=\"",
            "a;b=\"\"",
            "a;b=\"1",
            "a;b=\"1\"2",
            "a;b=\"1 2\"",
            "a;b=\"\\\"\"",
            "a;b=\\1",
            "a;b=1=2",
            "a/b",
            "é",
        ];
        for line in lines {
            assert_eq!(names(&[line]), Err(ExtensionsError::Malformed), "{line}");
        }
        assert_eq!(names(&["a", ""]), Err(ExtensionsError::Malformed));
        assert!(parse([&b"a\xff"[..]]).is_err());
    }
}
