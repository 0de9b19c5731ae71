//! What went over the wire during one case, with times, in a form that people can read.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What went over the wire, and in which direction. Clones write into the same one.
///
/// A long conversation keeps its beginning and its end: the middle is counted and left out.
#[derive(Clone, Debug)]
pub struct Transcript {
    inner: Arc<Mutex<Inner>>,
}

/// One line of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Since the case began.
    pub at: Duration,
    /// Which connection, such as `polling 2`; empty for notes.
    pub line: String,
    /// Which way it went.
    pub direction: Direction,
    /// As it was on the wire, cut to a length that people read.
    pub text: String,
}

/// Which way something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the suite to the endpoint under test.
    Sent,
    /// From the endpoint under test to the suite.
    Received,
    /// Nothing went: something that the suite did or saw, such as a connection's end.
    Note,
}

#[derive(Debug)]
struct Inner {
    start: Instant,
    lines: usize,
    first: Vec<Entry>,
    last: VecDeque<Entry>,
    left_out: usize,
}

impl Transcript {
    /// Starts its clock.
    pub fn new() -> Self {
        let inner =
            Inner { start: Instant::now(), lines: 0, first: Vec::new(), last: VecDeque::new(), left_out: 0 };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// A name for one more connection: what it is and its number.
    pub fn line(&self, kind: &str) -> String {
        let mut inner = self.inner();
        inner.lines += 1;
        format!("{kind} {}", inner.lines)
    }

    /// Notes text that went over `line`.
    pub fn text(&self, line: &str, direction: Direction, text: &str) {
        self.push(line, direction, cut(text));
    }

    /// Notes bytes that went over `line`: as text if they are printable, else in hex.
    pub fn bytes(&self, line: &str, direction: Direction, bytes: &[u8]) {
        self.push(line, direction, readable(bytes));
    }

    /// Notes what is not on the wire.
    pub fn note(&self, line: &str, text: impl Into<String>) {
        self.push(line, Direction::Note, text.into());
    }

    /// All that was kept, in order.
    pub fn entries(&self) -> Vec<Entry> {
        let inner = self.inner();
        inner.first.iter().chain(&inner.last).cloned().collect()
    }

    fn push(&self, line: &str, direction: Direction, text: String) {
        let mut inner = self.inner();
        let entry = Entry { at: inner.start.elapsed(), line: line.to_owned(), direction, text };
        if inner.first.len() < KEPT_FIRST {
            inner.first.push(entry);
            return;
        }
        inner.last.push_back(entry);
        if inner.last.len() > KEPT_LAST {
            inner.last.pop_front();
            inner.left_out += 1;
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner();
        inner.first.iter().try_for_each(|entry| writeln!(f, "{entry}"))?;
        if inner.left_out > 0 {
            writeln!(f, "          … {} more …", inner.left_out)?;
        }
        inner.last.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = match self.direction {
            Direction::Sent => '→',
            Direction::Received => '←',
            Direction::Note => '·',
        };
        let mut lines = self.text.lines();
        let first = lines.next().unwrap_or_default();
        write!(f, "{:8.3} {arrow} {:<12} {first}", self.at.as_secs_f64(), self.line)?;
        lines.try_for_each(|line| write!(f, "\n{:24}{line}", ""))
    }
}

/// Bytes as text if they are printable, else in hex; cut.
pub fn readable(bytes: &[u8]) -> String {
    let is_printable =
        |text: &str| text.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\x1e'));
    match std::str::from_utf8(bytes) {
        Ok(text) if is_printable(text) => cut(text),
        _ => hex(bytes),
    }
}

/// Text of a length that people read, with the length that it had.
pub fn cut(text: &str) -> String {
    let shown = text.replace('\x1e', "␞").replace("\r\n", "\n");
    let Some((end, _)) = shown.char_indices().nth(CUT_TEXT) else { return shown };
    format!("{}… ({} bytes)", &shown[..end], text.len())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut shown = String::from("<");
    for (index, byte) in bytes.iter().take(CUT_BYTES).enumerate() {
        let gap = if index == 0 { "" } else { " " };
        write!(shown, "{gap}{byte:02x}").expect("a string takes what is written");
    }
    if bytes.len() > CUT_BYTES {
        write!(shown, " … ({} bytes)", bytes.len()).expect("a string takes what is written");
    }
    shown + ">"
}

const KEPT_FIRST: usize = 100;
const KEPT_LAST: usize = 200;
const CUT_TEXT: usize = 1200;
const CUT_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_as_it_was_on_the_wire_and_bytes_in_hex() {
        assert_eq!(readable(b"4hello\x1e2"), "4hello␞2");
        assert_eq!(readable(&[0, 1, 0xff]), "<00 01 ff>");
    }

    #[test]
    fn long_text_is_cut_with_its_length() {
        let shown = cut(&"ä".repeat(2000));

        assert!(shown.ends_with("… (4000 bytes)"), "{shown}");
        assert_eq!(shown.matches('ä').count(), CUT_TEXT);
    }

    #[test]
    fn a_long_conversation_keeps_its_beginning_and_its_end() {
        let transcript = Transcript::new();

        for number in 0..1000 {
            transcript.text("polling 1", Direction::Sent, &number.to_string());
        }

        let entries = transcript.entries();
        assert_eq!((entries.len(), entries[0].text.as_str()), (KEPT_FIRST + KEPT_LAST, "0"));
        assert_eq!(entries.last().map(|entry| entry.text.as_str()), Some("999"));
        assert!(transcript.to_string().contains("… 700 more …"));
    }
}
