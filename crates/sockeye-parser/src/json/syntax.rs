//! Whether a text is JSON, and how deeply it is nested: found out in one pass that needs no memory.

use std::ops::Range;

use crate::DecodeError;

/// Whether the text is one JSON value whose arrays and objects are nested no deeper than the limit.
pub(crate) fn check_syntax(text: &str, limit: usize) -> Result<(), DecodeError> {
    let mut scan = Scan::new(text, limit);
    scan.value()?;
    Ok(scan.rest()?)
}

/// The same for an array whose first value is a string or a number, the name of an event. Gives where in the text the name
/// lies, quotation marks included, and where the values after it begin.
pub(super) fn check_event(text: &str, limit: usize) -> Result<(Range<usize>, usize), DecodeError> {
    let mut scan = Scan::new(text, limit);
    if scan.token() != Some(b'[') {
        return Err(Flaw::Syntax.into());
    }
    scan.open(0)?;
    let name = scan.name()?;
    let start = if scan.another_value()? {
        let start = scan.at;
        scan.value()?;
        start
    } else {
        scan.at - 1
    };
    scan.rest()?;
    Ok((name, start))
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
    depth: usize,
    /// A bit for each level, the innermost last: whether it is an object. No limit is above 127.
    objects: u128,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, limit: usize) -> Self {
        Self { bytes: text.as_bytes(), at: 0, limit, depth: 0, objects: 0 }
    }

    /// Reads what may follow a value.
    fn rest(&mut self) -> Result<(), Flaw> {
        while self.another_value()? {
            self.value()?;
        }
        if self.token().is_none() { Ok(()) } else { INVALID }
    }

    /// Reads a string or a number; gives its place.
    fn name(&mut self) -> Result<Range<usize>, Flaw> {
        let first = self.token().ok_or(Flaw::Syntax)?;
        let start = self.at - 1;
        match first {
            b'"' => self.string()?,
            _ => self.number(first)?,
        }
        Ok(start..self.at)
    }

    /// Reads a value that is no array or object, or the start of one that is, up to the first such value in it.
    fn value(&mut self) -> Result<(), Flaw> {
        loop {
            match self.token() {
                Some(b'"') => return self.string(),
                Some(b'{') => {
                    self.open(1)?;
                    match self.token() {
                        Some(b'"') => self.key()?,
                        Some(b'}') => {
                            self.close();
                            return Ok(());
                        }
                        _ => return INVALID,
                    }
                }
                Some(b'[') => {
                    self.open(0)?;
                    if self.peek() == Some(b']') {
                        self.at += 1;
                        self.close();
                        return Ok(());
                    }
                }
                Some(b't') => return self.literal(b"rue"),
                Some(b'f') => return self.literal(b"alse"),
                Some(b'n') => return self.literal(b"ull"),
                Some(first) => return self.number(first),
                None => return INVALID,
            }
        }
    }

    /// Reads what may follow a value; tells whether that is another value.
    fn another_value(&mut self) -> Result<bool, Flaw> {
        while self.depth > 0 {
            let in_object = self.objects & 1 == 1;
            match self.token() {
                Some(b',') if in_object => {
                    self.another_key()?;
                    return Ok(true);
                }
                Some(b',') => return Ok(true),
                Some(b'}') if in_object => self.close(),
                Some(b']') if !in_object => self.close(),
                _ => return Err(Flaw::Syntax),
            }
        }
        Ok(false)
    }

    fn open(&mut self, is_object: u128) -> Result<(), Flaw> {
        self.depth += 1;
        self.objects = self.objects << 1 | is_object;
        if self.depth > self.limit { Err(Flaw::Depth) } else { Ok(()) }
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.objects >>= 1;
    }

    fn another_key(&mut self) -> Result<(), Flaw> {
        if self.token() == Some(b'"') { self.key() } else { INVALID }
    }

    /// Reads a key, whose quotation mark has been read, and the colon.
    fn key(&mut self) -> Result<(), Flaw> {
        self.string()?;
        if self.token() == Some(b':') { Ok(()) } else { INVALID }
    }

    /// Reads a string whose first quotation mark has been read.
    fn string(&mut self) -> Result<(), Flaw> {
        loop {
            self.at += plain_run(&self.bytes[self.at..]);
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                _ => return INVALID,
            }
        }
    }

    /// Lone surrogates pass, as in JavaScript; they fail whoever reads them as text.
    fn escape(&mut self) -> Result<(), Flaw> {
        match self.next() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') if (0..4).all(|_| self.next().is_some_and(|byte| byte.is_ascii_hexdigit())) => Ok(()),
            _ => INVALID,
        }
    }

    fn literal(&mut self, rest: &[u8]) -> Result<(), Flaw> {
        if !self.bytes[self.at..].starts_with(rest) {
            return INVALID;
        }
        self.at += rest.len();
        Ok(())
    }

    /// Reads a number whose first character has been read.
    fn number(&mut self, first: u8) -> Result<(), Flaw> {
        match if first == b'-' { self.next() } else { Some(first) } {
            Some(b'0') => {}
            Some(b'1'..=b'9') => _ = self.digits(),
            _ => return INVALID,
        }
        if self.skip(|byte| byte == b'.') && !self.digits() {
            return INVALID;
        }
        if self.skip(|byte| matches!(byte, b'e' | b'E')) {
            self.skip(|byte| matches!(byte, b'+' | b'-'));
            return if self.digits() { Ok(()) } else { INVALID };
        }
        Ok(())
    }

    /// Reads digits; tells whether there were any.
    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.skip(|byte| byte.is_ascii_digit()) {}
        self.at > start
    }

    fn skip(&mut self, is_wanted: impl Fn(u8) -> bool) -> bool {
        let is_there = self.bytes.get(self.at).is_some_and(|byte| is_wanted(*byte));
        self.at += usize::from(is_there);
        is_there
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// The next byte that is no white space.
    fn token(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
        }
    }

    /// The same, but it stays the next one.
    fn peek(&mut self) -> Option<u8> {
        let byte = self.token();
        self.at -= usize::from(byte.is_some());
        byte
    }
}

