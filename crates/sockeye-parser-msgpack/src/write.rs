//! JSON with attachments to MessagePack, without a tree of values between them.
//!
//! The JSON is that of arguments, and so known to be valid. How many items a list or an object has is known at its end; a
//! byte is kept for its head, which is all that most of them need.

use std::fmt;

use bytes::Bytes;
use rmp::encode;
use serde::de::{Deserializer, Error, Visitor};

/// Writes values one after the other. Writing to memory cannot fail, so what `rmp` says about it is dropped.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    out: Vec<u8>,
    open: Vec<Open>,
    attachments: &'a [Bytes],
}

/// A list or map whose end has not been written.
#[derive(Debug)]
struct Open {
    kind: Kind,
    at: usize,
    /// Keys and values counted alike.
    items: u32,
    likeness: Likeness,
}

/// What a map has of a placeholder so far. Of keys that come twice the last counts, as in JavaScript.
#[derive(Debug, Default)]
struct Likeness {
    key: Key,
    is_placeholder: bool,
    num: Option<usize>,
}

/// The last key of a map.
#[derive(Clone, Copy, Debug, Default)]
enum Key {
    Placeholder,
    Num,
    #[default]
    Another,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Map,
}

impl<'a> Writer<'a> {
    /// The attachments are what placeholders stand for. The length of the JSON tells how much memory will do.
    pub(super) fn new(json: usize, attachments: &'a [Bytes]) -> Self {
        let binary: usize = attachments.iter().map(Bytes::len).sum();
        Self { out: Vec::with_capacity(json + binary + 64), open: Vec::new(), attachments }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.count();
        self.note_key(text);
        let _ = encode::write_str(&mut self.out, text);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.count();
        let _ = encode::write_uint(&mut self.out, number);
    }

    pub(super) fn open(&mut self, kind: Kind) {
        self.count();
        self.open.push(Open { kind, at: self.out.len(), items: 0, likeness: Likeness::default() });
        self.out.push(0);
    }

    /// Writes JSON until what it began or continued has been closed: one value, or the rest of a list that is open.
    pub(super) fn json(&mut self, json: &str) {
        let outside = self.open.len() - usize::from(self.is_in_list());
        let mut rest = json;
        while let Some(first) = rest.bytes().next() {
            let len = match first {
                b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' => {
                    rest = &rest[1..];
                    continue;
                }
                b'"' => self.string(rest),
                _ => self.token(first, rest),
            };
            rest = &rest[len..];
            if self.open.len() == outside {
                return;
            }
        }
    }

    pub(super) fn close(&mut self) {
        let Some(Open { kind, at, items, likeness }) = self.open.pop() else { return };
        if let Some(attachment) = likeness.num().and_then(|num| self.attachments.get(num)) {
            self.out.truncate(at);
            let _ = encode::write_bin(&mut self.out, attachment);
            return;
        }
        let end = self.out.len();
        let _ = match kind {
            Kind::List => encode::write_array_len(&mut self.out, items),
            Kind::Map => encode::write_map_len(&mut self.out, items / 2),
        };
        if self.out.len() == end + 1 {
            self.out.swap_remove(at);
        } else {
            let head = self.out.split_off(end);
            self.out.splice(at..=at, head);
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Writes what is no string; gives its length in the JSON.
    fn token(&mut self, first: u8, rest: &str) -> usize {
        match first {
            b'[' => self.open(Kind::List),
            b'{' => self.open(Kind::Map),
            b']' | b'}' => self.close(),
            _ => {
                let len = rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                self.count();
                self.note_value(&rest[..len]);
                self.literal(&rest[..len]);
                return len;
            }
        }
        1
    }

    fn literal(&mut self, literal: &str) {
        let out = &mut self.out;
        match literal {
            "null" => _ = encode::write_nil(out),
            "true" => _ = encode::write_bool(out, true),
            "false" => _ = encode::write_bool(out, false),
            number => match (number.parse(), number.parse()) {
                (Ok(number), _) => _ = encode::write_uint(out, number),
                (_, Ok(number)) => _ = encode::write_sint(out, number),
                _ => _ = encode::write_f64(out, number.parse().unwrap_or(f64::NAN)),
            },
        }
    }

    /// Writes a string; gives its length in the JSON, quotation marks included.
    fn string(&mut self, rest: &str) -> usize {
        let mut bytes = rest.bytes().enumerate().skip(1);
        let mut has_escapes = false;
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' if has_escapes => {
                    self.text(&unescaped(&rest[..=at]));
                    return at + 1;
                }
                b'"' => {
                    self.text(&rest[1..at]);
                    return at + 1;
                }
                b'\\' => {
                    bytes.next();
                    has_escapes = true;
                }
                _ => {}
            }
        }
        rest.len()
    }

    /// Where there are no attachments there are no placeholders either.
    fn note_key(&mut self, text: &str) {
        if !self.attachments.is_empty()
            && let Some(Open { kind: Kind::Map, items, likeness, .. }) = self.open.last_mut()
            && *items % 2 == 1
        {
            likeness.begin(text);
        }
    }

    /// What is no literal is neither `true` nor an index.
    fn note_value(&mut self, literal: &str) {
        if let Some(Open { likeness, .. }) = self.open.last_mut() {
            match likeness.key {
                Key::Placeholder => likeness.is_placeholder = literal == "true",
                Key::Num => likeness.num = literal.parse().ok(),
                Key::Another => {}
            }
        }
    }

    fn count(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.items += 1;
        }
    }

    fn is_in_list(&self) -> bool {
        self.open.last().is_some_and(|open| open.kind == Kind::List)
    }
}

impl Likeness {
    /// A key has come; the value that it had before counts no more.
    fn begin(&mut self, key: &str) {
        self.key = match key {
            "_placeholder" => {
                self.is_placeholder = false;
                Key::Placeholder
            }
            "num" => {
                self.num = None;
                Key::Num
            }
            _ => Key::Another,
        };
    }

    /// Which attachment the map stands for.
    fn num(&self) -> Option<usize> {
        self.num.filter(|_| self.is_placeholder)
    }
}

/// What a literal with escapes stands for. As bytes, for as text `serde_json` refuses lone surrogates.
fn unescaped(literal: &str) -> String {
    serde_json::Deserializer::from_str(literal).deserialize_bytes(Lossy).unwrap_or_default()
}

struct Lossy;

impl Visitor<'_> for Lossy {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<String, E> {
        Ok(String::from_utf8_lossy(text).into_owned())
    }
}