/// What may be wrong with a text: as little as fits into a register, since every step of the scan gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Syntax,
    Depth,
}

impl From<Flaw> for DecodeError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Syntax => Self::InvalidPayload,
            Flaw::Depth => Self::TooDeep,
        }
    }
}

/// How many bytes the text of a string goes on for before something ends or escapes it. Eight are looked at together.
fn plain_run(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (at, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let ends_run = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
    words.len() * 8 + rest.iter().position(ends_run).unwrap_or(rest.len())
}

/// The top bit of each byte that is a quotation mark, a backslash or below 0x20: each such byte, and none else, borrows
/// when it is taken from. Those above the first may be set without cause.
fn special_bytes(word: u64) -> u64 {
    // This swaps quotation mark and space with their neighbours, so that the mark lies next to those below 0x20.
    let marks_and_controls = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslashes = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (marks_and_controls | backslashes) & !word & TOPS
}

const ONES: u64 = u64::MAX / 0xff;
const TOPS: u64 = ONES << 7;

const INVALID: Result<(), Flaw> = Err(Flaw::Syntax);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;
    use crate::Limits;

    fn agrees(text: &str) {
        let expected = serde_json::from_str::<IgnoredAny>(text).is_ok();
        assert_eq!(check_syntax(text, Limits::MAX_DEPTH).is_ok(), expected, "{text}");
    }

    /// Texts made of what JSON is made of, and of what it nearly is.
    fn json_like() -> impl Strategy<Value = String> {
        let pieces = [
            "[", "]", "{", "}", ":", ",", "\"", "\"a\"", "\"a\":", "\\", "\\u00e", "\\ud800", "\\n", "0",
            "1", "-", "+", ".", "e", "E", "5", "true", "false", "null", "tru", " ", "\n", "\t", "\u{1}",
            "\u{7f}", "é",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..10).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn texts_on_the_edge_are_told_as_serde_json_tells_them() {
        for text in [
            "",
            " ",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "-01",
            "1.",
            "1.0",
            ".5",
            "1e",
            "1e5",
            "1E+5",
            "1e-",
            "1.5e-05",
            "+1",
            "1 2",
            "true",
            "tru",
            "truee",
            "nul",
            "\"",
            "\"a",
            "\"\\\"",
            "\"\\",
            "\"\\u12\"",
            "\"\\u12AF\"",
            "\"\\ud800\"",
            "\"\\x\"",
            "\"\t\"",
            "\"\u{7f}\u{2028}\"",
            "[",
            "[]",
            "[ ]",
            "[,]",
            "[1,]",
            "[,1]",
            "[1 1]",
            "[[],[]]",
            "[]]",
            "[}",
            "{",
            "{}",
            "{ }",
            "{,}",
            "{1:1}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1}",
            "{\"a\" : 1 , \"b\" : { } }",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1]",
            "[{\"a\":[{}]}]",
            "[1]x",
            "\u{feff}1",
            "\u{a0}1",
            "NaN",
            "Infinity",
            "'a'",
            "/**/1",
        ] {
            agrees(text);
        }
    }

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        assert_eq!(check_syntax(r#"[[],[[]],{"a":"[[[["}]"#, 3), Ok(()));
        assert_eq!(check_syntax(r#"["\"[[[[",[["\\"]]]"#, 3), Ok(()));
        assert_eq!(check_syntax(r#"["\\",[[[]]]]"#, 3), Err(DecodeError::TooDeep));
        assert_eq!(check_syntax("[{", 1), Err(DecodeError::TooDeep));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn texts_are_told_as_serde_json_tells_them(text in json_like()) {
            agrees(&text);
            agrees(&format!("[{text}]"));
            agrees(&format!("{{\"a\":{text}}}"));
            agrees(&format!("\"{text}\""));
        }
    }
}
